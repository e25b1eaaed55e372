//! What a lesson wants done, done.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, EventSource, MessageEvent, RequestInit, Response};

use super::state::{Lessons, Msg, SLOTS, Shape};
use super::wire::Call;
use crate::effects::browser;
use crate::lean::json;
use crate::lean::port::{self, Said};
use crate::lean::program::{Run, Tell};
use crate::lean::text;
use crate::workbench::socket::{BinaryType, Event, Payload, Socket};

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Tell the page.
    Say(Said),
    /// Ask whether the server has labs.
    AskServer,
    /// Open a connection. What it says comes as [`Msg::Socket`] with this slot and number.
    Open { slot: u8, number: u32, url: String, protocols: Vec<String>, binary_type: BinaryType },
    /// Send; how that went comes as [`Msg::Called`].
    Send { slot: u8, shape: Shape, text: String },
    /// Send so many zeros as an `ArrayBuffer`; how that went comes as [`Msg::Called`].
    Fill { slot: u8, bytes: u32 },
    /// Close; how that went comes as [`Msg::Called`].
    Close { slot: u8, code: Option<u16>, reason: String },
    /// Let messages of bytes arrive like this.
    BinaryType(u8, BinaryType),
    /// Close every connection, end every request and every stream.
    Stop,
    /// Send a message later.
    After(u32, Msg),
    /// Ask for JSON; the answer comes as [`Msg::Fetched`].
    Fetch { visit: u32, tag: u8, url: String },
    /// Listen to a stream of events; each comes as [`Msg::Pushed`].
    Listen { visit: u32, url: String },
    /// Read a `WebSocketStream`, a message each so many milliseconds; each comes as [`Msg::Pushed`].
    Stream { visit: u32, url: String, pause: u32 },
    /// Put a text into the clipboard.
    Copy(String),
    /// Make a random name; it comes as [`Msg::Named`].
    Name(u32),
    /// Show the lesson from its beginning.
    Top,
}

/// Does it.
pub(super) struct Runner {
    tell: Tell<Msg>,
    sockets: [Option<(u32, Socket)>; SLOTS],
    streams: Vec<(EventSource, [EventListener; 2])>,
    abort: Option<AbortController>,
}

impl Runner {
    /// Nothing is under way.
    pub(super) fn new(tell: Tell<Msg>) -> Self {
        Self { tell, sockets: Default::default(), streams: Vec::new(), abort: None }
    }

    fn open(&mut self, slot: u8, number: u32, url: &str, protocols: &[String], binary_type: BinaryType) {
        let Some(place) = self.sockets.get_mut(usize::from(slot)) else { return };
        leave(place);
        let told = Rc::clone(&self.tell);
        let tell: Rc<dyn Fn(Event)> = Rc::new(move |event| told(Msg::Socket(slot, number, event)));
        match Socket::open(url, protocols, &tell) {
            Ok(socket) => {
                socket.set_binary_type(binary_type);
                *place = Some((number, socket));
            }
            Err(error) => {
                let (name, message) = exception(&error);
                tell(Event::Refused(name, message));
            }
        }
    }

    /// Calls a method and tells how that went.
    fn call(&self, slot: u8, code: String, bytes: Option<u64>, method: impl FnOnce(&Socket) -> Result<(), JsValue>) {
        let Some(Some((number, socket))) = self.sockets.get(usize::from(slot)) else { return };
        let ready = socket.reading().ready.unwrap_or_default();
        let threw = method(socket).err().map(|error| exception(&error));
        let buffered = socket.reading().buffered;
        (self.tell)(Msg::Called(slot, *number, Call { code, bytes, ready, buffered, threw }));
    }

    fn send(&self, slot: u8, shape: Shape, text: String) {
        let len = text.len() as u64;
        let (code, payload) = match shape {
            Shape::Text => ("send(\"".to_owned() + &text + "\")", Payload::Text(text.into())),
            Shape::Blob => {
                let parts = Array::of1(&Uint8Array::from(text.as_bytes()));
                let Ok(blob) = web_sys::Blob::new_with_u8_array_sequence(&parts) else { return };
                ("send(blob)".to_owned(), Payload::Blob { len, name: "".into(), data: blob.into() })
            }
            Shape::Buffer => ("send(buffer)".to_owned(), Payload::bytes(text.as_bytes())),
        };
        self.call(slot, code, Some(len), |socket| socket.send(&payload));
    }

    fn fill(&self, slot: u8, bytes: u32) {
        let data = Uint8Array::new_with_length(bytes).into();
        let payload = Payload::Buffer { len: bytes.into(), head: [].into(), data };
        self.call(slot, "send(buffer)".to_owned(), Some(bytes.into()), |socket| socket.send(&payload));
    }

    fn close(&self, slot: u8, code: Option<u16>, reason: &str) {
        let mut call = "close(".to_owned();
        if let Some(code) = code {
            call += &code.to_string();
            if !reason.is_empty() {
                call += ", \"";
                call += reason;
                call.push('"');
            }
        }
        call.push(')');
        self.call(slot, call, None, |socket| socket.close(code, reason));
    }

    fn stop(&mut self) {
        self.sockets.iter_mut().for_each(leave);
        self.streams.drain(..).for_each(|(stream, _)| stream.close());
        if let Some(abort) = self.abort.take() {
            abort.abort();
        }
    }

    /// What ends when this visit does.
    fn signal(&mut self) -> Option<AbortSignal> {
        if self.abort.is_none() {
            self.abort = AbortController::new().ok();
        }
        self.abort.as_ref().map(AbortController::signal)
    }

    fn fetch(&mut self, visit: u32, tag: u8, url: String) {
        let tell = Rc::clone(&self.tell);
        let init = RequestInit::new();
        init.set_signal(self.signal().as_ref());
        spawn_local(async move {
            let answer = fetched(&url, &init).await.ok();
            tell(Msg::Fetched(visit, tag, answer));
        });
    }

    fn listen(&mut self, visit: u32, url: &str) {
        let Ok(stream) = EventSource::new(url) else { return };
        let (heard, failed) = (Rc::clone(&self.tell), Rc::clone(&self.tell));
        let listeners = [
            EventListener::new(&stream, "message", move |event| {
                let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                heard(Msg::Pushed(visit, Some(json::parse(&data.unwrap_or_default()))));
            }),
            EventListener::new(&stream, "error", move |event| {
                // The browser would ask again and again.
                if let Some(stream) = event.target().and_then(|target| target.dyn_into::<EventSource>().ok()) {
                    stream.close();
                }
                failed(Msg::Pushed(visit, None));
            }),
        ];
        self.streams.push((stream, listeners));
    }
}

impl Run<Lessons> for Runner {
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Say(said) => port::say(&said),
            Effect::AskServer => {
                let tell = Rc::clone(&self.tell);
                spawn_local(async move {
                    // A server that cannot be asked offers nothing that is known.
                    let info = fetched("/api/v1/server", &RequestInit::new()).await.unwrap_or_default();
                    let base = browser::origin().unwrap_or_default().replacen("http", "ws", 1);
                    tell(Msg::Server(json::member(&info, "labs").is_truthy(), base));
                });
            }
            Effect::Open { slot, number, url, protocols, binary_type } => {
                self.open(slot, number, &url, &protocols, binary_type);
            }
            Effect::Send { slot, shape, text } => self.send(slot, shape, text),
            Effect::Fill { slot, bytes } => self.fill(slot, bytes),
            Effect::Close { slot, code, reason } => self.close(slot, code, &reason),
            Effect::BinaryType(slot, binary_type) => {
                if let Some(Some((_, socket))) = self.sockets.get(usize::from(slot)) {
                    socket.set_binary_type(binary_type);
                }
            }
            Effect::Stop => self.stop(),
            Effect::After(ms, msg) => {
                let tell = Rc::clone(&self.tell);
                Timeout::new(ms, move || tell(msg)).forget();
            }
            Effect::Fetch { visit, tag, url } => self.fetch(visit, tag, url),
            Effect::Listen { visit, url } => self.listen(visit, &url),
            Effect::Stream { visit, url, pause } => {
                let tell = Rc::clone(&self.tell);
                let Some(signal) = self.signal() else { return };
                spawn_local(async move {
                    let told = Rc::clone(&tell);
                    let heard = move |value| told(Msg::Pushed(visit, Some(value)));
                    drop(stream::read(&url, &signal, pause, heard).await);
                    tell(Msg::Pushed(visit, None));
                });
            }
            Effect::Copy(text) => {
                // Refused where the page is not served safely; the text can still be marked.
                let copied = browser::window().navigator().clipboard().write_text(&text);
                spawn_local(async move { drop(JsFuture::from(copied).await) });
            }
            Effect::Name(visit) => {
                let mut bytes = [0; 16];
                let filled =
                    browser::window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
                if filled.is_err() {
                    bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
                }
                (self.tell)(Msg::Named(visit, text::hex(&bytes)));
            }
            Effect::Top => {
                if let Ok(Some(lesson)) = browser::page().query_selector(".lesson") {
                    lesson.set_scroll_top(0);
                }
            }
        }
    }

    fn frame(&mut self) -> Option<Msg> {
        let mut readings = Vec::new();
        for (slot, place) in (0..).zip(&self.sockets) {
            if let Some((_, socket)) = place {
                readings.push((slot, socket.reading()));
            }
        }
        Some(Msg::Frame(readings))
    }
}

/// Closes what is in a slot.
fn leave(place: &mut Option<(u32, Socket)>) {
    if let Some((_, socket)) = place.take() {
        drop(socket.close(None, ""));
    }
}

/// The name of an exception and what the browser says.
fn exception(error: &JsValue) -> (String, String) {
    (json::text(error, "name"), json::text(error, "message"))
}

async fn fetched(url: &str, init: &RequestInit) -> Result<JsValue, JsValue> {
    let answer = JsFuture::from(browser::window().fetch_with_str_and_init(url, init)).await?;
    let answer: Response = answer.unchecked_into();
    if !answer.ok() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(answer.json()?).await
}

/// `WebSocketStream`, which web-sys does not know: not every browser has it.
pub(super) mod stream {
    use js_sys::{Array, Function, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::AbortSignal;

    use crate::effects::browser;
    use crate::lean::json::member;

    /// Whether this browser has it.
    #[cfg(target_arch = "wasm32")]
    pub(in super::super) fn is_known() -> bool {
        member(&browser::window(), "WebSocketStream").is_function()
    }

    /// Reads messages one after the other, with a pause after each, until it ends or is ended.
    pub(super) async fn read(
        url: &str,
        signal: &AbortSignal,
        pause: u32,
        heard: impl Fn(JsValue),
    ) -> Result<(), JsValue> {
        let class: Function = member(&browser::window(), "WebSocketStream").dyn_into()?;
        let socket = Reflect::construct(&class, &Array::of1(&url.into()))?;
        let opened = wait(&member(&socket, "opened")).await?;
        let reader = call(&member(&opened, "readable"), "getReader")?;
        while !signal.aborted() {
            let piece = wait(&call(&reader, "read")?).await?;
            if member(&piece, "done").is_truthy() {
                return Ok(());
            }
            heard(member(&piece, "value"));
            let time = i32::try_from(pause).unwrap_or_default();
            let paused = Promise::new(&mut |resolve, _| {
                drop(browser::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, time));
            });
            JsFuture::from(paused).await?;
        }
        call(&socket, "close").map(drop)
    }

    async fn wait(promise: &JsValue) -> Result<JsValue, JsValue> {
        JsFuture::from(promise.clone().dyn_into::<Promise>()?).await
    }

    fn call(of: &JsValue, method: &str) -> Result<JsValue, JsValue> {
        member(of, method).dyn_into::<Function>()?.call0(of)
    }
}
