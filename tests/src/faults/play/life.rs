//! Lifeboat's own life, and its disk.

use super::*;

impl Play {
    pub(super) fn start(&mut self) {
        if self.engine.is_some() {
            return;
        }
        let found = match self.disk.open() {
            Ok(found) => found,
            Err(why) => {
                self.tell(format!("the log does not open: {why}"));
                if self.calm || why.contains("damaged") {
                    self.judge.complain(format!("the log does not open: {why}"));
                }
                return self.after(5_000, Happening::Start);
            }
        };
        self.judge.restarted(&found.events);
        let (mut state, mut shelf) = (State::new(), Shelf::default());
        for event in found.events {
            state.apply(&event);
            shelf.put(Arc::new(event));
        }
        self.life += 1;
        self.started_ms = self.now_ms;
        self.seen.starts += 1;
        self.seen.torn += u32::from(found.torn_bytes > 0);
        self.tell(format!("Lifeboat starts at event {}", state.applied));
        let (checkpoint, read) = self.checkpoint.clone().map_or((None, 0), |(kept, read)| (Some(kept), read));
        self.read = read;
        self.engine = Some(Engine::new(self.setup.clone(), state, shelf, checkpoint).after(found.head));
        self.give(Input::Started { version: "test".to_owned(), torn_bytes: found.torn_bytes });
        self.snapshots();
        self.reboot_again();
    }

    pub(super) fn kill(&mut self) {
        self.engine = None;
        self.writing.clear();
        self.flushing = false;
        self.asked.clear();
        match self.mutant {
            Some(Mutant::LosesAcknowledgedRecords) => self.disk.forget_last(3),
            _ => self.disk.stop(&mut self.dice),
        }
        let away = match self.dice.below(4) {
            0 => 100,
            1 | 2 => 1_000 + self.dice.below(20_000),
            _ => 60_000 + self.dice.below(900_000),
        };
        self.after(away, Happening::Start);
    }

    pub(super) fn append(&mut self, batch: u64, events: Vec<Event>) {
        if self.mutant == Some(Mutant::ShowsBeforeTheDisk) {
            let events: Vec<Arc<Event>> = events.iter().cloned().map(Arc::new).collect();
            self.judge.shown(&events);
        }
        if self.mutant == Some(Mutant::ActsBeforeTheDisk) {
            let outcome = Appended::Durable { head: "0".repeat(64), reserve_in_use: false };
            self.comes(0, Happening::Receipt(batch, outcome));
        }
        self.writing.push_back((batch, events));
        if !std::mem::replace(&mut self.flushing, true) {
            // Disks are quick, and now and then they are not.
            let ms = if self.dice.chance(0.01) { self.dice.below(8_000) } else { 1 + self.dice.below(30) };
            self.comes(ms, Happening::Flush);
        }
    }

    /// As the writing thread: what waits is one group.
    pub(super) fn flush(&mut self) {
        self.flushing = false;
        let group: Vec<(u64, Vec<Event>)> = self.writing.drain(..).collect();
        let events: Vec<Event> = group.iter().flat_map(|(_, events)| events.iter().cloned()).collect();
        if std::mem::take(&mut self.kill_in_flush) {
            self.tell(format!("killed while {} events are flushed", events.len()));
            self.disk.stop_within(&events, &mut self.dice);
            return self.kill();
        }
        let outcome = self.disk.append(&events);
        match &outcome {
            Appended::Durable { .. } => {
                self.record(&events);
                self.judge.appended(&events);
            }
            Appended::Failed { why } => {
                self.seen.failed_appends += 1;
                self.tell(format!("an append fails: {why}"));
            }
            Appended::Roomy => {}
        }
        self.receipts_until = self.receipts_until.max(self.now_ms + self.dice.below(4));
        for (batch, _) in group {
            let lost = self.mutant == Some(Mutant::LosesReceipts) && self.dice.chance(0.03);
            if !lost && self.mutant != Some(Mutant::ActsBeforeTheDisk) {
                let receipt = Happening::Receipt(batch, outcome.clone());
                self.at(self.receipts_until, Some(self.life), receipt);
            }
        }
    }

    pub(super) fn record(&mut self, events: &[Event]) {
        self.seen.events += u32::try_from(events.len()).unwrap_or(0);
        for event in events {
            let who = event.actor.person.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
            let mut kind = format!("{:?}", event.kind);
            if kind.len() > 300 {
                kind.truncate(kind.floor_char_boundary(300));
            }
            self.tell(format!("[{}]{who} {kind}", event.seq));
        }
    }

    pub(super) fn reply(&mut self, ticket: Ticket, answer: &Answer) {
        let Some(line) = self.asked.remove(&ticket) else {
            return self.judge.complain(format!("{ticket:?} is answered twice, or was never asked"));
        };
        match answer {
            Answer::Done(events) => self.judge.answered(events),
            Answer::Refused(why) => {
                self.seen.refused += 1;
                self.tell(format!("refused: {line}: {}", why.key()));
            }
            Answer::NotRecorded { .. } => self.tell(format!("not recorded: {line}")),
            Answer::Show(_) | Answer::DrillBegan { .. } | Answer::DrillFailed { .. } => {}
        }
    }
}
