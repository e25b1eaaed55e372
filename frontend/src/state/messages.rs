//! What people do to messages: edit, delete, react, pin; and the notices that come of it.
//!
//! Neighbours: `deeds` has what is written first, `outlook` how a message stands with what is on its way. Deliberately
//! absent: who may do what, which the server decides; here only what makes no sense is left out.

use common::id::{RoomId, Seq};
use common::server::Refusal;
use common::sync::outbox::What;
use common::sync::{Command, Input};
use common::text::{Body, Emoji, Fault, TextError};
use std::rc::Rc;

use super::timeline::{Message, Row};
use super::{Dialog, Effect, Errand, State};

/// The emoji that a message offers at once.
pub(crate) const QUICK: [&str; 3] = ["👍", "✅", "👀"];

/// The emoji of the small list: what chats are answered with, by feeling.
pub(crate) const EMOJI: [&str; 24] = [
    "👍", "✅", "👀", "🎉", "❤️", "😄", "😂", "🙂", "🙏", "👏", "🚀", "💡", "🔥", "💯", "👋", "🤔", "😮", "😢", "😅",
    "🙃", "👎", "❌", "☕", "🐛",
];

/// What a person does to messages of the present room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// Put an emoji under a message, or take the own one back.
    React(Seq, String),
    /// Begin to edit a message of one's own.
    Edit(Seq),
    /// Begin to edit the last message of one's own.
    EditLast,
    /// The text that is being edited.
    Write(String),
    /// Send the edited text.
    Save,
    /// Give the edit up.
    Cancel,
    /// Delete a message of one's own.
    Delete(Seq),
    /// Pin a message, or take the pin off.
    Pin(Seq),
    /// Open a dialog.
    Open(Over),
    /// Show a message in the timeline.
    GoTo(Seq),
    /// The notice has been read.
    HideNotice,
}

/// A dialog that lies over the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The question before a message is deleted.
    Delete(Seq),
    /// The emoji for a message.
    React(Seq),
    /// The pinned messages of the room.
    Pins,
    /// Who is here.
    People,
    /// The keys.
    Keys,
}

/// A message that is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Editing {
    pub room: RoomId,
    pub target: Seq,
    pub text: String,
}

/// What is under way around messages.
#[derive(Debug, Default, Clone)]
pub(crate) struct Touched {
    /// At most one message is edited at a time.
    pub editing: Option<Editing>,
    /// A refusal that no row and no form shows.
    pub notice: Option<Refusal>,
}

impl State {
    pub(super) fn touch(&mut self, touch: Touch) {
        match touch {
            Touch::React(target, emoji) => self.react(target, &emoji),
            Touch::Edit(target) => self.edit(target),
            Touch::EditLast => self.edit_last(),
            Touch::Write(text) => {
                self.wrote(&text);
                self.touched.editing.iter_mut().for_each(|editing| editing.text.clone_from(&text));
            }
            Touch::Save => self.save(),
            Touch::Cancel => drop(self.put_down()),
            Touch::Delete(target) => self.delete(target),
            Touch::Pin(target) => self.pin(target),
            Touch::Open(over) => self.show_over(over),
            Touch::GoTo(target) => {
                self.dialog = None;
                self.effects.push(Effect::Run(Errand::ShowMessage(target)));
            }
            Touch::HideNotice => self.touched.notice = None,
        }
    }

    /// The message that the composer edits.
    pub(crate) fn editing(&self) -> Option<&Editing> {
        self.touched.editing.as_ref().filter(|editing| Some(editing.room) == self.room)
    }

    /// Gives the edit of this room up. Returns whether there was one.
    pub(super) fn put_down(&mut self) -> bool {
        let there = self.editing().is_some();
        if there {
            self.touched.editing = None;
            self.effects.push(Effect::FocusComposer);
        }
        there
    }

    /// A message of the present room that is there to be changed.
    fn message(&mut self, target: Seq) -> Option<Rc<Message>> {
        self.messages().find(|message| message.seq == Some(target))
    }

    /// The messages of the present room that can be changed, newest first.
    fn messages(&mut self) -> impl Iterator<Item = Rc<Message>> {
        self.settle();
        self.rows.iter().rev().filter_map(Row::message).filter(|message| !message.is_gone()).cloned()
    }

    fn ask_for(&mut self, what: impl FnOnce(RoomId) -> What) {
        if let Some(room) = self.room {
            self.drive(Input::Do(Command::Ask(what(room))));
        }
    }

    fn react(&mut self, target: Seq, emoji: &str) {
        self.close_over();
        let (Ok(emoji), Some(message)) = (Emoji::new(emoji), self.message(target)) else { return };
        let on = !message.reactions.iter().any(|held| held.mine && held.emoji == emoji.as_str());
        self.ask_for(|room| What::React { room, target, emoji, on });
    }

    fn pin(&mut self, target: Seq) {
        let Some(message) = self.message(target) else { return };
        self.ask_for(|room| What::Pin { room, target, on: !message.pinned });
    }

    fn edit(&mut self, target: Seq) {
        let message = self.message(target).filter(|message| message.mine);
        self.begin_edit(message.as_deref());
    }

    fn edit_last(&mut self) {
        let message = self.messages().find(|message| message.mine && message.seq.is_some());
        self.begin_edit(message.as_deref());
    }

    fn begin_edit(&mut self, message: Option<&Message>) {
        let (Some(room), Some(message)) = (self.room, message) else { return };
        let Some(target) = message.seq else { return };
        self.touched.editing = Some(Editing { room, target, text: message.body.clone() });
        self.effects.push(Effect::Run(Errand::FocusEditor));
    }

    fn save(&mut self) {
        let Some(Editing { target, text, .. }) = self.editing().cloned() else { return };
        match Body::new(&text) {
            Ok(body) => {
                self.put_down();
                let same = self.message(target).is_some_and(|message| message.body == body.as_str());
                if !same {
                    self.ask_for(|room| What::Edit { room, target, body });
                }
            }
            // A message without a text is a message less.
            Err(TextError { fault: Fault::Blank, .. }) => self.show_over(Over::Delete(target)),
            // The composer says what is wrong with any other text.
            Err(_) => {}
        }
    }

    fn delete(&mut self, target: Seq) {
        self.close_over();
        if self.editing().is_some_and(|editing| editing.target == target) {
            self.put_down();
        }
        if self.message(target).is_some_and(|message| message.mine) {
            self.ask_for(|room| What::Delete { room, target });
        }
    }

    fn show_over(&mut self, over: Over) {
        let sensible = match over {
            Over::Delete(target) => self.message(target).is_some_and(|message| message.mine),
            Over::React(target) => self.message(target).is_some(),
            Over::Pins | Over::People => self.room.is_some(),
            Over::Keys => true,
        };
        if sensible {
            self.dialog = Some(Dialog::Over(over));
        }
    }

    fn close_over(&mut self) {
        if matches!(self.dialog, Some(Dialog::Over(_))) {
            self.dialog = None;
        }
    }

    /// The pinned messages of the present room, as far as they are held, newest first.
    pub(crate) fn pins(&self) -> impl Iterator<Item = &Rc<Message>> {
        self.rows.iter().rev().filter_map(Row::message).filter(|message| message.pinned)
    }
}
