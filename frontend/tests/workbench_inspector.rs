//! The inspector in a real browser: what is computed, what a tap tells, and what can be done there.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use common::labs::Side;
use frontend::i18n::Lang;
use frontend::lean::program::{self, Run, Tell};
use frontend::workbench::bench::{Bench, Msg, Server};
use frontend::workbench::effects::Effect;
use frontend::workbench::events::{self, What};
use frontend::workbench::inspector::{self, tap, wire::Frame};
use frontend::workbench::socket::{Event, Payload, Reading};
use support::{count, find, place, settled, text, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

const URL: &str = "ws://127.0.0.1:3000/labs/echo";

/// A bench with a connection to an endpoint of this server, which was opened, has sent one message and got it back.
fn bench(lang: Lang) -> Bench {
    let mut bench = Bench::default();
    bench.page.shown = true;
    bench.page.lang = lang;
    bench.server = Server { labs: true, origin: "ws://127.0.0.1:3000".to_owned(), ..Server::default() };
    bench.connection.url = URL.to_owned();
    bench.connection.protocols = vec!["echo.v1".to_owned(), "json".to_owned()];
    let opened = inspector::tapped(&mut bench, URL.to_owned());
    assert_eq!(tap::unnamed(&opened), URL);
    assert_ne!(opened, inspector::tapped(&mut bench, URL.to_owned()));
    bench.connection.number = 1;
    bench.connection.reading.url = opened;
    bench.connection.reading.ready = Some(1);
    let open = Event::Open { protocol: "echo.v1".into(), extensions: String::new() };
    let sent = Payload::Text("{\"op\":\"echo\",\"n\":7}".into());
    hear(&mut bench, &open);
    let id = events::push(&mut bench, What::Sent(sent.clone()));
    inspector::sent(&mut bench, id, &sent);
    hear(&mut bench, &Event::Message(sent));
    bench.events.chosen = Some(id);
    bench
}

fn hear(bench: &mut Bench, event: &Event) -> u32 {
    let id = events::push(bench, What::Heard(event.clone()));
    inspector::heard(bench, id, event);
    id
}

/// A socket that stays as it is.
struct Still(Reading);

impl Run<Bench> for Still {
    fn run(&mut self, _: Effect) {}

    fn frame(&mut self) -> Option<Msg> {
        Some(Msg::Frame(self.0.clone()))
    }
}

/// The page of a bench, and how it is told.
fn start(bench: Bench) -> (Element, Tell<Msg>) {
    let place = place();
    let told: Rc<RefCell<Option<Tell<Msg>>>> = Rc::default();
    let (kept, reading) = (Rc::clone(&told), bench.connection.reading.clone());
    program::start(place.clone(), bench, move |tell| {
        *kept.borrow_mut() = Some(Rc::clone(&tell));
        Still(reading)
    });
    let tell = told.borrow().clone().unwrap();
    // Whatever begins, it is drawn at the next message.
    tell(Msg::Inspector(inspector::Msg::CopySaid));
    (place, tell)
}

fn tapped(what: tap::Tapped) -> Msg {
    Msg::Inspector(inspector::Msg::Tapped(2, what))
}

fn frame(from: Side, n: u64, header: &str, payload: &str) -> Msg {
    let frame = Frame::new(from, Some(n), 1_500.0, tap::unhex(header), tap::unhex(payload)).unwrap();
    tapped(tap::Tapped::Frame(frame))
}

#[wasm_bindgen_test]
async fn a_message_is_taken_apart_without_any_help() {
    let (place, _) = start(bench(Lang::En));
    until("the anatomy", || find(&place, ".bits").is_some()).await;
    assert!(text(&place, ".panel__title").starts_with("Message 1"), "{}", text(&place, ".panel__title"));
    let bits = find(&place, ".bits").unwrap().get_attribute("aria-label").unwrap();
    assert_eq!(bits, "FIN 1, RSV 000, opcode 0001 text, MASK 1, length 0010011, that is 19");
    assert_eq!(count(&place, ".cells--hidden span"), 4);
    let said = text(&place, ".anatomy");
    assert!(said.contains("25 bytes on the wire: 2 header + 4 key + 19 payload."), "{said}");
    let properties = text(&place, ".props");
    assert!(properties.contains("1 OPEN") && properties.contains("\"blob\""), "{properties}");
    assert!(text(&place, ".head-list").contains("GET /labs/echo?tap="), "the request");
    let code = text(&place, ".code code");
    assert!(code.contains("\"ws://127.0.0.1:3000/labs/echo\",\n  [\"echo.v1\", \"json\"]);"), "{code}");
    place.remove();
}

#[wasm_bindgen_test]
async fn the_tap_puts_the_real_bytes_in_their_place() {
    let (place, tell) = start(bench(Lang::En));
    let handshake = r#"{"type":"handshake",
        "request":{"line":"GET /labs/echo HTTP/1.1","headers":[["Host","127.0.0.1:3000"],["Upgrade","websocket"],
            ["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},
        "response":{"line":"HTTP/1.1 101 Switching Protocols","headers":[["sec-websocket-accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]}}"#;
    tell(tapped(tap::read(handshake).unwrap()));
    let payload = "7b226f70223a226563686f222c226e223a377d";
    tell(frame(Side::Server, 0, "8904", "00112233"));
    tell(frame(Side::Client, 0, "819300000001", payload));
    let (first, second) = payload.split_at(20);
    tell(frame(Side::Server, 1, "010a", first));
    tell(frame(Side::Server, 2, "8009", second));
    let end = r#"{"type":"end","by":"client","why":"close frame, code 1000"}"#;
    tell(tapped(tap::read(end).unwrap()));
    until("the frames", || count(&place, ".wire-list li") == 4).await;
    assert_eq!(count(&place, ".cells--hidden"), 0);
    let bytes = text(&place, ".bytes");
    assert!(bytes.contains("key, 4 B") && bytes.contains("= plain"), "{bytes}");
    let panel = text(&place, ".panel");
    assert!(panel.contains("The real bytes, as this server saw them."), "{panel}");
    assert!(
        panel.contains("the same as the server’s") && panel.contains("b37a4f2cc0624f1690f64606cf385945b2bec4ea"),
        "{panel}"
    );
    assert!(panel.contains("Ended by the client: close frame, code 1000"), "{panel}");
    // The one that came went in two frames.
    tell(Msg::Events(events::Msg::Choose(2)));
    until("the answer", || text(&place, ".anatomy").contains("This message went in 2 frames.")).await;
    assert!(text(&place, ".wire-head").contains("Frame 3 of 4: server, text"), "{}", text(&place, ".wire-head"));
    find(&place, ".wire-list li:first-child button").unwrap().click();
    until("the ping", || text(&place, ".wire-head").contains("Frame 1 of 4: server, ping")).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn a_close_says_what_was_in_its_frame() {
    let mut bench = bench(Lang::En);
    let close = |code, reason: &str| Event::Close { code, reason: reason.into(), was_clean: code != 1006 };
    let closed = hear(&mut bench, &close(4001, "bye"));
    let cut = hear(&mut bench, &close(1006, ""));
    bench.events.chosen = Some(closed);
    let (place, tell) = start(bench);
    until("the Close", || text(&place, ".anatomy").contains("Code 4001: 0f a1. Reason: “bye”.")).await;
    assert!(find(&place, ".bits").unwrap().get_attribute("aria-label").unwrap().contains("opcode 1000 close"));
    assert!(text(&place, ".code code").contains("ws.close(4001, \"bye\")"));
    tell(Msg::Events(events::Msg::Choose(cut)));
    until("no Close", || text(&place, ".anatomy").contains("There was no Close frame.")).await;
    assert_eq!(count(&place, ".bits"), 0);
    place.remove();
}

#[wasm_bindgen_test]
async fn a_tap_that_cannot_be_had_is_said() {
    let (place, tell) = start(bench(Lang::Zh));
    until("the words", || text(&place, ".anatomy").contains("服务器未上报此帧")).await;
    tell(tapped(tap::Tapped::Failed));
    until("the failure", || text(&place, ".anatomy").contains("无法取得监听数据")).await;
    assert!(text(&place, ".anatomy").contains("线路上共 25 字节：头部 2 + 掩码键 4 + 载荷 19。"));
    place.remove();
}

#[wasm_bindgen_test]
async fn a_server_without_taps_is_no_tap() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&heard);
    let tell: Tell<Msg> = Rc::new(move |msg| kept.borrow_mut().push(msg));
    let listener = tap::Listener::new(7, &tap::name(), &tell);
    until("the failure", || !heard.borrow().is_empty()).await;
    assert_eq!(*heard.borrow(), [Msg::Inspector(inspector::Msg::Tapped(7, tap::Tapped::Failed))]);
    drop(listener);
}

#[wasm_bindgen_test]
async fn parts_fold_and_code_speaks_other_languages() {
    let (place, _) = start(bench(Lang::En));
    until("the parts", || count(&place, ".fold[open]") == 4).await;
    find(&place, ".fold:nth-child(2) summary").unwrap().click();
    until("one is closed", || count(&place, ".fold[open]") == 3 && find(&place, ".props").is_none()).await;
    for (at, begin) in
        [(2, "use futures_util"), (3, "printf '%s\\n' '{\"op\""), (4, "wscat -c 'ws://"), (5, "import asyncio")]
    {
        find(&place, &format!(".fold .seg__item:nth-child({at})")).unwrap().click();
        until(begin, || text(&place, ".code code").starts_with(begin)).await;
    }
    find(&place, ".code__head button").unwrap().click();
    until("it is copied", || text(&place, ".code__head") == "Copied").await;
    settled().await;
    place.remove();
}

#[wasm_bindgen_test]
async fn what_is_not_json_of_a_tap_is_none() {
    for text in [
        "",
        "{",
        "{}",
        r#"{"type":"new"}"#,
        r#"{"type":"frame","from":"client","n":0,"at":1,"header":"","payload":""}"#,
    ] {
        assert_eq!(tap::read(text), None, "{text}");
    }
}
