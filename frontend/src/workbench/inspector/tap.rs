//! The tap: what this server has seen on the wire of a connection to one of its own endpoints.
//!
//! The address names the tap (`?tap=<name>`), and `GET /labs/tap/<name>` tells it as a stream of events; see
//! [`common::labs::Tapped`]. Neighbours: [`super::wire`] keeps what was told.

use common::labs::{Handshake, Head, Side, TAP_NAME};
use gloo_events::EventListener;
use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventSource, MessageEvent};

use super::super::bench;
use super::Msg;
use super::wire::Frame;
use crate::lean::json::member;
use crate::lean::program::Tell;
use crate::lean::text::hex;

/// What a tap has told.
#[derive(Debug, Clone, PartialEq)]
pub enum Tapped {
    /// The handshake.
    Handshake(Handshake),
    /// A frame.
    Frame(Frame),
    /// Whose doing the end was, and why.
    End(Side, String),
    /// It cannot be had, or has broken off.
    Failed,
}

/// What stands before the name of a tap in an address.
const MARK: &str = "tap=";

/// The address with a tap's name, where it is one of an endpoint under `/labs/` of the server at `origin`.
#[must_use]
pub fn named(url: &str, origin: &str, name: &str) -> Option<String> {
    let own = |origin: &str| url.strip_prefix(origin).filter(|_| !origin.is_empty());
    let path = own(origin).or_else(|| own(&origin.replacen("ws", "http", 1))).unwrap_or(url);
    if !path.starts_with("/labs/") || url.contains('#') {
        return None;
    }
    Some(url.to_owned() + if url.contains('?') { "&" } else { "?" } + MARK + name)
}

/// The address without its tap.
#[must_use]
pub fn unnamed(url: &str) -> &str {
    let bare = url.len().checked_sub(MARK.len() + TAP_NAME + 1).and_then(|at| url.split_at_checked(at));
    match bare {
        Some((bare, tap)) if tap.get(1..).is_some_and(|tap| tap.starts_with(MARK)) => bare,
        _ => url,
    }
}

/// A name that nobody else has: random, for who knows it can listen.
#[must_use]
pub fn name() -> String {
    let mut bytes = [0; TAP_NAME / 2];
    #[cfg(target_arch = "wasm32")]
    if let Ok(crypto) = crate::effects::browser::window().crypto() {
        drop(crypto.get_random_values_with_u8_array(&mut bytes));
    }
    #[cfg(not(target_arch = "wasm32"))]
    bytes.fill(7);
    hex(&bytes)
}

/// Listens to one tap, until it is dropped.
#[derive(Debug)]
pub struct Listener {
    source: EventSource,
    _listeners: [EventListener; 2],
}

impl Listener {
    /// Begins to listen. What is told carries this number.
    pub fn new(number: u32, name: &str, tell: &Tell<bench::Msg>) -> Option<Self> {
        let source = EventSource::new(&("/labs/tap/".to_owned() + name)).ok()?;
        let listen = |event: &'static str| {
            let (tell, source) = (tell.clone(), source.clone());
            EventListener::new(&source.clone(), event, move |event| {
                // Whatever it was that went wrong: it would ask again by itself.
                let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
                let told = data.map_or(Some(Tapped::Failed), |data| read(&data.as_string()?));
                if matches!(told, Some(Tapped::Failed | Tapped::End(..))) {
                    source.close();
                }
                if let Some(told) = told {
                    tell(bench::Msg::Inspector(Msg::Tapped(number, told)));
                }
            })
        };
        let listeners = [listen("message"), listen("error")];
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Reads what was told. None for what is not known here.
#[must_use]
pub fn read(text: &str) -> Option<Tapped> {
    let value = JSON::parse(text).ok()?;
    Some(match string(&value, "type")?.as_str() {
        "handshake" => {
            Tapped::Handshake(Handshake { request: head(&value, "request")?, response: head(&value, "response")? })
        }
        "frame" => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts frames")]
            let n = member(&value, "n").as_f64()? as u64;
            let at = member(&value, "at").as_f64()?;
            let header = unhex(&string(&value, "header")?);
            let payload = unhex(&string(&value, "payload")?);
            Tapped::Frame(Frame::new(side(&value, "from")?, Some(n), at, header, payload)?)
        }
        "end" => Tapped::End(side(&value, "by")?, string(&value, "why")?),
        _ => return None,
    })
}

fn string(value: &JsValue, name: &str) -> Option<String> {
    member(value, name).as_string()
}

fn side(value: &JsValue, name: &str) -> Option<Side> {
    Some(if string(value, name)? == "client" { Side::Client } else { Side::Server })
}

fn head(value: &JsValue, name: &str) -> Option<Head> {
    let value = member(value, name);
    let mut headers = Vec::new();
    for pair in member(&value, "headers").dyn_ref::<Array>()?.iter() {
        let pair: &Array = pair.dyn_ref()?;
        headers.push((pair.get(0).as_string()?, pair.get(1).as_string()?));
    }
    Some(Head { line: string(&value, "line")?, headers })
}

/// Two digits for each byte, read. What is no digit is 0.
#[must_use]
pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: &u8| char::from(*at).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
    text.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, at| byte << 4 | digit(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "ws://127.0.0.1:3000";

    #[test]
    fn only_endpoints_of_this_server_are_tapped() {
        let name = "0123456789abcdef0123456789abcdef";
        let tapped = |url: &str| named(url, ORIGIN, name);
        for (url, with) in [
            ("ws://127.0.0.1:3000/labs/echo", "ws://127.0.0.1:3000/labs/echo?tap="),
            ("http://127.0.0.1:3000/labs/echo", "http://127.0.0.1:3000/labs/echo?tap="),
            ("/labs/close?code=4001", "/labs/close?code=4001&tap="),
        ] {
            let whole = tapped(url).unwrap();
            assert_eq!(whole, with.to_owned() + name);
            assert_eq!(unnamed(&whole), url);
        }
        for url in ["ws://127.0.0.1:30001/labs/echo", "wss://example.org/labs/echo", "/ws", "/labs/echo#a", ""] {
            assert_eq!(tapped(url), None);
            assert_eq!(unnamed(url), url);
        }
        assert_eq!(named("wss://example.org/labs/echo", "", name), None);
    }

    #[test]
    fn hexadecimal_is_read() {
        assert_eq!(unhex("00ff7B"), [0, 255, 0x7b]);
        assert!(unhex("").is_empty());
    }
}
