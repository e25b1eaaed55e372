//! The socket against a scripted peer, in a real browser.

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

use common::sync::Closed;
use frontend::socket::{Event, ReadyState, Socket};
use support::{PEER, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Nobody listens here.
const NOBODY: &str = "ws://127.0.0.1:4519/";

#[derive(Clone, Default)]
struct Heard(Rc<RefCell<Vec<Event>>>);

impl Heard {
    fn ear(&self) -> impl Fn(Event) + 'static {
        let heard = Rc::clone(&self.0);
        move |event| heard.borrow_mut().push(event)
    }

    async fn until(&self, count: usize) -> Vec<Event> {
        until("events of the socket", || self.0.borrow().len() >= count).await;
        self.0.borrow().clone()
    }
}

fn closed(code: u16, reason: &str, was_clean: bool) -> Event {
    Event::Close(Closed { code, reason: reason.to_owned(), was_clean })
}

#[wasm_bindgen_test]
async fn open_message_and_close_arrive_in_order() {
    let heard = Heard::default();
    let socket = Socket::dial(PEER, Some("readyroom.v1"), heard.ear()).unwrap();
    assert_eq!(socket.read().ready, ReadyState::Connecting);
    assert!(!socket.send("too early"), "a socket that is not open takes nothing");
    heard.until(1).await;
    assert_eq!(socket.read().ready, ReadyState::Open);
    let facts = socket.facts();
    assert_eq!(
        (facts.url.as_str(), facts.protocol.as_str(), facts.binary_type.as_str()),
        (PEER, "readyroom.v1", "arraybuffer")
    );
    assert!(socket.send("hello"));
    assert!(socket.send("close 4321 lunch"));
    let events = heard.until(3).await;
    assert_eq!(events, [Event::Open, Event::Text("hello".into()), closed(4321, "lunch", true)]);
    assert_eq!(socket.read().ready, ReadyState::Closed);
    assert!(!socket.send("too late"), "a closed socket takes nothing");
}

#[wasm_bindgen_test]
async fn our_own_close_is_answered_by_the_real_event() {
    let heard = Heard::default();
    let socket = Socket::dial(PEER, None, heard.ear()).unwrap();
    heard.until(1).await;
    socket.close(3000, "done");
    assert_eq!(socket.read().ready, ReadyState::Closing);
    assert_eq!(heard.until(2).await, [Event::Open, closed(3000, "done", true)]);
}

#[wasm_bindgen_test]
async fn a_dead_port_gives_an_error_and_1006() {
    let heard = Heard::default();
    let _socket = Socket::dial(NOBODY, None, heard.ear()).unwrap();
    assert_eq!(heard.until(2).await, [Event::Error, closed(1006, "", false)]);
}

#[wasm_bindgen_test]
async fn a_dropped_line_gives_1006() {
    let heard = Heard::default();
    let socket = Socket::dial(PEER, None, heard.ear()).unwrap();
    heard.until(1).await;
    assert!(socket.send("drop"));
    let last = heard.until(2).await.pop();
    assert_eq!(last, Some(closed(1006, "", false)));
}

#[wasm_bindgen_test]
async fn a_socket_that_was_dropped_is_silent() {
    let (abandoned, present) = (Heard::default(), Heard::default());
    let socket = Socket::dial(PEER, None, abandoned.ear()).unwrap();
    abandoned.until(1).await;
    assert!(socket.send("send one more"));
    drop(socket);
    let socket = Socket::dial(PEER, None, present.ear()).unwrap();
    present.until(1).await;
    assert!(socket.send("close 1000 bye"));
    present.until(2).await;
    // Neither the answer nor gloo-net's made-up close event was heard, while a whole other connection came and went.
    assert_eq!(*abandoned.0.borrow(), [Event::Open]);
}

#[wasm_bindgen_test]
fn an_impossible_address_is_an_error_in_words() {
    assert!(Socket::dial("ws://", None, |_| ()).is_err());
}
