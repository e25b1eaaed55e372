//! The lessons in a real browser, against the scripted peer: each is drawn in every language, and what it says of
//! states, of closing and of subprotocols is what the browser does.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use frontend::i18n::Lang;
use frontend::lean::port::{self, Said, Told};
use frontend::lessons;
use std::cell::RefCell;
use std::rc::Rc;
use support::{count, find, place, settled, text, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

const NAMES: [&str; 9] =
    ["polling", "handshake", "frame", "states", "binary", "backpressure", "closing", "subprotocols", "origin"];

/// The lessons with the scripted peer in place of the labs, which it is for every path.
fn with_peer() -> Element {
    let place = place();
    lessons::start_at(place.clone(), support::PEER.trim_end_matches('/').to_owned());
    place
}

fn go(to: &str, lang: Lang) {
    port::tell(&Told { shown: true, place: to.to_owned(), lang, ..Told::default() });
}

/// Leaves, so that what one test has opened does not stay for the next.
fn leave() {
    port::tell(&Told::default());
}

fn click(place: &Element, label: &str) {
    let buttons = place.query_selector_all("button").unwrap();
    let found = (0..buttons.length())
        .filter_map(|at| buttons.item(at)?.dyn_into::<HtmlElement>().ok())
        .find(|button| button.inner_text().trim() == label);
    found.unwrap_or_else(|| panic!("there is no button {label}")).click();
}

/// The row of a table that begins with this.
fn row(place: &Element, begin: &str) -> String {
    let rows = place.query_selector_all("tbody tr").unwrap();
    let texts = (0..rows.length()).filter_map(|at| Some(rows.item(at)?.dyn_into::<HtmlElement>().ok()?.inner_text()));
    texts.into_iter().find(|text| text.trim().starts_with(begin)).unwrap_or_default()
}

async fn state_is(place: &Element, name: &str) {
    until(name, || text(place, ".station.is-now").contains(name)).await;
}

#[wasm_bindgen_test]
async fn each_lesson_is_drawn_in_every_language() {
    let place = with_peer();
    let mut titles = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        for name in NAMES {
            go(&format!("lessons/{name}"), lang);
            until("another title", || {
                let title = text(&place, "h1");
                !title.is_empty() && !titles.contains(&title)
            })
            .await;
            titles.push(text(&place, "h1"));
            assert_eq!(count(&place, ".live"), 1, "{name}");
            assert!(count(&place, ".live button") > 0, "{name} has nothing to press");
            assert!(count(&place, ".task") >= 2 && count(&place, ".lesson__list li") >= 3, "{name}");
            assert_eq!(count(&place, "[aria-current=page].preset"), 1, "{name}");
            assert!(!text(&place, ".lesson").contains('`'), "{name} shows its marks of code");
        }
    }
    go("lessons", Lang::En);
    until("the list", || count(&place, ".lesson-card") == 9).await;
    leave();
}

#[wasm_bindgen_test]
async fn a_connection_goes_through_its_states() {
    let place = with_peer();
    go("lessons/states", Lang::En);
    until("the lesson", || find(&place, ".live").is_some()).await;
    click(&place, "Open");
    state_is(&place, "OPEN").await;
    click(&place, "send(\"hi\")");
    until("the echo", || text(&place, ".ev--in").contains("\"hi\"")).await;
    assert!(row(&place, "1 OPEN").contains("sends it"));
    click(&place, "close()");
    state_is(&place, "CLOSED").await;
    click(&place, "send(\"hi\")");
    until("the lost message", || row(&place, "3 CLOSED").contains("sends nothing")).await;
    assert!(row(&place, "3 CLOSED").contains("B"), "bufferedAmount is told");
    leave();
}

#[wasm_bindgen_test]
async fn who_leaves_a_lesson_leaves_its_connections() {
    let place = with_peer();
    go("lessons/states", Lang::En);
    until("the lesson", || find(&place, ".live").is_some()).await;
    click(&place, "Open");
    state_is(&place, "OPEN").await;
    go("lessons/closing", Lang::En);
    go("lessons/states", Lang::En);
    settled().await;
    assert_eq!((count(&place, ".station.is-now"), count(&place, ".ev")), (0, 0));
    leave();
    until("nothing", || place.inner_html().is_empty()).await;
}

#[wasm_bindgen_test]
async fn each_way_to_close_says_what_came_back() {
    let place = with_peer();
    go("lessons/closing", Lang::En);
    until("the lesson", || find(&place, ".live").is_some()).await;
    let ways = [
        ("close()", ["1005", "true", "without a code"]),
        ("close(1000)", ["1000", "true", "same code"]),
        ("close(3001, \"bye\")", ["3001", "\"bye\"", "true"]),
        ("close(1001)", ["InvalidAccessError", "1000", "threw"]),
        ("close(1000, \"é\".repeat(62))", ["SyntaxError", "1000", "threw"]),
    ];
    for (label, words) in ways {
        click(&place, label);
        until(label, || words.iter().all(|word| row(&place, label).contains(word))).await;
        assert!(row(&place, label).contains("open, "), "{}", row(&place, label));
    }
    leave();
}

#[wasm_bindgen_test]
async fn the_first_offered_subprotocol_is_agreed_on_and_a_double_one_throws() {
    let place = with_peer();
    go("lessons/subprotocols", Lang::Zh);
    until("the lesson", || find(&place, ".live").is_some()).await;
    click(&place, "连接");
    until("an agreement", || text(&place, ".live").contains("ws.protocol = \"mqtt\"")).await;
    click(&place, "[\"json\", \"json\"]");
    until("the exception", || text(&place, ".live__rows").contains("SyntaxError")).await;
    leave();
}

#[wasm_bindgen_test]
async fn bytes_arrive_as_the_page_wants_them() {
    let place = with_peer();
    go("lessons/binary", Lang::En);
    until("the lesson", || find(&place, ".live").is_some()).await;
    assert!(row(&place, "😀").contains("d83d de00") && row(&place, "😀").contains("f0 9f 98 80"));
    click(&place, "Connect");
    until("open", || text(&place, ".live__rows").contains("open")).await;
    click(&place, "send(buffer)");
    until("a blob", || text(&place, ".ev--in").contains("Blob(10)")).await;
    click(&place, "arraybuffer");
    click(&place, "send(blob)");
    until("a buffer", || text(&place, ".live__rows").contains("ArrayBuffer(10) 61c3a9e4b8adf09f9880")).await;
    leave();
}

#[wasm_bindgen_test]
async fn without_labs_a_lesson_says_how_to_switch_them_on() {
    let place = place();
    // Where these tests run nobody answers for a server.
    lessons::start(place.clone());
    go("lessons/states", Lang::En);
    until("the note", || text(&place, ".live .note").contains("--labs")).await;
    assert_eq!(count(&place, ".live button"), 0);
    leave();
}

#[wasm_bindgen_test]
async fn a_link_asks_the_page_for_another_place() {
    let place = with_peer();
    let said = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&said);
    let _listener = port::on_said(move |said| heard.borrow_mut().push(said));
    go("lessons/states", Lang::En);
    until("the lesson", || find(&place, ".live").is_some()).await;
    find(&place, ".lesson__next a").unwrap().click();
    click(&place, "Try it in the console");
    let said = said.borrow();
    assert!(said.contains(&Said::Place("lessons/binary".to_owned())));
    assert!(said.iter().any(|said| matches!(said, Said::Try(errand) if errand.message == "hi")));
    leave();
}
