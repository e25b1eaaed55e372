//! Drives a bot: the connection, the journal and the program around its desk.
//!
//! One turn after the other: what has happened goes to the [`Desk`]; the journal is written where it must be; only then what
//! the desk has decided goes to the server and to the program. The journal is written here, so whoever has other things to
//! do gives a bot a thread of its own. Deliberately absent: where the server is ([`Dial`]), and every decision.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, bail};
use common::id::{RoomId, Timestamp};
use common::sync::{Effect, Input, Phase};
use tokio::time::{Instant, sleep_until};

use super::desk::{Desk, Dirty};
use super::dial::{Dial, Hope, Opened, Refused};
use super::host::{Did, Host};
use super::journal::Shelf;
use super::lines::Style;
use super::link::{Heard, Link, lost};
use crate::clock::now;
use crate::program::Program;
use crate::program::exit::Exit;
use crate::program::spawn::Runner;

/// Lines that are given at once at most: what a bot that is killed may leave unread.
const BATCH: usize = 16;

/// How long what need not be on disk may not be on disk.
const LATER: Duration = Duration::from_secs(1);

/// How long a stop waits for the server, once the program has ended.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a bot is.
pub struct Bot {
    /// Its rooms, by name or id. Conversations with it are its rooms as well.
    pub rooms: Vec<String>,
    /// How lines look.
    pub style: Style,
    /// Messages that it may say in a minute, sustained.
    pub rate: u32,
    /// The file that keeps how far it has read.
    pub journal: PathBuf,
    /// What is run. `READYROOM_ROOM`, `READYROOM_ROOMS` and `READYROOM_BOT_NAME` are added to its environment.
    pub program: Program,
    /// Who is told what happens.
    pub log: Box<dyn Fn(Said<'_>) + Send + Sync>,
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot").field("rooms", &self.rooms).field("journal", &self.journal).finish_non_exhaustive()
    }
}

/// What a bot tells whoever runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// Words about what happened.
    Note(&'a str),
    /// What the program has written to its standard error, as it came.
    Stderr(&'a [u8]),
}

/// Runs a bot until `stop`. Then the program gets the end of its input; what it still says is said, or stays in the journal
/// for the next time.
///
/// # Errors
/// In words, where it cannot go on: the token or a room is refused, the program cannot be started, the journal cannot be
/// read or written.
pub async fn run<D: Dial>(bot: Bot, dial: &D, runner: &Runner, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let (shelf, journal) = Shelf::open(&bot.journal)?;
    let desk = Desk::new(journal, bot.rooms.clone(), bot.style, bot.rate, seed(), now());
    let mut client = Client {
        host: Host::new(runner.clone(), bot.program.clone()),
        bot,
        dial,
        desk,
        shelf,
        link: None,
        opening: None,
        finding: None,
        names: VecDeque::new(),
        lines: String::new(),
        saved: Instant::now(),
        trouble: None,
        welcomed: false,
        stopping: None,
    };
    let ended = client.live(stop).await;
    let kept = client.shelf.save(client.desk.journal());
    ended?;
    Ok(kept?)
}

/// What is never the same twice.
pub(super) fn seed() -> u64 {
    let mut seed = [0; 8];
    crate::random::fill(&mut seed);
    u64::from_ne_bytes(seed)
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<Opened, Refused>> + Send + 'a>>;
type Finding<'a> = Pin<Box<dyn Future<Output = (String, Result<Option<RoomId>, Refused>)> + Send + 'a>>;

struct Client<'a, D> {
    bot: Bot,
    dial: &'a D,
    desk: Desk,
    shelf: Shelf,
    host: Host,
    link: Option<Link>,
    opening: Option<Opening<'a>>,
    finding: Option<Finding<'a>>,
    /// Rooms that are still to be looked for.
    names: VecDeque<String>,
    /// Lines for the program that the journal must know of first.
    lines: String,
    /// When the journal was written.
    saved: Instant,
    /// What was told of the connection last, so that it is told once.
    trouble: Option<String>,
    welcomed: bool,
    /// Until when a stop waits; none while the program has not ended.
    stopping: Option<Option<Instant>>,
}

enum Happened {
    Opened(Result<Opened, Refused>),
    Found(String, Result<Option<RoomId>, Refused>),
    Heard(Heard),
    Did(Did),
    Due,
    Stop,
}

impl<D: Dial> Client<'_, D> {
    async fn live(&mut self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop);
        self.desk.handle(now(), Input::Connect);
        loop {
            self.turn()?;
            if self.is_over() {
                return Ok(());
            }
            match self.happens(stop.as_mut()).await {
                Happened::Opened(opened) => self.opened(opened)?,
                Happened::Found(name, found) => self.found(name, found)?,
                Happened::Heard(heard) => self.heard(heard),
                Happened::Did(did) => self.did(did)?,
                Happened::Due => self.desk.handle(now(), Input::Tick),
                Happened::Stop => {
                    self.stopping = Some(None);
                    self.host.stop();
                }
            }
        }
    }

    async fn happens(&mut self, stop: Pin<&mut impl Future<Output = ()>>) -> Happened {
        let due = self.due();
        let hears = self.desk.has_room();
        tokio::select! {
            heard = next(&mut self.link) => Happened::Heard(heard),
            opened = given(&mut self.opening) => Happened::Opened(opened),
            (name, found) = given(&mut self.finding) => Happened::Found(name, found),
            did = self.host.does(hears) => Happened::Did(did),
            () = stop, if self.stopping.is_none() => Happened::Stop,
            () = sleep_until(due) => Happened::Due,
        }
    }

    /// Decides what follows, writes the journal, and only then does it.
    fn turn(&mut self) -> anyhow::Result<()> {
        self.desk.say(now());
        self.begin()?;
        if self.host.is_hungry() {
            for _ in 0..BATCH {
                let Some(line) = self.desk.give(now()) else { break };
                self.lines.push_str(&line);
            }
        }
        self.farewell();
        for note in self.desk.notes() {
            self.note(&note);
        }
        let write = match self.desk.dirty() {
            Dirty::Clean => false,
            Dirty::Later => self.saved.elapsed() >= LATER,
            Dirty::Now => true,
        };
        if write {
            self.shelf.save(self.desk.journal())?;
            self.desk.saved();
            self.saved = Instant::now();
        }
        if let Some(fatal) = self.desk.fatal() {
            bail!(fatal.clone());
        }
        self.host.give(&std::mem::take(&mut self.lines))?;
        for effect in self.desk.wire() {
            self.carry_out(effect);
        }
        self.look();
        Ok(())
    }

    /// Starts the program once the bot is in all of its rooms.
    fn begin(&mut self) -> anyhow::Result<()> {
        if let Some(me) = self.desk.settled().filter(|_| !self.host.has_begun()) {
            let rooms = self.bot.rooms.join(",");
            let room = self.bot.rooms.first().map_or("", String::as_str);
            let env = [("READYROOM_BOT_NAME", me.name.as_str()), ("READYROOM_ROOM", room), ("READYROOM_ROOMS", &rooms)];
            let rooms = self.bot.rooms.iter().map(|room| format!("#{}", room.trim_start_matches('#')));
            let note = format!("{} is in {}", me.name, rooms.collect::<Vec<_>>().join(", "));
            self.host.begin(&env)?;
            self.note(&note);
        }
        Ok(())
    }

    /// Once the program has ended and all is said, or it takes too long, the bot goes.
    fn farewell(&mut self) {
        let Some(until) = self.stopping.as_mut().filter(|_| self.host.is_over()) else { return };
        let until = *until.get_or_insert_with(|| Instant::now() + FAREWELL);
        let connected = matches!(self.desk.phase(), Phase::Ready { .. });
        if !connected || self.desk.is_idle() || Instant::now() >= until {
            self.desk.handle(now(), Input::Stop);
        }
    }

    fn is_over(&self) -> bool {
        let gone = match self.desk.phase() {
            Phase::Stopped | Phase::Idle | Phase::Waiting { .. } => true,
            Phase::Connecting { .. } | Phase::Greeting { .. } | Phase::Ready { .. } | Phase::Closing { .. } => false,
        };
        gone && self.stopping.is_some() && self.host.is_over()
    }

    fn due(&self) -> Instant {
        let left = |at: Timestamp| Instant::now() + Duration::from_millis(at.since(now()));
        let later = (self.desk.dirty() != Dirty::Clean).then(|| self.saved + LATER);
        let dues = self.desk.deadline().map(left).into_iter().chain(later).chain(self.host.rests_until());
        dues.chain(self.stopping.flatten()).min().unwrap_or_else(|| Instant::now() + LATER)
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Open => {
                self.link = None;
                self.opening = Some(Box::pin(self.dial.dial()));
            }
            Effect::Send(msg) => self.link.iter_mut().for_each(|link| link.tell(&msg)),
            Effect::Close { code, reason } => {
                self.opening = None;
                match &mut self.link {
                    Some(link) => link.close(Some(code), &reason),
                    None => self.desk.handle(now(), Input::Closed(lost())),
                }
            }
            Effect::Keep(_) | Effect::Notice(_) => {}
        }
    }

    /// Looks for the rooms that the bot is not in, one after the other.
    fn look(&mut self) {
        self.names.extend(self.desk.missing());
        if self.finding.is_none()
            && let Some(name) = self.names.pop_front()
        {
            let dial = self.dial;
            self.finding = Some(Box::pin(async move {
                let found = dial.find(&name).await;
                (name, found)
            }));
        }
    }

    fn opened(&mut self, opened: Result<Opened, Refused>) -> anyhow::Result<()> {
        self.opening = None;
        match opened {
            Ok(opened) => {
                self.link = Some(Link::new(opened));
                self.desk.handle(now(), Input::Opened);
            }
            Err(refused) => {
                self.refused(refused)?;
                self.desk.handle(now(), Input::Closed(lost()));
            }
        }
        Ok(())
    }

    fn found(&mut self, name: String, found: Result<Option<RoomId>, Refused>) -> anyhow::Result<()> {
        self.finding = None;
        match found {
            Ok(room) => self.desk.found(now(), &name, room),
            Err(refused) => {
                self.refused(refused).with_context(|| format!("room '{name}'"))?;
                // The connection is the engine's to mend; the next try comes with it.
                self.names.push_back(name);
                self.desk.handle(now(), Input::Disconnect { code: common::close::NO_PONG, reason: String::new() });
            }
        }
        Ok(())
    }

    fn refused(&mut self, refused: Refused) -> anyhow::Result<()> {
        let is_final = match refused.hope {
            Hope::None => true,
            Hope::IfItWorkedBefore => !self.welcomed,
            Hope::Some => false,
        };
        if is_final {
            bail!(refused);
        }
        self.trouble(format!("{refused}; trying again"));
        Ok(())
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Msg(msg) => {
                self.desk.handle(now(), Input::Received(msg));
                if matches!(self.desk.phase(), Phase::Ready { .. }) {
                    self.welcomed = true;
                    if self.trouble.take().is_some() {
                        self.note("connected again");
                    }
                }
            }
            Heard::Garbled(why) => self.note(&format!("the server says what is no message: {why}")),
            Heard::Closed(closed) => {
                self.link = None;
                if self.stopping.is_none() && common::close::comes_back(closed.code) {
                    self.trouble(format!("the connection ended ({}); connecting again", closed.code));
                }
                self.desk.handle(now(), Input::Closed(closed));
            }
        }
    }

    fn did(&mut self, did: Did) -> anyhow::Result<()> {
        match did {
            Did::Said(lines) => lines.iter().for_each(|line| self.desk.hear(line.as_deref().map_err(|n| *n))),
            Did::Complained(bytes) => (self.bot.log)(Said::Stderr(&bytes)),
            Did::Ended(Exit::Code(0)) if self.stopping.is_none() => {
                self.note("the program has ended (exit 0); it is started again with the next message");
            }
            Did::Ended(exit) if self.stopping.is_none() => {
                self.note(&format!("the program has ended ({}); it is started again", exit.close().1));
            }
            Did::Due => self.host.start()?,
            Did::Ended(_) | Did::Moved => {}
        }
        Ok(())
    }

    fn trouble(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            self.note(&trouble);
            self.trouble = Some(trouble);
        }
    }

    fn note(&self, note: &str) {
        (self.bot.log)(Said::Note(note));
    }
}

async fn next(link: &mut Option<Link>) -> Heard {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

/// What is waited for, once there is something.
async fn given<T>(waited: &mut Option<Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> T {
    match waited {
        Some(waited) => waited.await,
        None => std::future::pending().await,
    }
}
