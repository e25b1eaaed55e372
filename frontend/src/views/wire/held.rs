//! What the page holds of each room beside what the server has, what was mended, and what waits to go out.

use common::id::Seq;
use common::sync::Room;
use common::sync::outbox::{Pending, Stage};
use yew::{Callback, Html, classes, html};

use crate::calendar::Local;
use crate::i18n::Catalogue;
use crate::state::outlook::Kind;
use crate::state::{Action, State, handle_of};
use crate::views::parts::{icon_sm, sends};

/// Rooms that are listed; the rest is counted.
const ROOMS: usize = 12;

/// Commands that are listed.
const COMMANDS: usize = 20;

/// The section.
pub(super) fn view(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let changes = &words.changes;
    let tally = state.engine.tally();
    let rooms = state.engine.rooms();
    let present = state.room.and_then(|id| rooms.get(&id));
    // The present room first, then those that something is missing from.
    let others = rooms.values().filter(|room| Some(room.info.id) != state.room);
    let (whole, partial): (Vec<&Room>, Vec<&Room>) = others.partition(|room| room.is_complete());
    let listed = present.into_iter().chain(partial).chain(whole);
    html! {
        <details class="panel__sec fold" open=true>
            <summary class="sec-title">{ changes.held }{ " " }<span class="fold__sum plain">{ present.map(|room| standing(state, room)) }</span></summary>
            <table class="table table--held">
                <thead><tr><th>{ words.rooms }</th><th class="is-num">{ changes.seq_and_head }</th><th class="is-num">{ changes.gaps }</th></tr></thead>
                <tbody>{ for listed.take(ROOMS).map(|room| row(state, room)) }</tbody>
            </table>
            if let Some(n) = rooms.len().checked_sub(ROOMS).filter(|n| *n > 0) {
                <p class="faint small">{ (changes.more_rooms)(n) }</p>
            }
            <p class="faint small">{ (changes.mended)(tally.gaps_found, tally.gaps_filled, tally.duplicates) }</p>
            { outbox(state, words, act) }
            <p class="faint small">{ if state.engine.leads() { changes.leads[1] } else { changes.leads[0] } }</p>
        </details>
    }
}

fn row(state: &State, room: &Room) -> Html {
    let held = room.log.cursor();
    let class = classes!((!room.is_complete()).then_some("is-partial"));
    html! {
        <tr key={room.info.id.0} {class}>
            <td><b class="cut">{ handle_of(room) }</b><span class="small">{ standing(state, room) }</span></td>
            <td class="is-num mono">{ format!("{} / {}", held.0, room.head.0) }</td>
            <td class="is-num mono">{ room.log.gaps().count() }</td>
        </tr>
    }
}

/// How much of a room is held, in words.
fn standing(state: &State, room: &Room) -> String {
    let words = &state.lang.words().changes;
    let held = room.log.cursor();
    let missing: u64 = room.log.gaps().map(|gap| gap.end().0 - gap.start().0 + 1).sum();
    match (state.is_ready(), room.head.0.saturating_sub(held.0)) {
        (false, _) => (words.last_known)(held),
        (true, 0) if missing == 0 => (words.all_to)(held),
        (true, 0) => (words.older_missing)(held, missing),
        (true, behind) => (words.on_their_way)(held, behind),
    }
}

fn outbox(state: &State, words: &'static Catalogue, act: &Callback<Action>) -> Html {
    let changes = &words.changes;
    let n = state.engine.outbox().iter().count();
    if n == 0 {
        return html! { <p class="small outbox__none">{ changes.outbox_empty }</p> };
    }
    html! {
        <>
            <p class="small">{ (changes.outbox)(n) }</p>
            <ul class="outbox">{ for state.engine.outbox().iter().take(COMMANDS).map(|pending| command(state, words, pending, act)) }</ul>
        </>
    }
}

fn command(state: &State, words: &'static Catalogue, pending: &Pending, act: &Callback<Action>) -> Html {
    let changes = &words.changes;
    let room = pending.room().and_then(|id| state.engine.rooms().get(&id)).map(|room| format!(" {}", handle_of(room)));
    let target = pending.target().map_or(String::new(), |Seq(seq)| format!(" {}", Seq(seq)));
    let stage = match &pending.stage {
        Stage::Waiting => changes.stage[0],
        Stage::Sent { .. } => changes.stage[1],
        Stage::Acked { .. } => changes.stage[2],
        Stage::Failed(_) => changes.stage[3],
    };
    let why = match &pending.stage {
        Stage::Failed(why) => Some((words.refusal)(why)),
        Stage::Waiting | Stage::Sent { .. } | Stage::Acked { .. } => {
            pending.trouble.as_ref().map(|why| words.troubled(why))
        }
    };
    let since = (changes.since)(&Local::at(pending.at, state.zone).clock_seconds());
    html! {
        <li key={pending.cid.to_string()}>
            { icon_sm(if why.is_some() { "alert" } else { "clock" }) }
            <span class="grow"><b>{ (changes.kind)(Kind::of(&pending.what)) }</b>{ room }{ target }{ " · " }{ stage }{ " · " }{ since }{ why.map(|why| html! { <span class="outbox__why">{ why }</span> }) }</span>
            if let Stage::Failed(_) = pending.stage {
                <button type="button" class="btn-link" onclick={sends(act, Action::Retry(pending.cid))}>{ words.retry }</button>
                <button type="button" class="btn-link" onclick={sends(act, Action::Discard(pending.cid))}>{ changes.discard }</button>
            }
        </li>
    }
}
