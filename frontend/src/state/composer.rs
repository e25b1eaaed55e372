//! What the composer is about beside its text: the message that is answered.
//!
//! The text is the draft, which all devices of a person agree on (`own`). Neighbours: `deeds` says what is written,
//! `messages` has the edit that the composer may hold instead.

use common::id::Seq;

use super::{Effect, Errand, State};

/// What the composer holds beside its text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Composing {
    /// The message of the present room that the next one answers.
    pub reply: Option<Seq>,
}

impl State {
    /// The next message answers this one.
    pub(super) fn reply(&mut self, to: Seq) {
        self.put_down();
        self.composer.reply = Some(to);
        self.effects.push(Effect::Run(Errand::FocusEditor));
    }

    /// The next message answers nothing. Returns whether it would have.
    pub(super) fn cancel_reply(&mut self) -> bool {
        let was = self.composer.reply.take().is_some();
        if was {
            self.effects.push(Effect::FocusComposer);
        }
        was
    }
}
