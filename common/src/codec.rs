//! Frames to messages and back: the only `serde_json` call on the wire. `read` reads what servers say, `json` the values it reads them from.

mod json;
mod read;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::api::messages::{EditList, MessageView, PinList, Place, Thread};
use crate::api::{Problem, RoomList};
use crate::client::ClientMsg;
use crate::model::Person;
use crate::server::{ErrorCode, Refusal, ServerMsg};

/// Reads what a client sent.
///
/// # Errors
/// A [`Refusal`] to send back: [`ErrorCode::UnknownOp`] where the frame has an `op` of another protocol, else
/// [`ErrorCode::Malformed`]. The `cid` is in it where the frame has a readable one, so that the sender learns which of
/// its commands failed.
pub fn decode_client(text: &str) -> Result<ClientMsg, Refusal> {
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// Reads what the server sent.
///
/// # Errors
/// The reason in words, where the text is no message of this protocol.
pub fn decode_server(text: &str) -> Result<ServerMsg, String> {
    read_with(text, read::server_msg)
}

/// Reads who somebody is, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_person(text: &str) -> Result<Person, String> {
    read_with(text, read::person)
}

/// Reads of an [`crate::api::account::ServerInfo`] whether the server takes guests.
///
/// # Errors
/// The reason in words.
pub fn decode_guests(text: &str) -> Result<bool, String> {
    read_with(text, read::guests)
}

/// Reads the names in a list of people, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_people(text: &str) -> Result<Vec<Person>, String> {
    read_with(text, read::people)
}

/// Reads the list of rooms, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_rooms(text: &str) -> Result<RoomList, String> {
    read_with(text, read::room_list)
}

/// Reads a message as it stands, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_message(text: &str) -> Result<MessageView, String> {
    read_with(text, read::message_view)
}

/// Reads a thread, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_thread(text: &str) -> Result<Thread, String> {
    read_with(text, read::thread)
}

/// Reads the pinned messages of a room, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_pins(text: &str) -> Result<PinList, String> {
    read_with(text, read::pins)
}

/// Reads the texts that a message has had, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_edits(text: &str) -> Result<EditList, String> {
    read_with(text, read::edits)
}

/// Reads a place in a room, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_place(text: &str) -> Result<Place, String> {
    read_with(text, read::place)
}

/// Reads why a request was refused, as HTTP tells it.
///
/// # Errors
/// The reason in words.
pub fn decode_problem(text: &str) -> Result<Problem, String> {
    read_with(text, read::problem)
}

fn read_with<T>(text: &str, read: fn(&mut read::Fields) -> Result<T, &'static str>) -> Result<T, String> {
    read(&mut read::Fields::of(text)?).map_err(|field| field.to_owned() + ": is missing, or of another type")
}

/// Writes a client's message.
#[must_use]
pub fn encode_client(msg: &ClientMsg) -> String {
    encode(msg)
}

/// Writes a server's message.
#[must_use]
pub fn encode_server(msg: &ServerMsg) -> String {
    encode(msg)
}

fn encode<T: serde::Serialize>(msg: &T) -> String {
    // Every map of the protocol has string keys and no number is a float, so there is nothing JSON could refuse.
    serde_json::to_string(msg).unwrap_or_default()
}

fn explain(text: &str, error: &serde_json::Error) -> Refusal {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        cid: Option<crate::id::Cid>,
    }
    #[derive(Deserialize)]
    struct Op {
        op: String,
    }
    let known = [
        "hello", "send", "edit", "delete", "react", "unreact", "pin", "unpin", "create", "join", "leave", "read",
        "draft", "mute", "typing", "sync", "ping", "direct", "rename", "topic", "archive", "announce", "invite",
        "remove", "appoint", "notify", "unread",
    ];
    let refusal = match serde_json::from_str::<Op>(text) {
        Ok(Op { op }) if !known.contains(&op.as_str()) => {
            Refusal::new(ErrorCode::UnknownOp, format!("op: {} is not one of {}", quoted(&op), known.join(", ")))
        }
        Ok(_) => {
            let named = culprit(text).map(|(field, error)| format!("{field}: {error}"));
            Refusal::new(ErrorCode::Malformed, named.unwrap_or_else(|| error.to_string()))
        }
        Err(_) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            Refusal::new(ErrorCode::Malformed, "op: is missing or not a string")
        }
        Err(_) => Refusal::new(ErrorCode::Malformed, format!("not JSON: {error}")),
    };
    match serde_json::from_str(text) {
        Ok(Head { cid: Some(cid) }) => refusal.about(cid),
        Ok(Head { cid: None }) | Err(_) => refusal,
    }
}

/// The field that is of the wrong type, and how: the one without which something else is wrong, or nothing. What the
/// protocol does not know is not looked at.
fn culprit(text: &str) -> Option<(&'static str, String)> {
    const FIELDS: [&str; 25] = [
        "after", "archived", "body", "cid", "emoji", "epoch", "from", "level", "muted", "n", "name", "on", "people",
        "private", "reply_to", "role", "room", "rooms", "t", "target", "text", "to", "topic", "user", "user_seq",
    ];
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    fields.retain(|name, _| name == "op" || FIELDS.contains(&name.as_str()));
    let read =
        |fields: Map<String, Value>| ClientMsg::deserialize(Value::Object(fields)).map_err(|error| error.to_string());
    let error = read(fields.clone()).err()?;
    if error.starts_with("missing field") {
        return None;
    }
    let is_it = |name: &&'static str| {
        let mut without = fields.clone();
        without.remove(*name).is_some() && read(without).err().as_ref() != Some(&error)
    };
    let found = FIELDS.into_iter().find(is_it)?;
    Some((found, error))
}

/// The beginning of a foreign text, quoted, so that an answer never grows with the question.
fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(32).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_malformed() {
        let refusal = decode_client("hello").unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Malformed);
        assert!(refusal.message.starts_with("not JSON"), "{}", refusal.message);
    }

    #[test]
    fn an_op_of_another_protocol_is_named() {
        let refusal = decode_client(r#"{"op":"dance"}"#).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::UnknownOp);
        assert_eq!(
            refusal.message,
            r#"op: "dance" is not one of hello, send, edit, delete, react, unreact, pin, unpin, create, join, leave, read, draft, mute, typing, sync, ping, direct, rename, topic, archive, announce, invite, remove, appoint, notify, unread"#
        );
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        let cid = "0199f0a0-0000-7000-8000-000000000001";
        for (rest, field) in [
            (r#""op":"send","room":"r1","body":5"#, "body: invalid type: integer `5`"),
            (r#""op":"send","room":"1","body":"x""#, "room: a room id"),
            (r#""op":"appoint","room":"r1","user":"u2","role":"king""#, "role: unknown variant `king`"),
            (r#""op":"read","room":"r1","n":-1"#, "n: invalid value"),
            (r#""op":"direct","people":["u2","x"]"#, "people: "),
            (r#""op":"hello","rooms":[1]"#, "rooms: "),
        ] {
            let refusal = decode_client(&format!(r#"{{"cid":"{cid}",{rest}}}"#)).unwrap_err();
            assert!(refusal.message.starts_with(field), "{rest}: {}", refusal.message);
        }
        let refusal = decode_client(r#"{"op":"send","cid":"nope","room":"r1","body":"x"}"#).unwrap_err();
        assert!(refusal.message.starts_with("cid: "), "{}", refusal.message);
    }

    #[test]
    fn a_missing_field_is_named_and_the_command_too() {
        let frame = r#"{"op":"send","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r1"}"#;
        let refusal = decode_client(frame).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Malformed);
        assert!(refusal.message.contains("`body`"), "{}", refusal.message);
        assert!(refusal.cid.is_some());
    }

    #[test]
    fn deep_nesting_is_refused_without_harm() {
        let refusal = decode_client(&"[".repeat(60_000)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Malformed);
    }

    #[test]
    fn the_answer_does_not_grow_with_the_question() {
        let refusal = decode_client(&format!(r#"{{"op":"{}"}}"#, "x".repeat(60_000))).unwrap_err();
        assert!(refusal.message.len() < 300, "{}", refusal.message.len());
    }

    #[test]
    fn an_unknown_event_of_a_newer_server_is_no_error() {
        assert_eq!(decode_server(r#"{"ev":"fireworks","x":1}"#).unwrap(), ServerMsg::Unknown);
    }
}
