//! What one is told of: whether the browser may, and which messages of each room.

use common::model::{Level, RoomKind};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, TargetCast, component, html, use_state};

use super::sessions::SectionProps;
use crate::annex::port::{RoomLine, Said};
use crate::annex::words::words;

/// The section.
#[component]
pub(super) fn Notifications(props: &SectionProps) -> Html {
    let words = words(props.desk.lang());
    let permission = use_state(permission);
    let ask = {
        let permission = permission.clone();
        Callback::from(move |_: web_sys::MouseEvent| {
            let permission = permission.clone();
            spawn_local(async move {
                if let Ok(asked) = request() {
                    permission.set(JsFuture::from(asked).await.ok().and_then(|answer| answer.as_string()));
                }
            });
        })
    };
    let state = match permission.as_deref() {
        None => html! { <span class="faint">{ words.desktop_none }</span> },
        Some("granted") => html! { <span class="faint" role="status">{ words.desktop_on }</span> },
        Some("denied") => html! { <span class="faint" role="status">{ words.desktop_denied }</span> },
        Some(_) => html! { <button type="button" class="btn" onclick={ask}>{ words.desktop_ask }</button> },
    };
    let rooms = &props.desk.context.rooms;
    html! {
        <>
            <div class="settings__group settings__group--rows">
                <div class="setting"><div>{ words.desktop }<small>{ words.desktop_hint }</small></div>{ state }</div>
            </div>
            <div class="settings__group settings__group--rows">
                <h3>{ words.levels }</h3>
                <p class="faint">{ words.levels_hint }</p>
                if rooms.is_empty() {
                    <p class="faint">{ words.no_rooms }</p>
                }
                { for rooms.iter().map(|room| level(props, room)) }
            </div>
        </>
    }
}

const LEVELS: [Level; 3] = [Level::All, Level::Mentions, Level::Nothing];

fn level(props: &SectionProps, room: &RoomLine) -> Html {
    let words = words(props.desk.lang());
    let id = room.info.id;
    let onchange = props.desk.say.reform(move |event: Event| {
        let chosen = event.target_dyn_into::<HtmlSelectElement>().map(|select| select.selected_index());
        let at = chosen.and_then(|at| usize::try_from(at).ok()).unwrap_or_default();
        Said::Level(id, LEVELS.get(at).copied().unwrap_or_default())
    });
    let option =
        |(level, name): (Level, &'static str)| html! { <option selected={room.info.notify == level}>{ name }</option> };
    html! {
        <div class="setting" key={id.0}>
            <label for={format!("level-{}", id.0)}>{ name(room) }</label>
            <select class="input input--auto" id={format!("level-{}", id.0)} {onchange}>{ for LEVELS.into_iter().zip(words.level_names).map(option) }</select>
        </div>
    }
}

/// The room's name, or who else is in a conversation.
fn name(room: &RoomLine) -> String {
    if room.info.kind == RoomKind::Direct {
        return room.info.people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>().join(", ");
    }
    format!("#{}", room.info.name)
}

/// What the browser says: `default`, `granted` or `denied`; none where it has no notifications.
fn permission() -> Option<String> {
    let class = Reflect::get(&js_sys::global(), &"Notification".into()).ok().filter(|class| !class.is_undefined())?;
    Reflect::get(&class, &"permission".into()).ok()?.as_string()
}

fn request() -> Result<Promise, JsValue> {
    let class = Reflect::get(&js_sys::global(), &"Notification".into())?;
    let ask: Function = Reflect::get(&class, &"requestPermission".into())?.dyn_into()?;
    ask.call0(&class)?.dyn_into()
}
