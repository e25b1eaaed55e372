//! A connection through the relay. It looks like a socket, and behind it there is one, to `/relay`.

use std::cell::RefCell;
use std::rc::Rc;

use common::labs::{Head, Side};
use gloo_events::EventListener;
use js_sys::{Array, JSON, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageEvent, WebSocket};

use super::{Certificate, Order, Seen, Wish};
use crate::effects::browser;
use crate::lean::json;
use crate::workbench::socket::{BinaryType, Event, HEAD, Payload, Reading};

/// The byte before the bytes of a message, both ways.
const BYTES: u8 = 1;

/// A connection through the relay.
#[derive(Debug)]
pub struct Relayed {
    raw: WebSocket,
    state: Rc<RefCell<Reading>>,
    _listeners: [EventListener; 3],
}

impl Relayed {
    /// Begins one. What happens to it is told as for a browser's own socket.
    ///
    /// # Errors
    /// The exception of the constructor.
    pub fn open(url: &str, protocols: &[String], wish: &Wish, tell: Rc<dyn Fn(Event)>) -> Result<Self, JsValue> {
        let origin = browser::origin().unwrap_or_default().replacen("http", "ws", 1);
        let url = web_sys::Url::new_with_base(url, &(origin.clone() + "/"))?.href();
        let first = wish_text(&url, protocols, wish);
        let raw = WebSocket::new(&(origin + "/relay"))?;
        raw.set_binary_type(web_sys::BinaryType::Arraybuffer);
        let reading = Reading { ready: Some(0), url, binary_type: BinaryType::ArrayBuffer, ..Reading::default() };
        let state = Rc::new(RefCell::new(reading));
        let on = |name: &'static str, heard: Box<dyn Fn(&web_sys::Event)>| {
            EventListener::new(&raw, name, move |event| heard(event))
        };
        let (out, known, told) = (raw.clone(), Rc::clone(&state), Rc::clone(&tell));
        let listeners = [
            on("open", Box::new(move |_| drop(out.send_with_str(&first)))),
            on(
                "message",
                Box::new(move |event| {
                    if let Some(event) = event.dyn_ref::<MessageEvent>() {
                        hear(&event.data(), &known, &*told);
                    }
                }),
            ),
            on("close", {
                let state = Rc::clone(&state);
                Box::new(move |_| {
                    // The relay has not said why: it cannot be reached, or has broken down.
                    if state.borrow().ready != Some(3) {
                        end(&state, &*tell, lost(), false);
                    }
                })
            }),
        ];
        Ok(Self { raw, state, _listeners: listeners })
    }

    /// What it says of itself.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let mut reading = self.state.borrow().clone();
        let buffered = Reflect::get(&self.raw, &"bufferedAmount".into()).ok().and_then(|amount| amount.as_f64());
        reading.buffered = buffered.unwrap_or_default();
        reading
    }

    fn say(&self, name: &str, value: &JsValue) {
        if self.state.borrow().ready == Some(1) {
            drop(self.raw.send_with_str(&one(name, value)));
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// While it is connecting.
    pub fn send(&self, payload: &Payload) -> Result<(), JsValue> {
        let data = match payload {
            Payload::Text(text) => {
                self.say("send", &(&**text).into());
                return Ok(());
            }
            Payload::Buffer { data, .. } | Payload::Blob { data, .. } => data,
        };
        if self.state.borrow().ready != Some(1) {
            return Ok(());
        }
        let kind = Uint8Array::from(&[BYTES][..]);
        self.raw.send_with_blob(&Blob::new_with_blob_sequence(&Array::of2(&kind, data))?)
    }

    /// Begins to close.
    ///
    /// # Errors
    /// A code that may not be sent, or a reason that is too long.
    pub fn close(&self, code: Option<u16>, reason: &str) -> Result<(), JsValue> {
        let ready = self.state.borrow().ready;
        if ready == Some(0) {
            // The relay gives up what it was about to open; that it closes is told like any failure.
            return self.raw.close();
        }
        let said = js_sys::Object::new();
        Reflect::set(&said, &"code".into(), &code.map_or(JsValue::NULL, JsValue::from))?;
        Reflect::set(&said, &"reason".into(), &reason.into())?;
        self.say("close", &said);
        if ready == Some(1) {
            self.state.borrow_mut().ready = Some(2);
        }
        Ok(())
    }

    /// Something that only this way can do.
    pub fn order(&self, order: &Order) {
        match order {
            Order::Ping => self.say("ping", &"ping".into()),
            Order::Pong => self.say("pong", &"pong".into()),
            Order::AutoPong(answers) => self.say("auto_pong", &(*answers).into()),
        }
    }
}

/// A text with one member.
fn one(name: &str, value: &JsValue) -> String {
    let object = js_sys::Object::new();
    drop(Reflect::set(&object, &name.into(), value));
    JSON::stringify(&object).map_or_else(|_never| String::new(), Into::into)
}

fn wish_text(url: &str, protocols: &[String], wish: &Wish) -> String {
    let object = js_sys::Object::new();
    let set = |name: &str, value: &JsValue| drop(Reflect::set(&object, &name.into(), value));
    let names: Array = protocols.iter().map(|name| JsValue::from_str(name)).collect();
    let headers = Array::new();
    for (name, value) in &wish.headers {
        if !name.is_empty() {
            headers.push(&Array::of2(&name.into(), &value.into()));
        }
    }
    set("url", &url.into());
    set("protocols", &names);
    set("headers", &headers);
    if !wish.fingerprint.is_empty() {
        set("fingerprint", &(&*wish.fingerprint).into());
    }
    set("deflate", &wish.deflate.into());
    set("no_pong", &wish.silent.into());
    JSON::stringify(&object).map_or_else(|_never| String::new(), Into::into)
}

fn lost() -> Seen {
    let cause = "lost".to_owned();
    Seen::Failed { cause, why: String::new(), response: None, body: String::new(), certificate: None }
}

/// Takes what the relay has sent.
fn hear(data: &JsValue, state: &RefCell<Reading>, tell: &dyn Fn(Event)) {
    let Some(text) = data.as_string() else {
        let bytes = Uint8Array::new(data);
        let bytes = bytes.subarray(1, bytes.length());
        let head = bytes.subarray(0, HEAD).to_vec().into();
        tell(Event::Message(Payload::Buffer { len: bytes.length().into(), head, data: bytes.into() }));
        return;
    };
    let Ok(value) = JSON::parse(&text) else { return };
    let text = |name: &str| json::text(&value, name);
    match &*text("type") {
        "message" => tell(Event::Message(Payload::Text(text("text").into()))),
        "frame" => {
            let from = if text("from") == "client" { Side::Client } else { Side::Server };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of a frame")]
            let len = json::number(&value, "len") as u64;
            tell(Event::Relay(Seen::Frame { from, header: text("header"), len, payload: text("payload") }));
        }
        "resolved" => tell(Event::Relay(Seen::Resolved(text("address")))),
        "tls" => {
            let certificate = certificate_of(&value);
            tell(Event::Relay(Seen::Tls { version: text("version"), cipher: text("cipher"), certificate }));
        }
        "handshake" => {
            let [request, response] = ["request", "response"].map(|name| head_of(&json::member(&value, name)));
            tell(Event::Relay(Seen::Handshake { request, response }));
        }
        "open" => {
            let (protocol, extensions) = (text("protocol"), text("extensions"));
            {
                let mut state = state.borrow_mut();
                state.ready = Some(1);
                (state.protocol, state.extensions) = (protocol.clone(), extensions.clone());
            }
            tell(Event::Open { protocol, extensions });
        }
        "closed" => {
            let seen = Seen::Closed(text("end"), text("why"));
            let was_clean = json::member(&value, "was_clean").is_truthy();
            state.borrow_mut().ready = Some(3);
            tell(Event::Relay(seen));
            if !was_clean {
                tell(Event::Error);
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a code of sixteen bits")]
            let code = json::number(&value, "code") as u16;
            tell(Event::Close { code, reason: text("reason"), was_clean });
        }
        "failed" => {
            let [response, certificate] = ["response", "certificate"].map(|name| json::member(&value, name));
            let seen = Seen::Failed {
                cause: text("cause"),
                why: text("why"),
                response: response.is_object().then(|| head_of(&response)),
                body: text("body"),
                certificate: certificate.is_object().then(|| certificate_of(&certificate)),
            };
            end(state, tell, seen, false);
        }
        _ => {}
    }
}

/// There is no connection: what a browser says then, after the reason.
fn end(state: &RefCell<Reading>, tell: &dyn Fn(Event), seen: Seen, was_clean: bool) {
    state.borrow_mut().ready = Some(3);
    tell(Event::Relay(seen));
    tell(Event::Error);
    tell(Event::Close { code: 1006, reason: String::new(), was_clean });
}

fn head_of(value: &JsValue) -> Head {
    let pair = |pair: JsValue| {
        let at = |at: u32| Reflect::get_u32(&pair, at).ok().and_then(|text| text.as_string()).unwrap_or_default();
        (at(0), at(1))
    };
    let headers = Array::from(&json::member(value, "headers")).iter().map(pair).collect();
    Head { line: json::text(value, "line"), headers }
}

fn certificate_of(value: &JsValue) -> Certificate {
    let text = |name: &str| json::text(value, name);
    Certificate {
        subject: text("subject"),
        issuer: text("issuer"),
        valid: text("not_before") + " – " + &text("not_after"),
        sha256: text("sha256"),
    }
}
