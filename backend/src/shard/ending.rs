//! How a connection ends: never without a Close frame, where one can still be sent.

use common::close::{self, CloseCode};

use super::conn::{Conn, Ending, Role};
use super::{Link, Shard};
use crate::session::liveness::Due;
use crate::session::{Now, Session};

/// Bytes that are read and thrown away after a Close.
const DISCARD: usize = 1024 * 1024;

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The other side has vanished.
    Gone,
    /// The other side sent a Close with this code and reason; ours says the same.
    Answered(Option<CloseCode>, String),
    /// We end it, and the other side still speaks the protocol.
    Close(CloseCode, String),
    /// What the other side sends can no longer be understood.
    Broken(CloseCode, &'static str),
    /// The other side does not read.
    Stalled,
}

impl<L: Link> Shard<L> {
    /// Ends a connection: whoever follows it is told, its Close goes out, and nothing else is sent.
    pub(super) fn end(&mut self, slot: u32, end: End, now: Now) {
        let Some(conn) = self.conns.get(slot as usize) else { return };
        if matches!(conn.role, Role::Ending(_)) {
            if end == End::Gone {
                self.drop_conn(slot);
            }
            return;
        }
        tracing::debug!(session.id = conn.id.0, ?end, "a connection ends");
        self.depart(slot);
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let awaits_close = matches!(end, End::Close(..));
        let linger = u64::try_from(self.timings.linger.as_millis()).unwrap_or(u64::MAX);
        let until_ms = now.ms.saturating_add(linger);
        conn.role = Role::Ending(Ending { until_ms, awaits_close, is_finished: false, discarded: 0 });
        self.check_by(until_ms);
        match end {
            End::Gone => self.drop_conn(slot),
            End::Answered(code, reason) => self.append(slot, now, |out| wire::encode::close(out, code, &reason)),
            End::Close(code, reason) => self.append(slot, now, |out| wire::encode::close(out, Some(code), &reason)),
            End::Broken(code, reason) => self.append(slot, now, |out| wire::encode::close(out, Some(code), reason)),
            End::Stalled => {
                // It is not reading. Its frame would stand behind what it does not read.
                self.drop_conn(slot);
            }
        }
    }

    /// Whether what a connection sends is to be thrown away.
    #[must_use]
    pub fn is_draining(&self, slot: u32) -> bool {
        let role = self.conns.get(slot as usize).map(|conn| &conn.role);
        matches!(role, Some(Role::Ending(ending)) if !ending.awaits_close)
    }

    /// Bytes of a connection were thrown away.
    pub fn on_discarded(&mut self, slot: u32, bytes: usize) {
        if let Some(Conn { role: Role::Ending(ending), .. }) = self.conns.get_mut(slot as usize) {
            ending.discarded += bytes;
            if ending.discarded > DISCARD {
                self.drop_conn(slot);
            }
        }
    }

    pub(super) fn is_ending(&self, slot: u32) -> bool {
        self.conns.get(slot as usize).is_some_and(|conn| matches!(conn.role, Role::Ending(_)))
    }

    /// Nothing waits for a connection any more.
    pub(super) fn on_written(&mut self, slot: u32, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        match &mut conn.role {
            Role::Ending(ending) if !ending.awaits_close && !ending.is_finished => {
                ending.is_finished = true;
                conn.link.finish();
            }
            Role::Ending(_) => {}
            Role::Chat { read, .. } => {
                if let Some(wanted) = read.take() {
                    self.read(slot, *wanted);
                }
                self.catch_up_own(slot, now);
            }
        }
    }

    /// Looks whether a connection is due for something.
    pub(super) fn check(&mut self, slot: u32, now: Now) {
        let wants_messages = self.wants_messages(slot);
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let stall = u64::try_from(self.timings.write_stall.as_millis()).unwrap_or(u64::MAX);
        match &conn.role {
            Role::Ending(ending) if ending.until_ms <= now.ms => return self.drop_conn(slot),
            Role::Ending(_) => return,
            Role::Chat { .. } => {}
        }
        if conn.backlog.moved_ms().is_some_and(|moved| now.ms >= moved.saturating_add(stall)) {
            return self.end(slot, End::Stalled, now);
        }
        if !wants_messages {
            // The silence is ours.
            conn.liveness.heard(now.ms);
        }
        match conn.liveness.check(&self.timings.patience, now.ms) {
            Due::Nothing => {}
            Due::Ping => self.append(slot, now, |out| wire::encode::ping(out, &[])),
            Due::NoHello => self.end(slot, End::Close(close::POLICY, "hello".to_owned()), now),
            Due::Silence => self.end(slot, End::Close(close::STALLED, "silence".to_owned()), now),
        }
    }

    /// The server stops: a connection goes once it has its answers.
    pub(super) fn go_away(&mut self, slot: u32, now: Now) {
        let unanswered = self.conns.get(slot as usize).and_then(Conn::session).map_or(0, Session::unanswered);
        if unanswered == 0 {
            self.end(slot, self.going_away(), now);
        }
    }

    pub(super) fn going_away(&self) -> End {
        End::Close(close::GOING_AWAY, close::retry_reason(self.timings.retry_ms))
    }

    /// Forgets a connection.
    pub(super) fn drop_conn(&mut self, slot: u32) {
        self.depart(slot);
        self.conns.try_remove(slot as usize);
    }

    /// Takes a connection out of its rooms.
    fn depart(&mut self, slot: u32) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        if std::mem::take(&mut conn.greets) {
            self.greeted();
        }
        let Some(session) = self.conns.get(slot as usize).and_then(Conn::session) else { return };
        let (user, rooms) = (session.me(), session.rooms().collect::<Vec<_>>());
        if let Ok(at) = self.people.binary_search(&(user, slot)) {
            self.people.remove(at);
        }
        rooms.into_iter().for_each(|room| self.unfollow(slot, room));
    }
}
