//! Messages that change, in a real browser: the toolbar, the editor in the composer, the keyboard, and the panel's
//! view of what is held.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::Cell;

use common::client::ClientMsg;
use common::codec::decode_client;
use common::id::{Seq, Timestamp, UserId};
use common::model::{Event as RoomEvent, EventKind, Person};
use common::server::ServerMsg;
use frontend::annex::port::{Open, Said, Tell};
use frontend::state::{Action, Effect, Probe};
use support::{ROOM, Script, count, find, text, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, EventInit, HtmlElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

/// The reader, and somebody else.
const MINE: u64 = 3;
const LIN: u64 = 4;

/// A page in whose room the reader said two things with one of Lin's between them.
async fn page() -> (Script, Element) {
    let (script, place) = Script::open();
    script.welcome().await;
    script.says(1, MINE, "first of mine");
    script.says(2, LIN, "one of Lin's");
    script.says(3, MINE, "last of mine");
    until("three messages", || count(&place, "article.msg") == 3).await;
    (script, place)
}

fn happens(script: &Script, seq: u64, by: u64, kind: EventKind) {
    let at = Timestamp(1_763_370_000_000);
    let event =
        RoomEvent { room: ROOM, seq: Seq(seq), at, by: UserId(by), name: "Lin".into(), bot: false, cid: None, kind };
    script.hears(&ServerMsg::Event(event));
}

fn press(element: &HtmlElement, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

fn bubbles(element: &HtmlElement, name: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    element.dispatch_event(&web_sys::Event::new_with_event_init_dict(name, &init).unwrap()).unwrap();
}

fn points_at(element: &HtmlElement) {
    let init = web_sys::MouseEventInit::new();
    init.set_bubbles(true);
    let event = web_sys::MouseEvent::new_with_mouse_event_init_dict("mouseover", &init).unwrap();
    element.dispatch_event(&event).unwrap();
}

fn composer(place: &Element) -> HtmlTextAreaElement {
    find(place, ".composer__input").unwrap().unchecked_into()
}

fn write(place: &Element, words: &str) {
    composer(place).set_value(words);
    bubbles(&composer(place), "input");
}

fn focused() -> String {
    web_sys::window().unwrap().document().unwrap().active_element().map(|element| element.id()).unwrap_or_default()
}

fn sent(script: &Script, op: &'static str) -> bool {
    script.wanted(move |effect| matches!(effect, Effect::Send(text) if text.contains(op)))
}

fn acknowledges_the_reaction(script: &Script) {
    let found = Cell::new(None);
    script.wanted(|effect| {
        if let Effect::Send(text) = effect
            && let Ok(ClientMsg::React { cid, .. }) = decode_client(text)
        {
            found.set(Some(cid));
        }
        false
    });
    let at = Timestamp(1_763_370_000_000);
    script.hears(&ServerMsg::Ack { cid: found.get().unwrap(), room: ROOM, seq: Seq(4), n: None, at });
}

#[wasm_bindgen_test]
async fn what_a_program_says_has_a_badge() {
    let (script, place) = page().await;
    assert_eq!(count(&place, ".msg .badge"), 0);
    let kind = EventKind::Message { n: 4, body: "beep".into(), mentions: Vec::new(), everyone: None, reply: None };
    let (seq, at, by) = (Seq(4), Timestamp(1_763_370_000_000), UserId(9));
    let event = RoomEvent { room: ROOM, seq, at, by, name: "Dice".into(), bot: true, cid: None, kind };
    script.hears(&ServerMsg::Event(event));
    until("its badge", || count(&place, "#m4 .badge") == 1).await;
    assert_eq!(text(&place, "#m4 .badge"), "bot");
    place.remove();
}

#[wasm_bindgen_test]
async fn the_message_that_is_pointed_at_has_the_only_toolbar() {
    let (script, place) = page().await;
    assert_eq!(count(&place, ".msg__tools"), 0);
    points_at(&find(&place, "#m2 .msg__text").unwrap());
    until("its toolbar", || count(&place, "#m2 > [role=toolbar]") == 1).await;
    assert_eq!(count(&place, "#m2 .i-edit, #m2 .i-trash"), 0, "it is somebody else's");
    points_at(&find(&place, "#m1 .msg__text").unwrap());
    until("the other one's toolbar", || count(&place, "#m1 > [role=toolbar]") == 1).await;
    assert_eq!((count(&place, ".msg__tools"), count(&place, "#m1 .i-edit, #m1 .i-trash")), (1, 2));
    find(&place, "#m1 .quick").unwrap().click();
    until("the reaction", || count(&place, "#m1 .reaction[aria-pressed=true]") == 1).await;
    assert!(sent(&script, "\"react\""));
    find(&place, "#m1 .reaction").unwrap().click();
    until("no reaction", || count(&place, "#m1 .reaction") == 0).await;
    assert!(!sent(&script, "\"unreact\""), "the two could be stored in the other order");
    acknowledges_the_reaction(&script);
    until("it is taken back", || sent(&script, "\"unreact\"")).await;
}

#[wasm_bindgen_test]
async fn arrow_up_in_an_empty_composer_edits_the_last_own_message() {
    let (script, place) = page().await;
    write(&place, "half a draft");
    until("the draft", || composer(&place).value() == "half a draft").await;
    press(&composer(&place), "ArrowUp");
    assert_eq!(count(&place, ".composer__ref"), 0, "the cursor moves in a text");
    write(&place, "");
    press(&composer(&place), "ArrowUp");
    until("the editor", || count(&place, ".composer__ref") == 1).await;
    assert_eq!(composer(&place).value(), "last of mine");
    write(&place, "last of mine, better");
    press(&composer(&place), "Enter");
    until("the edit on its way", || text(&place, "#m3 .msg__text") == "last of mine, better").await;
    assert!(sent(&script, "\"edit\"") && count(&place, "#m3.msg--pending .msg__edited") == 1);
    assert_eq!((count(&place, ".composer__ref"), composer(&place).value()), (0, String::new()));
}

#[wasm_bindgen_test]
async fn a_cancelled_edit_brings_the_draft_back() {
    let (_script, place) = page().await;
    write(&place, "half a draft");
    let row = find(&place, "#m1").unwrap();
    row.focus().unwrap();
    press(&row, "e");
    until("the editor", || composer(&place).value() == "first of mine").await;
    find(&place, ".composer__ref button").unwrap().click();
    until("the draft", || composer(&place).value() == "half a draft").await;
}

#[wasm_bindgen_test]
async fn the_keyboard_moves_between_messages_and_acts_on_them() {
    let (script, place) = page().await;
    assert_eq!(count(&place, ".msg[tabindex='0']"), 1, "one way in");
    let last = find(&place, ".msg[tabindex='0']").unwrap();
    assert_eq!(last.id(), "m3");
    last.focus().unwrap();
    press(&last, "ArrowUp");
    assert_eq!(focused(), "m2");
    let middle = find(&place, "#m2").unwrap();
    press(&middle, "Delete");
    press(&middle, "E");
    assert_eq!(count(&place, "dialog, .composer__ref"), 0, "it is somebody else's");
    press(&middle, "p");
    until("the pin", || count(&place, "#m2 .msg__pinned") == 1).await;
    press(&middle, "+");
    until("the second module is asked for", || script.effects.borrow().contains(&Effect::LoadAnnex)).await;
    script.does(Action::AnnexLoaded(true));
    script.does(Action::Said(Said::Dismissed));
    script.does(Action::Said(Said::React(ROOM, Seq(2), "👍".into())));
    until("the reaction", || count(&place, "#m2 .reaction[aria-pressed=true]") == 1).await;
    press(&middle, "ArrowUp");
    press(&find(&place, "#m1").unwrap(), "Delete");
    until("the question", || count(&place, "dialog[role=alertdialog]") == 1).await;
    assert!(text(&place, "dialog").contains("It goes for everyone in #backend"));
    find(&place, "dialog .btn--danger").unwrap().click();
    until("the deletion on its way", || count(&place, ".msg--leaving") == 1).await;
    assert!(sent(&script, "\"delete\"") && sent(&script, "\"pin\""));
}

#[wasm_bindgen_test]
async fn what_others_change_is_shown() {
    let (script, place) = page().await;
    happens(&script, 4, LIN, EventKind::Edited { target: Seq(2), body: "better".into() });
    happens(&script, 5, LIN, EventKind::Pinned { target: Seq(1) });
    happens(&script, 6, LIN, EventKind::Reacted { target: Seq(1), emoji: "🎉".into() });
    until("the edit", || text(&place, "#m2 .msg__text") == "better").await;
    assert_eq!(find(&place, "#m2 .msg__edited").unwrap().title(), "Edited at 09:00");
    assert_eq!(find(&place, "#m1 .reaction").unwrap().get_attribute("aria-pressed").as_deref(), Some("false"));
    find(&place, ".bar .i-pin").unwrap().parent_element().unwrap().unchecked_into::<HtmlElement>().click();
    until("the pins", || text(&place, "dialog .pin__text") == "first of mine").await;
    happens(&script, 7, LIN, EventKind::Edited { target: Seq(1), body: "**first** of mine".into() });
    until("its Markdown", || text(&place, "dialog .pin__text strong") == "first").await;
    script.does(Action::Dismiss);
    happens(&script, 8, LIN, EventKind::Deleted { target: Seq(2) });
    until("the quiet line", || text(&place, ".msg__gone").contains("Message deleted")).await;
    assert_eq!(
        (count(&place, "article.msg"), count(&place, "#m2 [role=toolbar]")),
        (3, 0),
        "it keeps its place and has no tools"
    );
}

#[wasm_bindgen_test]
async fn the_page_says_who_writes_and_who_is_here() {
    let (script, place) = page().await;
    let person = |id: u64, name: &str| Person { id: UserId(id), name: name.into() };
    assert_eq!(text(&place, ".typing"), "");
    let all = [person(4, "Lin"), person(5, "Jonas"), person(6, "Priya"), person(7, "Sofia")];
    script.hears(&ServerMsg::Typing { room: ROOM, people: all[..2].to_vec() });
    until("two", || text(&place, ".typing").trim() == "Lin and Jonas are typing").await;
    script.hears(&ServerMsg::Typing { room: ROOM, people: all.to_vec() });
    until("four", || text(&place, ".typing").trim() == "Lin, Jonas, Priya and 1 other are typing").await;
    let online = all[..3].to_vec();
    script.hears(&ServerMsg::Presence { room: ROOM, whole: true, here: 5, online, offline: Vec::new() });
    until("the faces", || count(&place, ".faces .avatar") == 3 && text(&place, ".faces").ends_with('5')).await;
    find(&place, ".faces").unwrap().click();
    until("the second module is asked for", || script.effects.borrow().contains(&Effect::LoadAnnex)).await;
    script.does(Action::AnnexLoaded(true));
    let shown =
        |effect: &Effect| matches!(effect, Effect::Tell(tell) if matches!(&**tell, Tell::Open(Open::People(ROOM), _)));
    until("the panel", || script.effects.borrow().iter().any(shown)).await;
}

#[wasm_bindgen_test]
async fn the_panel_says_what_is_held_and_what_was_mended() {
    let (script, place) = page().await;
    let held = || text(&place, ".table--held");
    until("everything", || held().contains("you have everything to #3") && held().contains("3 / 3")).await;
    find(&place, ".developer summary").unwrap().click();
    find(&place, "[data-fault=lose]").unwrap().click();
    script.says(4, LIN, "lost");
    script.says(5, LIN, "after it");
    until("the gap in the log", || text(&place, ".frames__list").contains("#4 is missing, asked for")).await;
    assert!(held().contains("1 older ones not loaded"), "{}", held());
    script.says(4, LIN, "lost");
    until("everything again", || held().contains("you have everything to #5")).await;
    assert!(text(&place, ".fold").contains("Gaps found 1, filled 1."));
    let order = place.query_selector_all(".msg__text").unwrap();
    assert_eq!(order.get(3).unwrap().text_content().as_deref(), Some("lost"));
}

#[wasm_bindgen_test]
async fn a_trace_that_cannot_be_copied_is_shown() {
    let (script, place) = page().await;
    find(&place, ".trace button").unwrap().click();
    let copy = |effect: &Effect| match effect {
        Effect::Run(frontend::state::Errand::Copy(text)) => Some(text.clone()),
        _ => None,
    };
    let copied = || script.effects.borrow().iter().find_map(copy);
    until("a trace", || copied().is_some()).await;
    let trace = copied().unwrap();
    assert!(!trace.contains("first of mine") && trace.contains("\"agent\":\"Mozilla"), "{trace}");
    script.does(Action::Probe(Probe::Copied(Some(trace.clone()))));
    until("the text", || count(&place, ".trace__text") == 1).await;
    assert_eq!(find(&place, ".trace__text").unwrap().unchecked_into::<HtmlTextAreaElement>().value(), trace);
}
