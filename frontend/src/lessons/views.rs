//! The frame around a lesson: the list of lessons, what is said, what happens, and what comes next.

use super::course::{Lesson, Prose};
use super::parts::{Leads, button, code, leads_to, list, log, prose};
use super::state::{Lessons, Msg};
use super::words::{Words, words};
use super::{Element, Node};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::state::Theme;

/// Where the tutorials' room is.
const ROOM: &str = "/labs/broadcast/tea";

/// Everything.
pub(super) fn view(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let tone = match lessons.wires.iter().filter_map(|wire| wire.ready).min() {
        Some(0) => "wireline is-s0",
        Some(1) => "wireline is-s1",
        Some(2) => "wireline is-s2",
        Some(_) => "wireline is-s3",
        None => "wireline",
    };
    let inner = match Lesson::of(&lessons.page.place) {
        Some(lesson) => page(lessons, words, lesson),
        None => contents(lessons, words),
    };
    with_class("div", "app app--no-panel app--lessons")
        .child(with_class("div", tone).attr("aria-hidden", "true"))
        .child(side(lessons, words))
        .child(with_class("main", "main").attr("id", "lesson").child(narrow_bar(words)).child(inner))
        .into()
}

fn narrow_bar(words: &Words) -> Element {
    let menu = with_class("button", "icon-btn")
        .attr("type", "button")
        .attr("aria-label", words.menu)
        .on("click", Msg::Side(true))
        .child(icon("menu"));
    with_class("div", "bar only-narrow")
        .child(menu)
        .child(with_class("div", "bar__title grow strong").attr("aria-hidden", "true").text(words.lessons))
}

fn side(lessons: &Lessons, words: &Words) -> Element {
    let place = |path: &str, class: &'static str, is_here: bool, goes: Msg| -> Element {
        let link = with_class("a", class);
        let link = if is_here { link.attr("aria-current", "page") } else { link };
        leads_to(link, path.to_owned(), goes)
    };
    let head = with_class("header", "side__head")
        .child(
            with_class("span", "brand").attr("aria-hidden", "true").children(
                ["0", "1 is-lit", "2", "3"]
                    .into_iter()
                    .map(|state| with_class("span", "sig sig--".to_owned() + state).into()),
            ),
        )
        .child(with_class("span", "side__space grow").text("Readyroom"))
        .child(
            with_class("button", "icon-btn only-narrow")
                .attr("type", "button")
                .attr("aria-label", words.close_menu)
                .on("click", Msg::Side(false))
                .child(icon("x")),
        );
    let seg = with_class("div", "seg")
        .child(place("/", "seg__item", false, Msg::Chat).child(icon_sm("chat")).text(words.chat))
        .child(
            place("/workbench", "seg__item", true, Msg::Go(String::new())).child(icon_sm("plug")).text(words.workbench),
        );
    let entries = Lesson::ALL.into_iter().zip(1_u8..).map(|(lesson, number)| {
        let is_here = lessons.lesson() == Some(lesson);
        let class = if is_here { "preset is-active" } else { "preset" };
        let (path, goes) = to(lesson);
        let line = with_class("span", "preset__top")
            .child(with_class("span", "preset__path").text(char::from(b'0' + number).to_string()))
            .child(with_class("span", "preset__name").text(lesson.prose(lessons.lang()).title));
        el("li").child(place(&path, class, is_here, goes).child(line)).into()
    });
    let console = place("/workbench", "preset", false, Msg::Go(String::new()))
        .child(with_class("span", "preset__top").child(icon_sm("back")).text(words.console));
    let all = place("/workbench/lessons", "btn-link plain", false, Msg::Go("lessons".to_owned())).text(words.lessons);
    let (shape, theme) = match lessons.page.theme {
        Theme::Auto => ("auto", words.theme[0]),
        Theme::Light => ("sun", words.theme[1]),
        Theme::Dark => ("moon", words.theme[2]),
    };
    let foot = with_class("footer", "side__foot").child(
        with_class("div", "me")
            .child(
                with_class("div", "me__text").child(with_class("div", "me__name cut").text(lessons.page.name.clone())),
            )
            .child(
                with_class("button", "icon-btn")
                    .attr("type", "button")
                    .attr("aria-label", theme)
                    .attr("title", theme)
                    .on("click", Msg::Theme)
                    .child(icon(shape)),
            ),
    );
    with_class("nav", if lessons.side { "side is-open" } else { "side" })
        .attr("aria-label", words.lessons)
        .child(head)
        .child(with_class("div", "side__top").child(seg))
        .child(
            with_class("div", "side__scroll")
                .child(console)
                .child(with_class("h2", "side__title").child(all))
                .child(el("ul").children(entries)),
        )
        .child(foot)
}

/// Where a lesson is, and how one gets there.
fn to(lesson: Lesson) -> (String, Msg) {
    let place = "lessons/".to_owned() + lesson.name();
    ("/workbench/".to_owned() + &place, Msg::Go(place))
}

fn page(lessons: &Lessons, words: &Words, lesson: Lesson) -> Node {
    let Prose { title, lead, notice, tasks } = lesson.prose(lessons.lang());
    let live = with_class("section", "live").attr("aria-label", words.live).child(if lessons.labs == Some(false) {
        off(words)
    } else {
        lesson.view(lessons)
    });
    let tasks = tasks.iter().zip(0..).map(|((question, answer), key)| {
        with_class("details", "task")
            .key(key)
            .child(el("summary").child(icon_sm("down")).child(el("span").children(prose(question))))
            .child(el("p").children(prose(answer)))
            .into()
    });
    let next = match lesson.next() {
        Some(next) => {
            let (path, goes) = to(next);
            leads_to(with_class("a", "btn btn--primary"), path, goes)
                .text(words.next)
                .text(": ")
                .text(next.prose(lessons.lang()).title)
        }
        None => leads_to(with_class("a", "btn"), "/workbench/lessons".to_owned(), Msg::Go("lessons".to_owned()))
            .text(words.all),
    };
    let key = lesson as u64 + 1;
    let article = with_class("article", "lesson__page")
        .key(key)
        .child(with_class("h1", "lesson__title").text(*title))
        .child(with_class("p", "lesson__lead").children(prose(lead)))
        .child(live)
        .child(with_class("h2", "lesson__head").text(words.notice))
        .child(list(notice))
        .child(with_class("h2", "lesson__head").text(words.tasks))
        .child(el("div").children(tasks))
        .child(with_class("p", "lesson__next").child(next));
    with_class("div", "lesson").child(article).into()
}

/// What is said where the server has no labs.
fn off(words: &Words) -> Node {
    let text =
        el("span").child(with_class("strong", "strong").text(words.off)).text(" ").children(prose(words.off_how));
    with_class("p", "note is-s2").attr("role", "status").child(icon_sm("alert")).child(text).into()
}

fn contents(lessons: &Lessons, words: &Words) -> Node {
    let cards = Lesson::ALL.into_iter().map(|lesson| {
        let Prose { title, lead, .. } = lesson.prose(lessons.lang());
        let (path, goes) = to(lesson);
        let card = leads_to(with_class("a", "lesson-card"), path, goes)
            .child(with_class("b", "lesson-card__title").text(*title))
            .child(with_class("span", "muted").children(prose(lead)));
        el("li").child(card).into()
    });
    let is_unknown = lessons.page.place != "lessons";
    let page = with_class("article", "lesson__page")
        .key(0)
        .child(with_class("h1", "lesson__title").text(words.lessons))
        .child(with_class("p", "lesson__lead").text(words.intro))
        .child(is_unknown.then(|| with_class("p", "note").attr("role", "status").text(words.unknown)))
        .child(if lessons.labs == Some(false) { off(words) } else { Node::Nothing })
        .child(with_class("ol", "lesson-cards").children(cards))
        .child(with_class("h2", "lesson__head").text(words.twenty))
        .child(with_class("p", "lesson__lead").children(prose(words.twenty_lead)))
        .child(code(lessons, "chat.html", twenty_lines(&lessons.base)))
        .child(room(lessons, words));
    with_class("div", "lesson").child(page).into()
}

/// The tutorials' room, from here.
fn room(lessons: &Lessons, words: &Words) -> Node {
    let (wire, here) = (lessons.wire(0), words);
    let toggle = if wire.ready.is_some_and(|ready| ready < 2) {
        button(here.stop, Msg::Close(0, Some(1000), String::new()))
    } else {
        button(here.start, Msg::Open(0, ROOM.to_owned(), Vec::new()))
    };
    let send = button("send(\"你好\")", Msg::Send(0, super::state::Shape::Text, "你好".to_owned()));
    with_class("section", "live")
        .attr("aria-label", words.twenty)
        .child(
            with_class("div", "live__bar")
                .child(with_class("span", "muted").text(words.twenty_room))
                .child(toggle.flag("disabled", lessons.labs != Some(true)))
                .child(send.flag("disabled", !wire.is_open()))
                .child(Leads::console(words, ROOM, "", "你好")),
        )
        .child(log(lessons, 0))
        .into()
}

/// A page of a chat as tutorials write it.
fn twenty_lines(base: &str) -> String {
    let mut page = "<!doctype html>
<meta charset=\"utf-8\">
<title>Chat</title>
<ul id=\"list\"></ul>
<form id=\"form\"><input id=\"text\" autofocus> <button>Send</button></form>
<script>
const list = document.getElementById(\"list\");
const text = document.getElementById(\"text\");
const show = (line) => {
  list.appendChild(document.createElement(\"li\")).textContent = line;
};
const ws = new WebSocket(\""
        .to_owned();
    page += base;
    page += ROOM;
    page += "\");
ws.onopen = () => show(\"open\");
ws.onmessage = (event) => show(event.data);
ws.onerror = () => show(\"error\");
ws.onclose = (event) => show(\"close \" + event.code);
document.getElementById(\"form\").onsubmit = (event) => {
  event.preventDefault();
  ws.send(text.value);
  text.value = \"\";
};
</script>
";
    page
}
