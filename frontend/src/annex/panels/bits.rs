//! Small parts that the panels share: names with their hits marked, people, errors beside fields, clocks of other places.

use common::id::{Timestamp, UserId};
use common::text::TextError;
use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use yew::{Html, hook, html, use_effect_with};

use super::Desk;
use super::order::Standing;
pub(super) use crate::annex::form::typed;
use crate::calendar::Local;
use crate::views::parts::{avatar, field_error};

/// A text with parts of it marked; the places count characters.
pub(super) fn marked(text: &str, marks: &[(usize, usize)]) -> Html {
    let mut chars = text.chars();
    let mut at = 0;
    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    for (begin, end) in marks.iter().copied().filter(|(begin, end)| begin < end) {
        let plain: String = chars.by_ref().take(begin.saturating_sub(at)).collect();
        let hit: String = chars.by_ref().take(end.saturating_sub(begin.max(at))).collect();
        at = end.max(at);
        pieces.push(html! { <>{ plain }if !hit.is_empty() { <mark>{ hit }</mark> }</> });
    }
    let rest: String = chars.collect();
    html! { <>{ for pieces }{ rest }</> }
}

/// Somebody's initials, and whether they are here where that is known.
pub(super) fn face(user: UserId, name: &str, here: Option<bool>) -> Html {
    let presence = match here {
        None => None,
        Some(true) => Some("presence"),
        Some(false) => Some("presence presence--off"),
    };
    html! {
        <span class="person" aria-hidden="true">
            { avatar(user, name, Some("avatar--sm")) }
            if let Some(class) = presence {
                <span {class}></span>
            }
        </span>
    }
}

/// Why a command was refused, or its text before it was given.
pub(super) fn complaint(desk: &Desk, error: Option<&TextError>, standing: &Standing) -> Option<String> {
    let words = desk.context.lang.words();
    match (error, standing) {
        (Some(error), _) => Some((words.text_error)(error)),
        (None, Standing::Refused(refusal)) => Some((words.refusal)(refusal)),
        (None, Standing::Idle | Standing::Going | Standing::Done(_)) => None,
    }
}

/// A line below a field: why it was refused, else that it waits for the connection, else the hint.
pub(super) fn below(desk: &Desk, id: &'static str, error: Option<&str>, standing: &Standing, hint: &str) -> Html {
    let waits = standing.is_going() && !desk.context.ready;
    let text = if waits { desk.panel_words().waits } else { hint };
    match error {
        Some(error) => field_error(id, error),
        None => html! { <p class="field__hint" {id} role={waits.then_some("status")}>{ text.to_owned() }</p> },
    }
}

/// Puts the focus on an element of the page.
pub(super) fn focus(id: &str) {
    let page = web_sys::window().and_then(|window| window.document());
    if let Some(element) =
        page.and_then(|page| page.get_element_by_id(id)).and_then(|it| it.dyn_into::<HtmlElement>().ok())
    {
        drop(element.focus());
    }
}

/// Puts the focus on an element as soon as it is drawn. In a dialog `autofocus` does it.
#[hook]
pub(super) fn use_focus(id: &'static str) {
    use_effect_with((), move |()| focus(id));
}

/// Whether the page is wide enough for a panel beside the room.
pub(super) fn is_wide() -> bool {
    let list = web_sys::window().and_then(|window| window.match_media("(min-width: 70.01em)").ok().flatten());
    list.is_some_and(|list| list.matches())
}

/// This moment.
pub(super) fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970")]
    Timestamp(js_sys::Date::now() as u64)
}

/// A moment by the clock of this place.
pub(super) fn local(at: Timestamp) -> Local {
    Local::at(at, |at| {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
        #[expect(clippy::cast_possible_truncation, reason = "minutes of an offset fit")]
        let west = date.get_timezone_offset() as i64;
        -west
    })
}

/// What the clock shows in a place of the time zone database; nothing for a place that the browser does not know.
pub(super) fn clock_in(time_zone: &str, lang: &str) -> Option<String> {
    if time_zone.is_empty() {
        return None;
    }
    let options = Object::new();
    for (name, value) in [("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23"), ("timeZone", time_zone)] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // The constructor throws for a place that it does not know, and so it is called in a way that says so.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: js_sys::Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let format = Reflect::construct(&constructor, &Array::of2(&lang.into(), &options)).ok()?;
    let format: Intl::DateTimeFormat = format.unchecked_into();
    format.format().call1(&format, &js_sys::Date::new_0()).ok()?.as_string()
}
