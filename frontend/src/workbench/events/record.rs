//! Recordings: the log as lines of JSON, one event each, written and read.
//!
//! `{"v":1,"t":12.5,"connection":1,"kind":"sent","text":"hello"}`: `t` is in milliseconds since the first event, the kinds are
//! `begun`, `open`, `sent`, `received`, `error`, `close`, `refused` and `control`. Bytes are Base64, with what the API called
//! them in `type`; a file that is too large to be written down has its name and its `size` alone. What only the relay has seen is
//! there in words.

use std::rc::Rc;

use js_sys::{JSON, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::super::bench;
use super::super::effects;
use super::super::relay;
use super::super::socket::{Event, Payload};
use super::store::CAPACITY;
use super::{Entry, Msg, RECORDED, What};
use crate::effects::browser;
use crate::i18n::Lang;
use crate::lean::json::member;
use crate::lean::program::Tell;

/// The largest recording that is read, in bytes.
pub(super) const LARGEST: f64 = 67_108_864.0;

/// The largest blob that is written down, in bytes.
const BLOB: u64 = 16 << 20;

/// Lines that are read before the page may do something else.
const AT_ONCE: usize = 2_000;

/// Bytes that are put together before the browser gets them.
const PIECE: usize = 1 << 20;

/// What is read from a file.
#[derive(Debug, PartialEq)]
pub struct Recording {
    /// The file's name.
    pub name: String,
    /// The events, in the order of the file.
    pub events: Vec<Recorded>,
}

/// One event of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Milliseconds since the first.
    pub t: f64,
    /// The number of its connection, below 10,000.
    pub connection: u32,
    /// What it was.
    pub what: What,
}

/// Why a recording is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is larger than 64 MiB.
    Large,
    /// It has more events than the log holds.
    Many,
    /// The browser could not read it.
    Unreadable,
    /// There is no event in it.
    Empty,
    /// A line is no JSON.
    Json(usize),
    /// A line lacks this field, or has something else in it.
    Field(usize, &'static str),
}

/// What the log needs done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Write a recording into a file of this name.
    Save(String, Vec<Part>),
    /// Read a file.
    Load(JsValue),
}

/// A piece of a recording.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// A `Uint8Array` or a `Blob`, as Base64.
    Bytes(JsValue),
}

/// Writes entries down.
pub(super) fn write<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Part> {
    let (mut parts, mut text, mut first) = (Vec::new(), String::new(), None);
    for entry in entries {
        let recorded = entry.connection >= RECORDED;
        let start = if recorded { 0.0 } else { *first.get_or_insert(entry.at) };
        text.push_str("{\"v\":1,\"t\":");
        text.push_str(&time((entry.at - start).max(0.0)));
        text.push_str(",\"connection\":");
        text.push_str(&(if recorded { entry.connection % 10_000 } else { entry.connection }).to_string());
        text.push_str(",\"kind\":\"");
        text.push_str(kind(&entry.what));
        text.push('"');
        what(&entry.what, &mut text, &mut parts);
        text.push_str("}\n");
        if text.len() > PIECE {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
    }
    parts.push(Part::Text(text));
    parts
}

/// Milliseconds with three digits behind the point, written without the browser, for there may be half a million.
fn time(ms: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no log lasts that long")]
    let micros = (ms * 1_000.0) as u64;
    let mut text = (micros / 1_000).to_string();
    let behind = (1_000 + micros % 1_000).to_string();
    text.push('.');
    text.push_str(behind.get(1..).unwrap_or_default());
    text
}

const fn kind(what: &What) -> &'static str {
    match what {
        What::Begun { .. } => "begun",
        What::Sent(_) => "sent",
        What::Noted(_) => "control",
        What::Heard(event) => match event {
            Event::Open { .. } => "open",
            Event::Message(_) => "received",
            Event::Error => "error",
            Event::Close { .. } => "close",
            Event::Refused(..) => "refused",
            Event::Relay(_) => "control",
        },
    }
}

fn what(what: &What, text: &mut String, parts: &mut Vec<Part>) {
    match what {
        What::Begun { url, protocols } => {
            field(text, "url", url);
            text.push_str(",\"protocols\":[");
            for (at, protocol) in protocols.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                quote(text, protocol);
            }
            text.push(']');
        }
        What::Sent(payload) | What::Heard(Event::Message(payload)) => message(payload, text, parts),
        What::Heard(Event::Open { protocol, extensions }) => {
            field(text, "protocol", protocol);
            field(text, "extensions", extensions);
        }
        What::Heard(Event::Close { code, reason, was_clean }) => {
            text.push_str(",\"code\":");
            text.push_str(&code.to_string());
            field(text, "reason", reason);
            text.push_str(if *was_clean { ",\"clean\":true" } else { ",\"clean\":false" });
        }
        What::Heard(Event::Refused(name, message)) => {
            field(text, "name", name);
            field(text, "message", message);
        }
        What::Heard(Event::Relay(seen)) => field(text, "text", &relay::describe(seen, Lang::En)),
        What::Noted(noted) => field(text, "text", noted),
        What::Heard(Event::Error) => {}
    }
}

fn message(payload: &Payload, text: &mut String, parts: &mut Vec<Part>) {
    let data = match payload {
        Payload::Text(said) => return field(text, "text", said),
        Payload::Buffer { data, .. } | Payload::Blob { data, .. } => data,
    };
    let sort = match payload {
        Payload::Blob { name, .. } if !name.is_empty() => {
            field(text, "file", name);
            "File"
        }
        Payload::Blob { .. } => "Blob",
        Payload::Buffer { .. } | Payload::Text(_) => "ArrayBuffer",
    };
    field(text, "type", sort);
    text.push_str(",\"size\":");
    text.push_str(&payload.len().to_string());
    if sort == "ArrayBuffer" || payload.len() <= BLOB {
        text.push_str(",\"base64\":\"");
        parts.push(Part::Text(std::mem::take(text)));
        parts.push(Part::Bytes(data.clone()));
        text.push('"');
    }
}

fn field(text: &mut String, name: &str, value: &str) {
    text.push_str(",\"");
    text.push_str(name);
    text.push_str("\":");
    quote(text, value);
}

/// A string of JSON.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\0'..=' ' if letter != ' ' => {
                text.push_str("\\u00");
                text.push_str(&crate::lean::text::hex(&[letter as u8]));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}

/// Does it.
pub(crate) fn run(effect: Effect, tell: &Tell<bench::Msg>) {
    let tell = Rc::clone(tell);
    spawn_local(async move {
        match effect {
            Effect::Save(name, parts) => save(&name, parts).await,
            Effect::Load(file) => {
                let read = load(&file).await.map(Rc::new);
                tell(bench::Msg::Events(Msg::Loaded(read)));
            }
        }
    });
}

async fn save(name: &str, parts: Vec<Part>) {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    for part in parts {
        match part {
            Part::Text(text) => piece.push_str(&text),
            Part::Bytes(bytes) => piece.push_str(&base64(bytes).await.unwrap_or_default()),
        }
        if piece.len() > PIECE {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.push(piece);
    if let Err(error) = effects::download(name, "application/jsonl", &pieces) {
        web_sys::console::warn_1(&error);
    }
}

async fn base64(bytes: JsValue) -> Result<String, JsValue> {
    let bytes: Uint8Array = match bytes.dyn_into() {
        Ok(bytes) => bytes,
        Err(blob) => Uint8Array::new(&JsFuture::from(blob.unchecked_ref::<web_sys::Blob>().array_buffer()).await?),
    };
    let letters: String = bytes.to_vec().into_iter().map(char::from).collect();
    browser::window().btoa(&letters)
}

async fn load(file: &JsValue) -> Result<Recording, Fault> {
    let blob: &web_sys::Blob = file.dyn_ref().ok_or(Fault::Unreadable)?;
    if blob.size() > LARGEST {
        return Err(Fault::Large);
    }
    let text = JsFuture::from(blob.text()).await.ok().and_then(|text| text.as_string()).ok_or(Fault::Unreadable)?;
    let mut events = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if events.len() == CAPACITY {
            return Err(Fault::Many);
        }
        let value = JSON::parse(line).map_err(|_error| Fault::Json(at + 1))?;
        events.push(recorded(&value).map_err(|name| Fault::Field(at + 1, name))?);
        if events.len() % AT_ONCE == 0 {
            browser::painted().await;
        }
    }
    if events.is_empty() {
        return Err(Fault::Empty);
    }
    Ok(Recording { name: member(file, "name").as_string().unwrap_or_default(), events })
}

#[inline(never)]
fn text_of(line: &JsValue, name: &'static str) -> Result<String, &'static str> {
    member(line, name).as_string().ok_or(name)
}

#[inline(never)]
fn number_of(line: &JsValue, name: &'static str) -> Result<f64, &'static str> {
    member(line, name).as_f64().filter(|number| *number >= 0.0).ok_or(name)
}

/// An event of a recording, or the name of the field that is wrong.
fn recorded(line: &JsValue) -> Result<Recorded, &'static str> {
    let text = |name: &'static str| text_of(line, name);
    let number = |name: &'static str| number_of(line, name);
    if member(line, "v").as_f64() != Some(1.0) {
        return Err("v");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at before")]
    let what = match text("kind")?.as_str() {
        "begun" => {
            let list: js_sys::Array = member(line, "protocols").dyn_into().map_err(|_other| "protocols")?;
            let protocols = list.iter().map(|name| name.as_string()).collect::<Option<_>>().ok_or("protocols")?;
            What::Begun { url: text("url")?.into(), protocols }
        }
        "open" => What::Heard(Event::Open { protocol: text("protocol")?, extensions: text("extensions")? }),
        "sent" => What::Sent(payload_in(line)?),
        "received" => What::Heard(Event::Message(payload_in(line)?)),
        "error" => What::Heard(Event::Error),
        "control" => What::Noted(text("text")?.into()),
        "close" => What::Heard(Event::Close {
            code: Some(number("code")?).filter(|code| *code <= 65_535.0).ok_or("code")? as u16,
            reason: text("reason")?,
            was_clean: member(line, "clean").as_bool().ok_or("clean")?,
        }),
        "refused" => What::Heard(Event::Refused(text("name")?, text("message")?)),
        _ => return Err("kind"),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    let connection = number("connection")? as u32 % 10_000;
    Ok(Recorded { t: number("t")?, connection, what })
}

fn payload_in(line: &JsValue) -> Result<Payload, &'static str> {
    if let Some(text) = member(line, "text").as_string() {
        return Ok(Payload::Text(text.into()));
    }
    let name = member(line, "file").as_string().unwrap_or_default();
    let Some(base64) = member(line, "base64").as_string() else {
        let len = number_of(line, "size").map_err(|_missing| "text")?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a file")]
        return Ok(Payload::Blob { len: len as u64, name: name.into(), data: JsValue::UNDEFINED });
    };
    let letters = browser::window().atob(&base64).map_err(|_error| "base64")?;
    let bytes: Vec<u8> = letters.chars().filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    Ok(Payload::bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u32, at: f64, what: What) -> Entry {
        Entry { id, connection: 1, at, echo: None, what }
    }

    #[test]
    fn an_event_is_a_line() {
        let entries = [
            entry(4, 1_000.0, What::Begun { url: "ws://a".into(), protocols: vec!["a".into(), "b".into()] }),
            entry(5, 1_003.1, What::Sent(Payload::Text("\"\\\n\u{1}茶".into()))),
            entry(6, 1_013.0, What::Heard(Event::Close { code: 1006, reason: String::new(), was_clean: false })),
        ];
        let parts = write(entries.iter());
        let [Part::Text(text)] = parts.as_slice() else { panic!("{parts:?}") };
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                r#"{"v":1,"t":0.000,"connection":1,"kind":"begun","url":"ws://a","protocols":["a","b"]}"#,
                r#"{"v":1,"t":3.100,"connection":1,"kind":"sent","text":"\"\\\n\u0001茶"}"#,
                r#"{"v":1,"t":13.000,"connection":1,"kind":"close","code":1006,"reason":"","clean":false}"#,
            ]
        );
        lines.iter().for_each(|line| assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}"));
    }

    #[test]
    fn bytes_are_written_when_they_are_read_and_large_files_are_only_named() {
        let file = |len| Payload::Blob { len, name: "a.bin".into(), data: JsValue::UNDEFINED };
        let parts = write([entry(0, 0.0, What::Sent(file(5)))].iter());
        assert_eq!(parts.len(), 3);
        assert!(matches!(parts.get(1), Some(Part::Bytes(_))));
        let parts = write([entry(0, 0.0, What::Sent(file(BLOB + 1)))].iter());
        let [Part::Text(text)] = parts.as_slice() else { panic!("{parts:?}") };
        assert!(
            text.ends_with("\"kind\":\"sent\",\"file\":\"a.bin\",\"type\":\"File\",\"size\":16777217}\n"),
            "{text}"
        );
    }
}
