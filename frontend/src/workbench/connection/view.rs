//! What the bar looks like.

use wasm_bindgen::JsCast;

use super::words::{Words, words};
use super::{Connection, Ended, Msg, address, closing, offer, track, why};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::text;
use crate::workbench::bench::{self, Bench};
use crate::workbench::socket::BinaryType;
use crate::workbench::{Element, Node, inspector, library, relay};

/// The codes that are proposed for closing.
const CODES: [&str; 3] = ["1000", "3000", "4000"];

/// Endpoints of this server that are proposed.
const PRESETS: [&str; 4] = ["/labs/echo", "/labs/ticker", "/labs/subprotocols", "/labs/handshake"];

const fn bar(msg: Msg) -> bench::Msg {
    bench::Msg::Connection(msg)
}

/// The bar.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let (connection, words) = (&bench.connection, words(bench.lang()));
    with_class("header", "wb-top")
        .attr("id", "main")
        .child(with_class("h1", "sr-only").text(words.workbench))
        .child(head(words))
        .child(form(bench, words))
        .child(
            with_class("div", "line")
                .child(track::view(connection, bench.now, words))
                .child(connection.stats.view(connection.reading.buffered, words)),
        )
        .child(ended(bench, words))
        .child(relay::view(bench))
        .into()
}

/// Where there is little room: the name, and the way to both drawers.
fn head(words: &'static Words) -> Element {
    let button = |name, label: &'static str, msg| {
        el("button")
            .class("icon-btn")
            .attr("type", "button")
            .attr("aria-label", label)
            .on("click", msg)
            .child(icon(name))
    };
    with_class("div", "bar only-narrow")
        .child(button("menu", words.endpoints, bench::Msg::Library(library::Msg::Toggle)))
        .child(with_class("div", "bar__title grow strong").attr("aria-hidden", "true").text(words.workbench))
        .child(button("eye", words.inspect, bench::Msg::Inspector(inspector::Msg::Toggle)))
}

fn form(bench: &Bench, words: &'static Words) -> Element {
    let connection = &bench.connection;
    let (label, class, msg) = match connection.reading.ready {
        Some(0) => (words.cancel, "btn", Msg::Close),
        Some(1) => (words.close, "btn btn--danger", Msg::Close),
        Some(2) => (words.anew, "btn", Msg::Connect),
        Some(_) | None => (words.connect, "btn btn--primary", Msg::Connect),
    };
    let wrong = closing::checked(&connection.code, &connection.reason).err().filter(|_| connection.is_live());
    let name = offer::checked(&connection.name, &connection.protocols).err();
    with_class("form", "connect")
        .attr("aria-label", words.connection)
        .on("submit", bar(msg))
        .child(
            with_class("div", "connect__main").child(url(bench, words)).child(with_class("button", class).text(label)),
        )
        .child(said(connection, words))
        .child(
            with_class("div", "connect__more")
                .child(tokens(connection, name.is_some(), words))
                .child(binary_type(connection))
                .child(call(connection, wrong, words)),
        )
        .child(name.map(|wrong| error(wrong.said(words))))
        .child(wrong.map(|wrong| error(wrong.said(words))))
}

/// What is wrong with a field.
fn error(said: String) -> Element {
    with_class("p", "connect__said field__error").attr("role", "alert").child(icon_sm("alert")).text(said)
}

/// The field of the address, and the list of those that are at hand.
fn url(bench: &Bench, words: &'static Words) -> Element {
    let connection = &bench.connection;
    let live = connection.is_live();
    let invalid = !live && problem(connection).is_some();
    let input = with_class("input", "url__input")
        .attr("aria-label", "URL")
        .attr("value", connection.url.clone())
        .attr("placeholder", "wss://example.com/socket")
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("inputmode", "url")
        .attr("enterkeyhint", "go")
        .aria("aria-invalid", invalid)
        .flag("readonly", live)
        .on_input(|url| bar(Msg::Url(url)));
    let place = with_class("div", "url").flag("data-locked", live).child(input);
    let known = known(bench);
    if live || known.is_empty() {
        return place;
    }
    let open = connection.menu;
    let button = with_class("button", "icon-btn")
        .attr("type", "button")
        .attr("aria-label", words.recent)
        .attr("aria-haspopup", "listbox")
        .aria("aria-expanded", open)
        .on("click", bar(Msg::Menu(!open)))
        .child(icon("down"));
    let place = place.child(button);
    if !open {
        return place;
    }
    let option = |url: &String| {
        with_class("button", "menu__item mono")
            .attr("type", "button")
            .attr("role", "option")
            .aria("aria-selected", *url == connection.url)
            .on("click", bar(Msg::Pick(url.clone())))
            .text(url.clone())
            .into()
    };
    place
        .on_event("keydown", |event| key(event, "Escape").then(|| bar(Msg::Menu(false))))
        .child(with_class("div", "menu url__menu").attr("role", "listbox").children(known.iter().map(option)))
}

/// The addresses that are at hand: those that were opened before, and some of this server's.
fn known(bench: &Bench) -> Vec<String> {
    let mut known = bench.library.recent.clone();
    for path in PRESETS.iter().filter(|_| bench.server.labs) {
        let url = bench.server.origin.clone() + path;
        if !known.contains(&url) {
            known.push(url);
        }
    }
    known
}

/// What is wrong with the address, as far as it is to be said by now.
fn problem(connection: &Connection) -> Option<address::Wrong> {
    let wrong = address::understood(&connection.url).err()?;
    (connection.tried || wrong.is_certain()).then_some(wrong)
}

/// What is wrong with the address, or what it becomes.
fn said(connection: &Connection, words: &'static Words) -> Node {
    if connection.is_live() {
        return Node::Nothing;
    }
    if let Some(wrong) = problem(connection) {
        return error(wrong.said(words, &connection.url)).into();
    }
    let becomes = address::understood(&connection.url).ok();
    let becomes = becomes.filter(|url| url.trim_end_matches('/') != connection.url.trim().trim_end_matches('/'));
    let hint = |url: String| {
        with_class("p", "connect__said field__hint").text(words.opens).child(with_class("span", "mono").text(url))
    };
    becomes.map(hint).into()
}

fn tokens(connection: &Connection, invalid: bool, words: &'static Words) -> Element {
    let live = connection.is_live();
    let agreed = &connection.reading.protocol;
    let token = |(at, name): (usize, &String)| {
        let token = if !agreed.is_empty() && name == agreed {
            with_class("span", "token is-agreed").attr("title", words.agreed).child(icon_sm("check"))
        } else {
            with_class("span", if live { "token token--fixed" } else { "token" })
        };
        let remove = (!live).then(|| {
            with_class("button", "icon-btn icon-btn--sm")
                .attr("type", "button")
                .attr("aria-label", words.remove.replace("{}", name))
                .on("click", bar(Msg::Withdraw(at)))
                .child(icon_sm("x"))
        });
        token.text(name.clone()).child(remove).into()
    };
    let last = connection.protocols.len();
    let empty = connection.name.is_empty();
    let add = (!live).then(|| {
        with_class("input", "input tokens__add")
            .attr("aria-label", words.add)
            .attr("title", words.add)
            .attr("placeholder", "+")
            .attr("value", connection.name.clone())
            .attr("spellcheck", "false")
            .attr("autocapitalize", "off")
            .aria("aria-invalid", invalid)
            .on_input(|name| bar(Msg::Name(name)))
            .on_event("keydown", move |event| match (empty, last.checked_sub(1)) {
                (false, _) if key(event, "Enter") => Some(bar(Msg::Offer)),
                (true, Some(last)) if key(event, "Backspace") => Some(bar(Msg::Withdraw(last))),
                (_, _) => None,
            })
    });
    let tokens = with_class("span", "tokens").text(words.subprotocols);
    tokens.children(connection.protocols.iter().enumerate().map(token)).child(add)
}

/// Whether this key was pressed, and not for an input method; then the browser does nothing more with it.
fn key(event: &web_sys::Event, name: &str) -> bool {
    let pressed = event.dyn_ref::<web_sys::KeyboardEvent>();
    let pressed = pressed.is_some_and(|event| event.key() == name && !event.is_composing());
    if pressed {
        event.prevent_default();
    }
    pressed
}

fn binary_type(connection: &Connection) -> Element {
    let item = |binary_type: BinaryType| {
        with_class("button", "seg__item mono")
            .attr("type", "button")
            .aria("aria-pressed", connection.binary_type == binary_type)
            .on("click", bar(Msg::BinaryType(binary_type)))
            .text(binary_type.name())
    };
    let seg = with_class("span", "seg").attr("role", "group").attr("aria-label", "binaryType");
    with_class("span", "row only-wide")
        .text("binaryType ")
        .child(seg.child(item(BinaryType::Blob)).child(item(BinaryType::ArrayBuffer)))
}

/// `close(code, reason)`, as it would be called.
#[expect(clippy::cast_precision_loss, reason = "nobody writes that much")]
fn call(connection: &Connection, wrong: Option<closing::Wrong>, words: &'static Words) -> Element {
    let long = matches!(wrong, Some(closing::Wrong::Long(_)));
    let field = |label, value: &str, invalid| {
        with_class("input", "input")
            .attr("aria-label", label)
            .attr("value", value.to_owned())
            .aria("aria-invalid", invalid)
    };
    let code = field(words.code, &connection.code, wrong.is_some() && !long)
        .class("input input--code")
        .attr("inputmode", "numeric")
        .attr("list", "close-codes")
        .on_input(|code| bar(Msg::Code(code)));
    let reason = field(words.reason, &connection.reason, long).on_input(|reason| bar(Msg::Reason(reason)));
    let count = text::fixed(connection.reason.len() as f64, 0) + " / 123 B";
    let codes = CODES.map(|code| el("option").attr("value", code).into());
    with_class("span", "call")
        .child(el("span").text("close("))
        .child(code)
        .child(el("datalist").attr("id", "close-codes").children(codes))
        .child(el("span").text(","))
        .child(reason)
        .child(el("span").text(") "))
        .child(with_class("span", if long { "num is-over" } else { "faint num" }).text(count))
}

/// Why it closed.
fn ended(bench: &Bench, words: &'static Words) -> Node {
    let texts = why::words(bench.lang());
    // Through the server the real reason is known.
    let failure = relay::failure(bench);
    let (whose, head, said, url) = match &bench.connection.why {
        None => return Node::Nothing,
        Some(Ended::Refused(name, message)) => {
            (why::Whose::You, name.clone(), texts.refused.to_owned() + message, None)
        }
        Some(Ended::Closed(seen)) => {
            let mut why = why::explained(seen, texts);
            if let Some(failure) = &failure {
                (why.said, why.seek) = (failure.clone(), false);
            }
            let mut head = text::fixed(seen.code.into(), 0) + " · ";
            head.push_str(if seen.reason.is_empty() { words.no_reason } else { &seen.reason });
            head.push_str(" · ");
            head.push_str(if seen.was_clean { words.clean } else { words.not_clean });
            (why.whose, head, why.said, why.seek.then_some(&seen.url))
        }
    };
    let body =
        with_class("div", "why__text")
            .child(with_class("p", "why__head").child(with_class("b", "banner__state").text(head)).child(
                failure.is_none().then(|| {
                    with_class("span", "tag").text(texts.whose.get(whose as usize).copied().unwrap_or_default())
                }),
            ))
            .child(el("p").text(said))
            .child(url.map(|url| seek(bench, url, texts)));
    let dismiss = with_class("button", "icon-btn icon-btn--sm")
        .attr("type", "button")
        .attr("aria-label", words.dismiss)
        .on("click", bar(Msg::Dismiss))
        .child(icon("x"));
    with_class("div", if whose == why::Whose::You { "note why" } else { "note why is-s3" })
        .attr("role", "status")
        .child(icon("info"))
        .child(body)
        .child(dismiss)
        .into()
}

/// How to find out what a page cannot know.
fn seek(bench: &Bench, url: &str, texts: &'static why::Words) -> Element {
    let tab = el("a")
        .attr("href", address::in_a_tab(url))
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text(texts.seek_tab);
    el("p")
        .text(texts.seek)
        .child(tab)
        .text(texts.seek_tool)
        .child(with_class("code", "why__code").text("websocat -v '".to_owned() + url + "'"))
        .text(if bench.server.relay { texts.seek_relay } else { "" })
}
