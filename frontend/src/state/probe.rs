//! What people do to the wire to see it mended: faults on purpose, and the trace.
//!
//! What can go wrong on the way in is [`common::sync::faults`]; it stands between the socket and the engine. Neighbours:
//! `wire` logs what arrives before anything happens to it here, `trace` writes the trace.

use common::close;
use common::server::ServerMsg;
use common::sync::faults::Faults;
use common::sync::{Closed, Fault, Input};

use super::note::Note;
use super::{Effect, Errand, State, trace};

/// What a person does to the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// Drop the socket, as a lost network would.
    Drop,
    /// Read nothing until it is released, or until the connection ends.
    Freeze(bool),
    /// Lose the next event.
    Lose,
    /// Hear the next event twice.
    Double,
    /// Let every frame wait so many milliseconds.
    Delay(u64),
    /// Forget what is held of the present room.
    Forget,
    /// Claim to hold what has not happened, in the present room.
    Reset,
    /// Copy the trace.
    Trace {
        /// `navigator.userAgent`
        agent: String,
        /// Whether texts and names are left in it.
        open: bool,
    },
    /// The trace was copied, or here it is because the clipboard was refused.
    Copied(Option<String>),
    /// The trace need not be shown any more.
    HideTrace,
}

/// What became of the last trace.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Trace {
    #[default]
    None,
    Copied,
    /// The clipboard was refused; a person may copy this by hand.
    Shown(String),
}

/// What is being done to the wire.
#[derive(Debug, Default, Clone)]
pub(crate) struct Probed {
    pub faults: Faults<ServerMsg>,
    pub trace: Trace,
}

impl State {
    // Where the program is split, this stays in one piece.
    #[inline(never)]
    pub(super) fn probe(&mut self, probe: Probe) {
        // Where there is no socket, none is dropped.
        if probe == Probe::Drop && (self.wire.ready.is_none() || self.wire.closed.is_some()) {
            return;
        }
        if let Some(note) = Note::of(&probe) {
            self.wire.note(self.now, note);
        }
        match probe {
            Probe::Drop => self.drop_socket(),
            Probe::Freeze(frozen) => {
                self.probed.faults.frozen = frozen;
                self.release();
            }
            Probe::Lose => self.probed.faults.lose += 1,
            Probe::Double => self.probed.faults.double += 1,
            Probe::Delay(ms) => self.probed.faults.delay_ms = ms,
            Probe::Forget => self.break_room(Fault::Forget),
            Probe::Reset => self.break_room(Fault::Future),
            Probe::Trace { agent, open } => {
                let text = trace::text(self, &agent, open);
                self.effects.push(Effect::Run(Errand::Copy(text)));
            }
            Probe::Copied(refused) => self.probed.trace = refused.map_or(Trace::Copied, Trace::Shown),
            Probe::HideTrace => self.probed.trace = Trace::None,
        }
    }

    fn drop_socket(&mut self) {
        self.effects.push(Effect::Run(Errand::CutSocket));
        self.closed(Closed { code: close::ABNORMAL, reason: String::new(), was_clean: false });
    }

    fn break_room(&mut self, fault: impl FnOnce(common::id::RoomId) -> Fault) {
        if let Some(room) = self.room {
            self.drive(Input::Fault(fault(room)));
        }
    }

    /// A message has come in from the socket.
    pub(super) fn arrive(&mut self, msg: ServerMsg) {
        let faults = &mut self.probed.faults;
        if faults.is_quiet() {
            self.drive(Input::Received(msg));
            return;
        }
        let is_event = matches!(msg, ServerMsg::Event(_));
        let lost = is_event && faults.lose > 0;
        faults.receive(self.now.date, msg, is_event);
        if lost {
            self.wire.note(self.now, Note::Lost);
        }
        self.release();
    }

    /// Hands on what no longer has to wait.
    pub(super) fn release(&mut self) {
        for msg in self.probed.faults.release(self.now.date) {
            self.drive(Input::Received(msg));
        }
    }

    /// The connection is gone, and with it what waited. A new one is read again.
    pub(super) fn cut(&mut self) {
        self.probed.faults.cut();
        self.probed.faults.frozen = false;
    }
}
