//! What was decided, done.
//!
//! Neighbours: [`super::bench`] decides, [`crate::lean::program`] calls the [`Runner`]. A part whose effects are its own has a
//! runner of its own beside it. What a browser refuses is told as a message where somebody can see it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::bench::{Bench, Msg, Reader, Server};
use super::socket::{BinaryType, Event, Payload, Reading, Socket};
use super::{events, inspector, relay};
use crate::effects::browser;
use crate::lean::json;
use crate::lean::port::{self, Said};
use crate::lean::program::{Run, Tell};

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open the console's connection. What it says comes as [`Msg::Socket`] with this number.
    Open {
        /// The number of the connection, from 1.
        number: u32,
        /// The address, as it was written.
        url: String,
        /// What is offered.
        protocols: Vec<String>,
        /// How messages of bytes shall arrive.
        binary_type: BinaryType,
        /// How to go through the server; directly for none.
        relay: Option<relay::Wish>,
    },
    /// Send a message.
    Send(Payload),
    /// Close.
    Close {
        /// The code; none to send a Close without one.
        code: Option<u16>,
        /// The reason.
        reason: String,
    },
    /// Let messages of bytes arrive like this.
    BinaryType(BinaryType),
    /// Something for the relay alone.
    Relay(relay::Order),
    /// Put a text into the clipboard.
    Copy(String),
    /// Give somebody a file.
    Download {
        /// Its name.
        name: String,
        /// Its media type.
        kind: &'static str,
        /// What is in it, piece by piece.
        parts: Vec<String>,
    },
    /// Keep a text in this browser under `readyroom.bench.<key>`.
    Keep(&'static str, String),
    /// Tell the page.
    Say(Said),
    /// Send a message later.
    After(u32, Box<Msg>),
    /// Put the focus there.
    Focus(&'static str),
    /// Scroll there: an element by its selector, and pixels from its top.
    Scroll(&'static str, f64),
    /// Read a blob; the answer comes as [`Msg::Read`].
    Read {
        /// The blob.
        blob: JsValue,
        /// At most so many bytes, from its beginning.
        most: u32,
        /// Who asks.
        reader: Reader,
        /// A number for whoever asks.
        id: u32,
    },
    /// Ask what the server offers; the answer comes as [`Msg::Server`].
    AskServer {
        /// Whether it is none of the chat's, and offers nothing.
        alone: bool,
    },
    /// What the log needs done.
    Events(events::Task),
    /// What the inspector needs done.
    Inspector(inspector::Effect),
}

/// What a key is kept under.
const KEPT: &str = "readyroom.bench.";

/// What was kept under a key.
#[must_use]
pub fn kept(key: &str) -> Option<String> {
    browser::window().local_storage().ok().flatten()?.get_item(&format!("{KEPT}{key}")).ok().flatten()
}

/// Does it.
pub struct Runner {
    tell: Tell<Msg>,
    wire: Option<Wire>,
    inspector: inspector::Runner,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

/// The console's connection, whichever way it goes.
#[derive(Debug)]
enum Wire {
    Direct(Socket),
    Relayed(relay::Relayed),
}

impl Runner {
    /// Nothing is under way.
    #[must_use]
    pub fn new(tell: Tell<Msg>) -> Self {
        let inspector = inspector::Runner::new(Rc::clone(&tell));
        Self { tell, wire: None, inspector }
    }

    /// What the connection's object says of itself.
    fn reading(&self) -> Reading {
        match &self.wire {
            None => Reading::default(),
            Some(Wire::Direct(socket)) => socket.reading(),
            Some(Wire::Relayed(relayed)) => relayed.reading(),
        }
    }

    fn open(
        &mut self,
        number: u32,
        url: &str,
        protocols: &[String],
        binary_type: BinaryType,
        relay: Option<relay::Wish>,
    ) {
        let told = Rc::clone(&self.tell);
        let tell: Rc<dyn Fn(Event)> = Rc::new(move |event| told(Msg::Socket(number, event)));
        let opened = match relay {
            None => Socket::open(url, protocols, &tell).map(|socket| {
                socket.set_binary_type(binary_type);
                Wire::Direct(socket)
            }),
            Some(wish) => relay::Relayed::open(url, protocols, &wish, Rc::clone(&tell)).map(Wire::Relayed),
        };
        self.wire = match opened {
            Ok(wire) => Some(wire),
            Err(error) => {
                tell(refusal(&error));
                None
            }
        };
    }

    /// What a browser refuses is said where developers look; what can be known before is said where it is typed.
    fn complain(&self, done: Result<(), JsValue>) {
        if let Err(error) = done {
            web_sys::console::warn_1(&error);
        }
    }
}

impl Run<Bench> for Runner {
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Open { number, url, protocols, binary_type, relay } => {
                self.open(number, &url, &protocols, binary_type, relay);
            }
            Effect::Send(payload) => self.complain(match &self.wire {
                None => Ok(()),
                Some(Wire::Direct(socket)) => socket.send(&payload),
                Some(Wire::Relayed(relayed)) => relayed.send(&payload),
            }),
            Effect::Close { code, reason } => self.complain(match &self.wire {
                None => Ok(()),
                Some(Wire::Direct(socket)) => socket.close(code, &reason),
                Some(Wire::Relayed(relayed)) => relayed.close(code, &reason),
            }),
            Effect::BinaryType(binary_type) => {
                if let Some(Wire::Direct(socket)) = &self.wire {
                    socket.set_binary_type(binary_type);
                }
            }
            Effect::Relay(order) => {
                if let Some(Wire::Relayed(relayed)) = &self.wire {
                    relayed.order(&order);
                }
            }
            Effect::Copy(text) => {
                // Refused where the page is not served safely; the text can still be marked.
                let copied = browser::window().navigator().clipboard().write_text(&text);
                spawn_local(async move { drop(JsFuture::from(copied).await) });
            }
            Effect::Download { name, kind, parts } => self.complain(download(&name, kind, &parts)),
            Effect::Keep(key, text) => {
                if let Ok(Some(store)) = browser::window().local_storage() {
                    drop(store.set_item(&format!("{KEPT}{key}"), &text));
                }
            }
            Effect::Say(said) => port::say(&said),
            Effect::After(ms, msg) => {
                let tell = Rc::clone(&self.tell);
                Timeout::new(ms, move || tell(*msg)).forget();
            }
            Effect::Focus(selector) => browser::focus(selector),
            Effect::Scroll(selector, top) => {
                if let Ok(Some(element)) = browser::page().query_selector(selector) {
                    drop(Reflect::set(&element, &"scrollTop".into(), &top.into()));
                }
            }
            Effect::Read { blob, most, reader, id } => {
                let tell = Rc::clone(&self.tell);
                spawn_local(async move {
                    let part = blob.unchecked_ref::<web_sys::Blob>().slice_with_f64_and_f64(0.0, most.into());
                    let Ok(part) = part else { return };
                    if let Ok(buffer) = JsFuture::from(part.array_buffer()).await {
                        tell(Msg::Read(reader, id, js_sys::Uint8Array::new(&buffer).to_vec().into()));
                    }
                });
            }
            Effect::AskServer { alone } => {
                let tell = Rc::clone(&self.tell);
                spawn_local(async move {
                    // A server that cannot be asked offers nothing that is known.
                    let info = if alone { JsValue::NULL } else { server_info().await.unwrap_or_default() };
                    let offers = |name: &str| Reflect::get(&info, &name.into()).is_ok_and(|offer| offer.is_truthy());
                    let origin = browser::origin().unwrap_or_default().replacen("http", "ws", 1);
                    tell(Msg::Server(Server { labs: offers("labs"), relay: offers("relay"), origin }));
                });
            }
            Effect::Events(task) => events::run(task, &self.tell),
            Effect::Inspector(effect) => self.inspector.run(effect),
        }
    }

    fn frame(&mut self) -> Option<Msg> {
        Some(Msg::Frame(self.reading()))
    }
}

async fn server_info() -> Result<JsValue, JsValue> {
    let answer = JsFuture::from(browser::window().fetch_with_str("/api/v1/server")).await?;
    JsFuture::from(answer.unchecked_into::<web_sys::Response>().json()?).await
}

/// What a constructor has thrown.
fn refusal(error: &JsValue) -> Event {
    Event::Refused(json::text(error, "name"), json::text(error, "message"))
}

pub(super) fn download(name: &str, kind: &str, parts: &[String]) -> Result<(), JsValue> {
    let list: Array = parts.iter().map(|part| JsValue::from_str(part)).collect();
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &kind.into())?;
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&list, options.unchecked_ref())?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlElement = browser::page().create_element("a")?.unchecked_into();
    link.set_attribute("href", &url)?;
    link.set_attribute("download", name)?;
    link.click();
    // The browser has taken what it needs when the click is over; a minute is for those that ask first.
    Timeout::new(60_000, move || drop(web_sys::Url::revoke_object_url(&url))).forget();
    Ok(())
}
