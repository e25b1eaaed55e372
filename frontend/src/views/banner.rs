//! The banner above the timeline: the state, the cause, what comes next.

use common::sync::Closed;
use yew::{Callback, Html, classes, html};

use super::parts::{sends, sig, tone};
use crate::i18n::Catalogue;
use crate::socket::ReadyState;
use crate::state::banner::{Banner, Offer, banner};
use crate::state::{Action, State};

/// The banner, where there is something to say.
pub(super) fn view(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let Some(banner) = banner(state) else { return html! {} };
    match banner {
        Banner::Offline { waiting } => {
            let text = html! { { (words.offline)(waiting) } };
            surface(ReadyState::Closed, &text, &html! {})
        }
        Banner::Counting { closed, seconds, waiting } => {
            // A timer is not announced by itself, so that the seconds are not read out one by one.
            let text = html! { <>{ cause(words, &closed) }{ " " }<span role="timer">{ (words.next_in)(seconds) }</span>{ (words.queued)(waiting) }</> };
            surface(ReadyState::Closed, &text, &button(act, words.connect_now, Action::Connect))
        }
        Banner::Dialing { closed, attempt, within } => {
            let cause = closed.map(|closed| cause(words, &closed));
            let text = html! { <>{ cause }{ " " }<span role="timer">{ (words.attempt_if)(attempt, within) }</span></> };
            surface(ReadyState::Connecting, &text, &button(act, words.stop, Action::Stop))
        }
        Banner::Stopped { closed, offer } => {
            let cause = closed.map(|closed| cause(words, &closed));
            let text = html! { <>{ cause }{ " " }{ words.stays_closed }</> };
            let offer = offer.map(|offer| match offer {
                Offer::Connect => button(act, words.connect, Action::Connect),
                Offer::UseHere => button(act, words.use_here, Action::Connect),
                Offer::Reload => button(act, words.reload, Action::Reload),
            });
            surface(ReadyState::Closed, &text, &offer.unwrap_or_default())
        }
    }
}

fn cause(words: &Catalogue, closed: &Closed) -> String {
    (words.cause)(closed.code, &closed.reason)
}

fn button(act: &Callback<Action>, label: &'static str, action: Action) -> Html {
    html! { <button type="button" class="btn btn--sm" onclick={sends(act, action)}>{ label }</button> }
}

fn surface(state: ReadyState, text: &Html, button: &Html) -> Html {
    html! {
        <div class={classes!("banner", tone(Some(state)))} role="status">
            { sig(state) }
            <div class="grow"><b class="banner__state">{ format!("{} {}", state.number(), state.name()) }</b>{ " " }{ text.clone() }</div>
            { button.clone() }
        </div>
    }
}
