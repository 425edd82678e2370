//! Answering: first that it was heard, then what came of it; and what is told where nobody can be answered any more.

use super::*;

impl Door {
    pub(super) async fn worded(
        self: &Arc<Self>,
        asked: &Asked,
        answer: Answer,
    ) -> Result<CommandReply, Stopping> {
        let say = self.say(asked);
        let mut reply = self
            .server
            .desk
            .look(move |room| {
                let stranger = matches!(answer, Answer::Refused(Refusal::NotSignedIn));
                (answers::scene(room, say, |scene| reply::answer(scene, &answer)), stranger)
            })
            .await?;
        if reply.1 {
            reply.0.text = self.stranger(say, &asked.envelope.account);
        }
        Ok(reply.0)
    }

    /// Why an account nobody is configured with only reads.
    pub(super) fn stranger(&self, say: Say, account: &Account) -> String {
        let people = &self.server.people;
        let roles: Vec<String> = people.roles.iter().map(|role| word::discord_role(say, role)).collect();
        let id = account.id.to_string();
        let key = if roles.is_empty() { "chat-stranger" } else { "chat-stranger-or-role" };
        say.text(key, &[("id", id.into()), ("roles", word::either(say, &roles).into())])
    }

    /// Tells Discord that it was heard. Only then it is ours: false where it is not, and nothing may be done.
    pub(super) async fn acknowledge(
        self: &Arc<Self>,
        asked: &Asked,
        spec: Option<&'static Spec>,
        response: CreateInteractionResponse,
    ) -> Result<bool, Stopping> {
        let route = Route::callback(asked.envelope.id, &asked.envelope.token);
        let deferred = matches!(response, CreateInteractionResponse::Defer(_));
        let form = matches!(response, CreateInteractionResponse::Modal(_));
        let body = match response {
            // Nothing but its flags may stand there.
            CreateInteractionResponse::Defer(_) => lean(value(&response)),
            _ => value(&response),
        };
        let outcome = self.server.call(Request::new(route).json(body)).await;
        asked.turn.over();
        let error = match outcome {
            Ok(_) => return Ok(true),
            Err(error) => error,
        };
        match &error {
            RestError::Refused { code: code::UNKNOWN_INTERACTION, .. } if asked.replayed => {
                self.missed(asked, spec).await?;
            }
            // It was ours before Lifeboat was stopped. A form was only shown: nothing waits, and what an edit would reach
            // is the message with the button.
            RestError::Refused { code: code::ALREADY_ACKNOWLEDGED, .. } if asked.replayed && !form => {
                self.cut_short(asked, spec).await?;
            }
            // Another process took it.
            RestError::Refused { code: code::ALREADY_ACKNOWLEDGED, .. } => {}
            _ => {
                let reference = asked.envelope.reference();
                tracing::warn!(%error, reference, "an interaction was not acknowledged; nothing was done");
                // Should Discord have heard it all the same, somebody waits for an answer.
                if deferred && matches!(error, RestError::Unclear(_) | RestError::Ill { .. }) {
                    self.replace(asked, &self.say(asked).word("chat-unclear"), Vec::new()).await;
                }
            }
        }
        Ok(false)
    }

    pub(super) async fn answer(
        self: &Arc<Self>,
        asked: &Asked,
        spec: Option<&'static Spec>,
        response: CreateInteractionResponse,
    ) -> Result<(), Stopping> {
        self.acknowledge(asked, spec, response).await.map(|_| ())
    }

    /// What is told in this voice. A role becomes its mention, which Discord shows by its name and which calls nobody.
    pub(super) fn told(&self, say: Say, text: &str) -> Sheet {
        let mut roles: Vec<&DiscordRole> = self.server.people.roles.iter().collect();
        // One name may begin as another one does.
        roles.sort_by_key(|role| std::cmp::Reverse(role.label().len()));
        roles.into_iter().fold(worded_lines(text), |sheet, role| {
            let words = word::discord_role(say, role);
            match words.rsplit_once(&say.name(&role.label())) {
                Some((before, after)) => {
                    let text = |text: &str| Piece::Text(text.to_owned());
                    sheet.with(&words, &[text(before), Piece::Role(role.id), text(after)])
                }
                None => sheet,
            }
        })
    }

    /// A private first answer.
    pub(super) fn private(&self, asked: &Asked, text: &str) -> CreateInteractionResponse {
        private(&self.told(self.say(asked), text))
    }

    /// Puts what came of it in place of the acknowledgement.
    pub(super) async fn replace(&self, asked: &Asked, text: &str, files: Vec<File>) {
        self.replace_by(asked, text, &self.told(self.say(asked), text), files).await;
    }

    /// The same; `sheet` is the text as only this person is to see it, with a link of theirs.
    pub(super) async fn replace_by(&self, asked: &Asked, text: &str, sheet: &Sheet, files: Vec<File>) {
        let body = render(sheet).answer();
        let request = Request::new(Route::edit_answer(asked.application, &asked.envelope.token));
        let request = if files.is_empty() { request.json(body) } else { request.files(body, files) };
        match self.server.call(request).await {
            Ok(_) => {}
            // A quarter of an hour later it is an ordinary message.
            Err(RestError::Refused { code: code::UNKNOWN_WEBHOOK | code::DEAD_TOKEN, .. }) => {
                self.say_in_channel(asked, text).await;
            }
            Err(error) => {
                let reference = asked.envelope.reference();
                tracing::warn!(%error, reference, "what came of an interaction could not be told to whoever asked");
            }
        }
    }

    /// What came of it, to the person, where they gave the command.
    async fn say_in_channel(&self, asked: &Asked, text: &str) {
        let Some(channel) = asked.envelope.channel else { return };
        let mut sheet = self.told(self.say(asked), text);
        sheet.line.splice(..0, [Piece::Person(asked.envelope.account.id), Piece::Text(" · ".to_owned())]);
        let body = render(&sheet).create(&nonce_of(&format!("late {}", asked.envelope.id)));
        if let Err(error) = self.server.call(Request::new(Route::create_message(channel)).json(body)).await {
            let reference = asked.envelope.reference();
            tracing::warn!(%error, reference, "a late answer could not be told; what was asked is done and recorded");
        }
    }

    /// It was acknowledged, and then Lifeboat was stopped: who waits for the answer is told how far it came.
    async fn cut_short(self: &Arc<Self>, asked: &Asked, spec: Option<&'static Spec>) -> Result<(), Stopping> {
        if spec.is_some() {
            let key = if self.is_done(asked).await? { "chat-cut-done" } else { "chat-cut-lost" };
            self.replace(asked, &self.say(asked).word(key), Vec::new()).await;
        }
        Ok(())
    }

    /// The record has what it led to.
    async fn is_done(&self, asked: &Asked) -> Result<bool, Stopping> {
        let once = asked.once();
        let done = self.server.desk.look(move |room| {
            let mut newest = room.engine.shelf().newest().take(LOOKED_BACK);
            newest.any(|event| event.correlation.as_ref() == Some(&once))
        });
        done.await
    }

    /// It came while Lifeboat was away, and can no longer be answered. Unless it was carried out all the same, the
    /// channel is told.
    pub(super) async fn missed(
        self: &Arc<Self>,
        asked: &Asked,
        spec: Option<&'static Spec>,
    ) -> Result<(), Stopping> {
        let (Some(spec), Some(channel)) = (spec, asked.envelope.channel) else { return Ok(()) };
        if self.is_done(asked).await? {
            return Ok(());
        }
        let (id, account) = (asked.envelope.id, asked.envelope.account.id);
        let say = self.server.say();
        let at = chrono::DateTime::from_timestamp(id.created_at().unix_timestamp(), 0).unwrap_or_default();
        let text = |key: &str| Piece::Text(say.word(key));
        let line = vec![
            Piece::Person(account),
            text("chat-missed-before"),
            Piece::Moment(at, Told::Clock),
            text("chat-missed-between"),
            Piece::Code(spec.words()),
            text("chat-missed-after"),
        ];
        let sheet = Sheet { line, calls: vec![account], ..Sheet::default() };
        let body = render(&sheet).create(&nonce_of(&format!("missed {id}")));
        if let Err(error) = self.server.call(Request::new(Route::create_message(channel)).json(body)).await {
            tracing::warn!(%error, "a missed command could not be told in its channel");
        }
        Ok(())
    }
}

fn worded_lines(text: &str) -> Sheet {
    let mut lines = text.lines();
    Sheet {
        line: plain(lines.next().unwrap_or_default()),
        more: lines.map(plain).collect(),
        ..Sheet::default()
    }
}

/// A private first answer.
fn private(sheet: &Sheet) -> CreateInteractionResponse {
    CreateInteractionResponse::Message(render(sheet).private())
}
