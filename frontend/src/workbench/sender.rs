//! Where messages are written and sent.
//!
//! [`bytes`] reads hexadecimal and Base64, [`json`] finds the first fault, [`repeat`] says what is due when, [`random`] makes
//! bytes, `kind` and `history` are what they are called, `view` draws, `words` are its words. What is written is kept for each kind of message, in this browser.
//! Deliberately absent: saved messages, which [`super::library`] has.

pub mod bytes;
mod history;
pub mod json;
mod kind;
pub mod random;
pub mod repeat;
mod view;
mod words;

use super::bench::{self, Bench};
use super::effects::Effect;
use super::events::{self, What};
use super::kept;
use super::library;
use super::socket::{BinaryType, Event, Payload};
pub use kind::Kind;
use repeat::{Load, Run};
pub use view::{dragged, dropped, view};

/// What the drafts are kept under.
const DRAFTS: &str = "drafts";

/// How long somebody may type on before the drafts are kept, in milliseconds.
const KEEP_AFTER: u32 = 400;

/// What happens where messages are written.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Write another kind of message.
    Tab(Kind),
    /// Another text is written.
    Write(String),
    /// Send what stands there.
    Send,
    /// Send it as text, though it is not JSON.
    SendAsText,
    /// Give each value of the JSON a line.
    Format,
    /// Put this text there, to be sent by hand: an errand, or a preset.
    Put(String),
    /// Put this message there: a saved one.
    Fill(Kind, String),
    /// These files were chosen: the media type and the blob of each.
    Files(Vec<(String, Payload)>),
    /// Random bytes go like this.
    As(BinaryType),
    /// Repeat, or do not.
    Repeat,
    /// Another interval is written.
    Every(String),
    /// Another number of times is written.
    Times(String),
    /// The next of the repetition of this number may be due.
    Tick(u32),
    /// Stop repeating.
    Stop,
    /// The message before this one in the history, or the one after it.
    Walk(bool),
    /// Ask for a name to save the message under; none to leave it.
    Name(Option<String>),
    /// Save it under the name that was written.
    Save,
    /// Keep the drafts.
    Keep,
}

/// Why what is written cannot go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON: the line and the column of the fault, and what the browser says.
    Json(usize, usize, String),
    /// Not bytes.
    Bytes(bytes::Fault),
    /// No file was chosen.
    NoFile,
    /// No number of random bytes.
    Count,
    /// No interval.
    Every,
    /// No number of times.
    Times,
}

/// Where messages are written.
#[derive(Debug)]
pub struct Sender {
    /// What is written now.
    pub kind: Kind,
    /// What is written, by [`Kind`]; for random bytes their number.
    drafts: [String; 6],
    files: Vec<(String, Payload)>,
    random_as: BinaryType,
    repeats: bool,
    every: String,
    times: String,
    /// How many bytes will go, or why not.
    verdict: Result<u64, Fault>,
    run: Option<Run>,
    runs: u32,
    /// How many of how many had been sent when the connection ended under a repetition.
    halted: Option<(u32, u32)>,
    /// The oldest first.
    history: Vec<(Kind, String)>,
    /// How far up the history somebody has gone, and what stood there before.
    walk: Option<(usize, String)>,
    /// The name that is being written for a message to save.
    naming: Option<String>,
    /// Whether the drafts will be kept soon.
    keeping: bool,
}

impl Default for Sender {
    fn default() -> Self {
        let drafts = ["", r#"{"op":"echo","n":1}"#, "", "", "", "32"].map(str::to_owned);
        Self {
            kind: Kind::Text,
            drafts,
            files: Vec::new(),
            random_as: BinaryType::ArrayBuffer,
            repeats: false,
            every: "1000".to_owned(),
            times: "20".to_owned(),
            verdict: Ok(0),
            run: None,
            runs: 0,
            halted: None,
            history: Vec::new(),
            walk: None,
            naming: None,
            keeping: false,
        }
    }
}

impl Sender {
    /// What is written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.drafts.get(self.kind as usize).map_or("", String::as_str)
    }

    fn set_text(&mut self, text: String) {
        if let Some(draft) = self.drafts.get_mut(self.kind as usize) {
            *draft = text;
        }
    }

    /// Whether the text is filled in each time.
    const fn is_filled(&self) -> bool {
        self.repeats && matches!(self.kind, Kind::Text | Kind::Json)
    }

    fn rate(&self) -> Result<(u32, u32), Fault> {
        if !self.repeats {
            return Ok((1, 1));
        }
        let every = number(&self.every, repeat::MOST_MS).ok_or(Fault::Every)?;
        Ok((every, number(&self.times, repeat::MOST_TIMES).ok_or(Fault::Times)?))
    }

    /// What would go.
    fn load(&self) -> Result<Load, Fault> {
        let text = self.text();
        Ok(match self.kind {
            Kind::Text | Kind::Json if self.is_filled() => Load::Text(text.to_owned()),
            Kind::Text | Kind::Json => Load::Fixed(vec![Payload::Text(text.into())]),
            Kind::Hex => Load::Fixed(vec![Payload::bytes(&bytes::hex(text).map_err(Fault::Bytes)?)]),
            Kind::Base64 => Load::Fixed(vec![Payload::bytes(&bytes::base64(text).map_err(Fault::Bytes)?)]),
            Kind::File => Load::Fixed(self.files.iter().map(|(_, file)| file.clone()).collect()),
            Kind::Random => Load::Random(number(text, random::MOST).ok_or(Fault::Count)?, self.random_as),
        })
    }

    /// How many bytes would go, or why they cannot.
    fn check(&self) -> Result<u64, Fault> {
        self.rate()?;
        let text = self.text();
        let len = match self.kind {
            Kind::Text | Kind::Json if self.is_filled() => {
                let first = repeat::fill(text, 1, 0.0, &random::uuid);
                self.check_text(&first)?
            }
            Kind::Text | Kind::Json => self.check_text(text)?,
            Kind::Hex => bytes::hex(text).map_err(Fault::Bytes)?.len(),
            Kind::Base64 => bytes::base64(text).map_err(Fault::Bytes)?.len(),
            Kind::File if self.files.is_empty() => return Err(Fault::NoFile),
            Kind::File => return Ok(self.files.iter().map(|(_, file)| file.len()).sum()),
            Kind::Random => return number(text, random::MOST).map(u64::from).ok_or(Fault::Count),
        };
        Ok(len as u64)
    }

    fn check_text(&self, text: &str) -> Result<usize, Fault> {
        match json::fault(text) {
            Some(at) if self.kind == Kind::Json => {
                let (line, column) = json::place(text, at);
                Err(Fault::Json(line, column, complaint(text)))
            }
            _ => Ok(text.len()),
        }
    }
}

/// A number from 1 to `most`.
fn number(text: &str, most: u32) -> Option<u32> {
    text.trim_ascii().parse().ok().filter(|number| *number > 0 && *number <= most)
}

/// What the browser has against a text as JSON.
fn complaint(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    if let Err(error) = js_sys::JSON::parse(text) {
        let message = js_sys::Reflect::get(&error, &"message".into()).ok().and_then(|message| message.as_string());
        return message.unwrap_or_default();
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = text;
    String::new()
}

/// Takes up what was kept. What does not read as it was written is as if it had not been kept.
pub fn restore(bench: &mut Bench, look: &dyn Fn(&str) -> Option<String>) {
    let sender = &mut bench.sender;
    if let Some(texts) = look(DRAFTS).and_then(|texts| kept::read(&texts))
        && let Ok([kind, random_as, every, times, drafts @ ..]) = <[String; 10]>::try_from(texts)
    {
        sender.kind = Kind::from_tag(&kind);
        if random_as == BinaryType::Blob.name() {
            sender.random_as = BinaryType::Blob;
        }
        (sender.every, sender.times, sender.drafts) = (every, times, drafts);
    }
    if let Some(texts) = look(history::KEPT).and_then(|texts| kept::read(&texts)) {
        let mut texts = texts.into_iter();
        while let (Some(kind), Some(text)) = (texts.next(), texts.next()) {
            sender.history.push((Kind::from_tag(&kind), text));
        }
    }
    sender.verdict = sender.check();
}

/// Takes what happened where messages are written.
pub fn update(bench: &mut Bench, msg: Msg) {
    let sender = &mut bench.sender;
    match msg {
        Msg::Send => return begin(bench, false),
        Msg::SendAsText => return begin(bench, true),
        Msg::Tick(number) => return tick(bench, number),
        Msg::Save => return save(bench),
        Msg::Keep => return keep(bench),
        Msg::Walk(up) => return history::walk(bench, up),
        Msg::Put(text) => {
            let structured = text.starts_with(['{', '[']) && json::fault(&text).is_none();
            return fill(bench, if structured { Kind::Json } else { Kind::Text }, text);
        }
        Msg::Fill(kind, text) => return fill(bench, kind, text),
        Msg::Stop => {
            sender.run = None;
            return;
        }
        Msg::Name(name) => {
            sender.naming = name;
            return;
        }
        Msg::Write(text) => sender.set_text(text),
        Msg::Format => {
            let text = json::pretty(sender.text());
            sender.set_text(text);
        }
        Msg::Tab(kind) => sender.kind = kind,
        Msg::Files(files) => (sender.files, sender.kind) = (files, Kind::File),
        Msg::As(kind) => sender.random_as = kind,
        Msg::Repeat => sender.repeats = !sender.repeats,
        Msg::Every(every) => sender.every = every,
        Msg::Times(times) => sender.times = times,
    }
    changed(bench);
}

fn fill(bench: &mut Bench, kind: Kind, text: String) {
    bench.sender.kind = kind;
    bench.sender.set_text(text);
    changed(bench);
}

/// Something that is written is another now.
fn changed(bench: &mut Bench) {
    let sender = &mut bench.sender;
    sender.verdict = sender.check();
    sender.halted = None;
    sender.walk = None;
    if !sender.keeping {
        sender.keeping = true;
        bench.effects.push(Effect::After(KEEP_AFTER, Box::new(bench::Msg::Sender(Msg::Keep))));
    }
}

fn keep(bench: &mut Bench) {
    let sender = &mut bench.sender;
    sender.keeping = false;
    let mut texts = vec![sender.kind.tag(), sender.random_as.name(), &sender.every, &sender.times];
    texts.extend(sender.drafts.iter().map(String::as_str));
    bench.effects.push(Effect::Keep(DRAFTS, kept::write(&texts)));
}

/// Whether a message would reach the socket.
fn is_open(bench: &Bench) -> bool {
    bench.connection.reading.ready == Some(1)
}

fn begin(bench: &mut Bench, as_text: bool) {
    let sender = &mut bench.sender;
    if as_text {
        let text = sender.text().to_owned();
        sender.kind = Kind::Text;
        sender.set_text(text);
        changed(bench);
    }
    let sender = &bench.sender;
    if !is_open(bench) || sender.verdict.is_err() || sender.run.is_some() {
        return;
    }
    let (Ok(load), Ok((every, total))) = (sender.load(), sender.rate()) else { return };
    history::remember(bench);
    let sender = &mut bench.sender;
    sender.halted = None;
    if sender.repeats {
        sender.runs += 1;
        let number = sender.runs;
        sender.run = Some(Run { load, sent: 0, total, every, begun: bench.now, number });
        tick(bench, number);
    } else {
        load.make(1, bench.now).into_iter().for_each(|payload| send(bench, payload));
    }
}

/// Sends what is due of the repetition.
fn tick(bench: &mut Bench, number: u32) {
    let Some(mut run) = bench.sender.run.take_if(|run| run.number == number) else { return };
    // Bytes are counted as they come from the browser: never below zero, and far below the limit.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let mut waiting = bench.connection.reading.buffered as u64;
    let due = run.due(bench.now);
    for _ in 0..due {
        if waiting > repeat::HELD {
            break;
        }
        run.sent += 1;
        for payload in run.load.make(run.sent, bench.now) {
            waiting += payload.len();
            send(bench, payload);
        }
    }
    if run.sent < run.total {
        // A timer of its own for what is held back: one frame.
        let wait = if waiting > repeat::HELD { 16 } else { run.wait(bench.now).max(1) };
        bench.effects.push(Effect::After(wait, Box::new(bench::Msg::Sender(Msg::Tick(number)))));
        bench.sender.run = Some(run);
    }
}

fn save(bench: &mut Bench) {
    let Some(name) = bench.sender.naming.take() else { return };
    let (kind, text) = (bench.sender.kind, bench.sender.text().to_owned());
    library::save_message(bench, name, kind, text);
}

/// Sends a message, and writes it down. The one way out for everybody in the console.
pub fn send(bench: &mut Bench, payload: Payload) {
    let id = events::push(bench, What::Sent(payload.clone()));
    super::inspector::sent(bench, id, &payload);
    super::connection::sent(bench, &payload);
    bench.effects.push(Effect::Send(payload));
}

/// The first bytes of a file have been read.
pub const fn read(_bench: &mut Bench, _id: u32, _bytes: &[u8]) {}

/// The socket has said something.
pub fn heard(bench: &mut Bench, event: &Event) {
    if matches!(event, Event::Close { .. } | Event::Refused(..))
        && let Some(run) = bench.sender.run.take()
    {
        bench.sender.halted = Some((run.sent, run.total));
    }
}

#[cfg(test)]
mod tests;
