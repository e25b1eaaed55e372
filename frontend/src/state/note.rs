//! Notes: lines of the frame log that are no frames.
//!
//! What the engine found out, and what somebody did to the wire on purpose. Deliberately absent: the words, which
//! belong to the views, and the life of the socket, which `wire` tells.

use common::id::{RoomId, Seq};

use super::Probe;

/// What stands between the frames and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// These events are missing.
    Gap(RoomId, Seq, Seq),
    /// They are all there.
    Filled(RoomId),
    /// This event was held already.
    Duplicate(RoomId, Seq),
    /// The newest page comes in place of everything.
    Reset(RoomId, Seq),
    /// The page read too slowly.
    Lag(RoomId, Seq),
    /// The server has had more to say.
    Missed(RoomId, Seq),
    /// The frame above was lost on purpose.
    Lost,
    /// Somebody dropped the socket.
    Dropped,
    /// Somebody froze the reader, or let it go.
    Frozen(bool),
    /// Somebody wants to lose the next event.
    Lose,
    /// Somebody wants to hear the next event twice.
    Double,
    /// Somebody delays every frame by so many milliseconds.
    Delay(u64),
    /// Somebody forgot a room.
    Forgot,
    /// Somebody claimed to hold what has not happened.
    Future,
}

impl Note {
    /// What is noted of something done on purpose.
    pub(super) const fn of(probe: &Probe) -> Option<Self> {
        Some(match probe {
            Probe::Drop => Self::Dropped,
            Probe::Freeze(frozen) => Self::Frozen(*frozen),
            Probe::Lose => Self::Lose,
            Probe::Double => Self::Double,
            Probe::Delay(ms) => Self::Delay(*ms),
            Probe::Forget => Self::Forgot,
            Probe::Reset => Self::Future,
            Probe::Trace { .. } | Probe::Copied(_) | Probe::HideTrace => return None,
        })
    }

    /// The room and the numbers that it speaks of; 0 for none.
    pub(crate) fn place(self) -> (Option<RoomId>, u64, u64) {
        match self {
            Self::Gap(room, from, to) => (Some(room), from.0, to.0),
            Self::Duplicate(room, seq) | Self::Reset(room, seq) | Self::Lag(room, seq) | Self::Missed(room, seq) => {
                (Some(room), seq.0, seq.0)
            }
            Self::Filled(room) => (Some(room), 0, 0),
            Self::Delay(ms) => (None, ms, ms),
            Self::Frozen(frozen) => (None, u64::from(frozen), u64::from(frozen)),
            Self::Lost | Self::Dropped | Self::Lose | Self::Double | Self::Forgot | Self::Future => (None, 0, 0),
        }
    }

    /// Its name in the log, which is not translated.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gap(..) => "gap",
            Self::Filled(_) => "filled",
            Self::Duplicate(..) => "duplicate",
            Self::Reset(..) => "reset",
            Self::Lag(..) => "lag",
            Self::Missed(..) => "missed",
            Self::Lost => "lost",
            Self::Dropped => "drop",
            Self::Frozen(_) => "freeze",
            Self::Lose => "lose",
            Self::Double => "double",
            Self::Delay(_) => "delay",
            Self::Forgot => "forget",
            Self::Future => "future",
        }
    }
}
