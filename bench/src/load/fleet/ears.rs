//! What a fleet makes of the bytes that it receives.

use hdrhistogram::Histogram;
use wire::Opcode;
use wire::deflate::Params;
use wire::handshake::Accepted;

use super::super::check::Check;
use super::super::clock::Clock;
use super::super::conn::{Conn, Phase};
use super::super::dialect::{Dialect, Heard, Place};
use super::super::frames::{self, CLOSE, Frame, PING, TEXT};
use super::super::packed::{self, Shared};
use super::super::tally::Tally;
use super::{HOPELESS, SAMPLE, upgrade};

/// All that is heard on one thread.
pub(super) struct Ears {
    pub(super) dialect: Dialect,
    pub(super) host: String,
    pub(super) clock: Clock,
    /// Connections that are ready.
    pub(super) ready: usize,
    pub(super) opening: Histogram<u64>,
    pub(super) answers: Vec<(usize, Vec<u8>)>,
    /// Of the run that is on.
    pub(super) tally: Option<Tally>,
    /// The first thing that went wrong outside of a run.
    pub(super) trouble: Option<String>,
    /// The event that a connection has to hold before it is ready.
    pub(super) goal: Option<u64>,
    /// Messages that were read with every check.
    pub(super) checked: u64,
    /// When something was heard last.
    heard: u64,
    params: Option<Params>,
    shared: Option<Shared>,
}

impl Ears {
    pub(super) fn new(dialect: Dialect, host: String, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            dialect,
            host,
            clock,
            ready: 0,
            opening: Histogram::new_with_bounds(1, 60_000_000, 3)?,
            answers: Vec::new(),
            tally: None,
            trouble: None,
            goal: None,
            checked: 0,
            heard: 0,
            params: None,
            shared: None,
        })
    }

    /// Whether the server has agreed to compress.
    pub(super) fn is_deflated(&self) -> bool {
        self.params.is_some()
    }

    /// Nanoseconds since something was heard.
    pub(super) fn silent(&self) -> u64 {
        self.clock.now().saturating_sub(self.heard)
    }

    /// As if something had been heard just now.
    pub(super) fn touch(&mut self) {
        self.heard = self.clock.now();
    }

    /// Something is not as it should be.
    pub(super) fn fault(&mut self, what: impl FnOnce() -> String) {
        match &mut self.tally {
            Some(tally) => tally.fault(what),
            None => {
                self.trouble.get_or_insert_with(what);
            }
        }
    }

    /// Hears what a connection has received, of which the first `kept` bytes were there before. Gives how much of it was
    /// whole.
    pub(super) fn hear(
        &mut self,
        conn: &mut Conn,
        received: &[u8],
        kept: usize,
        now: u64,
        rng: &mut fastrand::Rng,
    ) -> Result<usize, String> {
        self.heard = now;
        let (mut used, mut fresh) = (0, kept);
        if conn.phase == Phase::Upgrading {
            used = self.upgraded(conn, received, rng)?;
            fresh = used;
        }
        if conn.phase == Phase::Upgrading {
            return Ok(0);
        }
        if let Some(check) = &mut conn.check {
            self.checked += check.look(received.get(fresh..).unwrap_or_default(), &self.dialect)?;
        }
        while let Some((frame, length)) =
            frames::first(received.get(used..).unwrap_or_default()).map_err(|odd| odd.to_string())?
        {
            used += length;
            match frame.opcode {
                TEXT => self.text(conn, frame, length, now, rng)?,
                PING => conn.frame(Opcode::Pong, frame.payload, rng.u32(..)),
                CLOSE => return Err(format!("closed by the server: {:?}", String::from_utf8_lossy(frame.payload))),
                _ => {}
            }
        }
        // Pongs and greetings; mostly nothing.
        conn.flush().map_err(|error| error.to_string())?;
        Ok(used)
    }

    /// Reads the answer to the handshake and gives its length; 0 while it is not whole.
    fn upgraded(&mut self, conn: &mut Conn, received: &[u8], rng: &mut fastrand::Rng) -> Result<usize, String> {
        let asked = self.dialect.request(conn.who);
        let judged = upgrade::with(asked, &self.host, |request| request.judge(received));
        let head = || String::from_utf8_lossy(received).into_owned();
        let accepted = judged.map_err(|refused| format!("{refused}: {}", head()))?;
        let Some(Accepted { deflate, size, .. }) = accepted else { return Ok(0) };
        if let Some(params) = deflate {
            if self.params.is_none() {
                self.params = deflate;
                self.shared = Shared::new(&params);
            }
            if self.shared.is_none() {
                conn.inflater = Some(Box::new(packed::inflater(&params)));
            }
        }
        if conn.who.is_multiple_of(SAMPLE) {
            conn.check = Some(Box::new(Check::new(deflate.as_ref())));
        }
        conn.phase = Phase::Greeting;
        match self.dialect.greeting() {
            Some(text) => conn.frame(Opcode::Text, text.as_bytes(), rng.u32(..)),
            None => self.welcome(conn),
        }
        Ok(size)
    }

    fn welcome(&mut self, conn: &mut Conn) {
        if conn.phase != Phase::Ready {
            conn.phase = Phase::Ready;
            self.ready += 1;
            self.opening.saturating_record(self.clock.now().saturating_sub(conn.began) / 1_000);
        }
    }

    #[inline]
    fn text(
        &mut self,
        conn: &mut Conn,
        frame: Frame<'_>,
        length: usize,
        now: u64,
        rng: &mut fastrand::Rng,
    ) -> Result<(), String> {
        let text = if frame.packed {
            let unpacked = match (&mut self.shared, &mut conn.inflater) {
                (Some(shared), _) => shared.unpack(frame.payload),
                (None, Some(inflater)) => packed::unpack(inflater, frame.payload),
                (None, None) => None,
            };
            unpacked.ok_or("a compressed message cannot be inflated")?
        } else {
            frame.payload
        };
        match self.dialect.hear(text) {
            Heard::Message { due, place } => {
                self.follow(conn, place);
                let Some(tally) = &mut self.tally else { return Ok(()) };
                tally.given_up |= tally.received(due, now, length).is_some_and(|late| late > HOPELESS);
            }
            Heard::Event(place) => self.follow(conn, Some(place)),
            Heard::Ack { due } => {
                if let Some(tally) = &mut self.tally {
                    tally.acknowledged(due, now);
                }
            }
            Heard::Ready => {
                let text = text.to_owned();
                self.dialect.welcome(&text);
                if self.goal.is_none() {
                    self.welcome(conn);
                }
            }
            Heard::Answer => self.answers.push((conn.who, text.to_owned())),
            Heard::Reply(text) => conn.frame(Opcode::Text, text.as_bytes(), rng.u32(..)),
            Heard::Fault => {
                let text = String::from_utf8_lossy(text).chars().take(300).collect();
                self.fault(|| text);
            }
            Heard::Other => {}
        }
        Ok(())
    }

    /// Follows the numbers of the room's events, also between runs.
    #[inline]
    fn follow(&mut self, conn: &mut Conn, place: Option<Place>) {
        let Some(Place { room, seq }) = place else { return };
        let (missing, repeated) = conn.follow(room, seq);
        if self.goal == Some(conn.seq) {
            self.welcome(conn);
        }
        if let Some(tally) = &mut self.tally {
            tally.missing += missing;
            tally.repeated += repeated;
        } else if missing + repeated > 0 {
            self.fault(|| format!("event {seq} of room {room} came out of turn"));
        }
    }
}
