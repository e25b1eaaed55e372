//! What was found, by room and day.

use common::api::search::Hit;
use common::id::{RoomId, Seq};
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};
use yew::{Callback, Html, TargetCast, html};

use super::super::Desk;
use super::super::bits::{local, marked, now};
use crate::calendar::Local;
use crate::views::parts::{avatar, icon_sm};

/// Neighbouring hits of one room and one day.
#[derive(Debug, PartialEq)]
pub(super) struct Group<'a> {
    pub room: RoomId,
    pub name: &'a str,
    pub day: Local,
    pub hits: Vec<&'a Hit>,
}

/// Puts neighbours together. The order stays what the server made it.
pub(super) fn groups(hits: &[Hit], local: impl Fn(&Hit) -> Local) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for hit in hits {
        let day = local(hit);
        match groups.last_mut() {
            Some(last) if last.room == hit.message.room && last.day.days == day.days => last.hits.push(hit),
            _ => groups.push(Group { room: hit.message.room, name: &hit.room_name, day, hits: vec![hit] }),
        }
    }
    groups
}

/// The list. Its rows are links into the rooms; the arrows go from one to the next.
pub(super) fn list(desk: &Desk, hits: &[Hit], visited: Option<(RoomId, Seq)>, visit: &Callback<(RoomId, Seq)>) -> Html {
    let today = local(now());
    let words = desk.context.lang.words();
    let group = |group: Group<'_>| {
        let held = desk.context.room(group.room);
        let name = held.map_or_else(|| group.name.to_owned(), |line| desk.room_name(&line.info));
        let label = format!("{name}, {}", (words.day)(&group.day, &today));
        let first = group.hits.first().map_or(0, |hit| hit.message.seq.0);
        html! {
            <section key={format!("{}-{first}", group.room)} aria-label={label}>
                <h3 class="results__group">{ icon_sm("hash") }{ " " }{ name }<span class="results__day">{ (words.day)(&group.day, &today) }</span></h3>
                { for group.hits.iter().map(|hit| row(hit, visited == Some((hit.message.room, hit.message.seq)), visit)) }
            </section>
        }
    };
    html! { <>{ for groups(hits, |hit| local(hit.message.at)).into_iter().map(group) }</> }
}

fn row(hit: &Hit, visited: bool, visit: &Callback<(RoomId, Seq)>) -> Html {
    let message = &hit.message;
    let to = (message.room, message.seq);
    let onclick = {
        let visit = visit.clone();
        Callback::from(move |event: MouseEvent| {
            // With a key held the browser does with the link what it does with links.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                visit.emit(to);
            }
        })
    };
    let class = yew::classes!("result", visited.then_some("is-active"));
    html! {
        <a {class} key={message.seq.0} href={format!("/r/{}#{}", message.room.0, message.seq.0)} {onclick} onkeydown={Callback::from(|event: KeyboardEvent| arrows(&event))} aria-current={visited.then_some("true")}>
            <span class="result__head">{ avatar(message.by, &message.name, Some("avatar--xs")) }<b class="strong cut">{ &message.name }</b><time>{ local(message.at).clock() }</time></span>
            <span class="result__text">{ marked(&hit.excerpt, &hit.marks) }</span>
        </a>
    }
}

fn arrows(event: &KeyboardEvent) {
    let step: i32 = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    event.prevent_default();
    let Some(link) = event.target_dyn_into::<HtmlElement>() else { return };
    let Ok(Some(list)) = link.closest(".results") else { return };
    let Ok(links) = list.query_selector_all(".result") else { return };
    let all = (0..links.length()).filter_map(|at| links.get(at));
    let Some(at) = all.into_iter().position(|one| **link == one) else { return };
    let to = i32::try_from(at).unwrap_or(0) + step;
    match u32::try_from(to).ok().and_then(|to| links.get(to)) {
        Some(next) => drop(wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(next).focus()),
        None if step < 0 => super::super::bits::focus("search-text"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use common::api::messages::MessageView;
    use common::id::{Timestamp, UserId};

    use super::*;

    fn hit(room: u64, seq: u64, day: u64) -> Hit {
        let message = MessageView {
            room: RoomId(room),
            seq: Seq(seq),
            n: seq,
            at: Timestamp(day * 86_400_000),
            by: UserId(1),
            name: String::new(),
            bot: false,
            body: String::new(),
            edited_at: None,
            deleted: false,
            pinned: false,
            mentions: Vec::new(),
            everyone: None,
            reply_to: None,
            root: None,
            replies: 0,
            reactions: Vec::new(),
        };
        Hit { message, room_name: format!("room-{room}"), excerpt: String::new(), marks: Vec::new() }
    }

    #[test]
    fn neighbours_of_a_room_and_a_day_stand_together_in_their_order() {
        let hits = [hit(1, 9, 3), hit(1, 8, 3), hit(2, 5, 3), hit(1, 7, 3), hit(1, 6, 2)];
        let groups = groups(&hits, |hit| Local::at(hit.message.at, |_| 0));
        let shape: Vec<(u64, Vec<u64>)> = groups
            .iter()
            .map(|group| (group.room.0, group.hits.iter().map(|hit| hit.message.seq.0).collect()))
            .collect();
        assert_eq!(shape, [(1, vec![9, 8]), (2, vec![5]), (1, vec![7]), (1, vec![6])]);
    }
}
