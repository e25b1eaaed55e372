//! One turn of a fleet's loop: publish what is due, wait, read what came.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use mio::{Events, Interest, Token};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{Expiration, TimerSetTimeFlags};
use wire::Opcode;

use super::super::clock::nanos;
use super::super::conn::{Conn, Phase};
use super::super::socket;
use super::{ALARM, Fleet, Part, Publishing, upgrade};

impl Fleet {
    /// Waits for events or for the next message to be due, and does what there is to do.
    pub(super) fn turn(&mut self, most: Duration) -> anyhow::Result<()> {
        let now = self.ears.clock.now();
        self.publish(now)?;
        let wait = match self.next_due() {
            Some(due) if due < now + nanos(most) => {
                // A due time in the past would disarm the alarm.
                let left = TimeSpec::from_duration(Duration::from_nanos(due.saturating_sub(now).max(1)));
                self.alarm.set(Expiration::OneShot(left), TimerSetTimeFlags::empty())?;
                None
            }
            _ => Some(most),
        };
        match self.poll.poll(&mut self.events, wait) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            if event.token() == ALARM {
                continue;
            }
            let index = event.token().0;
            if event.is_writable() {
                self.on_writable(index)?;
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                let now = self.on_readable(index)?;
                // One turn can take many milliseconds, and what is due does not wait for it.
                if self.next_due().is_some_and(|due| due <= now) {
                    self.publish(now)?;
                }
            }
        }
        self.events = events;
        Ok(())
    }

    /// When the next message is due; the end of the schedule where there is none left.
    fn next_due(&self) -> Option<u64> {
        let Publishing { part, next, .. } = self.publishing.as_ref()?;
        let end = part.schedule.end();
        let due = if *next < part.schedule.count { part.schedule.due(*next) } else { end };
        (due < end || self.ears.clock.now() < end).then_some(due)
    }

    /// Publishes what is due.
    fn publish(&mut self, now: u64) -> anyhow::Result<()> {
        let Some(mut publishing) = self.publishing.take() else { return Ok(()) };
        let Part { schedule, senders, step, .. } = &publishing.part;
        while publishing.next < schedule.count && schedule.due(publishing.next) <= now && !self.is_given_up() {
            let due = schedule.due(publishing.next);
            let (who, room) = senders.get(publishing.turn % senders.len()).context("nobody publishes")?;
            self.text.clear();
            self.ears.dialect.say(&mut self.text, *room, publishing.next, due);
            let text = std::mem::take(&mut self.text);
            self.send(who.wrapping_sub(self.first), &text)?;
            self.text = text;
            let now = self.ears.clock.now();
            if let Some(tally) = &mut self.ears.tally {
                tally.wrote(due, now);
            }
            publishing.next += step;
            publishing.turn += 1;
        }
        self.publishing = Some(publishing);
        Ok(())
    }

    pub(super) fn send(&mut self, index: usize, text: &str) -> anyhow::Result<()> {
        let key = self.rng.u32(..);
        let conn = self.conns.get_mut(index).context("there is no such connection")?;
        if conn.phase == Phase::Gone {
            return Ok(());
        }
        conn.frame(Opcode::Text, text.as_bytes(), key);
        if let Err(error) = conn.flush() {
            self.lose(index, &error.to_string());
        }
        Ok(())
    }

    pub(super) fn begin(&mut self) -> anyhow::Result<()> {
        let index = self.conns.len();
        let mut stream = socket::begin(self.to, self.first + index)?;
        self.poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        let mut conn = Conn::new(self.first + index, stream, self.ears.clock.now());
        conn.seq = self.ears.dialect.held_seq();
        self.conns.push(conn);
        Ok(())
    }

    fn on_writable(&mut self, index: usize) -> anyhow::Result<()> {
        let conn = self.conns.get_mut(index).context("there is no such connection")?;
        if conn.phase == Phase::Connecting {
            if let Some(error) = conn.stream.take_error()? {
                bail!("cannot connect: {error}");
            }
            conn.phase = Phase::Upgrading;
            let asked = self.ears.dialect.request(self.first + index);
            let text = upgrade::with(asked, &self.ears.host, |request| request.text());
            conn.put(text.context("the handshake cannot be worded")?.as_bytes());
        }
        if conn.phase != Phase::Gone
            && let Err(error) = conn.flush()
        {
            self.lose(index, &error.to_string());
        }
        Ok(())
    }

    /// Reads all that there is. Gives the time at which it was received.
    fn on_readable(&mut self, index: usize) -> anyhow::Result<u64> {
        let Self { conns, buffer, ears, rng, .. } = self;
        let mut now = 0;
        loop {
            let conn = conns.get_mut(index).context("there is no such connection")?;
            let kept = conn.rest.len();
            if matches!(conn.phase, Phase::Gone | Phase::Connecting) {
                return Ok(ears.clock.now());
            }
            let (head, space) = buffer.split_at_mut_checked(kept).context("a frame is too long")?;
            ensure!(!space.is_empty(), "a frame is too long");
            let read = match conn.stream.read(space) {
                Ok(0) => Err("the server closed the connection".to_owned()),
                Ok(read) => Ok(read),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Err(error.to_string()),
            };
            now = ears.clock.now();
            let read = match read {
                Ok(read) => read,
                Err(why) => {
                    self.lose(index, &why);
                    return Ok(now);
                }
            };
            head.copy_from_slice(&conn.rest);
            conn.rest.clear();
            let drained = read < space.len();
            let received = buffer.get(..kept + read).unwrap_or_default();
            let used = match ears.hear(conn, received, kept, now, rng) {
                Ok(used) => used,
                Err(why) => {
                    self.lose(index, &why);
                    return Ok(now);
                }
            };
            conn.rest.extend_from_slice(received.get(used..).unwrap_or_default());
            // Less than there was room for: the socket is empty, and the next bytes make an event of their own.
            if drained {
                break;
            }
        }
        Ok(if now == 0 { ears.clock.now() } else { now })
    }

    /// A connection is over that should not be.
    fn lose(&mut self, index: usize, why: &str) {
        let Some(conn) = self.conns.get_mut(index) else { return };
        if conn.phase == Phase::Gone {
            return;
        }
        let phase = conn.phase;
        conn.phase = Phase::Gone;
        self.ears.fault(|| format!("connection {index} ({phase:?}): {why}"));
        // Whatever is wrong with the socket, it is of no use any more.
        self.poll.registry().deregister(&mut conn.stream).ok();
    }
}
