//! What people write, in a real browser: Markdown as elements, and nothing of it as markup; and the composer that helps
//! to write it.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use common::client::ClientMsg;
use common::codec::decode_client;
use common::id::{Seq, Timestamp, UserId};
use common::model::{Event as RoomEvent, EventKind, UserEvent, UserEventKind};
use common::server::ServerMsg;
use frontend::state::{Action, Effect, Errand};
use support::{ROOM, Script, count, find, text, until};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, EventInit, HtmlElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

/// The reader, and somebody else.
const MINE: u64 = 3;
const LIN: u64 = 4;

/// Everything that a text may become.
const ELEMENTS: &str =
    "p,b,bdi,strong,em,del,code,a,blockquote,ul,ol,li,span,hr,div,table,tbody,tr,th,td,figure,figcaption,button,i,pre";

async fn page() -> (Script, Element) {
    let (script, place) = Script::open();
    script.welcome().await;
    until("the composer", || find(&place, ".composer__input").is_some()).await;
    (script, place)
}

/// A message that mentions somebody.
fn calls(script: &Script, seq: u64, body: &str, mentions: Vec<UserId>) {
    let kind = EventKind::Message { n: seq, body: body.into(), mentions, everyone: None, reply: None };
    let at = Timestamp(1_763_370_000_000);
    script.hears(&ServerMsg::Event(RoomEvent {
        room: ROOM,
        seq: Seq(seq),
        at,
        by: UserId(LIN),
        name: "Lin Yi".into(),
        bot: false,
        cid: None,
        kind,
    }));
}

fn composer(place: &Element) -> HtmlTextAreaElement {
    find(place, ".composer__input").unwrap().unchecked_into()
}

fn bubbles(element: &HtmlElement, name: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    element.dispatch_event(&web_sys::Event::new_with_event_init_dict(name, &init).unwrap()).unwrap();
}

fn write(place: &Element, words: &str) {
    let field = composer(place);
    field.set_value(words);
    bubbles(&field, "input");
}

fn press(place: &Element, key: &str, ctrl: bool) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_ctrl_key(ctrl);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    composer(place).dispatch_event(&event).unwrap();
}

/// What the page has sent as messages.
fn said(script: &Script) -> Vec<(String, Option<Seq>)> {
    let sent = |effect: &Effect| match effect {
        Effect::Send(text) => match decode_client(text) {
            Ok(ClientMsg::Send { body, reply_to, .. }) => Some((body, reply_to)),
            _ => None,
        },
        _ => None,
    };
    script.effects.borrow().iter().filter_map(sent).collect()
}

#[wasm_bindgen_test]
async fn markdown_is_drawn_as_elements() {
    let (script, place) = page().await;
    script.says(1, LIN, "# Title\n**bold** _slanted_ ~~gone~~ `code` <b>no tag</b>\n\n> quote\n\n- [x] one\n- two\n\n3. three\n\n| a | b |\n|---|--:|\n| c | d |\n\n---\n```rust\nlet x = 1; // <i>\n```");
    until("the message", || count(&place, ".msg__body") == 1).await;
    let one = |selector: &str| text(&place, &format!(".msg__body {selector}"));
    assert_eq!(one(".msg__text--head"), "Title");
    assert_eq!(
        (one("strong"), one("em"), one("del"), one("p code")),
        ("bold".into(), "slanted".into(), "gone".into(), "code".into())
    );
    assert_eq!(one("blockquote"), "quote");
    assert!(one("li.is-task").ends_with("one") && find(&place, ".msg__task[aria-label]").is_some());
    assert_eq!(find(&place, ".msg__body ol").unwrap().get_attribute("start").as_deref(), Some("3"));
    assert_eq!((count(&place, ".msg__body th"), one("td.is-right")), (2, "d".into()));
    assert_eq!(count(&place, ".msg__body hr"), 1);
    assert_eq!(
        (one(".code__head span"), one(".code .k"), one(".code .c")),
        ("rust".into(), "let".into(), "// <i>".into())
    );
    find(&place, ".code__head button").unwrap().click();
    let copied = |effect: &Effect| matches!(effect, Effect::Run(Errand::CopyText(text)) if text == "let x = 1; // <i>");
    until("the code is copied", || script.wanted(copied)).await;
    until("the button says so", || find(&place, ".code__head .i-check").is_some()).await;
}

#[wasm_bindgen_test]
async fn nothing_that_people_write_becomes_markup_or_script() {
    let (script, place) = page().await;
    let window = web_sys::window().unwrap();
    js_sys::Reflect::set(&window, &"cracked".into(), &JsValue::FALSE).unwrap();
    let vectors = [
        "<script>cracked=true</script>",
        "<img src=x onerror=cracked=true>",
        "<svg/onload=cracked=true>",
        "<iframe srcdoc='<script>parent.cracked=true</script>'>",
        "[x](javascript:cracked=true)",
        "[x](JaVaScRiPt:cracked=true)",
        "[x](java\tscript:cracked=true)",
        "[x](<javascript:cracked=true>)",
        "[x](data:text/html,<script>cracked=true</script>)",
        "[x](vbscript:cracked)",
        "[x](https://a.example\"onmouseover=cracked=true)",
        "[x](https://a.example 'onclick=cracked=true')",
        "<javascript:cracked=true>",
        "https://a.example/\"onmouseover=\"cracked=true",
        "![x](x\"onerror=cracked=true)",
        "`<img src=x onerror=cracked=true>`",
        "```<img>\n<img src=x onerror=cracked=true>\n```",
        "```\"><img\n<script>cracked=true</script>",
        "| <img src=x onerror=cracked=true> |\n|-|\n| <script>cracked=true</script> |",
        "> <style>*{display:none}</style>",
        "- <form action=//evil.example><button>",
        "# <base href=//evil.example>",
        "&lt;script&gt;cracked=true&lt;/script&gt;",
        "@<img src=x onerror=cracked=true>",
        "<a href=\"javascript:cracked=true\">x</a>",
        "[<img src=x onerror=cracked=true>](https://a.example)",
        "\u{202e}txt.exe",
        "<math><mtext></p><style><img src=x onerror=cracked=true>",
    ];
    for (seq, vector) in (1..).zip(vectors) {
        script.says(seq, LIN, vector);
    }
    let all = u32::try_from(vectors.len()).unwrap();
    until("all messages", || count(&place, "article.msg") == all).await;
    let drawn = place.query_selector_all(".msg__body *").unwrap();
    for at in 0..drawn.length() {
        let element: Element = drawn.item(at).unwrap().dyn_into().unwrap();
        let known = element.matches(ELEMENTS).unwrap()
            || element.closest(".msg__head, .reactions, .msg__status").unwrap().is_some();
        assert!(known, "{}", element.outer_html());
        let names = element.get_attribute_names();
        assert!(!names.iter().any(|name| name.as_string().unwrap().starts_with("on")), "{}", element.outer_html());
    }
    let links = place.query_selector_all(".msg__body :is(.msg__text, .code, .msg__table) a[href]").unwrap();
    for at in 0..links.length() {
        let link: Element = links.item(at).unwrap().dyn_into().unwrap();
        let href = link.get_attribute("href").unwrap();
        assert!(href.starts_with("https://a.example"), "{href}");
        assert_eq!(link.get_attribute("rel").as_deref(), Some("noopener noreferrer"));
        link.unchecked_into::<HtmlElement>().dispatch_event(&web_sys::Event::new("mouseover").unwrap()).unwrap();
    }
    assert_eq!(js_sys::Reflect::get(&window, &"cracked".into()).unwrap(), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn who_is_mentioned_is_marked_and_few_emoji_are_large() {
    let (script, place) = page().await;
    calls(&script, 1, "hello", Vec::new());
    calls(&script, 2, "@Maya Okafor and @Lin Yi, not @Nobody", vec![UserId(MINE), UserId(LIN)]);
    calls(&script, 3, "🎉 👍🏽", Vec::new());
    calls(&script, 4, "/me waves **twice**", Vec::new());
    until("the messages", || count(&place, "article.msg") == 4).await;
    assert_eq!(text(&place, ".mention--me"), "@Maya Okafor");
    assert_eq!(count(&place, ".mention"), 2);
    assert_eq!(text(&place, ".msg__text--emoji"), "🎉 👍🏽");
    assert_eq!(text(&place, ".msg__text--action strong"), "twice");
}

#[wasm_bindgen_test]
async fn names_are_offered_and_taken_by_keys() {
    let (script, place) = page().await;
    calls(&script, 1, "hello", Vec::new());
    until("the message", || count(&place, "article.msg") == 1).await;
    write(&place, "hi @li");
    until("the offer", || count(&place, "[role=option]") == 1).await;
    assert_eq!(composer(&place).get_attribute("aria-activedescendant").as_deref(), Some("offer-0"));
    press(&place, "Enter", false);
    until("the name", || composer(&place).value() == "hi @Lin Yi ").await;
    until("the list is gone", || count(&place, "[role=listbox]") == 0).await;
    assert!(said(&script).is_empty());
    write(&place, "hi @");
    until("the offers", || count(&place, "[role=option]") == 3).await;
    press(&place, "ArrowUp", false);
    until("the last one", || text(&place, ".menu__item.is-active bdi") == "@here").await;
    press(&place, "Escape", false);
    until("the list is gone", || count(&place, "[role=listbox]") == 0).await;
    assert_eq!(composer(&place).value(), "hi @");
}

#[wasm_bindgen_test]
async fn emoji_and_commands_are_offered() {
    let (_script, place) = page().await;
    write(&place, "done :tad");
    until("the emoji", || text(&place, "[role=option]").contains('🎉')).await;
    press(&place, "Tab", false);
    until("the emoji is there", || composer(&place).value() == "done 🎉 ").await;
    write(&place, "/");
    until("the commands", || count(&place, "[role=option]") == 7).await;
    write(&place, "/top");
    until("one command", || count(&place, "[role=option]") == 1).await;
    find(&place, "[role=option]").unwrap().click();
    until("the command is there", || composer(&place).value() == "/topic ").await;
}

#[wasm_bindgen_test]
async fn a_command_that_is_none_is_not_said_and_not_lost() {
    let (script, place) = page().await;
    write(&place, "/frobnicate now");
    press(&place, "Enter", false);
    until("the reason", || text(&place, ".composer__over").contains("/frobnicate")).await;
    assert_eq!((composer(&place).value().as_str(), said(&script).len()), ("/frobnicate now", 0));
    write(&place, "//frobnicate now");
    until("the reason is gone", || count(&place, ".composer__over") == 0).await;
    press(&place, "Enter", false);
    until("it is said", || said(&script) == [("/frobnicate now".to_owned(), None)]).await;
    until("the box is empty", || composer(&place).value().is_empty()).await;
    write(&place, "/help");
    press(&place, "Enter", false);
    until("the commands are listed", || text(&place, ".offers--help").contains("/mute")).await;
}

#[wasm_bindgen_test]
async fn a_topic_is_set_by_a_command() {
    let (script, place) = page().await;
    write(&place, "/topic on call: Maya");
    press(&place, "Enter", false);
    until("the topic is sent", || {
        script.wanted(|effect| matches!(effect, Effect::Send(text) if text.contains("on call: Maya")))
    })
    .await;
    until("the box is empty", || composer(&place).value().is_empty()).await;
    assert!(said(&script).is_empty());
}

#[wasm_bindgen_test]
async fn a_reply_names_what_it_answers_once() {
    let (script, place) = page().await;
    script.says(1, LIN, "**which** port?");
    until("the message", || count(&place, "article.msg") == 1).await;
    script.does(Action::Reply(Seq(1)));
    until("the line above", || text(&place, ".composer__ref").contains("which port?")).await;
    write(&place, "3000");
    press(&place, "Enter", false);
    until("it is said", || said(&script) == [("3000".to_owned(), Some(Seq(1)))]).await;
    until("the line is gone", || count(&place, ".composer__ref") == 0).await;
    write(&place, "and 3001");
    press(&place, "Enter", false);
    until("the next answers nothing", || said(&script).last() == Some(&("and 3001".to_owned(), None))).await;
}

#[wasm_bindgen_test]
async fn a_selection_is_marked_and_unmarked() {
    let (_script, place) = page().await;
    write(&place, "é bold 😀");
    composer(&place).set_selection_range(2, 6).unwrap();
    press(&place, "b", true);
    until("it is bold", || composer(&place).value() == "é **bold** 😀").await;
    assert_eq!(composer(&place).selection_start().unwrap(), Some(4));
    press(&place, "b", true);
    until("it is not", || composer(&place).value() == "é bold 😀").await;
}

#[wasm_bindgen_test]
async fn writing_does_not_draw_the_timeline_again() {
    let (script, place) = page().await;
    script.says(1, LIN, "hello");
    until("the message", || count(&place, "article.msg") == 1).await;
    until("the panel", || find(&place, ".panel.wire").is_some()).await;
    let before = script.drawings();
    for words in ["a", "ab", "abc"] {
        write(&place, words);
    }
    for _ in 0..700 {
        script.does(Action::Tick);
    }
    let drafted = || script.wanted(|effect| matches!(effect, Effect::Send(text) if text.contains("\"draft\"")));
    until("the draft goes out", drafted).await;
    let kind = UserEventKind::Draft { text: "abc".into() };
    script.hears(&ServerMsg::User(UserEvent { seq: 1, room: ROOM, kind }));
    until("the panel shows the frames", || text(&place, ".frames__list").contains("user")).await;
    assert_eq!(composer(&place).value(), "abc");
    assert_eq!(script.drawings(), before);
    press(&place, "Enter", false);
    until("it is said", || said(&script) == [("abc".to_owned(), None)]).await;
    until("the box is empty", || composer(&place).value().is_empty()).await;
}
