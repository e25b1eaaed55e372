//! Small parts that the views share: icons, signals, avatars, sparklines, errors beside fields.

use common::id::UserId;
use web_sys::{HtmlElement, HtmlInputElement, InputEvent};
use yew::{Callback, Html, NodeRef, TargetCast, hook, html, use_effect_with, use_node_ref};

use crate::browser_text;
use crate::i18n::{Catalogue, Lang};
use crate::socket::ReadyState;
use crate::state::{Action, Failure};

/// A callback that sends this action, whatever the event.
pub(crate) fn sends<E: 'static>(act: &Callback<Action>, action: Action) -> Callback<E> {
    act.reform(move |_| action.clone())
}

/// An icon; it is decoration, and its button has the name.
pub(crate) fn icon(name: &'static str) -> Html {
    html! { <i class={format!("i i-{name}")} aria-hidden="true"></i> }
}

/// A smaller icon.
pub(crate) fn icon_sm(name: &'static str) -> Html {
    html! { <i class={format!("i i-{name} i--sm")} aria-hidden="true"></i> }
}

/// The shape of a ready state.
pub(crate) fn sig(state: ReadyState) -> Html {
    html! { <span class={format!("sig sig--{}", state.number())} aria-hidden="true"></span> }
}

/// The class that gives everything below the colours of a ready state.
pub(crate) fn tone(state: Option<ReadyState>) -> Option<String> {
    state.map(|state| format!("is-s{}", state.number()))
}

/// The four shapes; the present one is lit.
pub(crate) fn brand(ready: Option<ReadyState>) -> Html {
    let shapes = ReadyState::ALL.into_iter().map(|state| {
        let lit = (ready == Some(state)).then_some("is-lit");
        html! { <span class={yew::classes!("sig", format!("sig--{}", state.number()), lit)}></span> }
    });
    html! { <span class={yew::classes!("brand", tone(ready))} aria-hidden="true">{ for shapes }</span> }
}

/// Initials on a colour.
pub(crate) fn avatar(user: UserId, name: &str, size: Option<&'static str>) -> Html {
    let class = yew::classes!("avatar", size, format!("av-{}", colour(user)));
    html! { <span {class} aria-hidden="true">{ initials(name) }</span> }
}

/// One of eight colours, by a hash that spreads neighbours apart (Knuth's multiplicative hash).
pub(crate) fn colour(user: UserId) -> u64 {
    (user.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61) + 1
}

/// One character of a CJK name, two initials of any other.
pub(crate) fn initials(name: &str) -> String {
    let Some(first) = name.chars().next() else { return String::new() };
    if matches!(first, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
    {
        return first.to_string();
    }
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| !c.is_ascii_punctuation()));
    let (first, last) = (words.next().unwrap_or(first), words.next_back());
    browser_text::upper(&[Some(first), last].into_iter().flatten().collect::<String>())
}

/// A number as an integer. The formatting of floats would be the largest function of the page.
pub(crate) fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "what is measured here is far below the limits")]
    let whole = number.round() as i64;
    whole
}

/// Writes a number that is not negative with one decimal place.
fn tenths(text: &mut String, number: f64) {
    let tenths = whole(number.max(0.0) * 10.0);
    text.push_str(&(tenths / 10).to_string());
    text.push('.');
    text.push_str(&(tenths % 10).to_string());
}

/// Points of a polyline through `values`, newest at the right edge, within a box.
pub(crate) fn points(values: &[f64], width: f64, height: f64) -> String {
    let top = values.iter().copied().fold(1.0, f64::max) * 1.15;
    let step = width / f64::from(u32::try_from(values.len().max(2) - 1).unwrap_or(1));
    let mut x = width - step * f64::from(u32::try_from(values.len().saturating_sub(1)).unwrap_or_default());
    let mut text = String::new();
    for value in values {
        tenths(&mut text, x);
        text.push(',');
        tenths(&mut text, height - value / top * height);
        text.push(' ');
        x += step;
    }
    text.truncate(text.trim_end().len());
    text
}

/// Why a field was refused, beside it.
pub(crate) fn field_error(id: &'static str, words: &str) -> Html {
    html! { <p class="field__error" {id} role="alert">{ icon_sm("alert") }{ words.to_owned() }</p> }
}

/// A failure in words.
pub(crate) fn failure(words: &Catalogue, failure: &Failure) -> String {
    match failure {
        Failure::Text(error) => (words.text_error)(error),
        Failure::Refused(refusal) => (words.refusal)(refusal),
        Failure::Status(status) => (words.http_failed)(*status),
        Failure::Network => words.unreachable.to_owned(),
    }
}

/// What an input holds.
pub(crate) fn input_value(event: &InputEvent) -> String {
    event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

/// A node with a custom property that changes; a strict style policy allows no `style` attribute.
#[hook]
pub(crate) fn use_var(name: &'static str, value: String) -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(value, move |value| {
            if let Some(element) = node.cast::<HtmlElement>() {
                drop(element.style().set_property(name, value));
            }
        });
    }
    node
}

/// The `lang` attribute of a language's own name.
pub(crate) fn endonym(lang: Lang) -> Html {
    html! { <span lang={lang.tag()}>{ lang.endonym() }</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_one_character_or_two_letters() {
        for (name, expected) in [
            ("林一凡", "林"),
            ("Maya Okafor", "MO"),
            ("maya", "M"),
            ("Jean-Luc de la Tour", "JT"),
            ("한글", "한"),
            ("…", "…"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn colours_lie_between_one_and_eight_and_are_spread() {
        let mut seen: Vec<u64> = (1..=64).map(|id| colour(UserId(id))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (1..=8).collect::<Vec<u64>>());
    }

    #[test]
    fn a_sparkline_ends_at_the_right_edge() {
        assert_eq!(points(&[10.0, 20.0], 50.0, 23.0), "0.0,13.0 50.0,3.0");
        assert_eq!(points(&[], 50.0, 20.0), "");
    }
}
