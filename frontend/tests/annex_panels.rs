//! The annex's panels in a real browser: the switcher, search, people, rooms, emoji. The server's answers are written here.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use common::id::{RoomId, Seq, Timestamp, UserId};
use common::model::{Person, Role, RoomInfo, RoomKind, RoomRole};
use common::server::{ErrorCode, Refusal};
use common::sync::outbox::{RoomChange, What};
use frontend::annex::panels::Desk;
use frontend::annex::panels::browse::Browse;
use frontend::annex::panels::emoji::EmojiPicker;
use frontend::annex::panels::new_direct::NewDirect;
use frontend::annex::panels::new_room::NewRoom;
use frontend::annex::panels::people::People;
use frontend::annex::panels::room_settings::RoomSettings;
use frontend::annex::panels::search::Search;
use frontend::annex::panels::switcher::Switcher;
use frontend::annex::port::{Context, EmojiFor, Open, Outcome, RoomLine, Said};
use support::{count, find, place, text, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, EventInit, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};
use yew::{Callback, Component, Html, html};

wasm_bindgen_test_configure!(run_in_browser);

const BACKEND: RoomId = RoomId(7);

type View = fn(&Desk) -> Html;

/// Shows one panel at a desk of its own, which hears answers.
struct Stage {
    desk: Desk,
}

#[derive(Clone, PartialEq, yew::Properties)]
struct StageProps {
    script: Script,
}

type Answering = Callback<(u32, Outcome)>;

/// What a test shares with the stage.
#[derive(Clone, Default)]
struct Script {
    view: Rc<RefCell<Option<View>>>,
    said: Rc<RefCell<Vec<Said>>>,
    opened: Rc<RefCell<Vec<Open>>>,
    answer: Rc<RefCell<Option<Answering>>>,
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.said, &other.said)
    }
}

impl Component for Stage {
    type Message = (u32, Outcome);
    type Properties = StageProps;

    fn create(ctx: &yew::Context<Self>) -> Self {
        let script = ctx.props().script.clone();
        *script.answer.borrow_mut() = Some(ctx.link().callback(|answer| answer));
        let (said, opened) = (Rc::clone(&script.said), Rc::clone(&script.opened));
        let mut desk = Desk::new(context(), Callback::from(move |one| said.borrow_mut().push(one)));
        desk.open = Callback::from(move |open| opened.borrow_mut().push(open));
        Self { desk }
    }

    fn update(&mut self, _ctx: &yew::Context<Self>, answer: (u32, Outcome)) -> bool {
        Rc::make_mut(&mut self.desk.answers).push(answer);
        true
    }

    fn view(&self, ctx: &yew::Context<Self>) -> Html {
        ctx.props().script.view.borrow().map(|view| view(&self.desk)).unwrap_or_default()
    }
}

impl Script {
    fn open(view: View) -> (Self, Element) {
        serve();
        let (script, place) = (Self::default(), place());
        *script.view.borrow_mut() = Some(view);
        let props = StageProps { script: script.clone() };
        yew::Renderer::<Stage>::with_root_and_props(place.clone(), props).render();
        (script, place)
    }

    /// The last command that was given, and its number.
    fn command(&self) -> Option<(u32, What)> {
        self.said.borrow().iter().rev().find_map(|said| match said {
            Said::Command { id, what } => Some((*id, (**what).clone())),
            _ => None,
        })
    }

    fn answers(&self, outcome: Outcome) {
        let (id, _) = self.command().expect("a command");
        self.answer.borrow().as_ref().unwrap().emit((id, outcome));
    }

    fn says(&self, wanted: &Said) -> bool {
        self.said.borrow().iter().any(|said| said == wanted)
    }
}

fn line(id: RoomId, name: &str, unread: u64) -> RoomLine {
    let info = RoomInfo { members: 3, role: RoomRole::Moderator, ..RoomInfo::new(id, name) };
    RoomLine { info, unread, last: Timestamp(id.0) }
}

fn person(id: u64, name: &str) -> Person {
    Person { id: UserId(id), name: name.into() }
}

fn context() -> Context {
    let mut direct = line(RoomId(9), "", 0);
    direct.info.kind = RoomKind::Direct;
    direct.info.people = vec![person(5, "林一凡")];
    Context {
        me: Some(person(3, "Maya Okafor")),
        role: Role::Owner,
        ready: true,
        rooms: vec![line(BACKEND, "backend", 0), line(RoomId(8), "incidents", 12), direct],
        present: Some(BACKEND),
        online: vec![person(3, "Maya Okafor"), person(5, "林一凡")],
        keys: true,
        ..Context::default()
    }
}

/// Answers what the panels ask, and keeps the paths in `window.asked`.
fn serve() {
    let code = r#"
      // What an earlier test has left open would make the rest of the document inert.
      document.querySelectorAll("dialog, .panel").forEach((one) => one.remove());
      window.asked ??= [];
      const person = (id, name, more) => ({ id, name, role: "member", ...more });
      const people = [
        person("u3", "Maya Okafor", { role: "owner", room_role: "moderator", time_zone: "Pacific/Auckland" }),
        person("u4", "Jonas Lindqvist", { room_role: "member", status: "On a train", time_zone: "Nowhere/Land" }),
        person("u5", "林一凡", { room_role: "member" }),
      ];
      const hit = (seq, at) => ({
        message: { room: "r7", seq, n: seq, at, by: "u4", name: "Jonas Lindqvist", body: "x" },
        room_name: "backend", excerpt: "code 4008, idle: <b>closed</b>", marks: [[5, 9], [11, 15]],
      });
      const problem = (status, code, detail) => new Response(JSON.stringify({ status, title: "x", detail, code }), { status });
      window.fetch = async (request) => {
        const url = new URL(typeof request === "string" ? request : request.url, location.href);
        const q = url.searchParams.get("q") ?? "";
        window.asked.push(url.pathname + url.search);
        const json = (value) => new Response(JSON.stringify(value));
        if (url.pathname.endsWith("/search")) {
          if (q.includes("from:\"")) return problem(400, "bad_query", "q: the quotation mark at character 6 is not closed");
          if (q.includes("semaphore")) return json({ hits: [], behind: 0 });
          if (url.searchParams.get("cursor")) return json({ hits: [hit(7, 1763283600000)], behind: 0 });
          return json({ hits: [hit(9, 1763370000000), hit(8, 1763370000000)], cursor: "next", behind: 2 });
        }
        if (url.pathname === "/emoji.json") return json([
          ["😀", "grinning face", "grinning happy", "嘿嘿", "笑脸", 0], ["👍", "thumbs up", "+1 good", "拇指向上", "赞", 1],
          ["🚀", "rocket", "rocket launch", "火箭", "发射", 4]]);
        if (url.pathname === "/api/v1/rooms") return json({ rooms: [
          { id: "r7", name: "backend", members: 8, joined: true }, { id: "r12", name: "deploys", members: 20, joined: false, topic: "What goes out" }] });
        if (/\/people\/u\d+$/.test(url.pathname)) return json(people.find((one) => url.pathname.endsWith(one.id)));
        const found = people.filter((one) => ` ${one.name}`.toLowerCase().includes(` ${q.toLowerCase()}`));
        return json({ people: found, count: found.length });
      };
    "#;
    js_sys::Function::new_no_args(code).call0(&wasm_bindgen::JsValue::NULL).unwrap();
}

fn asked() -> Vec<String> {
    let list = js_sys::Reflect::get(&web_sys::window().unwrap(), &"asked".into()).unwrap();
    js_sys::Array::from(&list).iter().filter_map(|one| one.as_string()).collect()
}

fn input(place: &Element, selector: &str, words: &str) {
    let field: HtmlInputElement = find(place, selector).unwrap().unchecked_into();
    field.set_value(words);
    let init = EventInit::new();
    init.set_bubbles(true);
    field.dispatch_event(&web_sys::Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
}

fn press(element: &HtmlElement, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

fn click(place: &Element, selector: &str) {
    find(place, selector).unwrap_or_else(|| panic!("no {selector}")).click();
}

fn focused() -> HtmlElement {
    web_sys::window().unwrap().document().unwrap().active_element().unwrap().unchecked_into()
}

#[wasm_bindgen_test]
async fn the_switcher_leads_to_rooms_by_the_keyboard_alone() {
    let (script, place) = Script::open(|desk| html! { <Switcher desk={desk.clone()} /> });
    until("the unread room first", || text(&place, "#switcher-0").starts_with("incidents")).await;
    let field = find(&place, "#switcher-input").unwrap();
    assert_eq!(field.get_attribute("aria-activedescendant").as_deref(), Some("switcher-0"));
    until("the focus", || focused().id() == "switcher-input").await;
    press(&field, "ArrowDown");
    until("the next one", || field.get_attribute("aria-activedescendant").as_deref() == Some("switcher-1")).await;
    assert_eq!(count(&place, "[role=option][aria-selected=true]"), 1);
    input(&place, "#switcher-input", "bkd");
    until("the hits marked", || text(&place, "#switcher-0 mark") == "b").await;
    press(&field, "Enter");
    assert!(script.says(&Said::Visit(BACKEND, None)) && script.says(&Said::Dismissed));
}

#[wasm_bindgen_test]
async fn somebody_found_by_name_gets_a_conversation() {
    let (script, place) = Script::open(|desk| html! { <Switcher desk={desk.clone()} /> });
    until("it is drawn", || count(&place, "#switcher-input") == 1).await;
    input(&place, "#switcher-input", "@jon");
    until("Jonas", || text(&place, "#switcher-0").contains("Jonas")).await;
    press(&find(&place, "#switcher-input").unwrap(), "Enter");
    assert_eq!(script.command().unwrap().1, What::Direct { people: vec![UserId(4)] });
    script.answers(Outcome::Refused(Refusal::new(ErrorCode::RateLimited, "slow").retry(500)));
    until("the reason", || !text(&place, ".switcher__said").is_empty()).await;
    assert!(!script.says(&Said::Dismissed), "what was typed is still there");
    press(&find(&place, "#switcher-input").unwrap(), "Enter");
    script.answers(Outcome::Done(RoomId(33)));
    until("the room", || script.says(&Said::Visit(RoomId(33), None))).await;
}

#[wasm_bindgen_test]
async fn search_shows_marked_results_and_the_next_page() {
    let (script, place) = Script::open(|desk| html! { <Search desk={desk.clone()} query="idle 4008" /> });
    until("two results", || count(&place, ".result mark") == 4).await;
    assert_eq!(text(&place, ".result mark"), "4008");
    assert!(text(&place, ".result__text").contains("<b>closed</b>"), "markup is text");
    assert!(text(&place, ".results__behind").contains('2') && text(&place, ".panel__sub").contains("and more"));
    click(&place, ".results__more button");
    until("the next page", || count(&place, ".result") == 3).await;
    assert_eq!((count(&place, ".results section"), count(&place, ".results__more")), (2, 0), "another day");
    press(&find(&place, "#search-text").unwrap(), "ArrowDown");
    assert!(focused().get_attribute("href").is_some_and(|href| href == "/r/7#9"));
    press(&focused(), "ArrowDown");
    focused().click();
    assert!(script.says(&Said::Visit(BACKEND, Some(Seq(8)))));
}

#[wasm_bindgen_test]
async fn search_says_where_it_cannot_be_read_and_that_there_is_nothing() {
    let (_, place) = Script::open(|desk| html! { <Search desk={desk.clone()} room={Some(BACKEND)} /> });
    until("the room", || {
        find(&place, "#search-text").is_some_and(|it| it.unchecked_into::<HtmlInputElement>().value() == "in:backend ")
    })
    .await;
    input(&place, "#search-text", "semaphore");
    until("nothing", || text(&place, ".empty__title").contains("semaphore")).await;
    input(&place, "#search-text", "from:\"jo");
    until("the place", || text(&place, "#search-note").contains("character 6")).await;
    until("names to complete", || text(&place, ".chip") == "Jonas Lindqvist").await;
    click(&place, ".chip");
    let value = || find(&place, "#search-text").unwrap().unchecked_into::<HtmlInputElement>().value();
    until("the name in full", || value() == "from:\"Jonas Lindqvist\" ").await;
    input(&place, "#search-text", &"x".repeat(201));
    until("the limit", || text(&place, "#search-note").contains("200")).await;
}

#[wasm_bindgen_test]
async fn people_are_listed_and_a_moderator_removes_one_after_a_question() {
    let (script, place) = Script::open(|desk| html! { <People desk={desk.clone()} room={BACKEND} /> });
    until("three people", || count(&place, ".people__list li") == 3).await;
    assert_eq!(count(&place, ".people section"), 2, "here, and not here");
    assert_eq!(count(&place, ".people time"), 1, "a place that there is not has no clock");
    input(&place, ".panel input", "jo");
    until("Jonas", || count(&place, ".people__list li") == 1).await;
    click(&place, ".people__list button");
    until("his card", || text(&place, ".card-person__name") == "Jonas Lindqvist").await;
    until("the moderation", || count(&place, ".btn--danger") == 1).await;
    click(&place, ".btn--danger");
    until("the question", || text(&place, ".confirm").contains("#backend")).await;
    assert!(script.command().is_none());
    click(&place, ".confirm .btn--danger");
    let remove = What::Room { room: BACKEND, change: RoomChange::Remove(UserId(4)) };
    assert_eq!(script.command().unwrap().1, remove);
}

#[wasm_bindgen_test]
async fn a_public_room_is_joined() {
    let (script, place) = Script::open(|desk| html! { <Browse desk={desk.clone()} /> });
    until("two rooms", || count(&place, ".picks li") == 2).await;
    input(&place, "dialog input", "what goes");
    until("by its topic", || count(&place, ".picks li") == 1).await;
    click(&place, ".picks li button");
    assert_eq!(script.command().unwrap().1, What::Join { room: RoomId(12) });
    script.answers(Outcome::Refused(Refusal::new(ErrorCode::TooManyRooms, "full")));
    until("why not, beside it", || count(&place, ".picks li .field__error") == 1).await;
}

#[wasm_bindgen_test]
async fn a_new_room_is_checked_before_it_is_asked_for() {
    let (script, place) = Script::open(|desk| html! { <NewRoom desk={desk.clone()} /> });
    until("the form", || count(&place, "#new-room-name") == 1).await;
    input(&place, "#new-room-name", "two words");
    click(&place, ".dialog__foot .btn");
    until("the character", || text(&place, "#new-room-name-note").contains("U+0020")).await;
    assert!(script.command().is_none());
    input(&place, "#new-room-name", "Quiet");
    input(&place, "#new-room-topic", "Where nobody talks");
    click(&place, "#new-room-private");
    until("it is private", || text(&place, "form").contains("Only members see it")).await;
    click(&place, ".dialog__foot .btn");
    assert!(matches!(script.command().unwrap().1, What::Create { name, private: true } if name.as_str() == "quiet"));
    script.answers(Outcome::Done(RoomId(40)));
    until("the room", || script.says(&Said::Visit(RoomId(40), None))).await;
    let change = |what| matches!(what, What::Room { room: RoomId(40), change: RoomChange::Topic(_) });
    assert!(change(script.command().unwrap().1), "the topic follows");
}

#[wasm_bindgen_test]
async fn a_conversation_begins_with_those_who_were_picked() {
    let (script, place) = Script::open(|desk| html! { <NewDirect desk={desk.clone()} /> });
    until("two people, without the reader", || count(&place, ".picks li") == 2).await;
    click(&place, ".picks li button");
    until("one picked", || count(&place, ".chip") == 1 && count(&place, ".picks li") == 1).await;
    press(&find(&place, "#direct-find").unwrap(), "Backspace");
    until("none picked", || count(&place, ".chip") == 0).await;
    click(&place, ".picks li button");
    until("one again", || count(&place, ".chip") == 1).await;
    click(&place, ".dialog__foot .btn");
    assert_eq!(script.command().unwrap().1, What::Direct { people: vec![UserId(4)] });
}

#[wasm_bindgen_test]
async fn a_room_is_renamed_and_archived_after_a_question() {
    let (script, place) = Script::open(|desk| html! { <RoomSettings desk={desk.clone()} room={BACKEND} /> });
    until("the name", || count(&place, "#room-name") == 1).await;
    input(&place, "#room-name", "core");
    until("it can be saved", || count(&place, "form:has(#room-name) .btn:not(:disabled)") == 1).await;
    click(&place, "form:has(#room-name) .btn");
    assert!(
        matches!(script.command().unwrap().1, What::Room { change: RoomChange::Rename(name), .. } if name.as_str() == "core")
    );
    script.answers(Outcome::Refused(Refusal::new(ErrorCode::NameTaken, "taken")));
    until("the reason beside the field", || count(&place, "#room-name-note.field__error") == 1).await;
    let buttons = place.query_selector_all(".setting .btn").unwrap();
    buttons.get(0).unwrap().unchecked_into::<HtmlElement>().click();
    until("the question", || text(&place, ".confirm").contains("Archive #backend?")).await;
    click(&place, ".confirm .btn--danger");
    assert_eq!(script.command().unwrap().1, What::Room { room: BACKEND, change: RoomChange::Archive(true) });
}

#[wasm_bindgen_test]
async fn emoji_are_found_and_chosen_by_the_keyboard() {
    let (script, place) = Script::open(
        |desk| html! { <EmojiPicker desk={desk.clone()} what_for={EmojiFor::Message(BACKEND, Seq(4))} /> },
    );
    until("those of last", || count(&place, ".emoji__grid button") >= 8).await;
    input(&place, "#emoji-find", "火箭");
    until("the rocket alone", || count(&place, ".emoji__grid button") == 1).await;
    press(&find(&place, "#emoji-find").unwrap(), "ArrowDown");
    assert_eq!(focused().id(), "emoji-0");
    until("its caption", || text(&place, ".emoji__foot").contains("rocket")).await;
    press(&focused(), "ArrowUp");
    assert_eq!(focused().id(), "emoji-find");
    press(&find(&place, "#emoji-find").unwrap(), "Enter");
    assert!(script.says(&Said::React(BACKEND, Seq(4), "🚀".into())));
    assert!(asked().iter().filter(|path| *path == "/emoji.json").count() == 1, "it is held from then on");
}
