//! The seventeen scripts of the reference, section 3.3: how the gateway goes wrong.

use serde_json::{Value, json};

use super::super::world::World;
use super::hub::{Frame, Welcome};
use super::intent;

/// One way of the gateway to be difficult. What is said now is said to every open connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// Row 3: asks for a heartbeat at once.
    AsksForHeartbeat,
    /// Row 4: answers no heartbeat any more.
    NoAck,
    /// Row 5: "reconnect", and hangs up when the bot has not by then.
    Reconnect,
    /// Row 6: "invalid session", which can be resumed or not.
    InvalidSession(bool),
    /// Rows 7 to 9: says goodbye with this code. 4004 and 4010 to 4014 are said to every later IDENTIFY too.
    Closes(u16),
    /// Row 7: hangs up without a goodbye.
    HangsUp,
    /// Row 7: resets the connection.
    Resets,
    /// Row 7: says goodbye without a code.
    ClosesWithoutCode,
    /// Row 10: takes the next connection and never answers the upgrade.
    NoUpgrade,
    /// Row 10: says nothing on the next connection.
    NoHello,
    /// Row 10: says HELLO on the next connection and nothing to IDENTIFY or RESUME.
    NoReady,
    /// Row 10: answers the next upgrade with this HTTP status.
    Refuses(u16),
    /// Row 11: the address of READY resets every connection; hangs up.
    RefusesResumeAddress,
    /// Row 12: who resumes next hears the last events again; hangs up.
    Repeats,
    /// Row 13: so many sessions may still be begun today.
    IdentifiesLeft(u32),
    /// Row 14: an opcode, an event and components nobody knows.
    Unknown,
    /// Row 15: so many events at once.
    Burst(usize),
    /// Row 15: the next GUILD_CREATE is so many bytes longer.
    BigGuild(usize),
    /// Row 17: connections to come hear zlib frames.
    Zlib,
}

impl Script {
    /// The scripts of a row of section 3.3. Rows 1 and 2 are what always happens, and row 16 is what happens when two
    /// bots are connected.
    #[must_use]
    pub fn row(number: u8) -> Vec<Self> {
        match number {
            3 => vec![Self::AsksForHeartbeat],
            4 => vec![Self::NoAck],
            5 => vec![Self::Reconnect],
            6 => vec![Self::InvalidSession(true), Self::InvalidSession(false)],
            7 => {
                let codes = [4000, 4001, 4002, 4005, 4008, 1001].map(Self::Closes);
                codes.into_iter().chain([Self::HangsUp, Self::Resets, Self::ClosesWithoutCode]).collect()
            }
            8 => [4003, 4007, 4009].map(Self::Closes).to_vec(),
            9 => [4004, 4010, 4011, 4012, 4013, 4014].map(Self::Closes).to_vec(),
            10 => vec![Self::NoUpgrade, Self::NoHello, Self::NoReady],
            11 => vec![Self::RefusesResumeAddress],
            12 => vec![Self::Repeats],
            13 => vec![Self::IdentifiesLeft(3)],
            14 => vec![Self::Unknown],
            15 => vec![Self::Burst(2_000), Self::BigGuild(5_000_000)],
            17 => vec![Self::Zlib],
            _ => Vec::new(),
        }
    }
}

impl World {
    /// Plays a script from now on.
    pub(crate) fn play(&mut self, script: &Script) {
        let plain = |op: u64, data: Value| json!({ "op": op, "s": null, "t": null, "d": data });
        match *script {
            Script::AsksForHeartbeat => self.say_to_all(&plain(1, Value::Null)),
            Script::NoAck => self.each_open(|hub, number, _| {
                if let Some(connected) = hub.connected(number) {
                    connected.deaf = true;
                }
            }),
            Script::Reconnect => self.say_to_all(&plain(7, Value::Null)),
            Script::InvalidSession(resumable) => {
                self.say_to_all(&plain(9, json!(resumable)));
                if !resumable {
                    self.each_open(|hub, number, _| hub.forget(number));
                }
            }
            Script::Closes(code) => self.close_all(code),
            Script::HangsUp => self.hang_up_all(|| Frame::Drop),
            Script::Resets => self.hang_up_all(|| Frame::Reset),
            Script::ClosesWithoutCode => self.hang_up_all(|| Frame::CloseWithoutCode),
            Script::NoUpgrade => self.hub.mood.next.push_back(Welcome::NoUpgrade),
            Script::NoHello => self.hub.mood.next.push_back(Welcome::NoHello),
            Script::NoReady => self.hub.mood.next.push_back(Welcome::NoReady),
            Script::Refuses(status) => self.hub.mood.next.push_back(Welcome::Refused(status)),
            Script::RefusesResumeAddress => {
                self.hub.mood.resume_refused = true;
                self.hang_up_all(|| Frame::Drop);
            }
            Script::Repeats => {
                self.hub.mood.repeats = true;
                self.hang_up_all(|| Frame::Drop);
            }
            Script::IdentifiesLeft(left) => self.hub.remaining = left,
            Script::Unknown => self.say_unknown(),
            Script::Burst(count) => (0..count).for_each(|number| self.say_one_of_many(number)),
            Script::BigGuild(bytes) => self.hub.mood.padding = bytes,
            Script::Zlib => self.hub.mood.zlib = true,
        }
    }

    fn each_open(&mut self, mut what: impl FnMut(&mut super::hub::Hub, u64, std::time::Duration)) {
        let now = self.now();
        for number in self.hub.open_numbers() {
            what(&mut self.hub, number, now);
        }
    }

    fn say_to_all(&mut self, payload: &Value) {
        self.each_open(|hub, number, _| hub.say(number, payload));
    }

    fn close_all(&mut self, code: u16) {
        if matches!(code, 4004 | 4010..=4014) {
            self.hub.mood.rejects = Some(code);
        }
        let dead = matches!(code, 4003 | 4004 | 4007 | 4009..=4014);
        self.each_open(|hub, number, now| {
            hub.hang_up(number, Frame::Close(code, "As the script says."), dead, now)
        });
    }

    pub(crate) fn hang_up_all(&mut self, frame: impl Fn() -> Frame) {
        self.each_open(|hub, number, now| hub.hang_up(number, frame(), false, now));
    }

    /// Row 14. The message is of somebody else, in a channel, with a component inside a row that nobody knows.
    fn say_unknown(&mut self) {
        self.say_to_all(&json!({ "op": 43, "s": null, "t": null, "d": { "new": true } }));
        self.emit("SOMETHING_NEW_AT_DISCORD", 0, json!({ "what": ["nobody", "knows"] }));
        let Some(channel) = self.guild.channels.keys().next().copied() else { return };
        let id = self.id();
        let author = super::super::world::message::Author::Member(self.guild.owner);
        let mut message = super::super::world::message::Message::written(
            id,
            channel,
            author,
            "a layout of the future",
            self.now(),
        );
        message.components = vec![
            json!({ "type": 99, "id": 1, "shape": "round" }),
            json!({ "type": 1, "id": 2, "components": [{ "type": 98, "id": 3, "custom_id": "x" }] }),
        ];
        self.publish(message);
    }

    /// An event that every session hears, whatever it asked for.
    fn say_one_of_many(&mut self, number: usize) {
        let data = json!({ "id": self.guild.id, "name": self.guild.name, "number": number });
        self.emit("GUILD_INTEGRATIONS_UPDATE", intent::GUILDS, data);
    }
}
