//! What the page and the modules beside it (the Workbench, the lessons) say to each other, as events of the window.
//!
//! Both ways it is a list of plain values, read by hand, for both modules must stay small. What does not read as it was
//! written is dropped, and the browser's console says so. Neighbours: [`crate::annex::post`] does the same for the annex.

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit};

use crate::i18n::Lang;
use crate::state::Theme;

/// The event that tells the Workbench.
const TELL: &str = "readyroom:workbench";

/// The event that tells the page.
const SAID: &str = "readyroom:bench-said";

/// What the page tells the Workbench and the lessons: all of it, whenever something in it has changed.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Told {
    /// Whether the chat is hidden and one of them is to be seen.
    pub shown: bool,
    /// Which: what stands behind `/workbench/` in the address. Nothing is the console; `lessons/` and a name a lesson.
    pub place: String,
    /// The language.
    pub lang: Lang,
    /// The theme.
    pub theme: Theme,
    /// Whether single keys mean something outside of texts.
    pub keys: bool,
    /// The name of who is signed in; empty where nobody is.
    pub name: String,
    /// Their number, which chooses the colour.
    pub person: u64,
    /// The state of the chat's socket, 0 to 3; none where there is none.
    pub ready: Option<u16>,
    /// The last round trip of the chat's socket, in milliseconds.
    pub round_trip: Option<f64>,
    /// What is to be opened, once for each number: an address, and a message for the sender.
    pub errand: Option<Errand>,
    /// Whether there is no chat behind it, nor a server that offers anything: only the console of a pipe.
    pub alone: bool,
}

/// Something that the page wants tried here.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Tells one errand from the next.
    pub number: u32,
    /// The address; empty to leave it as it is.
    pub url: String,
    /// The subprotocol to offer; empty for none.
    pub protocol: String,
    /// What shall stand in the sender; empty to leave it as it is.
    pub message: String,
}

/// What somebody did in the Workbench that the page has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It listens now, and wants to be told.
    Ready,
    /// Back to the chat.
    Leave,
    /// Another address behind `/workbench/`; see [`Told::place`].
    Place(String),
    /// To the console, with this.
    Try(Errand),
    /// Another theme.
    Theme(Theme),
    /// The switcher.
    Switcher,
    /// The settings.
    Settings,
    /// The chat's wire panel, in the chat.
    Wire,
    /// The page of signing in.
    SignIn,
}

/// Tells the Workbench.
pub fn tell(told: &Told) {
    let number = JsValue::from_f64;
    let errand = told.errand.as_ref().map_or(JsValue::NULL, list_of);
    #[expect(clippy::cast_precision_loss, reason = "people have small numbers")]
    let person = number(told.person as f64);
    let detail = list([
        told.shown.into(),
        told.place.as_str().into(),
        told.lang.tag().into(),
        told.theme.tag().into(),
        told.keys.into(),
        told.name.as_str().into(),
        person,
        told.ready.map_or(JsValue::NULL, JsValue::from),
        told.round_trip.map_or(JsValue::NULL, number),
        errand,
        told.alone.into(),
    ]);
    send(TELL, &detail);
}

/// Hears what the page tells, until the listener is dropped.
pub fn on_tell(heard: impl Fn(Told) + 'static) -> EventListener {
    listen(TELL, move |detail| told(detail).map(&heard))
}

/// Tells the page.
pub fn say(said: &Said) {
    let detail = match said {
        Said::Ready => list(["ready".into()]),
        Said::Leave => list(["leave".into()]),
        Said::Place(place) => list(["place".into(), place.as_str().into()]),
        Said::Try(errand) => list(["try".into(), list_of(errand)]),
        Said::Theme(theme) => list(["theme".into(), theme.tag().into()]),
        Said::Switcher => list(["switcher".into()]),
        Said::Settings => list(["settings".into()]),
        Said::Wire => list(["wire".into()]),
        Said::SignIn => list(["signin".into()]),
    };
    send(SAID, &detail);
}

/// Hears what the Workbench says, until the listener is dropped.
pub fn on_said(heard: impl Fn(Said) + 'static) -> EventListener {
    listen(SAID, move |detail| said(detail).map(&heard))
}

fn told(detail: &JsValue) -> Option<Told> {
    let list: &Array = detail.dyn_ref()?;
    let text = |at: u32| list.get(at).as_string();
    let flag = |at: u32| list.get(at).is_truthy();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "written from such numbers above")]
    Some(Told {
        shown: flag(0),
        place: text(1)?,
        lang: Lang::from_tag(&text(2)?),
        theme: Theme::from_tag(&text(3)?),
        keys: flag(4),
        name: text(5)?,
        person: list.get(6).as_f64()? as u64,
        ready: list.get(7).as_f64().map(|ready| ready as u16),
        round_trip: list.get(8).as_f64(),
        errand: list.get(9).dyn_ref::<Array>().and_then(errand),
        alone: flag(10),
    })
}

fn list_of(errand: &Errand) -> JsValue {
    list([
        errand.number.into(),
        errand.url.as_str().into(),
        errand.protocol.as_str().into(),
        errand.message.as_str().into(),
    ])
}

fn errand(list: &Array) -> Option<Errand> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "written from such a number above")]
    let number = list.get(0).as_f64()? as u32;
    Some(Errand {
        number,
        url: list.get(1).as_string()?,
        protocol: list.get(2).as_string()?,
        message: list.get(3).as_string()?,
    })
}

fn said(detail: &JsValue) -> Option<Said> {
    let list: &Array = detail.dyn_ref()?;
    let text = |at: u32| list.get(at).as_string();
    Some(match text(0)?.as_str() {
        "ready" => Said::Ready,
        "leave" => Said::Leave,
        "place" => Said::Place(text(1)?),
        "try" => Said::Try(errand(list.get(1).dyn_ref()?)?),
        "theme" => Said::Theme(Theme::from_tag(&text(1)?)),
        "switcher" => Said::Switcher,
        "settings" => Said::Settings,
        "wire" => Said::Wire,
        "signin" => Said::SignIn,
        _ => return None,
    })
}

fn list<const N: usize>(values: [JsValue; N]) -> JsValue {
    values.into_iter().collect::<Array>().into()
}

fn send(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    let sent = CustomEvent::new_with_event_init_dict(name, &init)
        .and_then(|event| web_sys::window().map_or(Ok(false), |window| window.dispatch_event(&event)));
    if let Err(error) = sent {
        web_sys::console::error_1(&error);
    }
}

fn listen(name: &'static str, heard: impl Fn(&JsValue) -> Option<()> + 'static) -> EventListener {
    let target: web_sys::EventTarget = web_sys::window().map_or_else(|| JsValue::NULL.unchecked_into(), Into::into);
    EventListener::new(&target, name, move |event| {
        let detail = event.dyn_ref::<CustomEvent>().map(CustomEvent::detail).unwrap_or_default();
        if heard(&detail).is_none() {
            web_sys::console::warn_2(&"the page and the Workbench do not understand each other".into(), &detail);
        }
    })
}
