//! How the sidebar looks.

use wasm_bindgen::JsCast;
use web_sys::MouseEvent;

use super::super::bench::{self, Bench};
use super::super::{Element, Node};
use super::presets::{CHAT, FAULTS, LABS, LESSONS, Preset};
use super::words::{Words, words};
use super::{Msg, Saved, Shelf, msg};
use crate::i18n::Lang;
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::port::Said;
use crate::lean::text::{fixed, whole};
use crate::state::Theme;
use crate::views::parts::{colour, initials};
use crate::workbench::socket::STATES;

/// The sidebar.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let (library, words, alone) = (&bench.library, words(bench.lang()), bench.page.alone);
    let name_message = bench::Msg::Sender(super::sender::Msg::Name(Some(String::new())));
    with_class("nav", if library.open { "side is-open" } else { "side" })
        .attr("id", "side")
        .attr("aria-label", words.side)
        .child(head(bench, words))
        .child(if alone { Node::Nothing } else { top(words) })
        .child(
            with_class("div", "side__scroll")
                .child(if alone { Node::Nothing } else { endpoints(bench, words) })
                .child(if alone { Node::Nothing } else { lessons(bench.lang(), words) })
                .child(recent(bench, words))
                .child(kept(bench, words, Shelf::Connections, msg(Msg::Star)))
                .child(kept(bench, words, Shelf::Messages, name_message)),
        )
        .child(foot(bench, words))
        .into()
}

fn button(class: &'static str, does: Msg) -> Element {
    with_class("button", class).attr("type", "button").on("click", msg(does))
}

fn icon_button(class: &'static str, name: &'static str, sign: Node, does: bench::Msg) -> Element {
    with_class("button", class).attr("type", "button").attr("aria-label", name).on("click", does).child(sign)
}

fn sig(ready: u16) -> Node {
    with_class("span", "sig sig--".to_owned() + &whole(ready.into())).attr("aria-hidden", "true").into()
}

/// A link of the page: a plain click is said, any other is the browser's.
fn link(class: &'static str, href: String, said: Said) -> Element {
    with_class("a", class).attr("href", href).on_event("click", move |event| {
        let click = event.unchecked_ref::<MouseEvent>();
        let plain = !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key());
        plain.then(|| {
            event.prevent_default();
            msg(Msg::Say(said.clone()))
        })
    })
}

fn head(bench: &Bench, words: &Words) -> Node {
    let ready = bench.connection.reading.ready;
    let class = "brand ".to_owned() + super::connection::tone(bench);
    let mut brand = with_class("span", class).attr("aria-hidden", "true");
    for state in 0..4_u16 {
        let lit = if ready == Some(state) { " is-lit" } else { "" };
        brand = brand.child(with_class("span", "sig sig--".to_owned() + &whole(state.into()) + lit));
    }
    with_class("header", "side__head")
        .child(brand)
        .child(with_class("span", "side__space grow").child(with_class("span", "cut").text("Readyroom")))
        .child(icon_button("icon-btn only-narrow", words.close, icon("x"), msg(Msg::Toggle)))
        .into()
}

fn top(words: &Words) -> Node {
    let chat = link("seg__item", "/".to_owned(), Said::Leave).child(icon_sm("chat")).text(words.chat);
    let here = link("seg__item", "/workbench".to_owned(), Said::Place(String::new()))
        .attr("aria-current", "page")
        .child(icon_sm("plug"))
        .text(words.workbench);
    let jump = button("jump-field", Msg::Say(Said::Switcher))
        .attr("aria-haspopup", "dialog")
        .child(icon_sm("search"))
        .text(words.jump)
        .child(with_class("kbd", "kbd").text("Ctrl K"));
    with_class("div", "side__top").child(with_class("div", "seg").child(chat).child(here)).child(jump).into()
}

/// A part of the list with a title.
fn section(title: &'static str, more: Option<Element>, rows: Element) -> Node {
    el("section")
        .attr("aria-label", title)
        .child(with_class("h2", "side__title").child(el("span").text(title)).child(more))
        .child(rows)
        .into()
}

fn endpoints(bench: &Bench, words: &Words) -> Node {
    let list = |presets: &'static [Preset], first: usize| {
        let mut rows = el("ul");
        for (preset, at) in presets.iter().zip(first..) {
            rows = rows.child(endpoint(bench, preset, at));
        }
        rows
    };
    let chat = endpoint(bench, &CHAT, 0);
    if !bench.server.labs {
        let off = el("li").child(with_class("p", "side__none").text(words.labs_off));
        return section(words.server, None, el("ul").child(chat).child(off));
    }
    let faults = with_class("details", "side__fold")
        .child(with_class("summary", "side__title").child(el("span").text(words.faults)).child(icon_sm("down")))
        .child(list(&FAULTS, 1 + LABS.len()));
    Node::Many(vec![section(words.server, None, list(&LABS, 1).child(chat)), faults.into()])
}

const fn in_lang(lang: Lang, [en, zh]: [&'static str; 2]) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

fn endpoint(bench: &Bench, preset: &Preset, at: usize) -> Node {
    let lang = bench.lang();
    let name = |class, text: &'static str| with_class("span", class).text(text);
    let path = preset.path.strip_prefix("/labs").unwrap_or(preset.path);
    let active = bench.connection.url.strip_prefix(bench.server.origin.as_str()) == Some(preset.path);
    let mut row = button(if active { "preset is-active" } else { "preset" }, Msg::Preset(at));
    if active {
        row = row.attr("aria-current", "true");
    }
    let top = with_class("span", "preset__top")
        .child(name("preset__name", in_lang(lang, preset.name)))
        .child(name("preset__path cut", path));
    el("li").child(row.child(top).child(name("preset__note", in_lang(lang, preset.note)))).into()
}

fn lessons(lang: Lang, words: &Words) -> Node {
    let mut rows = el("ul");
    for (place, name) in LESSONS {
        let place = "lessons/".to_owned() + place;
        let lesson = link("preset", "/workbench/".to_owned() + &place, Said::Place(place));
        rows = rows.child(el("li").child(lesson.text(in_lang(lang, name))));
    }
    section(words.lessons, None, rows)
}

fn recent(bench: &Bench, words: &Words) -> Node {
    let mut rows = el("ul");
    for (at, url) in bench.library.recent.iter().enumerate() {
        // All but the present one are over.
        let ready = bench.connection.reading.ready.filter(|_| *url == bench.connection.opened_url).unwrap_or(3);
        let state = STATES.get(usize::from(ready)).copied().unwrap_or_default();
        let top = with_class("span", "preset__top")
            .child(sig(ready))
            .child(with_class("span", "cut preset__path grow").text(url.clone()))
            .child(with_class("span", "sr-only").text(state));
        let row = with_class("li", "side__row is-s".to_owned() + &whole(ready.into()))
            .child(button("preset", Msg::Again(url.clone())).child(top))
            .child(small(words.remove, url, "x", Msg::Forget(at)));
        rows = rows.child(row);
    }
    if bench.library.recent.is_empty() { Node::Nothing } else { section(words.recent, None, rows) }
}

/// A small button beside something: what it does, with what.
fn small(does: &str, with: &str, sign: &str, does_msg: Msg) -> Element {
    button("icon-btn icon-btn--sm", does_msg).attr("aria-label", does.to_owned() + ": " + with).child(icon_sm(sign))
}

fn kept(bench: &Bench, words: &Words, shelf: Shelf, does: bench::Msg) -> Node {
    let (title, add) = match shelf {
        Shelf::Connections => (words.connections, words.save_connection),
        Shelf::Messages => (words.messages, words.save_message),
    };
    let library = &bench.library;
    let mut rows = el("ul");
    for (at, saved) in library.shelf(shelf).iter().enumerate() {
        rows = rows.child(match &library.naming {
            Some((of, place, name)) if *of == shelf && *place == at => naming(words, name),
            _ => saved_row(words, shelf, at, saved),
        });
    }
    if library.shelf(shelf).is_empty() {
        rows = rows.child(el("li").child(with_class("p", "side__none").text(words.nothing_saved)));
    }
    section(title, Some(icon_button("icon-btn icon-btn--sm", add, icon_sm("plus"), does)), rows)
}

fn naming(words: &Words, name: &str) -> Node {
    let field = with_class("input", "input grow")
        .attr("aria-label", words.name)
        .flag("autofocus", true)
        .attr("value", name.to_owned())
        .on_input(|name| msg(Msg::Naming(name)))
        .on_change(|_| msg(Msg::Named));
    el("li").child(with_class("form", "side__row").on("submit", msg(Msg::Named)).child(field)).into()
}

fn saved_row(words: &Words, shelf: Shelf, at: usize, saved: &Saved) -> Node {
    let tag = match shelf {
        Shelf::Messages => Some(with_class("span", "tag").text(saved.kind.clone())),
        Shelf::Connections => None,
    };
    let top =
        with_class("span", "preset__top").child(with_class("span", "cut grow").text(saved.name.clone())).child(tag);
    with_class("li", "side__row")
        .child(button("preset", Msg::Take(shelf, at)).attr("title", saved.text.clone()).child(top))
        .child(small(words.rename, &saved.name, "edit", Msg::Rename(shelf, at)))
        .child(small(words.remove, &saved.name, "x", Msg::Remove(shelf, at)))
        .into()
}

fn foot(bench: &Bench, words: &Words) -> Node {
    let page = &bench.page;
    let note = |text: &'static str| with_class("div", "me__note cut").text(text);
    let text = with_class("div", "me__text");
    let mut me = with_class("div", "me");
    if page.alone {
        me = me.child(text.child(with_class("div", "me__name cut").text(words.workbench)));
    } else if page.name.is_empty() {
        let sign_in = button("btn-link", Msg::Say(Said::SignIn)).text(words.sign_in);
        me = me.child(text.child(note(words.signed_out)).child(sign_in));
    } else {
        let colour = u8::try_from(colour(common::id::UserId(page.person))).unwrap_or(1);
        let class = "avatar av-".to_owned() + &fixed(f64::from(colour), 0);
        let face = with_class("span", class).attr("aria-hidden", "true").text(initials(&page.name));
        let name = with_class("div", "me__name cut").text(page.name.clone());
        me = me.child(face).child(text.child(name).child(note(words.you)));
    }
    let theme = match page.theme {
        Theme::Auto => "auto",
        Theme::Light => "sun",
        Theme::Dark => "moon",
    };
    let say = |name, sign, said| icon_button("icon-btn", name, icon(sign), msg(Msg::Say(said)));
    me = me.child(say(words.theme, theme, Said::Theme(page.theme.next())));
    let foot = with_class("footer", "side__foot");
    if page.alone {
        return foot.child(me).into();
    }
    let settings = say(words.settings, "gear", Said::Settings).attr("aria-haspopup", "dialog");
    foot.child(me.child(settings)).child(pill(bench, words)).into()
}

/// The connection of the chat: its state and its round trip.
fn pill(bench: &Bench, words: &Words) -> Node {
    let (mut class, mut state) = ("pill".to_owned(), words.no_socket.to_owned());
    let mut shape = Node::Nothing;
    if let Some(ready) = bench.page.ready {
        let number = whole(ready.into());
        class = class + " is-s" + &number;
        state = number + " " + STATES.get(usize::from(ready)).copied().unwrap_or_default();
        shape = sig(ready);
    }
    let trip = bench.page.round_trip.map(|ms| with_class("span", "pill__rtt").text(fixed(ms, 0) + " ms"));
    with_class("button", class)
        .attr("type", "button")
        .attr("title", words.wire)
        .on("click", msg(Msg::Say(Said::Wire)))
        .child(shape)
        .text(state)
        .child(trip)
        .into()
}
