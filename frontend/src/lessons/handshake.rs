//! The handshake: request and response as the server saw them, and how `Sec-WebSocket-Accept` is made.

mod words;

use sha1::{Digest, Sha1};

use super::parts::{Leads, bar, button, mono, primary, track};
use super::state::{Lessons, Msg as All};
use super::{Element, Node};
use crate::lean::dom::{Str, el, icon_sm, with_class};
use crate::lean::json;
use crate::lean::text;
use crate::workbench::inspector::accept::{GUID, base64};
pub(super) use words::words;

const PATH: &str = "/labs/handshake";

/// What happens in this lesson alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Msg {
    /// Another key is written.
    Key(String),
    /// Another GUID is written.
    Guid(String),
    /// Back to the key of the connection and the GUID of the standard.
    Reset,
}

/// What the lesson knows: what somebody has written instead.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    key: Option<String>,
    guid: Option<String>,
}

/// Takes what happened.
pub(super) fn update(lessons: &mut Lessons, msg: Msg) {
    let desk = &mut lessons.desks.handshake;
    match msg {
        Msg::Key(key) => desk.key = Some(key),
        Msg::Guid(guid) => desk.guid = Some(guid),
        Msg::Reset => *desk = Handshake::default(),
    }
}

/// A request or a response: its first line, names and values.
#[derive(Debug, Default)]
struct Head {
    line: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Looks into what `/labs/handshake` has sent.
    fn of(text: Option<&str>, name: &str) -> Self {
        let Some(text) = text else { return Self::default() };
        let head = json::member(&json::parse(text), name);
        let headers = json::items(&json::member(&head, "headers"));
        let word = |pair: &[wasm_bindgen::JsValue], at: usize| {
            pair.get(at).and_then(|word| word.as_string()).unwrap_or_default()
        };
        let pairs = headers.iter().map(json::items).map(|pair| (word(&pair, 0), word(&pair, 1)));
        Self { line: json::text(&head, "line"), headers: pairs.collect() }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What the server has seen of a header in its handshake.
pub(super) fn header_of(text: Option<&str>, name: &str) -> Option<String> {
    Head::of(text, "request").get(name).map(str::to_owned)
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let (words, wire) = (words(lessons.lang()), lessons.wire(0));
    let text = wire.first_text();
    let (request, response) = (Head::of(text, "request"), Head::of(text, "response"));
    let open = match wire.ready {
        Some(0 | 1) => button("close()", All::Close(0, Some(1000), String::new())),
        _ => primary(words.open, All::Open(0, PATH.to_owned(), Vec::new())),
    };
    let shared = super::words::words(lessons.lang());
    let heads = with_class("div", "lesson__cols")
        .child(head_list(words.request, words.none, &request))
        .child(head_list(words.response, words.none, &response));
    with_class("div", "live__body")
        .child(bar([open.into(), Leads::console(shared, PATH, "", "").into()]))
        .child(track(wire))
        .child(heads)
        .child(steps(lessons, &request, &response))
        .into()
}

/// The lines of a head as the server saw them.
fn head_list(name: &'static str, none: &'static str, head: &Head) -> Element {
    let lines = head.headers.iter().map(|(name, value)| {
        let class = match name.to_ascii_lowercase().as_str() {
            "sec-websocket-key" | "sec-websocket-accept" | "upgrade" | "connection" => "is-marked",
            _ => "",
        };
        with_class("li", class).child(el("span").child(el("b").text(name.clone() + ": ")).text(value.clone())).into()
    });
    let first = if head.line.is_empty() { none.to_owned() } else { head.line.clone() };
    with_class("section", "stack stack--sm").child(with_class("h2", "sec-title").text(name)).child(
        with_class("ol", "head-list")
            .attr("aria-label", name)
            .child(el("li").child(el("span").text(first)))
            .children(lines),
    )
}

/// The key, and what becomes of it.
fn steps(lessons: &Lessons, request: &Head, response: &Head) -> Element {
    let words = words(lessons.lang());
    let desk = &lessons.desks.handshake;
    let real = request.get("sec-websocket-key").unwrap_or("dGhlIHNhbXBsZSBub25jZQ==");
    let key = desk.key.clone().unwrap_or_else(|| real.to_owned());
    let guid = desk.guid.clone().unwrap_or_else(|| GUID.to_owned());
    let digest = Sha1::new().chain_update(&key).chain_update(&guid).finalize();
    let accept = base64(&digest);
    let verdict = match response.get("sec-websocket-accept") {
        None => with_class("p", "note").text(words.no_answer),
        Some(sent) if sent == accept => {
            with_class("p", "note is-s1").child(icon_sm("check")).child(el("span").text(words.same))
        }
        Some(sent) => with_class("p", "note is-s3")
            .child(icon_sm("x"))
            .child(el("span").text(words.differs).child(mono(sent.to_owned()))),
    };
    let field = |label: &'static str, value: &str, msg: fn(String) -> All| {
        with_class("label", "field")
            .child(with_class("span", "field__label").text(label))
            .child(
                with_class("input", "input input--mono")
                    .attr("spellcheck", "false")
                    .attr("autocomplete", "off")
                    .attr("value", value.to_owned())
                    .on_input(msg),
            )
            .into()
    };
    let step = |label: &'static str, value: Str| -> Node {
        with_class("li", "live__step")
            .child(el("span").text(label))
            .child(with_class("code", "mono").text(value))
            .into()
    };
    let is_own = desk.key.is_some() || desk.guid.is_some();
    with_class("section", "stack stack--sm")
        .child(with_class("h2", "sec-title").text("Sec-WebSocket-Accept"))
        .child(with_class("div", "lesson__cols").children([
            field("Sec-WebSocket-Key", &key, |key| All::Handshake(Msg::Key(key))),
            field(words.guid, &guid, |guid| All::Handshake(Msg::Guid(guid))),
        ]))
        .child(el("ol").children([
            step(words.joined, (key + &guid).into()),
            step("SHA-1", text::hex(&digest).into()),
            step("Base64", accept.into()),
        ]))
        .child(verdict.attr("role", "status"))
        .child(is_own.then(|| button(words.reset, All::Handshake(Msg::Reset))))
}
