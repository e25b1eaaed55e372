//! The Workbench in a real browser, against a peer that sends everything back: messages of every kind, what is kept of
//! them, and the sidebar.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use frontend::lean::port::{self, Errand, Said, Told};
use support::{PEER, count, find, place, settled, text, until};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, EventInit, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

const FIELD: &str = ".sender__input";
const STATUS: &str = ".sender__status";
const SEND: &str = ".sender__end .btn--primary";

/// A script of the page, for what the browser itself must do: files, and what the server would answer.
fn script(code: &str, with: &JsValue) -> JsValue {
    js_sys::Function::new_with_args("it", code).call1(&JsValue::NULL, with).unwrap()
}

/// A Workbench on its own, as it is when it is opened.
async fn bench() -> Element {
    // Those of the tests before hear what this one is told, unless they are gone.
    script("document.querySelectorAll('.app--wb').forEach((app) => app.parentElement.remove())", &JsValue::NULL);
    script("window.fetch = async () => new Response('{\"labs\":true}')", &JsValue::NULL);
    let place = place();
    frontend::workbench::start(place.clone());
    port::tell(&Told { shown: true, name: "Maya Okafor".into(), person: 3, ready: Some(1), ..Told::default() });
    until("the endpoints are there", || count(&place, ".side__fold .preset") == 10).await;
    place
}

/// A Workbench with an open socket.
async fn connected() -> Element {
    let place = bench().await;
    write(&place, ".url__input", PEER);
    find(&place, ".connect__main > .btn--primary").unwrap().click();
    until("the socket is open", || !text(&place, STATUS).contains("onnect")).await;
    place
}

fn write(place: &Element, selector: &str, value: &str) {
    let field = find(place, selector).unwrap_or_else(|| panic!("there is no {selector}"));
    js_sys::Reflect::set(&field, &"value".into(), &value.into()).unwrap();
    let init = EventInit::new();
    init.set_bubbles(true);
    field.dispatch_event(&Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
}

fn value(place: &Element, selector: &str) -> String {
    let field = find(place, selector).unwrap();
    js_sys::Reflect::get(&field, &"value".into()).unwrap().as_string().unwrap()
}

fn press(place: &Element, key: &str, ctrl: bool) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_ctrl_key(ctrl);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    find(place, FIELD).unwrap().dispatch_event(&event).unwrap();
}

async fn tab(place: &Element, number: u32) {
    place
        .query_selector_all(".sender__tabs .tabs__item")
        .unwrap()
        .get(number)
        .unwrap()
        .unchecked_into::<web_sys::HtmlElement>()
        .click();
    settled().await;
}

fn sent(place: &Element) -> u32 {
    count(place, ".ev--out")
}

fn received(place: &Element) -> u32 {
    count(place, ".ev--in")
}

#[wasm_bindgen_test]
async fn text_json_and_bytes_go_and_come_back() {
    let place = connected().await;
    tab(&place, 0).await;
    write(&place, FIELD, "hello, 线路");
    settled().await;
    assert!(text(&place, STATUS).contains("13 B"), "{}", text(&place, STATUS));
    press(&place, "Enter", true);
    until("the text is back", || received(&place) == 1).await;
    assert!(text(&place, ".ev--in").contains("hello, 线路"));
    assert_eq!(value(&place, FIELD), "hello, 线路");

    tab(&place, 2).await;
    write(&place, FIELD, "0x89 50:4e");
    settled().await;
    find(&place, SEND).unwrap().click();
    until("the bytes are back", || received(&place) == 2).await;

    tab(&place, 3).await;
    write(&place, FIELD, "Zm9v");
    settled().await;
    assert!(text(&place, STATUS).contains("3 B"));
    find(&place, SEND).unwrap().click();
    until("these too", || received(&place) == 3).await;

    tab(&place, 5).await;
    write(&place, ".sender__file .input", "100000");
    settled().await;
    find(&place, SEND).unwrap().click();
    until("and random ones", || received(&place) == 4).await;
    assert_eq!(sent(&place), 4);
}

#[wasm_bindgen_test]
async fn what_is_wrong_is_said_with_its_place_and_not_sent() {
    let place = connected().await;
    for (number, wrong, said) in [
        (1, "{\"a\": [1,\n2,}", "2"),
        (2, "89 50 4e zz", "Byte 4 is not hex"),
        (2, "89 5", "Byte 2 has only one digit"),
        (3, "Zm9v!", "Character 5 does not belong in Base64"),
    ] {
        tab(&place, number).await;
        write(&place, FIELD, wrong);
        settled().await;
        assert!(text(&place, STATUS).contains(said), "{}", text(&place, STATUS));
        assert_eq!(find(&place, FIELD).unwrap().get_attribute("aria-invalid").as_deref(), Some("true"));
        press(&place, "Enter", true);
        settled().await;
        assert_eq!((sent(&place), value(&place, FIELD)), (0, wrong.to_owned()));
    }
    tab(&place, 1).await;
    assert!(text(&place, STATUS).to_lowercase().contains("line 2"), "{}", text(&place, STATUS));
    find(&place, ".sender__status .btn-link").unwrap().click();
    until("it went as text", || sent(&place) == 1).await;
}

#[wasm_bindgen_test]
async fn files_go_one_after_the_other() {
    let place = connected().await;
    tab(&place, 4).await;
    let input = find(&place, ".sender__file input").unwrap();
    script(
        "const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(70000)], 'map.png', { type: 'image/png' }));
        data.items.add(new File(['two'], 'two.txt', { type: 'text/plain' }));
        it.files = data.files;
        it.dispatchEvent(new Event('change', { bubbles: true }));",
        &input,
    );
    settled().await;
    assert!(text(&place, ".sender__file").contains("map.png, two.txt"));
    assert!(text(&place, STATUS).contains("68.4 KiB"), "{}", text(&place, STATUS));
    find(&place, SEND).unwrap().click();
    until("both are back", || received(&place) == 2).await;

    script(
        "const data = new DataTransfer();
        data.items.add(new File(['dropped'], 'dropped.txt'));
        it.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));",
        &find(&place, ".app--wb > .side").unwrap(),
    );
    settled().await;
    assert!(text(&place, ".sender__file").contains("dropped.txt"));
}

#[wasm_bindgen_test]
async fn a_message_is_repeated_and_filled_in() {
    let place = connected().await;
    tab(&place, 1).await;
    find(&place, ".sender__bar [role=switch]").unwrap().click();
    settled().await;
    write(&place, ".sender__bar .input", "5");
    write(&place, ".sender__bar .input--short", "20");
    write(&place, FIELD, "{\"n\":{{n}},\"id\":\"{{uuid}}\"}");
    settled().await;
    assert!(text(&place, STATUS).contains("Valid JSON"), "{}", text(&place, STATUS));
    press(&place, "Enter", true);
    until("all are back", || received(&place) == 20).await;
    assert_eq!(sent(&place), 20);
    assert_eq!(count(&place, ".sender__run"), 0);
    assert!(text(&place, ".events").contains("\"n\":20,"));

    // It ends with the connection, and says how far it came.
    write(&place, ".sender__bar .input", "60000");
    settled().await;
    press(&place, "Enter", true);
    until("it runs", || count(&place, ".sender__run") == 1).await;
    find(&place, ".connect__main > .btn--danger").unwrap().click();
    until("it has stopped", || text(&place, STATUS).contains("1 of 20 sent")).await;
    find(&place, ".sender__bar [role=switch]").unwrap().click();
    settled().await;
}

#[wasm_bindgen_test]
async fn the_history_and_saved_messages_stay() {
    let place = connected().await;
    tab(&place, 0).await;
    for message in ["first", "second"] {
        write(&place, FIELD, message);
        settled().await;
        press(&place, "Enter", true);
    }
    until("both are back", || received(&place) == 2).await;
    write(&place, FIELD, "");
    settled().await;
    let mut seen = Vec::new();
    for key in ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"] {
        press(&place, key, false);
        settled().await;
        seen.push(value(&place, FIELD));
    }
    assert_eq!(seen, ["second", "first", "second", ""]);

    write(&place, FIELD, "to be saved");
    settled().await;
    find(&place, ".sender__end .btn--ghost").unwrap().click();
    until("a name is asked for", || count(&place, ".sender__name") == 1).await;
    write(&place, ".sender__name", "Mine");
    settled().await;
    find(&place, SEND).unwrap().click();
    until("it is saved", || text(&place, "#side").contains("Mine")).await;

    let later = bench().await;
    let saved = later.query_selector_all(".side__row .preset").unwrap();
    let mine = (0..saved.length())
        .filter_map(|at| saved.get(at))
        .find(|row| row.text_content().is_some_and(|text| text.contains("Mine")));
    write(&later, FIELD, "");
    mine.unwrap().unchecked_into::<web_sys::HtmlElement>().click();
    settled().await;
    assert_eq!(value(&later, FIELD), "to be saved");
    press(&later, "ArrowUp", false);
    settled().await;
    assert!(text(&later, "#side").contains(PEER), "the last connection is remembered");
}

#[wasm_bindgen_test]
async fn without_an_open_socket_it_says_why() {
    let place = bench().await;
    tab(&place, 0).await;
    assert!(text(&place, STATUS).contains("Not connected"), "{}", text(&place, STATUS));
    assert!(find(&place, SEND).unwrap().has_attribute("disabled"));
    write(&place, FIELD, "kept");
    settled().await;
    press(&place, "Enter", true);
    settled().await;
    assert_eq!((sent(&place), value(&place, FIELD).as_str()), (0, "kept"));
}

#[wasm_bindgen_test]
async fn presets_and_errands_fill_the_bar() {
    let place = bench().await;
    find(&place, ".side__scroll .preset").unwrap().click();
    until("the address is there", || value(&place, ".url__input").ends_with("/labs/echo")).await;
    assert_eq!(count(&place, ".preset.is-active"), 1);

    let errand = Errand { number: 9, url: "wss://x.example/".into(), protocol: "p".into(), message: "[1]".into() };
    port::tell(&Told { shown: true, errand: Some(errand), ..Told::default() });
    until("the errand is laid out", || value(&place, ".url__input") == "wss://x.example/").await;
    settled().await;
    assert_eq!(value(&place, FIELD), "[1]");
    assert!(text(&place, ".side__foot").contains("Not signed in"));

    let said = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let _listener = {
        let said = said.clone();
        port::on_said(move |one| said.borrow_mut().push(one))
    };
    for selector in ["a[href='/workbench/lessons/frame']", ".side__top a[href='/']", ".side__foot .btn-link", ".pill"] {
        find(&place, selector).unwrap().click();
    }
    let expected = [Said::Place("lessons/frame".into()), Said::Leave, Said::SignIn, Said::Wire];
    assert_eq!(*said.borrow(), expected);
}

#[wasm_bindgen_test]
async fn alone_it_shows_nothing_of_a_chat() {
    let place = bench().await;
    let errand = Errand { number: 1, url: "ws://x.example/y".into(), ..Errand::default() };
    port::tell(&Told { shown: true, alone: true, errand: Some(errand), ..Told::default() });
    until("the chat is gone", || count(&place, ".side__top") == 0).await;
    assert_eq!(value(&place, ".url__input"), "ws://x.example/y");
    assert_eq!(count(&place, ".pill, .side__foot .btn-link, .side__fold, a[href^='/']"), 0);
    assert_eq!(count(&place, ".side__foot .icon-btn"), 1, "the theme is there");
}
