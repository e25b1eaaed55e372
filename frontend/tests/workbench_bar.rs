//! The bar of the Workbench in a real browser, against a scripted peer: what may be written, the way through the ready
//! states, what waits to be sent, and why it closed.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use frontend::i18n::Lang;
use frontend::lean::port::{self, Told};
use support::{PEER, count, find, place, settled, text, until};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, EventInit, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

/// Nobody listens here.
const NOBODY: &str = "ws://127.0.0.1:4519/";

const URL: &str = ".url__input";
const BUTTON: &str = ".connect__main > .btn";
const NAME: &str = ".tokens__add";
const REASON: &str = ".call > .input:not(.input--code)";
const NOW: &str = ".station.is-now .station__name";

fn script(code: &str) -> JsValue {
    js_sys::Function::new_no_args(code).call0(&JsValue::NULL).unwrap()
}

async fn bench() -> Element {
    // Those of the tests before hear what this one is told, unless they are gone.
    script("document.querySelectorAll('.app--wb').forEach((app) => app.parentElement.remove()); localStorage.clear()");
    script("window.fetch = async () => new Response('{\"labs\":true}')");
    let place = place();
    frontend::workbench::start(place.clone());
    port::tell(&Told { shown: true, ..Told::default() });
    until("the Workbench is there", || count(&place, URL) == 1).await;
    place
}

async fn connected() -> Element {
    let place = bench().await;
    write(&place, URL, PEER).await;
    click(&place, BUTTON).await;
    until("it is open", || text(&place, NOW) == "OPEN").await;
    place
}

async fn write(place: &Element, selector: &str, value: &str) {
    let field = find(place, selector).unwrap_or_else(|| panic!("there is no {selector}"));
    js_sys::Reflect::set(&field, &"value".into(), &value.into()).unwrap();
    let init = EventInit::new();
    init.set_bubbles(true);
    field.dispatch_event(&Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
    settled().await;
}

async fn click(place: &Element, selector: &str) {
    find(place, selector).unwrap_or_else(|| panic!("there is no {selector}")).click();
    settled().await;
}

async fn send(place: &Element, message: &str) {
    write(place, ".sender__input", message).await;
    click(place, ".sender__end .btn--primary").await;
}

fn value(place: &Element, selector: &str) -> String {
    let field = find(place, selector).unwrap();
    js_sys::Reflect::get(&field, &"value".into()).unwrap().as_string().unwrap()
}

#[track_caller]
fn says(place: &Element, selector: &str, parts: &[&str]) {
    let text = text(place, selector);
    for part in parts {
        assert!(text.contains(part), "“{part}” is not in: {text}");
    }
}

#[wasm_bindgen_test]
async fn what_cannot_be_opened_is_said_beside_the_field() {
    let place = bench().await;
    for (url, part) in [
        ("ftp://a.example/", "“ftp:” opens no WebSocket"),
        ("localhost:3000", "ws://localhost:3000"),
        ("ws://a.example/#top", "no fragment"),
        ("ws://a.example:70000/", "port"),
        ("ws://a.example/a b", "blank"),
    ] {
        write(&place, URL, url).await;
        says(&place, ".field__error", &[part]);
        click(&place, BUTTON).await;
        assert_eq!(count(&place, ".station.is-now"), 0, "{url}");
        assert_eq!(value(&place, URL), url, "nothing that was written is lost");
    }
    write(&place, URL, "ws://").await;
    assert_eq!(count(&place, ".field__error"), 0, "who is still writing is not told");
    click(&place, BUTTON).await;
    says(&place, ".field__error", &["host is missing"]);
    write(&place, URL, "/labs/echo").await;
    says(&place, ".connect__said", &["Opens ws://", "/labs/echo"]);
}

#[wasm_bindgen_test]
async fn subprotocols_are_offered_and_the_agreed_one_is_marked() {
    let place = bench().await;
    write(&place, URL, PEER).await;
    write(&place, NAME, "chat.v1,json,").await;
    assert_eq!((count(&place, ".token"), value(&place, NAME).as_str()), (2, ""));
    write(&place, NAME, "json").await;
    says(&place, ".field__error", &["already"]);
    write(&place, NAME, "a/b").await;
    says(&place, ".field__error", &["“/”"]);
    click(&place, BUTTON).await;
    assert_eq!(count(&place, ".station.is-now"), 0, "nothing is begun with a name that is none");
    write(&place, NAME, "third").await;
    let init = KeyboardEventInit::new();
    init.set_key("Enter");
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    find(&place, NAME).unwrap().dispatch_event(&event).unwrap();
    settled().await;
    assert_eq!(count(&place, ".token"), 3);
    click(&place, ".token:nth-of-type(3) button").await;
    click(&place, BUTTON).await;
    until("it is open", || text(&place, NOW) == "OPEN").await;
    says(&place, ".token.is-agreed", &["chat.v1"]);
    assert_eq!((count(&place, ".token--fixed"), count(&place, NAME)), (1, 0));
}

#[wasm_bindgen_test]
async fn the_way_through_the_states_has_its_times_and_our_close_its_answer() {
    let place = connected().await;
    says(&place, ".station:nth-child(2)", &["+", "ms", "open 0 s"]);
    send(&place, "hello").await;
    until("the echo is back", || text(&place, ".stats").contains("echo")).await;
    click(&place, ".connect .seg__item:nth-child(2)").await;
    assert_eq!(
        find(&place, ".connect .seg__item:nth-child(2)").unwrap().get_attribute("aria-pressed").unwrap(),
        "true"
    );

    write(&place, ".input--code", "1001").await;
    says(&place, ".field__error", &["InvalidAccessError"]);
    click(&place, BUTTON).await;
    assert_eq!(text(&place, NOW), "OPEN", "the browser would have thrown");
    write(&place, ".input--code", "3000").await;
    write(&place, REASON, &"é".repeat(62)).await;
    says(&place, ".call", &["124 / 123 B"]);
    says(&place, ".field__error", &["1 bytes over"]);
    write(&place, REASON, "done").await;
    click(&place, BUTTON).await;
    until("it is closed", || text(&place, NOW) == "CLOSED").await;
    assert_eq!(count(&place, ".station.is-through"), 0, "we stopped at each");
    says(&place, ".why", &["3000 · done · clean", "Your doing", "You closed with 3000"]);
    click(&place, ".why > button").await;
    assert_eq!(count(&place, ".why"), 0);
}

#[wasm_bindgen_test]
async fn whose_doing_it_was_is_said_in_both_languages() {
    let place = connected().await;
    send(&place, "close 4321 lunch").await;
    until("it is closed", || count(&place, ".why") == 1).await;
    says(&place, ".why", &["4321 · lunch · clean", "The server’s doing", "knows what 4321 means"]);
    port::tell(&Told { shown: true, lang: Lang::Zh, ..Told::default() });
    settled().await;
    says(&place, ".why", &["4321 · lunch · 正常关闭", "由服务器引起"]);
    port::tell(&Told { shown: true, ..Told::default() });
    click(&place, BUTTON).await;
    until("it is open again", || text(&place, NOW) == "OPEN").await;
    assert_eq!(count(&place, ".why"), 0, "a new connection has its own story");
    send(&place, "drop").await;
    until("it is cut", || count(&place, ".why") == 1).await;
    says(&place, ".why", &["1006 · no reason · not clean", "A page cannot know", "without a Close"]);
}

#[wasm_bindgen_test]
async fn a_dead_port_says_what_a_page_cannot_know() {
    let place = bench().await;
    write(&place, URL, NOBODY).await;
    click(&place, BUTTON).await;
    until("it failed", || count(&place, ".why") == 1).await;
    says(&place, ".why", &["1006", "It never opened", "A page is not told why", "websocat -v 'ws://127.0.0.1:4519/'"]);
    let tab = find(&place, ".why a").unwrap();
    assert_eq!(tab.get_attribute("href").unwrap(), "http://127.0.0.1:4519/");
    assert_eq!(count(&place, ".station.is-through"), 2, "OPEN and CLOSING were passed");
}

#[wasm_bindgen_test]
async fn what_drains_is_drawn_with_its_peak() {
    let place = connected().await;
    assert_eq!(count(&place, ".stat--graph"), 0);
    send(&place, &"x".repeat(300_000)).await;
    until("it has drained", || {
        let meter = find(&place, "[role=meter]").unwrap();
        meter.get_attribute("aria-valuenow").as_deref() == Some("0")
    })
    .await;
    says(&place, ".stat--graph", &["peak 293.0 KiB"]);
    let line = find(&place, ".stat--graph").unwrap().query_selector("polyline").unwrap().unwrap();
    let line = line.get_attribute("points").unwrap();
    assert!(line.contains(",0 ") && line.ends_with(",100 "), "from its peak to the ground: {line}");
}
