//! The bar above: the address, the subprotocols, the object as it stands, and how it is closed.
//!
//! In reading order: `address`, `offer` and `closing` are the rules of what may be written; `track` is the four ready
//! states with their times, `stats` what is counted, `why` says why it closed; `view` draws, `words` are the words.
//! Deliberately absent: the socket itself, which effects own.

mod address;
mod closing;
mod offer;
mod stats;
mod track;
mod view;
mod why;
mod words;

pub use view::view;

use super::bench::{self, Bench};
use super::effects::Effect;
use super::events::{self, What};
use super::socket::{BinaryType, Event, Payload, Reading};
use super::{inspector, library, relay};
use stats::Stats;
use why::{Asked, History};

/// Milliseconds between two looks at the clock while a connection is open: in its first minute, and later.
const TICKS_MS: [u32; 2] = [1_000, 15_000];

/// What the last connection is kept under: its address, how bytes arrive, and the subprotocols, each on a line.
const KEPT: &str = "connection";

/// What happens at the bar.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Another address is written.
    Url(String),
    /// An address was chosen from the list.
    Pick(String),
    /// Show or hide the list of addresses.
    Menu(bool),
    /// Connect, with what stands there.
    Connect,
    /// Connect there: what a preset, a recent connection or a lesson wants.
    Go {
        /// The address.
        url: String,
        /// What is offered.
        protocols: Vec<String>,
    },
    /// Close with the code and the reason that stand there, or give up connecting.
    Close,
    /// The name of a subprotocol is written.
    Name(String),
    /// Offer the subprotocol that is written.
    Offer,
    /// Do not offer the subprotocol in this place.
    Withdraw(usize),
    /// Messages of bytes shall arrive like this.
    BinaryType(BinaryType),
    /// Another code to close with is written.
    Code(String),
    /// Another reason is written.
    Reason(String),
    /// Put away why it closed.
    Dismiss,
    /// The connection of this number may still be open.
    Tick(u32),
}

/// The bar, and the connection behind it. Times are in milliseconds since 1970, with fractions.
#[derive(Debug)]
pub struct Connection {
    /// The number of the present or last connection, from 1; 0 before the first.
    pub number: u32,
    /// The address as it is written.
    pub url: String,
    /// The address that was opened, as the browser understands it, without a tap; empty before the first connection.
    pub opened_url: String,
    /// What is offered.
    pub protocols: Vec<String>,
    /// How messages of bytes shall arrive.
    pub binary_type: BinaryType,
    /// What the object said when it was last looked at.
    pub reading: Reading,
    /// When the present or last connection was begun.
    pub begun_at: Option<f64>,
    /// When it was open.
    pub opened_at: Option<f64>,
    closing_at: Option<f64>,
    closed_at: Option<f64>,
    asked: Option<Asked>,
    error: bool,
    stats: Stats,
    why: Option<Ended>,
    /// Whether somebody wanted to connect with what is written: from then on all that is wrong is said.
    tried: bool,
    menu: bool,
    name: String,
    code: String,
    reason: String,
}

/// How a connection has ended.
#[derive(Debug, Clone, PartialEq)]
enum Ended {
    Closed(Box<History>),
    /// What the constructor threw, and what it said.
    Refused(String, String),
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            number: 0,
            url: String::new(),
            opened_url: String::new(),
            protocols: Vec::new(),
            binary_type: BinaryType::Blob,
            reading: Reading::default(),
            begun_at: None,
            opened_at: None,
            closing_at: None,
            closed_at: None,
            asked: None,
            error: false,
            stats: Stats::default(),
            why: None,
            tried: false,
            menu: false,
            name: String::new(),
            code: "1000".to_owned(),
            reason: String::new(),
        }
    }
}

impl Connection {
    /// Whether it is connecting or open: what is offered, and where, cannot be changed then.
    const fn is_live(&self) -> bool {
        matches!(self.reading.ready, Some(0 | 1))
    }

    const fn tone(&self) -> &'static str {
        match self.reading.ready {
            Some(0) => "is-s0",
            Some(1) => "is-s1",
            Some(2) => "is-s2",
            Some(_) => "is-s3",
            None => "",
        }
    }
}

/// Takes up what was kept.
pub fn restore(bench: &mut Bench, kept: &dyn Fn(&str) -> Option<String>) {
    let Some(kept) = kept(KEPT) else { return };
    let mut lines = kept.split('\n');
    bench.connection.url = lines.next().unwrap_or_default().to_owned();
    if lines.next() == Some(BinaryType::ArrayBuffer.name()) {
        bench.connection.binary_type = BinaryType::ArrayBuffer;
    }
    for name in lines {
        if !name.is_empty() && offer::checked(name, &bench.connection.protocols).is_ok() {
            bench.connection.protocols.push(name.to_owned());
        }
    }
}

fn keep(bench: &mut Bench) {
    let connection = &bench.connection;
    let mut kept = connection.url.clone() + "\n" + connection.binary_type.name();
    for name in &connection.protocols {
        kept.push('\n');
        kept.push_str(name);
    }
    bench.effects.push(Effect::Keep(KEPT, kept));
}

/// Takes what happened at the bar.
pub fn update(bench: &mut Bench, msg: Msg) {
    let connection = &mut bench.connection;
    match msg {
        Msg::Url(url) => (connection.url, connection.tried, connection.menu) = (url, false, false),
        Msg::Pick(url) => {
            (connection.url, connection.menu) = (url, false);
            bench.effects.push(Effect::Focus(".connect__main > .btn"));
        }
        Msg::Menu(open) => connection.menu = open,
        Msg::Connect => connect(bench),
        Msg::Go { url, protocols } => {
            (connection.url, connection.protocols, connection.name) = (url, protocols, String::new());
            connect(bench);
        }
        Msg::Close => close_as_written(bench),
        Msg::Name(name) => {
            connection.name = name;
            // A comma ends a name, and so does a blank.
            if connection.name.contains([',', ' ']) {
                offer::take_up(&mut connection.name, &mut connection.protocols);
            }
        }
        Msg::Offer => {
            offer::take_up(&mut connection.name, &mut connection.protocols);
        }
        Msg::Withdraw(at) => {
            if at < connection.protocols.len() {
                connection.protocols.remove(at);
            }
        }
        Msg::BinaryType(binary_type) => {
            connection.binary_type = binary_type;
            connection.reading.binary_type = binary_type;
            bench.effects.push(Effect::BinaryType(binary_type));
        }
        Msg::Code(code) => connection.code = code,
        Msg::Reason(reason) => connection.reason = reason,
        Msg::Dismiss => connection.why = None,
        Msg::Tick(number) => {
            if number == connection.number && connection.reading.ready == Some(1) {
                tick(bench);
            }
        }
    }
}

/// Looks at the clock again later.
fn tick(bench: &mut Bench) {
    let [soon, later] = TICKS_MS;
    let young = bench.connection.opened_at.is_some_and(|opened| bench.now - opened < 60_000.0);
    let again = bench::Msg::Connection(Msg::Tick(bench.connection.number));
    bench.effects.push(Effect::After(if young { soon } else { later }, Box::new(again)));
}

/// Connects with what stands there. What is wrong is said beside its field.
fn connect(bench: &mut Bench) {
    let connection = &mut bench.connection;
    (connection.tried, connection.menu) = (true, false);
    let Ok(url) = address::understood(&connection.url) else {
        bench.effects.push(Effect::Focus(".url__input"));
        return;
    };
    let repeated = connection.protocols.iter().enumerate();
    let mut offered =
        repeated.map(|(at, name)| offer::checked(name, connection.protocols.get(..at).unwrap_or_default()));
    if offered.any(|checked| checked.is_err())
        || offer::take_up(&mut connection.name, &mut connection.protocols).is_some()
    {
        bench.effects.push(Effect::Focus(".tokens .input"));
        return;
    }
    if connection.is_live() {
        bench.effects.push(Effect::Close { code: Some(1_000), reason: String::new() });
    }
    begin(bench, url);
}

fn begin(bench: &mut Bench, url: String) {
    let connection = &mut bench.connection;
    *connection = Connection {
        number: connection.number + 1,
        opened_url: url.clone(),
        begun_at: Some(bench.now),
        reading: Reading {
            ready: Some(0),
            url: url.clone(),
            binary_type: connection.binary_type,
            ..Reading::default()
        },
        ..Connection {
            url: std::mem::take(&mut connection.url),
            protocols: std::mem::take(&mut connection.protocols),
            binary_type: connection.binary_type,
            code: std::mem::take(&mut connection.code),
            reason: std::mem::take(&mut connection.reason),
            ..Connection::default()
        }
    };
    let (number, protocols, binary_type) = (connection.number, connection.protocols.clone(), connection.binary_type);
    keep(bench);
    events::push(bench, What::Begun { url: url.as_str().into(), protocols: protocols.clone() });
    library::begun(bench, &url);
    let url = inspector::tapped(bench, url);
    let relay = relay::wish(&bench.relay);
    bench.effects.push(Effect::Open { number, url, protocols, binary_type, relay });
}

/// Closes as it is written; while it is connecting the browser gives up, whatever is written.
fn close_as_written(bench: &mut Bench) {
    let connection = &bench.connection;
    let early = connection.reading.ready == Some(0);
    match closing::checked(&connection.code, &connection.reason) {
        _ if early => close(bench, None, String::new()),
        Ok(code) => close(bench, code, connection.reason.clone()),
        Err(_) => bench.effects.push(Effect::Focus(".call [aria-invalid=true]")),
    }
}

/// Calls `close()`, if there is something to close.
fn close(bench: &mut Bench, code: Option<u16>, reason: String) {
    let connection = &mut bench.connection;
    if !connection.is_live() {
        return;
    }
    connection.asked = Some(Asked { at: bench.now, code, early: connection.opened_at.is_none() });
    connection.closing_at = Some(bench.now);
    connection.reading.ready = Some(2);
    bench.effects.push(Effect::Close { code, reason });
}

/// A message was given to the socket.
pub fn sent(bench: &mut Bench, payload: &Payload) {
    let connection = &mut bench.connection;
    if connection.reading.ready.is_none_or(|ready| ready == 0) {
        return;
    }
    connection.stats.sent(bench.now, payload);
    #[expect(clippy::cast_precision_loss, reason = "no message has 2^53 bytes")]
    let len = payload.len() as f64;
    // The standard lets `send()` raise it at once, and the browser lower it only later.
    connection.reading.buffered += len;
    connection.stats.buffered.add(bench.now, connection.reading.buffered);
}

/// The socket has said something.
pub fn heard(bench: &mut Bench, event: &Event) {
    let now = bench.now;
    let connection = &mut bench.connection;
    match event {
        Event::Open { protocol, extensions } => {
            connection.opened_at = Some(now);
            // Who has closed meanwhile hears no open.
            connection.reading.ready = Some(1);
            connection.reading.protocol.clone_from(protocol);
            connection.reading.extensions.clone_from(extensions);
            tick(bench);
        }
        Event::Message(payload) => connection.stats.received(now, payload),
        Event::Error => connection.error = true,
        Event::Close { code, reason, was_clean } => {
            connection.closed_at = Some(now);
            connection.reading.ready = Some(3);
            let seen = history(bench, *code, reason, *was_clean);
            bench.connection.why = Some(Ended::Closed(Box::new(seen)));
        }
        Event::Refused(name, message) => {
            connection.reading = Reading::default();
            connection.begun_at = None;
            connection.why = Some(Ended::Refused(name.clone(), message.clone()));
        }
        Event::Relay(_) => {}
    }
}

/// All that was seen of the connection that has just closed.
fn history(bench: &Bench, code: u16, reason: &str, was_clean: bool) -> History {
    let (connection, now) = (&bench.connection, bench.now);
    let begun = connection.begun_at.unwrap_or(now);
    let chat = bench.server.origin.clone() + "/ws";
    History {
        url: connection.opened_url.clone(),
        offered: !connection.protocols.is_empty(),
        ours: !bench.page.alone && chat == connection.opened_url,
        page_is_public: !address::is_private(address::host_of(&bench.server.origin)),
        connecting: connection.opened_at.unwrap_or(now) - begun,
        idle: connection.opened_at.map(|opened| now - connection.stats.passed_at.unwrap_or(opened)),
        asked: connection.asked.clone(),
        after: connection.asked.as_ref().map_or(0.0, |asked| now - asked.at),
        error: connection.error,
        online: is_online(),
        lost: 0.0,
        largest: connection.stats.largest,
        code,
        reason: reason.to_owned(),
        was_clean,
    }
}

/// What the browser thinks of the network: false is sure, true is not.
fn is_online() -> bool {
    #[cfg(target_arch = "wasm32")]
    return crate::effects::browser::window().navigator().on_line();
    #[cfg(not(target_arch = "wasm32"))]
    return true;
}

/// A frame is about to be drawn; this is what the object says.
pub fn sampled(bench: &mut Bench, reading: &Reading) {
    let connection = &mut bench.connection;
    connection.reading = reading.clone();
    if reading.ready.is_none() {
        connection.reading.binary_type = connection.binary_type;
    }
    match reading.ready {
        Some(2) if connection.closing_at.is_none() => connection.closing_at = Some(bench.now),
        // What is left then never went out, for it is not set back; see the standard.
        Some(3) => {
            if let (Some(Ended::Closed(seen)), true) = (&mut connection.why, connection.stats.buffered.is_open()) {
                seen.lost = reading.buffered;
                connection.stats.buffered.end(bench.now, reading.buffered);
            }
        }
        _ => connection.stats.buffered.add(bench.now, reading.buffered),
    }
}

/// Whether the next frame shall be told: while what waits to be sent drains.
#[must_use]
pub const fn wants_frames(bench: &Bench) -> bool {
    matches!(bench.connection.reading.ready, Some(1 | 2)) && bench.connection.reading.buffered > 0.0
}

/// The colour of the state: a class of the design.
#[must_use]
pub const fn tone(bench: &Bench) -> &'static str {
    bench.connection.tone()
}
