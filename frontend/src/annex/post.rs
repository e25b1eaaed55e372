//! Carries what the page and its annex say to each other, as events of the window.
//!
//! To the annex it goes as JSON. From it, it comes as a list of plain values, read by hand, for the page must stay small;
//! see [`crate::device`] for how commands stand in such a list. What does not read as it was written, another version of
//! either module wrote: it is dropped, and the browser's console says so.

use common::id::{Cid, RoomId, Seq, Timestamp};
use common::model::Level;
use common::sync::keep::Shared;
use common::sync::outbox::{Pending, Stage, What};
use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit};

use super::port::{Prefer, Said, Tell};
use crate::device::record;
use crate::i18n::Lang;
use crate::state::Theme;

/// The event that tells the annex.
const TELL: &str = "readyroom:tell";

/// The event that tells the page.
const SAID: &str = "readyroom:said";

/// Tells the annex.
pub fn tell(tell: &Tell) {
    match serde_json::to_string(tell) {
        Ok(text) => send(TELL, &text.into()),
        Err(error) => web_sys::console::error_1(&error.to_string().into()),
    }
}

/// Tells the page.
pub fn say(said: &Said) {
    send(SAID, &of_said(said));
}

/// Hears what the page tells, until the listener is dropped.
pub fn on_tell(heard: impl Fn(Tell) + 'static) -> EventListener {
    listen(TELL, move |detail| {
        let told = detail.as_string().and_then(|text| serde_json::from_str(&text).ok());
        told.map(&heard)
    })
}

/// Hears what the annex says, until the listener is dropped.
pub fn on_said(heard: impl Fn(Said) + 'static) -> EventListener {
    listen(SAID, move |detail| said(detail).map(&heard))
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
            web_sys::console::warn_2(&"the page and its annex do not understand each other".into(), &detail);
        }
    })
}

fn list<const N: usize>(values: [JsValue; N]) -> JsValue {
    values.into_iter().collect::<Array>().into()
}

fn of_said(said: &Said) -> JsValue {
    let number = record::number;
    match said {
        Said::Dismissed => list(["dismissed".into()]),
        Said::Visit(room, seq) => {
            list(["visit".into(), number(room.0), seq.map_or(JsValue::NULL, |seq| number(seq.0))])
        }
        Said::Command { id, what } => list(["command".into(), number((*id).into()), of_what(what)]),
        Said::Try(url) => list(["try".into(), url.as_str().into()]),
        Said::Insert(text) => list(["insert".into(), text.as_str().into()]),
        Said::React(room, seq, emoji) => list(["react".into(), number(room.0), number(seq.0), emoji.as_str().into()]),
        Said::Mute(room, muted) => list(["mute".into(), number(room.0), (*muted).into()]),
        Said::Level(room, level) => {
            let at = LEVELS.iter().position(|one| one == level).unwrap_or_default();
            list(["level".into(), number(room.0), number(at as u64)])
        }
        Said::Prefer(Prefer::Theme(theme)) => list(["theme".into(), theme.tag().into()]),
        Said::Prefer(Prefer::Lang(lang)) => list(["lang".into(), lang.tag().into()]),
        Said::Prefer(Prefer::Wire(open)) => list(["wire".into(), (*open).into()]),
        Said::Prefer(Prefer::Keys(on)) => list(["keys".into(), (*on).into()]),
        Said::SignedIn => list(["in".into()]),
        Said::SignedOut => list(["out".into()]),
    }
}

const LEVELS: [Level; 3] = [Level::All, Level::Mentions, Level::Nothing];

fn said(detail: &JsValue) -> Option<Said> {
    let list: &Array = detail.dyn_ref()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "written from such a number above")]
    let number = |at: u32| list.get(at).as_f64().map(|number| number as u64);
    let room = || number(1).map(RoomId);
    let flag = |at: u32| list.get(at).is_truthy();
    let text = |at: u32| list.get(at).as_string();
    Some(match list.get(0).as_string()?.as_str() {
        "dismissed" => Said::Dismissed,
        "visit" => Said::Visit(room()?, number(2).map(Seq)),
        "command" => Said::Command { id: u32::try_from(number(1)?).ok()?, what: Box::new(what(&list.get(2))?) },
        "try" => Said::Try(text(1)?),
        "insert" => Said::Insert(text(1)?),
        "react" => Said::React(room()?, Seq(number(2)?), text(3)?),
        "mute" => Said::Mute(room()?, flag(2)),
        "level" => Said::Level(room()?, *LEVELS.get(usize::try_from(number(2)?).ok()?)?),
        "theme" => Said::Prefer(Prefer::Theme(Theme::from_tag(&text(1)?))),
        "lang" => Said::Prefer(Prefer::Lang(Lang::from_tag(&text(1)?))),
        "wire" => Said::Prefer(Prefer::Wire(flag(1))),
        "keys" => Said::Prefer(Prefer::Keys(flag(1))),
        "in" => Said::SignedIn,
        "out" => Said::SignedOut,
        _ => return None,
    })
}

/// A command stands in the list as one of the outbox does.
fn of_what(what: &What) -> JsValue {
    let cid = Cid(Default::default());
    let pending = Pending {
        cid,
        what: what.clone(),
        after: None,
        at: Timestamp(0),
        stage: Stage::Waiting,
        retries: 0,
        trouble: None,
    };
    record::of_shared(&Shared::Put(Box::new(pending)))
}

fn what(record: &JsValue) -> Option<What> {
    match record::shared(record)? {
        Shared::Put(pending) => Some(pending.what),
        Shared::Drop(_) => None,
    }
}
