//! The words of the gateway: what it sends, what we send. Pure.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use serde_json::{Value, json};
use serenity::model::gateway::GatewayIntents;

use super::saved::Session;
use crate::config::SecretString;

/// A longer message is not one of Discord's: the largest seen are some megabytes of one guild.
pub(super) const LONGEST: usize = 64 << 20;

/// Opcodes (docs: topics/opcodes-and-status-codes, 2026-08-06).
pub(super) mod op {
    pub(in super::super) const DISPATCH: u64 = 0;
    pub(in super::super) const HEARTBEAT: u64 = 1;
    pub(in super::super) const IDENTIFY: u64 = 2;
    pub(in super::super) const RESUME: u64 = 6;
    pub(in super::super) const RECONNECT: u64 = 7;
    pub(in super::super) const INVALID_SESSION: u64 = 9;
    pub(in super::super) const HELLO: u64 = 10;
    pub(in super::super) const HEARTBEAT_ACK: u64 = 11;
}

/// One message of the gateway; unknown fields are passed over.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Frame {
    pub(super) op: u64,
    #[serde(default)]
    pub(super) d: Value,
    #[serde(default)]
    pub(super) s: Option<u64>,
    #[serde(default)]
    pub(super) t: Option<String>,
}

impl Frame {
    /// None where it is no message of a gateway.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// The same, packed: one whole zlib stream. We do not ask for it, and take it.
    pub(super) fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        ZlibDecoder::new(bytes).take(limit).read_to_end(&mut text).ok()?;
        Self::read(&text)
    }
}

/// Only what Discord sends while it is well: dispatches and answers to heartbeats.
pub(super) fn is_sign_of_life(frame: &Frame) -> bool {
    matches!(frame.op, op::DISPATCH | op::HEARTBEAT_ACK)
}

pub(super) fn identify(token: &SecretString, intents: GatewayIntents) -> String {
    let properties = json!({ "os": std::env::consts::OS, "browser": "lifeboat", "device": "lifeboat" });
    let about = json!({ "token": token.expose(), "intents": intents.bits(), "properties": properties });
    json!({ "op": op::IDENTIFY, "d": about }).to_string()
}

pub(super) fn resume(token: &SecretString, session: &Session) -> String {
    let about = json!({ "token": token.expose(), "session_id": session.id, "seq": session.seq });
    json!({ "op": op::RESUME, "d": about }).to_string()
}

pub(super) fn heartbeat(seq: Option<u64>) -> String {
    json!({ "op": op::HEARTBEAT, "d": seq }).to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    #[test]
    fn what_we_send_has_the_shape_discord_wants() {
        let token = SecretString::new("t".repeat(72));
        let text = identify(&token, GatewayIntents::GUILDS);
        let sent: Value = serde_json::from_str(&text).unwrap();
        let properties = json!({"os": "linux", "browser": "lifeboat", "device": "lifeboat"});
        let about = json!({"token": "t".repeat(72), "intents": 1, "properties": properties});
        assert_eq!(sent, json!({"op": 2, "d": about}));
        assert!(text.len() <= 4_096, "Discord closes on longer ones");
        let session = Session { id: "s".to_owned(), seq: 7, resume_url: String::new() };
        let sent: Value = serde_json::from_str(&resume(&SecretString::new("t"), &session)).unwrap();
        assert_eq!(sent, json!({"op": 6, "d": {"token": "t", "session_id": "s", "seq": 7}}));
        assert_eq!(heartbeat(None), r#"{"d":null,"op":1}"#);
    }

    #[test]
    fn a_packed_message_is_the_same_message_and_a_bomb_is_none() {
        let pack = |text: &[u8]| {
            let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(text).unwrap();
            packer.finish().unwrap()
        };
        let text = br#"{"op":43,"d":{"new":1},"s":null,"t":null,"later":true}"#;
        assert_eq!(Frame::unpack(&pack(text)), Frame::read(text));
        assert!(Frame::read(text).is_some());
        let mut bomb = br#"{"op":43,"d":""#.to_vec();
        bomb.resize(LONGEST + 10, b' ');
        bomb.extend_from_slice(br#""}"#);
        assert_eq!(Frame::unpack(&pack(&bomb)), None);
        assert_eq!(Frame::unpack(b"no zlib"), None);
    }
}
