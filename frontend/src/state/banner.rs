//! What the page says of its connection above the timeline: the state, the cause, and what comes next.
//!
//! Deliberately absent: the words, and the first connection of the page, which needs no explanation.

use common::close;
use common::sync::outbox::{Stage, What};
use common::sync::{Closed, Phase, backoff};

use super::State;

/// What there is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Banner {
    /// The device has no network.
    Offline { waiting: usize },
    /// The next try is being waited for.
    Counting { closed: Closed, seconds: u64, waiting: usize },
    /// A try is on its way; if it fails, the next one comes within so many seconds.
    Dialing { closed: Option<Closed>, attempt: u32, within: u64 },
    /// No further try comes by itself.
    Stopped { closed: Option<Closed>, offer: Option<Offer> },
}

/// What a person can do about a connection that stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    Connect,
    UseHere,
    Reload,
}

/// Messages that have not reached the server.
pub(crate) fn waiting(state: &State) -> usize {
    let waits = |stage: &Stage| matches!(stage, Stage::Waiting | Stage::Sent { .. });
    state.engine.outbox().iter().filter(|p| matches!(p.what, What::Say { .. }) && waits(&p.stage)).count()
}

/// What the state calls for.
pub(crate) fn banner(state: &State) -> Option<Banner> {
    let closed = state.engine.last_closed().cloned();
    if !state.online && !state.is_ready() {
        return Some(Banner::Offline { waiting: waiting(state) });
    }
    match state.engine.phase() {
        Phase::Idle | Phase::Ready { .. } | Phase::Closing { .. } => None,
        Phase::Connecting { .. } | Phase::Greeting { .. } => {
            let attempt = state.engine.backoff().tries();
            let rung = (attempt as usize).checked_sub(1)?.min(backoff::BOUNDS_MS.len() - 1);
            let within = backoff::BOUNDS_MS.get(rung).copied().unwrap_or_default() / 1_000;
            Some(Banner::Dialing { closed, attempt, within })
        }
        Phase::Waiting { .. } => Some(Banner::Counting {
            closed: closed?,
            seconds: state.countdown().unwrap_or_default(),
            waiting: waiting(state),
        }),
        Phase::Stopped => {
            let offer = match closed.as_ref().map(|closed| closed.code) {
                Some(close::KICKED) => None,
                Some(close::TOO_MANY_PLACES) => Some(Offer::UseHere),
                Some(close::NEW_VERSION) => Some(Offer::Reload),
                _ => Some(Offer::Connect),
            };
            Some(Banner::Stopped { closed, offer })
        }
    }
}
