//! What a message answers: the quote above it, from what is held or was asked for.
//!
//! Neighbours: `timeline` puts the quote into its row, `thread` opens the chain of answers. Deliberately absent: how a
//! quote looks.

use std::rc::Rc;

use common::api::messages::MessageView;
use common::id::{RoomId, Seq, UserId};
use common::markdown::plain;
use common::model::{EventKind, Reply};
use common::sync::Room;
use common::sync::standing::Standing;
use litemap::LiteMap;

use super::{Ask, State};

/// Messages that are remembered beyond what is held; the oldest answers go first.
const ELSEWHERE: usize = 200;

/// Characters of a quote: one line.
const QUOTE_CHARS: usize = 160;

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quote {
    pub to: Seq,
    /// The message that the thread began with.
    pub root: Seq,
    /// What stands there, where it is known.
    pub said: Option<Said>,
}

/// What a quoted message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub by: UserId,
    pub name: String,
    /// The beginning of the text; empty where it has been deleted.
    pub text: String,
}

/// Messages that are not held and were asked for over HTTP.
#[derive(Debug, Default, Clone)]
pub(crate) struct Elsewhere {
    /// `None` while the answer is on its way, or where there was none.
    known: LiteMap<(RoomId, Seq), Option<Rc<MessageView>>>,
}

impl Elsewhere {
    fn get(&self, room: RoomId, seq: Seq) -> Option<&Rc<MessageView>> {
        self.known.get(&(room, seq))?.as_ref()
    }

    /// Remembers an answer.
    pub(super) fn learn(&mut self, view: MessageView) {
        self.known.insert((view.room, view.seq), Some(Rc::new(view)));
    }

    /// Whether it has yet to be asked for; it counts as asked for from now on.
    pub(super) fn wants(&mut self, room: RoomId, seq: Seq) -> bool {
        let unknown = !self.known.contains_key(&(room, seq));
        if unknown {
            if self.known.iter().count() >= ELSEWHERE {
                self.known.clear();
            }
            self.known.insert((room, seq), None);
        }
        unknown
    }
}

/// What stands in a message that another one answers.
pub(super) fn quote(state: &State, room: &Room, reply: Reply) -> Quote {
    Quote { to: reply.to, root: reply.root, said: said(state, room, reply.to) }
}

fn said(state: &State, room: &Room, seq: Seq) -> Option<Said> {
    let name = |by: UserId, then: &str| state.engine.name_of(by).unwrap_or(then).to_owned();
    if let Some(event) = room.log.get(seq)
        && let EventKind::Message { body, .. } = &event.kind
    {
        let Standing { edited, deleted, .. } = Standing::of(&room.log, seq);
        let text = edited.map_or_else(|| body.clone(), |(_, text)| text);
        let text = if deleted { String::new() } else { first_line(&text) };
        return Some(Said { by: event.by, name: name(event.by, &event.name), text });
    }
    let view = state.elsewhere.get(room.info.id, seq)?;
    Some(Said { by: view.by, name: name(view.by, &view.name), text: first_line(&view.body) })
}

impl State {
    /// Asks for what stands in messages that are answered in sight and are not held.
    pub(super) fn ask_for_quotes(&mut self) {
        let (Some(room), true) = (self.room, self.is_ready()) else { return };
        let rows = Rc::clone(&self.rows);
        let quotes = rows.iter().filter_map(|row| row.message()?.quote.as_ref());
        for quote in quotes.filter(|quote| quote.said.is_none()) {
            if self.elsewhere.wants(room, quote.to) {
                self.ask(Ask::Message(room, quote.to));
            }
        }
    }
}

/// The beginning of a text, in one line and without its marks.
pub(super) fn first_line(text: &str) -> String {
    plain::line(text, QUOTE_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_one_short_line() {
        assert_eq!(first_line(" **one**\n\ntwo\tthree "), "one two three");
        assert_eq!(first_line(&"很".repeat(400)).chars().count(), QUOTE_CHARS + 1);
        assert_eq!(first_line(""), "");
    }

    #[test]
    fn what_is_not_held_is_asked_for_once() {
        let mut elsewhere = Elsewhere::default();
        assert!(elsewhere.wants(RoomId(1), Seq(1)));
        assert!(!elsewhere.wants(RoomId(1), Seq(1)));
        assert!(elsewhere.wants(RoomId(2), Seq(1)), "numbers are a room's own");
    }
}
