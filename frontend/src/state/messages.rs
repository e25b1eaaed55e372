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

use common::api::messages::{EditView, MessageView};
use common::model::{EventKind, RoomRole};

use super::timeline::{self, Message};
use super::{Ask, Dialog, Effect, Errand, Failure, State};
use crate::annex::port::{EmojiFor, Open};

/// The emoji that a message offers at once.
pub(crate) const QUICK: [&str; 3] = ["👍", "✅", "👀"];

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
    /// Show the emoji for a message.
    Emoji(Seq),
    /// Show a message in the timeline.
    GoTo(Seq),
    /// Show the frame that brought a message.
    ShowFrame(Seq),
    /// The notice has been read.
    HideNotice,
}

/// A dialog that lies over the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The question before a message is deleted.
    Delete(Seq),
    /// The pinned messages of the room.
    Pins,
    /// The texts that a message has had.
    Edits(Seq),
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
    /// The pinned messages of the room whose list is open.
    pub pins: Asked<Rc<Message>>,
    /// The texts of the message whose list is open.
    pub texts: Asked<EditView>,
}

/// A list that is asked for: `None` while it is on its way.
pub(crate) type Asked<T> = Option<Result<Rc<[T]>, Failure>>;

impl State {
    // Where the program is split, this stays in one piece.
    #[inline(never)]
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
            Touch::Emoji(target) => self.show_emoji(target),
            Touch::GoTo(target) => {
                self.dialog = None;
                self.go_to(target);
            }
            Touch::ShowFrame(seq) => self.show_frame(seq),
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
    fn message(&self, target: Seq) -> Option<Rc<Message>> {
        timeline::message(self, self.present()?, target).filter(|message| !message.is_gone())
    }

    /// The last message of one's own that can be changed.
    fn last_of_mine(&self) -> Option<Rc<Message>> {
        let (me, room) = (self.engine.me()?.id, self.present()?);
        let mine = room.log.events().rev().filter(|event| event.by == me);
        let mut mine = mine.filter(|event| matches!(event.kind, EventKind::Message { .. }));
        mine.find_map(|event| self.message(event.seq))
    }

    /// Whether the reader may take a message away: it is theirs, or they moderate the room.
    pub(crate) fn may_delete(&self, mine: bool) -> bool {
        mine || self.present().is_some_and(|room| room.info.role == RoomRole::Moderator)
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
        // What is pinned and not held is in the list of pins alone.
        let on = self.message(target).is_some_and(|message| !message.pinned);
        if let (Some(Ok(pins)), false) = (&mut self.touched.pins, on) {
            *pins = pins.iter().filter(|message| message.seq != Some(target)).cloned().collect();
        }
        self.ask_for(|room| What::Pin { room, target, on });
    }

    fn edit(&mut self, target: Seq) {
        let message = self.message(target).filter(|message| message.mine);
        self.begin_edit(message.as_deref());
    }

    fn edit_last(&mut self) {
        let message = self.last_of_mine();
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
        if self.message(target).is_some_and(|message| self.may_delete(message.mine)) {
            self.ask_for(|room| What::Delete { room, target });
        }
    }

    fn show_over(&mut self, over: Over) {
        let sensible = match over {
            Over::Delete(target) => self.message(target).is_some_and(|message| self.may_delete(message.mine)),
            Over::Edits(target) => self.message(target).is_some(),
            Over::Pins => self.room.is_some(),
        };
        if !sensible {
            return;
        }
        self.dialog = Some(Dialog::Over(over));
        match (over, self.room) {
            (Over::Pins, Some(room)) => {
                self.touched.pins = None;
                self.ask(Ask::Pins(room));
            }
            (Over::Edits(target), Some(room)) => {
                self.touched.texts = None;
                self.ask(Ask::Edits(room, target));
            }
            (Over::Delete(_) | Over::Pins | Over::Edits(_), _) => {}
        }
    }

    fn show_emoji(&mut self, target: Seq) {
        if let Some(room) = self.room.filter(|_| self.message(target).is_some()) {
            self.open_annex(Open::Emoji(EmojiFor::Message(room, target)));
        }
    }

    fn close_over(&mut self) {
        if matches!(self.dialog, Some(Dialog::Over(_))) {
            self.dialog = None;
        }
    }

    pub(super) fn pinned(&mut self, room: RoomId, pins: Result<Vec<MessageView>, Failure>) {
        if self.room == Some(room) {
            let message = |view: &MessageView| Rc::new(Message::of_view(view, self.zone));
            self.touched.pins = Some(pins.map(|pins| pins.iter().map(message).collect()));
        }
    }

    /// The pinned messages of the present room: what the server told, else those that are held, the latest pin first.
    pub(crate) fn pins(&self) -> Vec<Rc<Message>> {
        if let Some(Ok(pins)) = &self.touched.pins {
            return pins.to_vec();
        }
        let Some(room) = self.present() else { return Vec::new() };
        let mut pins: Vec<Rc<Message>> = Vec::new();
        for event in room.log.events().rev().filter(|event| matches!(event.kind, EventKind::Pinned { .. })) {
            let message = event.kind.target().filter(|seq| pins.iter().all(|pin| pin.seq != Some(*seq)));
            let message = message.and_then(|seq| timeline::message(self, room, seq));
            pins.extend(message.filter(|message| message.pinned));
        }
        pins
    }

    pub(super) fn texts(&mut self, room: RoomId, target: Seq, texts: Result<Vec<EditView>, Failure>) {
        if self.room == Some(room) && self.dialog == Some(Dialog::Over(Over::Edits(target))) {
            self.touched.texts = Some(texts.map(Rc::from));
        }
    }
}
