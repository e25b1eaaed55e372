//! The trace: what the page knows of itself and of its wire, as one JSON text that can be sent to somebody.
//!
//! Texts and names are left out unless a person wants them in: of each string that holds one only its length stays.
//! Every frame is redacted as the text that it is, so that a frame that makes no sense shows as little as one that
//! does. Deliberately absent: where the text goes.

use std::fmt::Write;

use common::sync::outbox::{Pending, Stage};
use common::sync::{Phase, Room};

use super::State;
use super::outlook::Kind;
use super::wire::{Line, What};

/// The keys whose strings people have written: bodies, drafts, names, and what the server says about them.
const PRIVATE: [&str; 4] = ["body", "text", "name", "message"];

/// Writes the trace. `agent` is the browser's name for itself; `open` leaves texts and names in.
pub(super) fn text(state: &State, agent: &str, open: bool) -> String {
    let mut out = Out { text: String::from("{"), open };
    out.string("readyroom", env!("CARGO_PKG_VERSION"));
    out.string("agent", agent);
    out.string("lang", state.lang.tag());
    out.number("at", state.now.date.0);
    out.connection(state);
    out.list("rooms", state.engine.rooms().values(), Out::room);
    out.list("outbox", state.engine.outbox().iter(), Out::pending);
    out.list("log", &state.wire.lines, |out, line| out.line(line));
    out.close('}');
    out.text
}

const fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "idle",
        Phase::Connecting { .. } => "connecting",
        Phase::Greeting { .. } => "greeting",
        Phase::Ready { .. } => "ready",
        Phase::Closing { .. } => "closing",
        Phase::Waiting { .. } => "waiting",
        Phase::Stopped => "stopped",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Say => "send",
        Kind::Edit => "edit",
        Kind::Delete => "delete",
        Kind::React => "react",
        Kind::Pin => "pin",
        Kind::Create => "create",
        Kind::Room => "room",
        Kind::Join => "join",
        Kind::Leave => "leave",
    }
}

/// A JSON text that grows. Every member ends with a comma; what closes takes the last one away.
struct Out {
    text: String,
    open: bool,
}

impl Out {
    fn connection(&mut self, state: &State) {
        let (engine, wire) = (&state.engine, &state.wire);
        self.string("phase", phase(engine.phase()));
        self.string("ready_state", wire.ready.map_or("", |ready| ready.name()));
        self.string("protocol", &wire.facts.protocol);
        self.number("buffered", u64::from(wire.buffered));
        self.number("sent", wire.sent);
        self.number("received", wire.received);
        self.string("epoch", engine.epoch().map_or("", |epoch| &epoch.0));
        self.string("me", &engine.me().map(|me| me.id.to_string()).unwrap_or_default());
        self.number("user_seq", engine.own().seq());
        self.flag("leads", engine.leads());
        let tally = engine.tally();
        self.number("gaps_found", tally.gaps_found);
        self.number("gaps_filled", tally.gaps_filled);
        self.number("duplicates", tally.duplicates);
        self.number("connections", tally.connections);
        self.number("held_back", state.probed.faults.waiting() as u64);
    }

    fn room(&mut self, room: &Room) {
        self.string("room", &room.info.id.to_string());
        self.private("name", &room.info.name);
        self.number("held", room.log.cursor().0);
        self.number("head", room.head.0);
        self.number("first", room.log.first().unwrap_or_default().0);
        self.number("events", room.log.len() as u64);
        self.number("n", room.info.n);
        self.number("read_n", room.info.read_n);
        self.list("gaps", room.log.gaps(), |out, gap| {
            out.number("from", gap.start().0);
            out.number("to", gap.end().0);
        });
    }

    fn pending(&mut self, pending: &Pending) {
        self.string("cid", &pending.cid.to_string());
        self.string("op", kind(Kind::of(&pending.what)));
        self.string("room", &pending.room().map(|room| room.to_string()).unwrap_or_default());
        self.number("at", pending.at.0);
        self.string(
            "stage",
            match pending.stage {
                Stage::Waiting => "waiting",
                Stage::Sent { .. } => "sent",
                Stage::Acked { .. } => "acked",
                Stage::Failed(_) => "failed",
            },
        );
        self.flag("troubled", pending.trouble.is_some());
    }

    fn line(&mut self, line: &Line) {
        self.number("at", line.at.0);
        match &line.what {
            What::Frame { out, name, text, size, .. } => {
                self.string(if *out { "out" } else { "in" }, name);
                self.number("size", *size as u64);
                let frame = if self.open { text.clone() } else { redacted(text) };
                self.string("frame", &frame);
            }
            What::Dial { attempt } => {
                self.string("what", "new WebSocket");
                self.number("attempt", u64::from(*attempt));
            }
            What::Open { protocol } => {
                self.string("what", "open");
                self.string("protocol", protocol);
            }
            What::Said { code, reason } => {
                self.string("what", "close()");
                self.number("code", u64::from(*code));
                self.private("reason", reason);
            }
            What::Error => self.string("what", "error"),
            What::Closed(closed) => {
                self.string("what", "close");
                self.number("code", u64::from(closed.code));
                self.string("reason", &closed.reason);
                self.flag("clean", closed.was_clean);
            }
            What::Note(note) => {
                self.string("what", note.name());
                let (room, from, to) = note.place();
                self.string("room", &room.map(|room| room.to_string()).unwrap_or_default());
                self.number("from", from);
                self.number("to", to);
            }
        }
    }

    fn list<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.key(name);
        self.text.push('[');
        for item in items {
            self.text.push_str("\n{");
            write(self, item);
            self.close('}');
            self.text.push(',');
        }
        self.close(']');
        self.text.push(',');
    }

    fn close(&mut self, end: char) {
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push(end);
    }

    fn key(&mut self, name: &str) {
        quote(&mut self.text, name);
        self.text.push(':');
    }

    fn number(&mut self, name: &str, number: u64) {
        self.key(name);
        self.text.push_str(&number.to_string());
        self.text.push(',');
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.key(name);
        self.text.push_str(if flag { "true," } else { "false," });
    }

    fn string(&mut self, name: &str, text: &str) {
        self.key(name);
        quote(&mut self.text, text);
        self.text.push(',');
    }

    fn private(&mut self, name: &str, text: &str) {
        if self.open {
            self.string(name, text);
        } else {
            self.string(name, &length(text.chars().count()));
        }
    }
}

fn length(characters: usize) -> String {
    format!("‹{characters} characters›")
}

/// Writes a JSON string.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing into a text cannot fail.
            '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A frame whose private strings have become their lengths; what is no object is private as a whole.
fn redacted(frame: &str) -> String {
    if !frame.starts_with('{') {
        return length(frame.chars().count());
    }
    let mut out = String::with_capacity(frame.len());
    let mut rest = frame;
    // The key whose value comes next.
    let mut key = "";
    while let Some(at) = rest.find('"') {
        let (before, quoted) = rest.split_at_checked(at).unwrap_or((rest, ""));
        // Between a key and its string stands a colon and nothing else; a value that begins with a bracket is no string.
        if before.trim() != ":" {
            key = "";
        }
        out.push_str(before);
        let (inner, count, after) = string(quoted);
        let is_key = after.trim_start().starts_with(':');
        if !is_key && PRIVATE.contains(&key) {
            quote(&mut out, &length(count));
        } else {
            out.extend(["\"", inner, "\""]);
        }
        key = if is_key { inner } else { "" };
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What stands within the quotes at the beginning of a text, how many characters that is, and what follows. A string
/// that does not end goes to the end of the text.
fn string(quoted: &str) -> (&str, usize, &str) {
    let inner = quoted.strip_prefix('"').unwrap_or(quoted);
    let mut count = 0;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => {
                escaped = true;
                count += 1;
            }
            '"' => {
                let (inner, after) = inner.split_at_checked(at).unwrap_or((inner, ""));
                return (inner, count, after.strip_prefix('"').unwrap_or(after));
            }
            _ => count += 1,
        }
    }
    (inner, count, "")
}
