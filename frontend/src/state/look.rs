//! Looking around in a room: what is in sight, going to a place in it, and what counts as read.
//!
//! A place may lie in what is not held; it is loaded first, and shown when it is there. Neighbours: `window` is the part
//! of the log that is drawn, `own` what a badge shows, `thread` the chain of answers beside the room. Deliberately
//! absent: measuring, which is the view's.

use common::api::messages::Place;
use common::id::{RoomId, Seq, Timestamp};
use common::model::Level;
use common::sync::{Command, Input, Room};

use super::window::{Spot, Window};
use super::wire::{Line, What};
use super::{Action, Ask, Effect, Errand, Failure, Overlay, State};

/// How often a place is asked for before it is given up.
const TRIES: u8 = 3;

/// What somebody does to look around, and to say what they have seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The rows in sight come to an end: lay the window here.
    Slide(Spot),
    /// What is missing behind this event comes into sight.
    LoadNewer(Seq),
    /// Look at a room, at this event.
    Arrive(RoomId, Seq),
    /// What was unread begins above what is in sight, or no longer.
    NewAbove(bool),
    /// Go to the first message that was unread.
    ToNew,
    /// Go to the first message of this moment or later.
    ToDate(Timestamp),
    /// Open or close the menu of the room.
    Menu(bool),
    /// Which messages of a room to tell of.
    Notify(RoomId, Level),
    /// Everything in this room has been read.
    Read(RoomId),
    /// Everything has been read.
    ReadAll,
    /// The message with this number, and what came after it, count as unread again.
    UnreadFrom(u64),
    /// The next room with unread messages, or the previous one.
    StepUnread(i8),
    /// Whether the browser shows notifications: `None` until somebody was asked.
    MayNotify(Option<bool>),
    /// Ask the browser for notifications.
    AskToNotify,
}

/// A place that is to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim {
    room: RoomId,
    seq: Seq,
    tries: u8,
}

/// Where the reader looks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sight {
    pub window: Window,
    /// Events held before the window, and behind it.
    pub above: usize,
    pub below: usize,
    /// Whether what was unread begins above what is in sight.
    pub new_above: bool,
    /// Whether the menu of the room is open.
    pub menu: bool,
    /// The room that is not to be read by being looked at.
    pub kept_unread: Option<RoomId>,
    pub(super) aim: Option<Aim>,
}

impl State {
    #[expect(clippy::needless_pass_by_value, reason = "an action is used up")]
    pub(super) fn look_around(&mut self, look: Look) {
        match look {
            Look::Slide(spot) => self.slide(spot),
            Look::LoadNewer(after) => self.in_room(|room| Command::LoadNewer { room, after }),
            Look::Arrive(room, seq) => self.come_to(room, seq),
            Look::NewAbove(above) => self.sight.new_above = above,
            Look::ToNew => self.go_to_new(),
            Look::ToDate(at) => {
                self.sight.menu = false;
                if let Some(room) = self.room {
                    self.ask(Ask::PlaceAt(room, at));
                }
            }
            Look::Menu(open) => self.sight.menu = open,
            Look::Notify(room, level) => self.drive(Input::Do(Command::Notify { room, level })),
            Look::Read(room) => self.read(room),
            Look::ReadAll => {
                let rooms: Vec<RoomId> = self.engine.rooms().keys().copied().collect();
                rooms.into_iter().for_each(|room| self.read(room));
            }
            Look::UnreadFrom(n) => self.unread_from(n),
            Look::StepUnread(by) => self.step_unread(by),
            Look::MayNotify(may) => self.may_notify = may,
            Look::AskToNotify => {
                self.sight.menu = false;
                self.effects.push(Effect::Run(Errand::AskToNotify));
            }
        }
    }

    pub(super) fn present(&self) -> Option<&Room> {
        self.engine.rooms().get(&self.room?)
    }

    /// Turns to another room, at its newest message.
    pub(super) fn look_anew(&mut self) {
        self.sight = Sight::default();
    }

    fn slide(&mut self, spot: Spot) {
        let Some(room) = self.present() else { return };
        let (window, cursor) = (Window::around(&room.log, spot), room.log.cursor());
        self.rows_stale |= window != self.sight.window;
        self.sight.window = window;
        if !window.is_open() {
            self.left_at = self.left_at.or(Some(cursor));
        }
    }

    /// Back to the newest message.
    pub(super) fn go_to_latest(&mut self) {
        self.sight.window = Window::default();
        self.left_at = None;
        self.rows_stale = true;
        self.effects.push(Effect::ScrollToLatest);
    }

    // === Going to a place ===

    fn come_to(&mut self, room: RoomId, seq: Seq) {
        self.look_at(Some(room));
        self.sight.aim = Some(Aim { room, seq, tries: 0 });
    }

    /// Goes to a message of the present room.
    pub(super) fn go_to(&mut self, seq: Seq) {
        if let Some(room) = self.room {
            self.sight.aim = Some(Aim { room, seq, tries: 0 });
        }
    }

    /// Shows the place that is aimed at as soon as it is held, and asks for it where it is not.
    pub(super) fn pursue(&mut self) {
        let Some(aim) = self.sight.aim.filter(|aim| Some(aim.room) == self.room) else { return };
        let Some(room) = self.present() else { return };
        // An event that changed a message stands for the message.
        let seq = room.log.get(aim.seq).and_then(|event| event.kind.target()).unwrap_or(aim.seq);
        let (held, waits) = (room.log.holds(seq), room.is_loading() || !self.is_ready());
        let beyond = seq > room.head || seq == Seq::ZERO;
        if held {
            self.sight.aim = None;
            self.slide(Spot::Seq(seq));
            self.effects.push(Effect::Run(Errand::ShowMessage(seq)));
            self.dirty = true;
        } else if waits {
        } else if beyond || aim.tries >= TRIES {
            self.sight.aim = None;
        } else {
            self.sight.aim = Some(Aim { tries: aim.tries + 1, ..aim });
            self.drive(Input::Do(Command::LoadAround { room: aim.room, seq }));
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "an answer is used up")]
    pub(super) fn placed(&mut self, room: RoomId, place: Result<Place, Failure>) {
        if let Ok(place) = place
            && self.room == Some(room)
        {
            self.go_to(place.seq);
        }
    }

    fn go_to_new(&mut self) {
        match (self.first_new(), self.new_from) {
            (Some(seq), _) => self.go_to(seq),
            (None, Some((room, read))) => self.ask(Ask::PlaceOf(room, read + 1)),
            (None, None) => {}
        }
    }

    /// Shows the frame that brought a message, where the log still has it.
    pub(super) fn show_frame(&mut self, seq: Seq) {
        let Some(room) = self.room else { return };
        let (room, seq) = (format!("\"room\":\"{room}\""), format!("\"seq\":{},", seq.0));
        let brought = |line: &Line| matches!(&line.what, What::Frame { out: false, name: "event", text, .. } if text.contains(&room) && text.contains(&seq));
        let Some(line) = self.wire.lines.iter().rev().find(|line| brought(line)).map(|line| line.id) else { return };
        self.thread = None;
        if !self.wire_open {
            self.toggle(Overlay::Wire);
        }
        self.effects.push(Effect::Run(Errand::ShowFrame(line)));
    }

    // === What counts as read ===

    pub(super) fn read(&mut self, id: RoomId) {
        if self.sight.kept_unread == Some(id) {
            self.sight.kept_unread = None;
        }
        if self.room == Some(id) {
            self.sight.menu = false;
            self.new_from = None;
        }
        if let Some(n) = self.engine.rooms().get(&id).map(|room| room.info.n) {
            self.drive(Input::Do(Command::Read { room: id, n }));
        }
    }

    fn unread_from(&mut self, n: u64) {
        let Some(room) = self.room else { return };
        self.sight.kept_unread = Some(room);
        self.new_from = Some((room, n.saturating_sub(1)));
        self.drive(Input::Do(Command::Unread { room, n }));
    }

    fn step_unread(&mut self, by: i8) {
        let waits = |room: &Room| super::own::badge(room) > 0;
        let rooms = self.engine.rooms().iter().filter(|(_, room)| waits(room)).map(|(id, _)| *id);
        let rooms: Vec<RoomId> = rooms.filter(|id| Some(*id) != self.room).collect();
        let here = self.room.unwrap_or(RoomId(0));
        let next = if by < 0 {
            rooms.iter().rev().find(|id| **id < here).or(rooms.last())
        } else {
            rooms.iter().find(|id| **id > here).or(rooms.first())
        };
        if let Some(room) = next {
            self.visit(*room);
        }
    }
}

impl From<Look> for Action {
    fn from(look: Look) -> Self {
        Self::Look(look)
    }
}
