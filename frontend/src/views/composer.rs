//! The dock below the timeline: the way back to the newest message, and the composer.

use common::id::RoomId;
use common::limits::BODY_CHARS;
use web_sys::{HtmlTextAreaElement, InputEvent, KeyboardEvent, SubmitEvent};
use yew::{Callback, Html, Properties, TargetCast, classes, component, html, use_callback};

use super::parts::{icon, icon_sm, sends};
use super::people;
use crate::i18n::{Lang, grouped};
use crate::state::timeline::new_since;
use crate::state::{Action, State, Touch};

/// Characters from which the count is shown.
const NEAR: usize = 3_600;

/// The dock. Writing never stops: it is there before the first connection and without one.
pub(super) fn dock(state: &State, act: &Callback<Action>) -> Html {
    let Some(id) = state.room else { return html! {} };
    let room = state.engine.rooms().get(&id);
    if room.is_none() && state.engine.me().is_some() {
        return html! {};
    }
    let words = state.lang.words();
    let edited = state.editing().map(|editing| editing.text.clone());
    let editing = edited.is_some();
    let fresh = state.left_at.zip(room).map(|(since, room)| new_since(room, since));
    html! {
        <div class="dock">
            <button type="button" class={classes!("btn", "latest", fresh.is_some().then_some("is-shown"))} onclick={sends(act, Action::ToLatest)}>
                { icon("dn") }{ words.to_latest }
                if let Some(n) = fresh.filter(|n| *n > 0) {
                    <span class="badge badge--mention">{ n }</span>
                }
            </button>
            { people::typing(state) }
            <Composer lang={state.lang} room={id} name={room.map(|room| room.info.name.clone()).unwrap_or_default()}
                draft={edited.unwrap_or_else(|| state.engine.own().draft(id).to_owned())} {editing} ready={state.is_ready()} act={act.clone()} />
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ComposerProps {
    lang: Lang,
    room: RoomId,
    name: String,
    /// What stands in it: the draft, or the message that is edited.
    draft: String,
    editing: bool,
    ready: bool,
    act: Callback<Action>,
}

/// Whether a key press sends: Enter alone, and never while an input method is composing. Some report the Enter that
/// ends a composition with key code 229 and `isComposing` already false.
fn sends_message(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" && !event.shift_key() && !event.is_composing() && event.key_code() != 229
}

/// Whether a key press in an empty composer goes back to the last message.
fn goes_back(event: &KeyboardEvent) -> bool {
    let bare = !(event.shift_key() || event.alt_key() || event.ctrl_key() || event.meta_key());
    event.key() == "ArrowUp" && bare && !event.is_composing()
}

/// The line above the text that says that a message is edited.
fn reference(lang: Lang, act: &Callback<Action>) -> Html {
    let words = &lang.words().changes;
    html! {
        <div class="composer__ref">
            { icon_sm("edit") }<span class="grow cut">{ words.editing }</span>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={words.cancel_edit} onclick={sends(act, Action::Touch(Touch::Cancel))}>{ icon_sm("x") }</button>
        </div>
    }
}

#[component]
fn Composer(props: &ComposerProps) -> Html {
    let ComposerProps { lang, room, name, draft, editing, ready, act } = props.clone();
    let words = lang.words();
    let used = draft.trim_end().chars().count();
    let over = used.saturating_sub(BODY_CHARS);
    let say = use_callback((act.clone(), over, editing), |(): (), (act, over, editing)| {
        if *over == 0 {
            act.emit(if *editing { Action::Touch(Touch::Save) } else { Action::Say });
        }
    });
    let oninput = {
        let act = act.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                let text = field.value();
                act.emit(if editing { Action::Touch(Touch::Write(text)) } else { Action::Draft(room, text) });
            }
        })
    };
    let onkeydown = {
        let (say, act, blank) = (say.clone(), act.clone(), draft.is_empty() && !editing);
        Callback::from(move |event: KeyboardEvent| {
            if sends_message(&event) {
                event.prevent_default();
                say.emit(());
            } else if blank && goes_back(&event) {
                event.prevent_default();
                act.emit(Action::Touch(Touch::EditLast));
            }
        })
    };
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        say.emit(());
    });
    let hint = if ready || name.is_empty() { (words.message_to)(&name) } else { words.write_on.to_owned() };
    let lines = draft.split('\n').count().clamp(1, 8);
    let tone = if over > 0 { Some("is-over") } else { (used >= NEAR).then_some("is-near") };
    html! {
        <form class="composer" {onsubmit}>
            <div class="composer__box">
                if editing {
                    { reference(lang, &act) }
                }
                <textarea class="composer__input" rows={lines.to_string()} aria-label={(words.message_to)(&name)} placeholder={hint}
                    aria-invalid={(over > 0).then_some("true")} aria-describedby={(over > 0).then_some("composer-over")}
                    value={draft} {oninput} {onkeydown} />
                <div class="composer__bar">
                    if over > 0 {
                        <span class="composer__over" id="composer-over" role="alert">{ (words.over)(over) }</span>
                    }
                    <span class="composer__hint"><kbd class="kbd">{ "Shift" }</kbd>{ " " }<kbd class="kbd">{ "Enter" }</kbd>{ " " }{ words.new_line }</span>
                    if used >= NEAR {
                        <span class={classes!("composer__count", tone)}><span class="sr-only">{ words.used }</span>{ format!("{} / {}", grouped(used as u64), grouped(BODY_CHARS as u64)) }</span>
                    }
                    <button class="icon-btn send" aria-label={words.send} disabled={over > 0}>{ icon("send") }</button>
                </div>
            </div>
        </form>
    }
}
