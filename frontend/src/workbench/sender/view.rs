//! How the sender looks, and what its fields say.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

use super::super::bench::{self, Bench};
use super::super::socket::{BinaryType, Payload};
use super::super::{Element, Node};
use super::words::{Words, words};
use super::{Fault, Kind, Msg, Sender, bytes};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::json;
use crate::lean::text::{size, whole};

const fn msg(msg: Msg) -> bench::Msg {
    bench::Msg::Sender(msg)
}

fn button(class: &'static str, does: Msg) -> Element {
    with_class("button", class).attr("type", "button").on("click", msg(does))
}

/// Where messages are written.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let (sender, words) = (&bench.sender, words(bench.lang()));
    with_class("form", "sender")
        .attr("aria-label", words.form)
        .on("submit", msg(if sender.naming.is_some() { Msg::Save } else { Msg::Send }))
        .child(tabs(sender, words))
        .child(match sender.kind {
            Kind::File => files(sender, words),
            Kind::Random => random(sender, words),
            Kind::Text | Kind::Json | Kind::Hex | Kind::Base64 => field(bench, words),
        })
        .child(status(bench, words))
        .child(bar(bench, words))
        .into()
}

fn tabs(sender: &Sender, words: &Words) -> Node {
    let mut tabs = with_class("div", "tabs sender__tabs").attr("role", "tablist").attr("aria-label", words.kinds);
    for (kind, name) in Kind::ALL.into_iter().zip(words.tabs) {
        let tab = button("tabs__item", Msg::Tab(kind)).attr("role", "tab");
        tabs = tabs.child(tab.aria("aria-selected", kind == sender.kind).text(name));
    }
    tabs.into()
}

fn field(bench: &Bench, words: &Words) -> Node {
    let sender = &bench.sender;
    let walking = sender.walk.is_some();
    let goes = can_send(bench);
    with_class("textarea", "sender__input")
        .attr("aria-label", words.message)
        .attr("spellcheck", "false")
        .aria("aria-invalid", sender.verdict.is_err())
        .attr("value", sender.text().to_owned())
        .on_input(|text| msg(Msg::Write(text)))
        .on_event("keydown", move |event| {
            let (event, field) = (event.unchecked_ref::<KeyboardEvent>(), event.target()?);
            let field: HtmlTextAreaElement = field.unchecked_into();
            let modified = event.ctrl_key() || event.meta_key();
            let plain = !(modified || event.shift_key() || event.alt_key());
            let does = match event.key().as_str() {
                "Enter" if modified && !event.is_composing() => {
                    if goes {
                        // What is typed next replaces what has gone.
                        field.select();
                    }
                    Msg::Send
                }
                "ArrowUp" if plain && (walking || field.selection_end() == Ok(Some(0))) => Msg::Walk(true),
                "ArrowDown" if plain && walking => Msg::Walk(false),
                _ => return None,
            };
            event.prevent_default();
            Some(msg(does))
        })
        .into()
}

fn files(sender: &Sender, words: &Words) -> Node {
    let mut names = String::new();
    let mut kind = String::new();
    for (of, file) in &sender.files {
        if let Payload::Blob { name, .. } = file {
            if !names.is_empty() {
                names += ", ";
            }
            names += name;
            kind.clone_from(of);
        }
    }
    let count = sender.files.len();
    if count > 1 {
        kind = whole(count) + " " + words.files;
    }
    let input = el("input")
        .attr("type", "file")
        .class("sr-only")
        .flag("multiple", true)
        .on_event("change", |event| Some(chosen(&Reflect::get(event.target()?.as_ref(), &"files".into()).ok()?)));
    with_class("div", "sender__file")
        .child(with_class("span", "filecard__icon").child(icon("image")))
        .child(with_class("span", "grow cut strong").text(names))
        .child(with_class("span", "faint nowrap").text(kind))
        .child(
            with_class("label", "btn btn--sm")
                .text(if count == 0 { words.choose } else { words.choose_other })
                .child(input),
        )
        .into()
}

/// Files of the browser, to be sent as they are: a `FileList`.
fn chosen(list: &JsValue) -> bench::Msg {
    let list = Array::from(list);
    let files = list.iter().map(|data| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a blob")]
        let len = json::number(&data, "size") as u64;
        let name = json::text(&data, "name").into();
        (json::text(&data, "type"), Payload::Blob { len, name, data })
    });
    msg(Msg::Files(files.collect()))
}

/// What an event of dragging carries, where that is files; the browser would open them, which is prevented.
fn carried(event: &web_sys::Event) -> Option<JsValue> {
    let carried = Reflect::get(event, &"dataTransfer".into()).ok()?;
    let sorts = Reflect::get(&carried, &"types".into()).ok()?;
    Array::from(&sorts).includes(&"Files".into(), 0).then(|| {
        event.prevent_default();
        carried
    })
}

/// Something is dragged over the Workbench, which takes files.
#[must_use]
pub fn dragged(event: &web_sys::Event) -> Option<bench::Msg> {
    carried(event).and(None)
}

/// Something was dropped onto the Workbench.
#[must_use]
pub fn dropped(event: &web_sys::Event) -> Option<bench::Msg> {
    Some(chosen(&Reflect::get(&carried(event)?, &"files".into()).ok()?))
}

fn random(sender: &Sender, words: &Words) -> Node {
    let as_what = |kind: BinaryType, name: &'static str| {
        button("seg__item mono", Msg::As(kind)).aria("aria-pressed", sender.random_as == kind).text(name)
    };
    with_class("div", "sender__file")
        .child(with_class("label", "row").text(words.count).child(number(
            "input",
            sender.text(),
            sender.verdict == Err(Fault::Count),
            words.count,
            |text| msg(Msg::Write(text)),
        )))
        .child(
            with_class("span", "seg")
                .child(as_what(BinaryType::ArrayBuffer, "ArrayBuffer"))
                .child(as_what(BinaryType::Blob, "Blob")),
        )
        .into()
}

fn number(
    class: &'static str,
    value: &str,
    wrong: bool,
    name: &'static str,
    does: fn(String) -> bench::Msg,
) -> Element {
    with_class("input", class)
        .attr("inputmode", "numeric")
        .attr("aria-label", name)
        .aria("aria-invalid", wrong)
        .attr("value", value.to_owned())
        .on_input(does)
}

/// Whether Send does something.
fn can_send(bench: &Bench) -> bool {
    super::is_open(bench) && bench.sender.verdict.is_ok()
}

/// Why a message cannot go, in words.
fn why(fault: &Fault, words: &Words) -> String {
    let around = |[before, behind]: [&str; 2], n: usize| before.to_owned() + &whole(n) + behind;
    match fault {
        Fault::Json(line, column, said) => {
            let mut text = String::new();
            // Some browsers tell the place themselves, in brackets.
            if !said.ends_with(')') {
                let [before, between, behind] = words.json;
                text = before.to_owned() + &whole(*line) + between + &whole(*column) + behind;
            }
            text + said
        }
        Fault::Bytes(bytes::Fault::NotHex(n)) => around(words.not_hex, *n),
        Fault::Bytes(bytes::Fault::Half(n)) => around(words.half, *n),
        Fault::Bytes(bytes::Fault::NotBase64(n)) => around(words.not_base64, *n),
        Fault::NoFile => words.no_file.to_owned(),
        Fault::Count => words.count_range.to_owned(),
        Fault::Every => words.every_range.to_owned(),
        Fault::Times => words.times_range.to_owned(),
    }
}

fn status(bench: &Bench, words: &Words) -> Node {
    let sender = &bench.sender;
    let ready = bench.connection.reading.ready;
    let (class, sign, text) = match &sender.verdict {
        Err(Fault::NoFile) => (" is-off", "info", words.no_file.to_owned()),
        Err(fault) => (" is-bad", "alert", why(fault, words)),
        Ok(_) => match sender.halted {
            Some((sent, total)) => (" is-bad", "alert", words.halted.to_owned() + &progress(words, sent, total)),
            None if ready != Some(1) => {
                let off = words.off.get(usize::from(ready.unwrap_or(4))).copied().unwrap_or_default();
                (" is-off", "info", off.to_owned())
            }
            None => {
                let as_what = match sender.kind {
                    Kind::Text => words.as_text,
                    Kind::Json => words.valid_json,
                    Kind::Hex | Kind::Base64 | Kind::File | Kind::Random => words.as_binary,
                };
                ("", "check", as_what.to_owned())
            }
        },
    };
    let more = match &sender.verdict {
        Err(Fault::Json(..)) => button("btn-link", Msg::SendAsText).text(words.send_as_text).into(),
        Ok(_) if sender.kind == Kind::Json => button("btn-link", Msg::Format).text(words.format).into(),
        _ => Node::Nothing,
    };
    #[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
    let bytes = sender.verdict.as_ref().map_or_else(|_| String::new(), |bytes| size(*bytes as f64));
    with_class("p", "sender__status".to_owned() + class)
        .attr("role", "status")
        .child(icon_sm(sign))
        .child(el("span").text(text))
        .child(more)
        .child(with_class("span", "num").text(bytes))
        .into()
}

fn progress(words: &Words, sent: u32, total: u32) -> String {
    let [before, of, behind] = words.run;
    before.to_owned() + &whole(sent as usize) + of + &whole(total as usize) + behind
}

fn bar(bench: &Bench, words: &Words) -> Node {
    let sender = &bench.sender;
    let bar = with_class("div", "sender__bar");
    let end = with_class("span", "sender__end");
    if let Some(name) = &sender.naming {
        let field = with_class("input", "input sender__name")
            .attr("aria-label", words.name)
            .attr("placeholder", words.name)
            .flag("autofocus", true)
            .attr("value", name.clone())
            .on_input(|name| msg(Msg::Name(Some(name))));
        let cancel = button("btn btn--ghost", Msg::Name(None)).text(words.cancel);
        let save = with_class("button", "btn btn--primary").text(words.save);
        return bar.child(field).child(end.child(cancel).child(save)).into();
    }
    if let Some(run) = &sender.run {
        let meter = with_class("span", "meter")
            .attr("role", "progressbar")
            .attr("aria-label", words.repeat)
            .attr("aria-valuemin", "0")
            .attr("aria-valuenow", whole(run.sent as usize))
            .attr("aria-valuemax", whole(run.total as usize));
        let percent = run.sent as usize * 100 / run.total.max(1) as usize;
        let fill = with_class("span", "meter__fill").attr("--v", whole(percent) + "%");
        let shown = with_class("span", "sender__run")
            .child(with_class("span", "num nowrap").text(progress(words, run.sent, run.total)))
            .child(meter.child(fill));
        let stop = button("btn btn--danger", Msg::Stop).child(icon_sm("stop")).text(words.stop);
        return bar.child(shown).child(end.child(stop)).into();
    }
    let save = button("btn btn--ghost", Msg::Name(Some(String::new())))
        .flag("disabled", sender.kind == Kind::File)
        .child(icon("save"))
        .text(words.save);
    let send = with_class("button", "btn btn--primary")
        .flag("disabled", !can_send(bench))
        .text(words.send)
        .child(with_class("span", "only-wide plain").text("Ctrl ⏎"));
    bar.child(repetition(sender, words)).child(end.child(save).child(send)).into()
}

fn repetition(sender: &Sender, words: &Words) -> Node {
    let check = el("input")
        .attr("type", "checkbox")
        .attr("role", "switch")
        .flag("checked", sender.repeats)
        .on_event("change", |_| Some(msg(Msg::Repeat)));
    let class = |shown: &'static str, hidden: &'static str| if sender.repeats { shown } else { hidden };
    let times =
        number("input input--short", &sender.times, sender.verdict == Err(Fault::Times), words.times_name, |times| {
            msg(Msg::Times(times))
        });
    Node::Many(vec![
        with_class("label", "row only-wide")
            .child(with_class("span", "switch").child(check).child(el("span")))
            .text(words.repeat_every)
            .into(),
        button("btn btn--sm only-narrow", Msg::Repeat)
            .aria("aria-pressed", sender.repeats)
            .child(icon_sm("retry"))
            .text(words.repeat)
            .into(),
        with_class("span", class("row", "row only-wide"))
            .child(number("input", &sender.every, sender.verdict == Err(Fault::Every), words.interval, |every| {
                msg(Msg::Every(every))
            }))
            .text(" ms ×")
            .child(times)
            .text(words.times)
            .into(),
        with_class("span", "faint sender__hint").text(if sender.is_filled() { words.filled } else { "" }).into(),
    ])
}
