//! The dock below the timeline: the way back to the newest message, and the composer.
//!
//! What somebody writes is drawn by the composer alone: it keeps the text itself, tells the state of every change, and
//! takes the state's text when that has become another one (`version`). Neighbours: `field` changes the text where the
//! cursor is, `offers` draws what is offered while one writes.

use std::rc::Rc;

use common::id::RoomId;
use common::limits::BODY_CHARS;
use common::model::RoomRole;
use web_sys::{InputEvent, KeyboardEvent, MouseEvent, SubmitEvent};
use yew::{Callback, Html, Properties, classes, component, html, use_callback, use_node_ref, use_state};

use super::field::Field;
use super::offers::{self, Choice};
use super::parts::{icon, icon_sm, sends};
use super::people;
use crate::annex::port::{EmojiFor, Open};
use crate::i18n::{Lang, grouped};
use crate::state::composer::Refused;
use crate::state::offers::Offer;
use crate::state::slash::Command;
use crate::state::timeline::new_since;
use crate::state::{Action, State, Token, Touch};

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
    let fresh = state.left_at.zip(room).map(|(since, room)| new_since(room, since));
    let composer = &state.composer;
    html! {
        <div class="dock">
            <button type="button" class={classes!("btn", "latest", fresh.is_some().then_some("is-shown"))} onclick={sends(act, Action::ToLatest)}>
                { icon("dn") }{ words.to_latest }
                if let Some(n) = fresh.filter(|n| *n > 0) {
                    <span class="badge badge--mention">{ n }</span>
                }
            </button>
            { people::typing(state) }
            if let Some(why) = closed(state) {
                <p class="dock__note" role="status">{ icon_sm("lock") }{ why }</p>
            } else {
            <Composer lang={state.lang} room={id} name={state.room_handle()}
                draft={state.composer_text().to_owned()} version={composer.version} editing={state.editing().is_some()} reply={state.answered()}
                refused={composer.refused.clone()} help={composer.help} token={composer.token.clone()} offers={Rc::clone(&composer.offers)}
                ready={state.is_ready()} act={act.clone()} />
            }
        </div>
    }
}

/// Why nobody, or not the reader, may write in the present room.
pub(super) fn closed(state: &State) -> Option<&'static str> {
    let info = &state.room.and_then(|id| state.engine.rooms().get(&id))?.info;
    let talk = &state.lang.words().talk;
    if info.archived {
        Some(talk.closed)
    } else {
        (info.announcements && info.role != RoomRole::Moderator).then_some(talk.announcing)
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ComposerProps {
    lang: Lang,
    room: RoomId,
    name: String,
    /// What stands in it: the draft, or the message that is edited.
    draft: String,
    /// Counts how often that became another one without somebody writing here.
    version: u32,
    editing: bool,
    /// Who is answered, and what they said.
    reply: Option<(String, String)>,
    refused: Option<Refused>,
    help: bool,
    token: Option<Token>,
    offers: Rc<[Offer]>,
    ready: bool,
    act: Callback<Action>,
}

/// Whether a key press sends: Enter alone, and never while an input method is composing.
pub(super) fn sends_message(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" && !event.shift_key() && !is_composing(event)
}

/// Whether a key press is an input method's: it never sends and never chooses. Some report the Enter that ends a
/// composition with key code 229 and `isComposing` already false.
fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Whether a key press in an empty composer goes back to the last message.
fn goes_back(event: &KeyboardEvent) -> bool {
    let bare = !(event.shift_key() || event.alt_key() || event.ctrl_key() || event.meta_key());
    event.key() == "ArrowUp" && bare
}

/// What a key press puts around what is selected.
fn wraps(event: &KeyboardEvent) -> Option<&'static str> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return None;
    }
    match (event.key().as_str(), event.shift_key()) {
        ("b", false) => Some("**"),
        ("i", false) => Some("_"),
        ("C" | "c", true) => Some("`"),
        ("X" | "x", true) => Some("~~"),
        _ => None,
    }
}

/// The marks that have buttons, with their icons.
const MARKS: [(&str, &str); 4] = [("bold", "**"), ("italic", "_"), ("strike", "~~"), ("code", "`")];

/// The buttons below the text: the emoji, and the marks. Pressing one leaves the cursor where it is.
fn tools(lang: Lang, field: &Field, act: &Callback<Action>) -> Html {
    let words = &lang.words().writing;
    let mark = |((name, mark), label): ((&'static str, &'static str), &'static str)| {
        let field = field.clone();
        let onclick = Callback::from(move |_: MouseEvent| field.wrap(mark));
        let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
        html! { <button type="button" class="icon-btn only-wide" aria-label={label} title={label} {onmousedown} {onclick}>{ icon(name) }</button> }
    };
    html! {
        <>
            <button type="button" class="icon-btn" aria-haspopup="dialog" aria-label={words.emoji} title={words.emoji} onclick={sends(act, Action::Open(Open::Emoji(EmojiFor::Composer)))}>{ icon("smile") }</button>
            { for MARKS.into_iter().zip(words.marks).map(mark) }
        </>
    }
}

/// The line above the text that says that a message is edited or answered.
fn reference(name: &'static str, text: &Html, cancel: &'static str, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <div class="composer__ref">
            { icon_sm(name) }<span class="grow cut">{ text.clone() }</span>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={cancel} {onclick}>{ icon_sm("x") }</button>
        </div>
    }
}

#[component]
fn Composer(props: &ComposerProps) -> Html {
    let ComposerProps { lang, room, name, version, editing, ready, act, .. } = props.clone();
    let words = lang.words();
    let node = use_node_ref();
    // The text, and the version of the state's that it grew from.
    let kept = use_state(|| (version, props.draft.clone()));
    // Which row is chosen, of what was offered then; of anything else it is the first.
    let picked = use_state(|| (Rc::clone(&props.offers), 0));
    let chosen = if picked.0 == props.offers { picked.1 } else { 0 };
    let draft = if kept.0 == version { kept.1.clone() } else { props.draft.clone() };
    let used = draft.trim_end().chars().count();
    let over = used.saturating_sub(BODY_CHARS);
    let write = {
        let act = act.clone();
        Callback::from(move |text: String| {
            kept.set((version, text.clone()));
            act.emit(if editing { Action::Touch(Touch::Write(text)) } else { Action::Draft(room, text) });
        })
    };
    let field = Field { node: node.clone(), write };
    let say = use_callback((act.clone(), over, editing), |(): (), (act, over, editing)| {
        if *over == 0 {
            act.emit(Action::Offer(None));
            act.emit(if *editing { Action::Touch(Touch::Save) } else { Action::Say });
        }
    });
    let look = look(&field, props);
    let take = {
        let (field, offers, act) = (field.clone(), Rc::clone(&props.offers), act.clone());
        Callback::from(move |at: usize| {
            offers.get(at).into_iter().for_each(|offer| field.take(&offer.text));
            act.emit(Action::Offer(None));
        })
    };
    let oninput = {
        let (look, field) = (look.clone(), field.clone());
        Callback::from(move |_: InputEvent| {
            field.written();
            look.emit(());
        })
    };
    let onkeydown = {
        let (say, act, take, offers) = (say.clone(), act.clone(), take.clone(), Rc::clone(&props.offers));
        let field = field.clone();
        let blank = draft.is_empty() && !editing;
        Callback::from(move |event: KeyboardEvent| {
            if is_composing(&event) {
            } else if let Some(choice) = offers::choice(&event, chosen, offers.len()) {
                event.prevent_default();
                event.stop_propagation();
                match choice {
                    Choice::Go(to) => picked.set((Rc::clone(&offers), to)),
                    Choice::Take => take.emit(chosen),
                    Choice::Close => act.emit(Action::Offer(None)),
                }
            } else if sends_message(&event) {
                event.prevent_default();
                say.emit(());
            } else if blank && goes_back(&event) {
                event.prevent_default();
                act.emit(Action::Touch(Touch::EditLast));
            } else if let Some(mark) = wraps(&event) {
                event.prevent_default();
                field.wrap(mark);
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
    let offered = (!props.offers.is_empty()).then_some("offers");
    let fault = over > 0 || props.refused.is_some();
    html! {
        <form class="composer" {onsubmit}>
            if offered.is_some() {
                { offers::list(lang, &props.offers, chosen, &take) }
            }
            if props.help {
                { help(lang) }
            }
            <div class="composer__box">
                { above(props) }
                <textarea ref={node} class="composer__input" rows={lines.to_string()} dir="auto" aria-label={(words.message_to)(&name)} placeholder={hint}
                    aria-invalid={fault.then_some("true")} aria-describedby={fault.then_some("composer-over")}
                    aria-autocomplete="list" aria-controls={offered} aria-activedescendant={offered.map(|_| offers::id(chosen))}
                    value={draft} {oninput} {onkeydown} onclick={look.reform(|_| ())} onblur={sends(&act, Action::Offer(None))} />
                <div class="composer__bar">
                    if over > 0 {
                        <span class="composer__over" id="composer-over" role="alert">{ (words.over)(over) }</span>
                    } else if let Some(refused) = &props.refused {
                        <span class="composer__over" id="composer-over" role="alert">{ refusal(lang, refused) }</span>
                    }
                    { tools(lang, &field, &act) }
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

/// Looks what is being written, and tells the state when that is something else than before.
fn look(field: &Field, props: &ComposerProps) -> Callback<()> {
    let (field, token, act) = (field.clone(), props.token.clone(), props.act.clone());
    Callback::from(move |()| {
        let now = field.token();
        if now != token {
            act.emit(Action::Offer(now));
        }
    })
}

fn above(props: &ComposerProps) -> Html {
    let words = props.lang.words();
    if props.editing {
        let cancel = sends(&props.act, Action::Touch(Touch::Cancel));
        return reference("edit", &Html::from(words.changes.editing), words.changes.cancel_edit, cancel);
    }
    let Some((name, text)) = &props.reply else { return html! {} };
    let line = html! { <>{ (words.writing.replying)(name) }{ " " }<bdi class="faint">{ text }</bdi></> };
    reference("back", &line, words.writing.cancel_reply, sends(&props.act, Action::CancelReply))
}

fn refusal(lang: Lang, refused: &Refused) -> String {
    match refused {
        Refused::Command(fault) => (lang.words().writing.fault)(fault),
        Refused::Text(error) => (lang.words().text_error)(error),
    }
}

/// The list of commands.
fn help(lang: Lang) -> Html {
    let words = &lang.words().writing;
    let row = |command: Command| {
        let (behind, does) = (words.usage)(command);
        html! { <><dt><code>{ format!("/{} {behind}", command.name()) }</code></dt><dd>{ does }</dd></> }
    };
    html! { <dl class="menu offers offers--help" role="status" aria-label={words.help}>{ for Command::ALL.map(row) }</dl> }
}
