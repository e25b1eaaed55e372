//! The sidebar: rooms, the reader, the connection.

use common::model::RoomKind;
use common::sync::Room;
use web_sys::MouseEvent;
use yew::{Callback, Html, classes, html};

use super::parts::{avatar, brand, icon, icon_sm, points, sends, sig, tone};
use crate::annex::port::{Open, Section};
use crate::state::own::badge;
use crate::state::{Action, Overlay, State, Theme, name_of};

/// The sidebar.
pub(super) fn nav(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let all = || state.engine.rooms().values();
    let open = |room: &&Room| room.info.kind != RoomKind::Direct && !room.info.archived;
    let direct: Vec<&Room> = all().filter(|room| room.info.kind == RoomKind::Direct).collect();
    let archived: Vec<&Room> = all().filter(|room| room.info.archived && room.info.kind != RoomKind::Direct).collect();
    let entries = |rooms: Vec<&Room>| html! { <ul>{ for rooms.into_iter().map(|room| entry(state, room, act)) }</ul> };
    let fold = archived.iter().any(|room| Some(room.info.id) == state.room);
    html! {
        <nav class={classes!("side", state.side_open.then_some("is-open"))} id="side" aria-label={words.people_and_rooms}>
            <header class="side__head">
                { brand(state.wire.ready) }
                <span class="side__space grow"><span class="cut">{ "Readyroom" }</span></span>
                <button type="button" class="icon-btn only-narrow" aria-label={words.close} onclick={sends(act, Action::Toggle(Overlay::Side))}>{ icon("x") }</button>
            </header>
            <div class="side__top">
                <div class="seg">
                    <a class="seg__item" href="/" aria-current="page" onclick={goes(act, &Action::Beside(None))}>{ icon_sm("chat") }{ words.chat }</a>
                    <a class="seg__item" href="/workbench" onclick={goes(act, &Action::Beside(Some(String::new())))}>{ icon_sm("plug") }{ words.workbench }</a>
                </div>
                <button type="button" class="jump-field" aria-haspopup="dialog" onclick={sends(act, Action::Open(Open::Switcher))}>{ icon_sm("search") }{ words.jump }<kbd class="kbd" aria-hidden="true">{ "Ctrl K" }</kbd></button>
            </div>
            <div class="side__scroll">
                <section aria-labelledby="h-rooms">
                    <h2 class="side__title">
                        <span id="h-rooms">{ words.rooms }</span>
                        <button type="button" class="icon-btn icon-btn--sm" aria-label={words.add_room} aria-haspopup="dialog" onclick={sends(act, Action::ShowRooms)}>{ icon_sm("plus") }</button>
                    </h2>
                    { entries(all().filter(open).collect()) }
                </section>
                if !direct.is_empty() {
                    <section aria-labelledby="h-direct">
                        <h2 class="side__title"><span id="h-direct">{ words.talk.direct }</span></h2>
                        { entries(direct) }
                    </section>
                }
                if !archived.is_empty() {
                    <details class="side__fold" open={fold}>
                        <summary class="side__title">{ (words.talk.archived)(archived.len()) }</summary>
                        { entries(archived) }
                    </details>
                }
            </div>
            { foot(state, act) }
        </nav>
    }
}

/// What a link within the page does when it is clicked. With a modifier the browser opens the address its own way.
fn goes(act: &Callback<Action>, action: &Action) -> Callback<MouseEvent> {
    let (act, action) = (act.clone(), action.clone());
    Callback::from(move |event: MouseEvent| {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            act.emit(action.clone());
        }
    })
}

fn entry(state: &State, room: &Room, act: &Callback<Action>) -> Html {
    let (id, unread, muted) = (room.info.id, badge(room), room.info.muted);
    let mentioned = room.info.mentions > 0;
    let active = state.room == Some(id);
    let class = classes!(
        "room",
        active.then_some("is-active"),
        (unread > 0).then_some("is-unread"),
        muted.then_some("is-muted")
    );
    let onclick = goes(act, &Action::Visit(id));
    html! {
        <li key={id.0}>
            <a {class} href={format!("/r/{}", id.0)} aria-current={active.then_some("page")} {onclick}>
                { face(state, room) }
                <span class="room__name">{ name_of(room) }</span>
                if muted {
                    { icon_sm("mute") }<span class="sr-only">{ state.lang.words().muted }</span>
                }
                if unread > 0 {
                    <span class={classes!("badge", mentioned.then_some("badge--mention"))}>{ unread }<span class="sr-only">{ (state.lang.words().unread)(room.info.mentions) }</span></span>
                }
            </a>
        </li>
    }
}

/// What stands before a room's name: the face of a conversation, or the sort of room.
fn face(state: &State, room: &Room) -> Html {
    let talk = &state.lang.words().talk;
    match (room.info.kind, room.info.people.as_slice()) {
        (RoomKind::Public, _) => icon("hash"),
        (RoomKind::Private, _) => html! { <>{ icon("lock") }<span class="sr-only">{ talk.is_private }</span></> },
        (RoomKind::Direct, [person]) => {
            let here = room.presence.online.contains_key(&person.id);
            let (dot, said) = if here { (None, talk.present[0]) } else { (Some("presence--off"), talk.present[1]) };
            html! {
                <>
                    <span class="person">{ avatar(person.id, &person.name, Some("avatar--sm")) }<span class={classes!("presence", dot)} aria-hidden="true"></span></span>
                    <span class="sr-only">{ said }</span>
                </>
            }
        }
        (RoomKind::Direct, _) => icon("users"),
    }
}

fn foot(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let (theme_icon, theme_name) = match state.theme {
        Theme::Auto => ("auto", words.theme_names[0]),
        Theme::Light => ("sun", words.theme_names[1]),
        Theme::Dark => ("moon", words.theme_names[2]),
    };
    html! {
        <footer class="side__foot">
            <div class="me">
                if let Some(me) = state.engine.me() {
                    { avatar(me.id, &me.name, None) }
                    <div class="me__text"><div class="me__name cut">{ &me.name }</div><div class="me__note cut">{ words.you }</div></div>
                } else {
                    <span class="skel skel--face" aria-hidden="true"></span>
                    <div class="me__text"></div>
                }
                <button type="button" class="icon-btn" data-theme-toggle="" aria-label={(words.theme_button)(theme_name)} onclick={sends(act, Action::Theme(state.theme.next()))}>{ icon(theme_icon) }</button>
                <button type="button" class="icon-btn" aria-label={words.settings} aria-haspopup="dialog" onclick={sends(act, Action::Open(Open::Settings(Section::default())))}>{ icon("gear") }</button>
            </div>
            { pill(state, act) }
        </footer>
    }
}

/// The connection: its state, the round trip, the last round trips.
fn pill(state: &State, act: &Callback<Action>) -> Html {
    let wire = &state.wire;
    let name = wire.ready.map_or(state.lang.words().no_socket, |ready| ready.name());
    let rtt = rounded(wire.round_trip());
    let trips: Vec<f64> = wire.round_trips.iter().copied().collect();
    let ready = wire.ready.map_or_else(|| name.to_owned(), |ready| format!("{} {name}", ready.number()));
    let trip = rtt.map(|ms| format!("{ms} ms"));
    let shown = trip.iter().fold(ready.clone(), |shown, trip| format!("{shown} {trip}"));
    html! {
        <button type="button" class={classes!("pill", tone(wire.ready))} aria-label={(state.lang.words().pill)(&shown)} onclick={sends(act, Action::Toggle(Overlay::Wire))}>
            if let Some(ready) = wire.ready {
                { sig(ready) }
            }
            { ready }{ " " }
            if let Some(trip) = trip {
                <span class="pill__rtt">{ trip }</span>
                <svg class="pill__spark" viewBox="0 0 52 16" preserveAspectRatio="none" aria-hidden="true"><polyline class="spark" points={points(&trips, 52.0, 16.0)} /></svg>
            }
        </button>
    }
}

/// Milliseconds as people read them.
pub(super) fn rounded(ms: Option<f64>) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a round trip is positive and short")]
    ms.map(|ms| ms.round() as u64)
}
