//! The page in a real browser: what is drawn, what is heard.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use common::id::{Cid, RoomId, UserId};
use common::model::{Person, RoomInfo, RoomKind};
use common::server::{ErrorCode, Refusal, ServerMsg};
use common::sync::Closed;
use frontend::i18n::Lang;
use frontend::socket::{Event, Reading, ReadyState};
use frontend::state::{Action, Effect, Theme};
use support::{ROOM, Script, count, find, text, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

/// A page that has been welcomed and drawn.
async fn page() -> (Script, Element) {
    let (script, place) = Script::open();
    script.welcome().await;
    until("the room", || text(&place, ".bar__title").contains("backend")).await;
    (script, place)
}

fn closed(script: &Script, code: u16) {
    script.does(Action::Socket(Event::Close(Closed { code, reason: String::new(), was_clean: code != 1006 })));
}

fn press_enter(place: &Element, composing: bool, key_code: u32) {
    let init = KeyboardEventInit::new();
    init.set_key("Enter");
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_is_composing(composing);
    init.set_key_code(key_code);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    find(place, ".composer__input").unwrap().dispatch_event(&event).unwrap();
}

fn write(place: &Element, words: &str) {
    let field: HtmlTextAreaElement = find(place, ".composer__input").unwrap().unchecked_into();
    field.set_value(words);
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    field.dispatch_event(&web_sys::Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn the_track_shows_the_live_ready_state() {
    let (script, place) = page().await;
    let sample = |ready| script.does(Action::Sampled(Some(Reading { ready, buffered: 0 }), None));
    for (ready, label) in [
        (ReadyState::Connecting, "readyState: 0 CONNECTING"),
        (ReadyState::Open, "readyState: 1 OPEN"),
        (ReadyState::Closing, "readyState: 2 CLOSING"),
        (ReadyState::Closed, "readyState: 3 CLOSED"),
    ] {
        sample(ready);
        until(label, || {
            find(&place, ".track").and_then(|track| track.get_attribute("aria-label")).as_deref() == Some(label)
        })
        .await;
        let now = find(&place, ".station.is-now").unwrap();
        assert_eq!(now.get_attribute("aria-current").as_deref(), Some("step"));
        assert!(now.inner_text().contains(ready.name()));
        assert_eq!(count(&place, ".station.is-now"), 1);
    }
}

#[wasm_bindgen_test]
async fn messages_are_grouped_and_links_can_be_followed() {
    let (script, place) = page().await;
    script.says(1, 4, "one");
    script.says(2, 4, "<b>two</b>\nhttps://a.example/b");
    script.says(3, 5, "three");
    until("three messages", || count(&place, "article.msg") == 3).await;
    assert_eq!(count(&place, "article.msg--first"), 2);
    assert_eq!(count(&place, ".msg__text b"), 0, "markup of others is text");
    let link = find(&place, ".msg__text a").unwrap();
    assert_eq!(link.get_attribute("href").as_deref(), Some("https://a.example/b"));
    assert_eq!(link.get_attribute("rel").as_deref(), Some("noopener noreferrer"));
    assert_eq!(
        count(&place, "[style*=':']:not(.meter__fill):not(.meter__peak):not(.countdown__ring)"),
        0,
        "no style attributes"
    );
}

#[wasm_bindgen_test]
async fn enter_sends_and_clears_and_composing_does_not() {
    let (script, place) = page().await;
    let sent =
        |words: &'static str| script.wanted(move |effect| matches!(effect, Effect::Send(text) if text.contains(words)));
    write(&place, "ni hao");
    press_enter(&place, true, 13);
    press_enter(&place, false, 229);
    write(&place, "ni hao again");
    assert!(!sent("ni hao"));
    press_enter(&place, false, 13);
    until("the message on its way", || count(&place, ".msg--pending") == 1).await;
    assert!(sent("ni hao again"));
    let field: HtmlTextAreaElement = find(&place, ".composer__input").unwrap().unchecked_into();
    until("an empty box", || field.value().is_empty()).await;
    assert!(text(&place, ".msg__status").contains("Sending"));
}

#[wasm_bindgen_test]
async fn a_refused_message_offers_retry_and_delete() {
    let (script, place) = page().await;
    write(&place, "too fast");
    press_enter(&place, false, 13);
    until("the message on its way", || count(&place, ".msg--pending") == 1).await;
    let cid: Cid = script
        .effects
        .borrow()
        .iter()
        .find_map(|effect| match effect {
            Effect::Send(text) => match common::codec::decode_client(text) {
                Ok(common::client::ClientMsg::Send { cid, .. }) => Some(cid),
                _ => None,
            },
            _ => None,
        })
        .unwrap();
    script.hears(&ServerMsg::Error(Refusal::new(ErrorCode::RateLimited, "slow").about(cid).within(ROOM)));
    until("the refusal", || count(&place, ".msg--failed [role=alert]") == 1).await;
    let buttons = place.query_selector_all(".msg--failed .btn-link").unwrap();
    buttons.get(1).unwrap().unchecked_into::<web_sys::HtmlElement>().click();
    until("nothing left", || count(&place, "article.msg") == 0).await;
}

#[wasm_bindgen_test]
async fn what_is_too_long_is_told_and_kept() {
    let (script, place) = page().await;
    write(&place, &"x".repeat(4_003));
    until("the count", || count(&place, ".composer__count.is-over") == 1).await;
    assert!(text(&place, ".composer__over").starts_with("3 characters over"));
    press_enter(&place, false, 13);
    write(&place, &"x".repeat(3_600));
    until("the count", || count(&place, ".composer__count.is-near") == 1).await;
    assert!(!script.wanted(|effect| matches!(effect, Effect::Send(text) if text.contains("\"send\""))));
}

#[wasm_bindgen_test]
async fn the_banner_says_cause_and_next_step() {
    let (script, place) = page().await;
    closed(&script, 1012);
    until("the banner", || count(&place, ".banner") == 1).await;
    let words = text(&place, ".banner");
    assert!(
        words.contains("3 CLOSED") && words.contains("restarted (1012)") && words.contains("Next attempt in"),
        "{words}"
    );
    assert_eq!(
        find(&place, ".composer__input").unwrap().get_attribute("placeholder").as_deref(),
        Some("Write on; it will be sent later")
    );
    find(&place, ".banner .btn").unwrap().click();
    until("another try", || text(&place, ".banner").contains("0 CONNECTING")).await;
    assert!(script.wanted(|effect| matches!(effect, Effect::Dial(_))));
}

#[wasm_bindgen_test]
async fn the_language_changes_at_once() {
    let (script, place) = page().await;
    script.says(1, 4, "one");
    script.does(Action::Language(Lang::Zh));
    until("Chinese", || text(&place, ".side__title").contains("房间")).await;
    assert!(text(&place, ".panel__title").contains("线路"));
    assert!(
        text(&place, ".station.is-now").contains("OPEN") || count(&place, ".station") == 4,
        "states keep their names"
    );
    assert!(script.wanted(|effect| matches!(effect, Effect::Keep(_, "zh-CN"))));
}

#[wasm_bindgen_test]
async fn the_theme_button_goes_round() {
    let (script, place) = page().await;
    find(&place, "[data-theme-toggle]").unwrap().click();
    until("light", || count(&place, "[data-theme-toggle] .i-sun") == 1).await;
    script.does(Action::Theme(Theme::Dark));
    until("dark", || count(&place, "[data-theme-toggle] .i-moon") == 1).await;
}

#[wasm_bindgen_test]
async fn a_dialog_takes_the_focus_and_gives_it_back() {
    let (_script, place) = page().await;
    let opener = find(&place, ".me [aria-haspopup=dialog]").unwrap();
    opener.focus().unwrap();
    opener.click();
    until("the dialog", || count(&place, "dialog[open]") == 1).await;
    let page = web_sys::window().unwrap().document().unwrap();
    until("focus inside", || page.active_element().is_some_and(|e| e.closest("dialog").unwrap().is_some())).await;
    let way_out = find(&place, "dialog .dialog__head .icon-btn").unwrap();
    way_out.focus().unwrap();
    let tab = KeyboardEventInit::new();
    tab.set_key("Tab");
    tab.set_bubbles(true);
    tab.set_cancelable(true);
    let tab = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &tab).unwrap();
    assert!(!way_out.dispatch_event(&tab).unwrap(), "behind the last element Tab begins again");
    assert_eq!(page.active_element().as_ref(), Some(way_out.as_ref()), "there is but one here");
    way_out.click();
    until("no dialog", || count(&place, "dialog") == 0).await;
    assert_eq!(page.active_element().as_ref(), Some(opener.as_ref()));
}

#[wasm_bindgen_test]
async fn a_conversation_is_called_by_its_people() {
    let (script, place) = page().await;
    assert_eq!(
        find(&place, ".composer__input").unwrap().get_attribute("aria-label").as_deref(),
        Some("Message #backend")
    );
    let people = vec![Person { id: UserId(4), name: "Lin Yi".into() }];
    let info = RoomInfo { kind: RoomKind::Direct, members: 2, people, ..RoomInfo::new(RoomId(9), "") };
    script.hears(&ServerMsg::Room(info));
    script.does(Action::Visit(RoomId(9)));
    until("the room", || text(&place, ".bar__title").contains("Lin Yi")).await;
    assert_eq!(
        find(&place, ".composer__input").unwrap().get_attribute("aria-label").as_deref(),
        Some("Message Lin Yi")
    );
    until("the panel", || text(&place, ".table--held").contains("Lin Yi")).await;
    assert!(!text(&place, ".table--held").contains("#Lin Yi"));
}
