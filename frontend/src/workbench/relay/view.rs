//! The settings of the relay, under the connection bar.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::words::words;
use super::{Msg, Seen, describe};
use crate::lean::dom::{el, icon_sm, with_class};
use crate::workbench::bench::{self, Bench};
use crate::workbench::{Element, Node};

/// The settings; nothing where the server does not relay.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    if !bench.server.relay {
        return Node::Nothing;
    }
    let (relay, words) = (&bench.relay, words(bench.lang()));
    let way = |on: bool, name: &'static str| {
        button("seg__item", Msg::Route(on)).aria("aria-pressed", relay.on == on).text(name)
    };
    let ways = with_class("span", "seg")
        .attr("role", "group")
        .attr("aria-label", words.route)
        .child(way(false, words.direct))
        .child(way(true, words.relayed));
    let mut line = with_class("div", "relay__line").child(with_class("span", "row").text(words.route).child(ways));
    if relay.on {
        line = line.child(check(words.compress, relay.wish.deflate, Msg::Deflate)).child(check(
            words.silent,
            relay.wish.silent,
            Msg::Silent,
        ));
        if bench.connection.reading.ready == Some(1) {
            line = line.child(
                with_class("span", "row")
                    .child(button("btn btn--sm", Msg::Ping).text(words.ping))
                    .child(button("btn btn--sm", Msg::Pong).text(words.pong)),
            );
        }
    }
    let fold = relay.on.then(|| fold(bench));
    let seen = (relay.on && !relay.seen.is_empty()).then(|| seen(bench));
    with_class("div", "relay").child(line).child(fold).child(seen).into()
}

fn button(class: &'static str, msg: Msg) -> Element {
    with_class("button", class).attr("type", "button").on("click", bench::Msg::Relay(msg))
}

fn check(label: &'static str, on: bool, msg: fn(bool) -> Msg) -> Element {
    let tick = el("input").attr("type", "checkbox").flag("checked", on).on_event("change", move |event| {
        let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
        Some(bench::Msg::Relay(msg(field.checked())))
    });
    with_class("label", "row").child(tick).text(label)
}

fn input(label: &'static str, hint: &'static str, value: &str) -> Element {
    with_class("input", "input input--mono grow")
        .attr("aria-label", label)
        .attr("placeholder", hint)
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("value", value.to_owned())
}

/// The headers, and the certificate.
fn fold(bench: &Bench) -> Element {
    let (wish, words) = (&bench.relay.wish, words(bench.lang()));
    let row = |(at, (name, value)): (usize, &(String, String))| {
        let name = input(words.name, words.name, name)
            .on_event("input", move |event| Some(bench::Msg::Relay(Msg::Name(at, crate::lean::dom::value_of(event)))));
        let value = input(words.value, words.value, value)
            .on_event("input", move |event| Some(bench::Msg::Relay(Msg::Value(at, crate::lean::dom::value_of(event)))));
        let remove =
            button("icon-btn icon-btn--sm", Msg::Remove(at)).attr("aria-label", words.remove).child(icon_sm("trash"));
        with_class("div", "row").child(name).child(value).child(remove).into()
    };
    let fingerprint = input(words.fingerprint, words.trust, &wish.fingerprint)
        .on_input(|text| bench::Msg::Relay(Msg::Fingerprint(text)));
    with_class("details", "relay__fold")
        .child(el("summary").text(words.headers))
        .children(wish.headers.iter().enumerate().map(row))
        .child(button("btn btn--sm", Msg::Add).text(words.add))
        .child(
            with_class("label", "field")
                .child(with_class("span", "field__label").text(words.fingerprint))
                .child(fingerprint),
        )
}

/// What was seen of the last connection.
fn seen(bench: &Bench) -> Element {
    let lang = bench.lang();
    let lines = bench.relay.seen.iter().map(|seen| {
        let accept = if let Seen::Failed { certificate: Some(shown), .. } = seen {
            Some(button("btn btn--sm", Msg::Fingerprint(shown.sha256.clone())).text(words(lang).accept))
        } else {
            None
        };
        el("li").text(describe(seen, lang)).child(accept).into()
    });
    with_class("ol", "relay__seen").attr("role", "status").children(lines)
}
