//! The chain of answers that is open beside the room.
//!
//! What is held of it is shown at once; the rest is asked for over HTTP. Neighbours: `answers` knows what one message
//! answers. Deliberately absent: how it looks.

use std::rc::Rc;

use common::api::messages::{MessageView, Thread};
use common::id::{RoomId, Seq};
use common::sync::outbox::What;
use common::sync::{Command, Input};
use common::text::{Body, TextError};

use super::timeline::{self, Message};
use super::{Ask, Effect, Failure, State};

/// Messages that one answer brings at most.
const PAGE: usize = 200;

/// What is done in the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Open the thread that this message began.
    Open(Seq),
    /// Close the panel.
    Close,
    /// The text that is being written.
    Write(String),
    /// Say it.
    Say,
}

/// The open thread.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub room: RoomId,
    pub root: Seq,
    pub text: String,
    /// Why the text cannot be sent.
    pub error: Option<TextError>,
    /// Whether an answer is on its way, and whether the last one failed.
    pub loading: bool,
    pub failure: Option<Failure>,
    /// What came over HTTP, by number.
    fetched: Vec<Rc<MessageView>>,
}

impl State {
    // Where the program is split, this stays in one piece.
    #[inline(never)]
    pub(super) fn chain(&mut self, chain: Chain) {
        match chain {
            Chain::Open(root) => self.open_thread(root),
            Chain::Close => drop(self.close_thread()),
            Chain::Write(text) => self.thread.iter_mut().for_each(|open| {
                open.text.clone_from(&text);
                open.error = None;
            }),
            Chain::Say => self.say_in_thread(),
        }
    }

    /// The thread of the present room that is open.
    pub(crate) fn open_chain(&self) -> Option<&Open> {
        self.thread.as_ref().filter(|open| Some(open.room) == self.room)
    }

    fn open_thread(&mut self, root: Seq) {
        let Some(room) = self.room else { return };
        let text = self.thread.take().filter(|open| (open.room, open.root) == (room, root)).map(|open| open.text);
        let text = text.unwrap_or_default();
        self.thread = Some(Open { room, root, text, error: None, loading: true, failure: None, fetched: Vec::new() });
        self.ask(Ask::Thread(room, root, None));
        self.effects.push(Effect::FocusThread);
    }

    /// Closes the panel. Returns whether it was open.
    pub(super) fn close_thread(&mut self) -> bool {
        let open = self.open_chain().is_some();
        if open {
            self.thread = None;
            self.effects.push(Effect::FocusComposer);
        }
        open
    }

    pub(super) fn threaded(&mut self, room: RoomId, root: Seq, answer: Result<Thread, Failure>) {
        let Some(open) = self.thread.as_mut().filter(|open| (open.room, open.root) == (room, root)) else { return };
        open.loading = false;
        match answer {
            Ok(thread) => {
                let last = thread.messages.last().map(|message| message.seq);
                let more = thread.messages.len() >= PAGE;
                if open.fetched.is_empty() {
                    open.fetched.push(Rc::new(thread.root));
                }
                open.fetched.extend(thread.messages.into_iter().map(Rc::new));
                if more {
                    open.loading = true;
                    self.ask(Ask::Thread(room, root, last));
                }
            }
            Err(failure) => open.failure = Some(failure),
        }
    }

    fn say_in_thread(&mut self) {
        let Some(open) = &mut self.thread else { return };
        let (room, root) = (open.room, open.root);
        match Body::new(&open.text) {
            Ok(body) => {
                open.text.clear();
                self.drive(Input::Do(Command::Ask(What::Say { room, body, reply_to: Some(root) })));
            }
            Err(error) => open.error = (!open.text.is_empty()).then_some(error),
        }
    }

    /// The messages of the open thread, the one that it began with first: as they are held, else as they were fetched,
    /// and behind them what is on its way.
    pub(crate) fn chained(&self, open: &Open) -> Vec<Rc<Message>> {
        let Some(room) = self.engine.rooms().get(&open.room) else { return Vec::new() };
        let held = std::iter::once(open.root).chain(room.log.replies_to(open.root).map(|event| event.seq));
        let mut seqs: Vec<Seq> = held.filter(|seq| room.log.holds(*seq)).collect();
        seqs.extend(open.fetched.iter().map(|view| view.seq));
        seqs.sort_unstable();
        seqs.dedup();
        let fetched = |seq: Seq| open.fetched.iter().find(|view| view.seq == seq);
        let message = |seq: Seq| {
            timeline::message(self, room, seq)
                .or_else(|| fetched(seq).map(|view| Rc::new(Message::of_view(view, self.zone))))
        };
        let mut messages: Vec<Rc<Message>> = seqs.into_iter().filter_map(message).collect();
        let answers = |message: &Message| message.quote.as_ref().is_some_and(|quote| quote.root == open.root);
        let waits = self.rows.iter().filter_map(timeline::Row::message);
        messages.extend(waits.filter(|message| message.n.is_none() && answers(message)).cloned());
        messages
    }
}
