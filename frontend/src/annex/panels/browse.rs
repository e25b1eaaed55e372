//! The public rooms: to look through, to join, to open.

use common::api::{RoomEntry, RoomList};
use common::id::RoomId;
use common::sync::outbox::What;
use web_sys::MouseEvent;
use yew::{Callback, Html, component, html, use_effect_with, use_state};

use super::ask::use_asked;
use super::bits::{complaint, marked, typed};
use super::fuzzy::fit;
use super::order::{Standing, use_order};
use super::{Desk, DeskProps};
use crate::annex::port::Open;
use crate::views::modal::Modal;
use crate::views::parts::icon;

/// Rooms that are drawn: more is to be narrowed by typing.
const SHOWN: usize = 200;

/// The dialog.
#[component]
pub fn Browse(props: &DeskProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let filter = use_state(String::new);
    let joining = use_state(|| None::<RoomId>);
    let (standing, give) = use_order(desk);
    let asked = use_asked::<RoomList>(Some("/api/v1/rooms".to_owned()), 0);
    {
        let desk = desk.clone();
        use_effect_with(standing.clone(), move |standing| {
            if let Standing::Done(room) = standing {
                desk.visit(*room);
            }
        });
    }
    let join = {
        let (desk, joining) = (desk.clone(), joining.clone());
        Callback::from(move |(room, joined): (RoomId, bool)| {
            if joined {
                desk.visit(room);
            } else {
                joining.set(Some(room));
                give.emit(What::Join { room });
            }
        })
    };
    let error = complaint(desk, None, &standing);
    let wanted = filter.trim().trim_start_matches('#').to_owned();
    let rooms = asked.value.as_ref().map(|list| found(&list.rooms, &wanted));
    let row = |(room, marks): &(&RoomEntry, Vec<(usize, usize)>)| {
        let why = error.clone().filter(|_| *joining == Some(room.id));
        entry(desk, room, marks, why, &standing, &join)
    };
    let dismiss = desk.clone();
    html! {
        <Modal title={words.public_rooms} close_label={words.close} onclose={Callback::from(move |()| dismiss.close())}>
            <div class="dialog__body">
                <div class="row">
                    <input class="input grow" type="search" autofocus=true autocomplete="off" placeholder={words.filter_rooms} aria-label={words.filter_rooms} value={(*filter).clone()} oninput={typed(&filter)} />
                    <button type="button" class="btn" onclick={desk.open.reform(|_: MouseEvent| Open::NewRoom)}>{ icon("plus") }{ words.new_room }</button>
                </div>
                if let Some(trouble) = &asked.trouble {
                    <p class="field__error" role="alert">{ trouble.told(desk.context.lang) }{ " " }<button type="button" class="btn-link" onclick={asked.again.reform(|_: MouseEvent| ())}>{ desk.context.lang.words().retry }</button></p>
                }
                { match &rooms {
                    None if asked.busy => html! { <p class="faint" role="status">{ words.loading }</p> },
                    None => Html::default(),
                    Some(rooms) if rooms.is_empty() => html! { <p class="faint" role="status">{ if wanted.is_empty() { words.no_rooms.to_owned() } else { (words.no_room_like)(&wanted) } }</p> },
                    Some(rooms) => html! { <ul class="picks picks--tall">{ for rooms.iter().take(SHOWN).map(row) }</ul> },
                } }
                if rooms.as_ref().is_some_and(|rooms| rooms.len() > SHOWN) {
                    <p class="faint small">{ words.type_for_more }</p>
                }
            </div>
        </Modal>
    }
}

/// The rooms that fit, best first, open ones before archived ones, and of those the larger first.
fn found<'a>(rooms: &'a [RoomEntry], wanted: &str) -> Vec<(&'a RoomEntry, Vec<(usize, usize)>)> {
    let mut fitting: Vec<_> = rooms
        .iter()
        .filter_map(|room| {
            let name = fit(wanted, &room.name);
            let topic = || fit(wanted, &room.topic).filter(|fit| fit.score >= 60);
            let (score, marks) = match name {
                Some(fit) => (fit.score, fit.marks),
                None => (topic()?.score / 2, Vec::new()),
            };
            Some((score, room, marks))
        })
        .collect();
    fitting
        .sort_by_key(|(score, room, _)| (std::cmp::Reverse((!room.archived, *score, room.members)), room.name.clone()));
    fitting.into_iter().map(|(_, room, marks)| (room, marks)).collect()
}

fn entry(
    desk: &Desk,
    room: &RoomEntry,
    marks: &[(usize, usize)],
    why: Option<String>,
    standing: &Standing,
    join: &Callback<(RoomId, bool)>,
) -> Html {
    let words = desk.panel_words();
    let joined = room.joined || desk.context.room(room.id).is_some();
    let (label, class) = if joined { (words.open, "btn btn--sm btn--ghost") } else { (words.join, "btn btn--sm") };
    let to = (room.id, joined);
    html! {
        <li class="pick" key={room.id.0}>
            { icon("hash") }
            <span class="pick__text">
                <span class="pick__name"><span class="cut strong">{ marked(&room.name, marks) }</span>
                    if room.archived { <span class="tag">{ words.archived }</span> }
                </span>
                if !room.topic.is_empty() {
                    <span class="cut faint small">{ &room.topic }</span>
                }
                if let Some(why) = why {
                    <span class="field__error" role="alert">{ why }</span>
                }
            </span>
            <span class="faint small nowrap">{ (desk.context.lang.words().members)(room.members) }</span>
            <button type="button" {class} aria-label={format!("{label} #{}", room.name)} disabled={standing.is_going()} onclick={join.reform(move |_: MouseEvent| to)}>{ label }</button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(id: u64, name: &str, members: u64) -> RoomEntry {
        RoomEntry { id: RoomId(id), name: name.into(), members, joined: false, topic: String::new(), archived: false }
    }

    #[test]
    fn larger_rooms_come_first_and_archived_ones_last() {
        let mut old = room(3, "old", 99);
        old.archived = true;
        let rooms = [old, room(1, "small", 1), room(2, "large", 9)];
        let names = |wanted| found(&rooms, wanted).iter().map(|(room, _)| room.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(""), ["large", "small", "old"]);
        assert_eq!(names("l"), ["large", "small", "old"], "the beginning before the middle");
        assert_eq!(names("sm"), ["small"]);
    }

    #[test]
    fn a_topic_helps_where_the_name_does_not() {
        let mut rooms = [room(1, "backend", 1), room(2, "sockets", 1)];
        rooms[0].topic = "Sockets, and what they say".into();
        let names: Vec<&str> = found(&rooms, "sock").iter().map(|(room, _)| room.name.as_str()).collect();
        assert_eq!(names, ["sockets", "backend"]);
    }
}
