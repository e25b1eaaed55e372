//! Recordings that were read, and playing one again: with the timing it had, slower, faster or without any.
//!
//! With an open connection the messages that were sent are sent again; without one the whole recording comes into the log.

use std::rc::Rc;

use super::super::bench::{self, Bench};
use super::super::effects::Effect;
use super::super::sender;
use super::super::socket::Payload;
use super::diff::Diff;
use super::record::{Fault, Recorded, Recording};
use super::{Msg, RECORDED, What};

/// How many recordings are at hand at a time.
const SHELF: usize = 2;

/// Connections of one recording have numbers below this.
pub(super) const CONNECTIONS: u32 = 10_000;

/// Messages that are sent before the page may do something else.
const AT_ONCE: u32 = 200;

/// Bytes that may wait in the socket before the next message.
const BUFFERED: f64 = 8_388_608.0;

/// How fast, against what was recorded; 0 for as fast as can be.
const SPEEDS: [f64; 4] = [1.0, 2.0, 0.0, 0.5];

/// Recordings, and what is done with them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Whether they are to be seen.
    pub shown: bool,
    pub recordings: Vec<Rc<Recording>>,
    /// Why the last file was not read.
    pub fault: Option<Fault>,
    /// Whether a file is being read.
    pub reading: bool,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    pub replay: Option<Replay>,
    /// How the last one ended: messages of how many, and whether the connection was open to the end.
    pub ended: Option<(u32, u32, bool)>,
    pub diff: Option<Diff>,
    /// How many recordings have been put into the log.
    written: u32,
    /// How many replays there were.
    runs: u32,
}

/// A recording that is played.
#[derive(Debug)]
pub(super) struct Replay {
    recording: Rc<Recording>,
    /// The next event.
    next: usize,
    /// The time in the recording with which it began, and what the clock said.
    began: (f64, f64),
    speed: f64,
    /// Whether its messages are sent; else it comes into the log.
    sends: bool,
    /// The first number of its connections in the log.
    connections: u32,
    pub done: u32,
    pub all: u32,
    run: u32,
}

impl Shelf {
    /// The first number of the connections of what is put into the log next.
    const fn connections(&mut self) -> u32 {
        self.written += 1;
        RECORDED + self.written % 200_000 * CONNECTIONS
    }
}

/// A file has been read: it stands on the shelf and in the log.
pub(super) fn loaded(bench: &mut Bench, read: Result<Rc<Recording>, Fault>) {
    let log = &mut bench.events;
    log.shelf.reading = false;
    log.shelf.fault = None;
    match read {
        Err(fault) => log.shelf.fault = Some(fault),
        Ok(recording) => {
            let connections = log.shelf.connections();
            log.write(connections, 0.0, What::Begun { url: recording.name.as_str().into(), protocols: Vec::new() });
            for event in &recording.events {
                log.write(connections + event.connection, event.t, event.what.clone());
            }
            log.shelf.recordings.truncate(SHELF - 1);
            log.shelf.recordings.push(recording);
        }
    }
}

/// Whether an event is played: where messages are sent those alone, and only with what is at hand of them.
const fn is_played(event: &Recorded, sends: bool) -> bool {
    match &event.what {
        What::Sent(Payload::Blob { .. }) => !sends,
        What::Sent(_) => true,
        What::Begun { .. } | What::Heard(_) | What::Noted(_) => !sends,
    }
}

/// Begins to play one.
pub(super) fn begin(bench: &mut Bench, which: usize) {
    let sends = is_open(bench);
    let shelf = &mut bench.events.shelf;
    let Some(recording) = shelf.recordings.get(which).cloned() else { return };
    let connections = if sends { 0 } else { shelf.connections() };
    shelf.runs += 1;
    let all = recording.events.iter().filter(|event| is_played(event, sends)).count();
    let first = recording.events.iter().find(|event| is_played(event, sends)).map_or(0.0, |event| event.t);
    shelf.ended = None;
    shelf.replay = Some(Replay {
        next: 0,
        began: (first, bench.now),
        speed: SPEEDS.get(shelf.speed).copied().unwrap_or(1.0),
        sends,
        connections,
        done: 0,
        all: u32::try_from(all).unwrap_or(u32::MAX),
        run: shelf.runs,
        recording,
    });
    let run = shelf.runs;
    if !sends {
        let url = bench.events.shelf.replay.as_ref().map_or("", |replay| &replay.recording.name).into();
        bench.events.write(connections, 0.0, What::Begun { url, protocols: Vec::new() });
    }
    go_on(bench, run);
}

fn is_open(bench: &Bench) -> bool {
    bench.connection.reading.ready == Some(1)
}

/// Plays what is due. Only the replay of this number goes on, for those that were stopped are still called.
pub(super) fn go_on(bench: &mut Bench, run: u32) {
    for _ in 0..AT_ONCE {
        let open = is_open(bench);
        let (now, buffered) = (bench.now, bench.connection.reading.buffered);
        let Some(replay) = bench.events.shelf.replay.as_mut().filter(|replay| replay.run == run) else { return };
        let event = replay.recording.events.get(replay.next).filter(|_| open || !replay.sends).cloned();
        let Some(event) = event else { return end(bench) };
        if !is_played(&event, replay.sends) {
            replay.next += 1;
            continue;
        }
        let due = match replay.speed {
            speed if speed > 0.0 => replay.began.1 + (event.t - replay.began.0) / speed,
            _ => now,
        };
        if due > now || replay.sends && buffered > BUFFERED {
            return later(bench, run, (due - now).max(if due > now { 0.0 } else { 50.0 }));
        }
        replay.next += 1;
        replay.done += 1;
        let (sends, connections) = (replay.sends, replay.connections);
        if sends {
            if let What::Sent(payload) = event.what {
                sender::send(bench, payload);
            }
        } else {
            bench.events.write(connections + event.connection, event.t, event.what);
        }
    }
    later(bench, run, 0.0);
}

fn later(bench: &mut Bench, run: u32, ms: f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no recording lasts weeks")]
    let ms = ms.ceil() as u32;
    bench.effects.push(Effect::After(ms, Box::new(bench::Msg::Events(Msg::Tick(run)))));
}

/// It is over: played to its end, stopped, or the connection has gone.
pub(super) fn end(bench: &mut Bench) {
    let open = is_open(bench);
    let shelf = &mut bench.events.shelf;
    if let Some(replay) = shelf.replay.take() {
        shelf.ended = Some((replay.done, replay.all, open || !replay.sends));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::socket::Event;

    fn text(said: &str) -> Payload {
        Payload::Text(said.into())
    }

    fn with_recording(ready: Option<u16>) -> Bench {
        let mut bench = Bench { now: 1_000.0, ..Bench::default() };
        bench.connection.reading.ready = ready;
        let event = |t, what| Recorded { t, connection: 1, what };
        let events = vec![
            event(0.0, What::Begun { url: "ws://a".into(), protocols: Vec::new() }),
            event(500.0, What::Sent(text("one"))),
            event(510.0, What::Heard(Event::Message(text("echo")))),
            event(600.0, What::Sent(text("two"))),
        ];
        loaded(&mut bench, Ok(Rc::new(Recording { name: "a.jsonl".into(), events })));
        bench
    }

    fn done(bench: &mut Bench) -> Vec<String> {
        let of = |effect| {
            if let Effect::Send(Payload::Text(said)) = &effect {
                return format!("send {said}");
            }
            if let Effect::After(ms, _) = effect { format!("after {ms}") } else { format!("{effect:?}") }
        };
        bench.effects.drain(..).map(of).collect()
    }

    #[test]
    fn what_was_sent_is_sent_again_in_its_time() {
        let mut bench = with_recording(Some(1));
        begin(&mut bench, 0);
        assert_eq!(done(&mut bench), ["send one", "after 100"]);
        bench.now += 100.0;
        go_on(&mut bench, 1);
        assert_eq!(done(&mut bench), ["send two"]);
        assert_eq!(bench.events.shelf.ended, Some((2, 2, true)));
    }

    #[test]
    fn it_can_be_slower_faster_or_without_waiting() {
        for (speed, after) in [(3, "after 200"), (1, "after 50"), (2, "send two")] {
            let mut bench = with_recording(Some(1));
            bench.events.shelf.speed = speed;
            begin(&mut bench, 0);
            assert_eq!(done(&mut bench), ["send one", after]);
        }
    }

    #[test]
    fn what_was_stopped_does_not_go_on() {
        let mut bench = with_recording(Some(1));
        begin(&mut bench, 0);
        done(&mut bench);
        end(&mut bench);
        bench.now += 100.0;
        go_on(&mut bench, 1);
        assert!(done(&mut bench).is_empty());
        assert_eq!(bench.events.shelf.ended, Some((1, 2, true)));
    }

    #[test]
    fn a_connection_that_goes_ends_it_and_one_that_is_full_makes_it_wait() {
        let mut bench = with_recording(Some(1));
        begin(&mut bench, 0);
        done(&mut bench);
        bench.now += 100.0;
        bench.connection.reading.buffered = 9e6;
        go_on(&mut bench, 1);
        assert_eq!(done(&mut bench), ["after 50"]);
        bench.connection.reading.ready = Some(3);
        go_on(&mut bench, 1);
        assert_eq!(bench.events.shelf.ended, Some((1, 2, false)));
    }

    #[test]
    fn without_a_connection_it_comes_into_the_log() {
        let mut bench = with_recording(None);
        let before = bench.events.shown();
        begin(&mut bench, 0);
        assert_eq!((bench.events.shown() - before, done(&mut bench)), (2, vec!["after 500".to_owned()]));
        bench.now += 700.0;
        go_on(&mut bench, 1);
        assert_eq!(bench.events.shown() - before, 5);
        assert!(bench.events.entries.iter().all(|entry| entry.connection >= RECORDED));
    }
}
