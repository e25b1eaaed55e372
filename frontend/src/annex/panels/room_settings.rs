//! A room's settings: name, topic, who may write, closing it, leaving it.
//!
//! Each change is a command of its own and says beside its field what became of it. What others feel is asked for once more,
//! with what exactly happens. Deliberately absent: members, who have a panel of their own.

use common::id::RoomId;
use common::model::{Level, Role, RoomInfo, RoomKind, RoomRole};
use common::sync::outbox::{RoomChange, What};
use common::text::{RoomName, TextError, Topic};
use web_sys::{MouseEvent, SubmitEvent};
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_state};

use super::bits::{below, complaint, typed};
use super::lay::Confirm;
use super::order::{Standing, use_order};
use super::{Desk, RoomProps};
use crate::annex::port::{Open, Said};
use crate::views::modal::Modal;
use crate::views::parts::icon;

/// The dialog.
#[component]
pub fn RoomSettings(props: &RoomProps) -> Html {
    let (desk, room) = (&props.desk, props.room);
    let words = desk.panel_words();
    let dismiss = desk.clone();
    let onclose = Callback::from(move |()| dismiss.close());
    let Some(info) = desk.context.room(room).map(|line| line.info.clone()) else {
        return html! {
            <Modal title={words.room_settings} close_label={words.close} {onclose}>
                <div class="dialog__body"><p class="muted" role="status">{ words.no_longer_in }</p></div>
            </Modal>
        };
    };
    let direct = info.kind == RoomKind::Direct;
    let moderates = desk.moderates(room);
    let title = format!("{}{}", if direct { "" } else { "#" }, desk.room_name(&info));
    html! {
        <Modal {title} close_label={words.close} {onclose}>
            <div class="dialog__body">
                if !direct {
                    if moderates {
                        <Line desk={desk.clone()} {room} field={LineField::Name} now={info.name.clone()} />
                    }
                    if desk.context.role != Role::Guest {
                        <Line desk={desk.clone()} {room} field={LineField::Topic} now={info.topic.clone()} />
                    }
                }
                { levels(desk, &info) }
                if moderates {
                    <Announcements desk={desk.clone()} info={info.clone()} />
                    <Archive desk={desk.clone()} info={info.clone()} />
                }
                <div class="row">
                    <button type="button" class="btn btn--sm" onclick={desk.open.reform(move |_: MouseEvent| Open::People(room))}>{ icon("users") }{ words.people }</button>
                </div>
                <Leaving desk={desk.clone()} {info} />
            </div>
        </Modal>
    }
}

/// A line of text that a room has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineField {
    Name,
    Topic,
}

impl LineField {
    fn change(self, text: &str) -> Result<RoomChange, TextError> {
        match self {
            Self::Name => RoomName::new(text).map(RoomChange::Rename),
            Self::Topic => Topic::new(text).map(RoomChange::Topic),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct LineProps {
    desk: Desk,
    room: RoomId,
    field: LineField,
    now: String,
}

#[component]
fn Line(props: &LineProps) -> Html {
    let (desk, room, field) = (&props.desk, props.room, props.field);
    let words = desk.panel_words();
    let text = use_state(|| props.now.clone());
    let error = use_state(|| None::<TextError>);
    let (standing, give) = use_order(desk);
    let onsubmit = {
        let (text, error) = (text.clone(), error.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match field.change(&text) {
                Ok(change) => {
                    error.set(None);
                    give.emit(What::Room { room, change });
                }
                Err(why) => error.set(Some(why)),
            }
        })
    };
    let (id, note, label, hint) = match field {
        LineField::Name => ("room-name", "room-name-note", words.room_name, words.rename_hint),
        LineField::Topic => ("room-topic", "room-topic-note", words.topic, words.topic_hint),
    };
    let why = complaint(desk, error.as_ref(), &standing);
    let hint = if matches!(standing, Standing::Done(_)) { words.changed } else { hint };
    html! {
        <form class="field" {onsubmit}>
            <label class="field__label" for={id}>{ label }</label>
            <div class="row">
                <input class="input" {id} autocomplete="off" value={(*text).clone()} oninput={typed(&text)} aria-invalid={why.is_some().then_some("true")} aria-describedby={note} />
                <button class="btn" disabled={standing.is_going() || *text == props.now}>{ words.save }</button>
            </div>
            { below(desk, note, why.as_deref(), &standing, hint) }
        </form>
    }
}

/// Which messages one is told of, and whether the room is muted: these are the reader's own.
fn levels(desk: &Desk, info: &RoomInfo) -> Html {
    let words = desk.panel_words();
    let room = info.id;
    let choice = |(level, label): (Level, &'static str)| {
        let onchange = desk.say.reform(move |_: yew::Event| Said::Level(room, level));
        html! {
            <label class="check"><input type="radio" name="room-level" checked={info.notify == level} {onchange} />{ label }</label>
        }
    };
    let muted = info.muted;
    let mute = desk.say.reform(move |_: yew::Event| Said::Mute(room, !muted));
    html! {
        <>
            <fieldset class="settings__group">
                <legend>{ words.tell_me_of }</legend>
                <div class="row row--wrap">{ for [Level::All, Level::Mentions, Level::Nothing].into_iter().zip(words.levels).map(choice) }</div>
            </fieldset>
            <div class="setting">
                <label for="room-mute">{ words.mute }<small>{ words.mute_hint }</small></label>
                <span class="switch"><input type="checkbox" role="switch" id="room-mute" checked={muted} onchange={mute} /><span></span></span>
            </div>
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct InfoProps {
    desk: Desk,
    info: RoomInfo,
}

#[component]
fn Announcements(props: &InfoProps) -> Html {
    let (desk, info) = (&props.desk, &props.info);
    let words = desk.panel_words();
    let (standing, give) = use_order(desk);
    let (room, on) = (info.id, info.announcements);
    let onchange = give.reform(move |_: yew::Event| What::Room { room, change: RoomChange::Announce(!on) });
    let why = complaint(desk, None, &standing);
    html! {
        <div>
            <div class="setting">
                <label for="room-announcements">{ words.announcements }<small>{ words.announcements_hint }</small></label>
                <span class="switch"><input type="checkbox" role="switch" id="room-announcements" checked={on} disabled={standing.is_going()} {onchange} aria-describedby="room-announcements-note" /><span></span></span>
            </div>
            { below(desk, "room-announcements-note", why.as_deref(), &standing, "") }
        </div>
    }
}

#[component]
fn Archive(props: &InfoProps) -> Html {
    let (desk, info) = (&props.desk, &props.info);
    let words = desk.panel_words();
    let (standing, give) = use_order(desk);
    let sure = use_state(|| false);
    let (room, archived) = (info.id, info.archived);
    let order = {
        let sure = sure.clone();
        Callback::from(move |()| {
            sure.set(false);
            give.emit(What::Room { room, change: RoomChange::Archive(!archived) });
        })
    };
    let set = |to: bool| {
        let sure = sure.clone();
        Callback::from(move |()| sure.set(to))
    };
    let why = complaint(desk, None, &standing);
    html! {
        <div>
            if *sure {
                <Confirm text={(words.archive_text)(&info.name)} yes={words.archive} no={words.cancel} onyes={order} onno={set(false)} />
            } else {
                <div class="setting">
                    <span>{ if archived { words.archived } else { words.archive }}<small>{ if archived { words.reopen_hint } else { words.archive_hint } }</small></span>
                    <button type="button" class="btn btn--sm" disabled={standing.is_going()} onclick={if archived { order } else { set(true) }.reform(|_: MouseEvent| ())}>{ if archived { words.reopen } else { words.archive_verb } }</button>
                </div>
            }
            { below(desk, "room-archive-note", why.as_deref(), &standing, "") }
        </div>
    }
}

/// Leaving. A direct room is for good: it is muted instead.
#[component]
fn Leaving(props: &InfoProps) -> Html {
    let (desk, info) = (&props.desk, &props.info);
    let words = desk.panel_words();
    let (standing, give) = use_order(desk);
    let sure = use_state(|| false);
    let room = info.id;
    {
        let desk = desk.clone();
        use_effect_with(standing.clone(), move |standing| {
            if matches!(standing, Standing::Done(_)) {
                desk.close();
            }
        });
    }
    let set = |to: bool| {
        let sure = sure.clone();
        Callback::from(move |()| sure.set(to))
    };
    let why = complaint(desk, None, &standing);
    if info.kind == RoomKind::Direct {
        return Html::default();
    }
    let onyes = give.reform(move |()| What::Leave { room });
    html! {
        <div>
            if *sure {
                <Confirm text={leave_text(desk, info)} yes={words.leave} no={words.stay} {onyes} onno={set(false)} busy={standing.is_going()} />
            } else {
                <div class="setting">
                    <span>{ words.leave }<small>{ if info.kind == RoomKind::Private { words.leave_private } else { words.leave_public } }</small></span>
                    <button type="button" class="btn btn--sm btn--danger" onclick={set(true).reform(|_: MouseEvent| ())}>{ words.leave_verb }</button>
                </div>
            }
            { below(desk, "room-leave-note", why.as_deref(), &standing, "") }
        </div>
    }
}

/// What leaving means for this room, exactly.
fn leave_text(desk: &Desk, info: &RoomInfo) -> String {
    let words = desk.panel_words();
    let mut text = match info.kind {
        RoomKind::Private if info.members <= 1 => (words.leave_last)(&info.name),
        RoomKind::Private => (words.leave_private_text)(&info.name),
        RoomKind::Public | RoomKind::Direct => (words.leave_public_text)(&info.name),
    };
    if info.role == RoomRole::Moderator && info.members > 1 {
        text.push_str(words.leave_moderator);
    }
    text
}
