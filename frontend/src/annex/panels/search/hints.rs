//! What can be put into a search with one press: the operators, and values for the one that is being written.

use common::api::people::PeopleList;
use common::model::RoomKind;
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

use super::super::Desk;
use super::super::ask::{TYPING_MS, escaped, use_asked};
use super::super::bits::{local, now};
use super::super::fuzzy::fit;
use super::super::switcher::people_of;
use super::query::{Operator, begin, complete, has, term, toggle, unfinished};
use crate::calendar::Local;

/// Values that are offered at once.
const OFFERED: usize = 6;

/// What `has:` knows.
const KINDS: [&str; 3] = ["link", "code", "mention"];

/// A chip: what it says, and the search that it makes.
struct Chip {
    label: String,
    text: String,
    pressed: Option<bool>,
}

/// The chips for the search as it stands.
#[yew::hook]
pub(super) fn use_chips(desk: &Desk, text: &str, set: &Callback<String>) -> Html {
    let writing = unfinished(text);
    let wants = writing.filter(|(operator, _)| *operator == Operator::From).map(|(_, value)| value.trim().to_owned());
    let path = wants.map(|value| format!("/api/v1/people?q={}&limit={OFFERED}", escaped(&value)));
    let people = use_asked::<PeopleList>(path, TYPING_MS);
    let chips = match writing {
        None => operators(desk, text),
        Some((operator, value)) => {
            let names: Vec<String> = match operator {
                Operator::From => people_of(people.value.as_ref()).into_iter().map(|person| person.name).collect(),
                Operator::In => rooms(desk, value),
                Operator::Before | Operator::After => days(&local(now())),
                Operator::Has => KINDS.map(str::to_owned).to_vec(),
            };
            let shown =
                names.into_iter().filter(|name| operator == Operator::From || name.contains(value)).take(OFFERED);
            shown.map(|name| Chip { text: complete(text, &name), label: name, pressed: None }).collect()
        }
    };
    let draw = |chip: Chip| {
        let (set, text) = (set.clone(), chip.text);
        let onclick = Callback::from(move |_: MouseEvent| set.emit(text.clone()));
        html! { <button type="button" class="chip" key={chip.label.clone()} aria-pressed={chip.pressed.map(|on| on.to_string())} {onclick}>{ chip.label }</button> }
    };
    html! { <div class="row row--wrap" role="group" aria-label={desk.panel_words().narrow}>{ for chips.into_iter().map(draw) }</div> }
}

/// The room that is looked at, `has:…` to switch on and off, and the other operators to begin.
fn operators(desk: &Desk, text: &str) -> Vec<Chip> {
    let switch =
        |label: String, whole: &str| Chip { label, text: toggle(text, whole), pressed: Some(has(text, whole)) };
    let mut chips = Vec::new();
    let here = desk.context.present.and_then(|room| desk.context.room(room));
    if let Some(line) = here.filter(|line| line.info.kind != RoomKind::Direct) {
        let whole = term(Operator::In, &line.info.name);
        chips.push(switch(whole.clone(), &whole));
    }
    let begun =
        |operator: Operator| Chip {
            label: format!("{}…", operator.tag()), text: begin(text, operator), pressed: None
        };
    chips.extend([Operator::From, Operator::In, Operator::After, Operator::Before].map(begun));
    chips.extend(KINDS.map(|kind| {
        let whole = format!("has:{kind}");
        switch(whole.clone(), &whole)
    }));
    chips
}

fn rooms(desk: &Desk, value: &str) -> Vec<String> {
    let named = desk.context.rooms.iter().filter(|line| line.info.kind != RoomKind::Direct);
    let fitting = named.filter_map(|line| fit(value, &line.info.name).map(|fit| (fit.score, &line.info.name)));
    let mut fitting: Vec<_> = fitting.collect();
    fitting.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.cmp(right)));
    fitting.into_iter().map(|(_, name)| name.clone()).collect()
}

/// Today, the days before it, and the first of this month.
fn days(today: &Local) -> Vec<String> {
    let written = |day: Local| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
    let back = |days: i64| {
        let ms = (today.days - days).max(0).unsigned_abs() * 86_400_000;
        written(Local::at(common::id::Timestamp(ms), |_| 0))
    };
    let mut days: Vec<String> = [0, 1, 7, 30].map(back).to_vec();
    days.push(format!("{:04}-{:02}-01", today.year, today.month));
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_offered_as_the_server_reads_them() {
        let today = Local::at(common::id::Timestamp(1_763_370_000_000), |_| 0);
        assert_eq!(days(&today), ["2025-11-17", "2025-11-16", "2025-11-10", "2025-10-18", "2025-11-01"]);
    }
}
