//! The program of a bot: started, given lines, listened to, started again, seen off.
//!
//! Neighbours: [`super::client`] drives it, [`crate::program`] runs it. A program that fails is started again after a wait
//! that grows; one that ends with success has done its work, and is started again with the next message. Deliberately absent:
//! what the lines mean.

use std::pin::pin;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep_until};

use super::feed::Feed;
use super::lines::Splitter;
use crate::program::Program;
use crate::program::backoff::Backoff;
use crate::program::exit::Exit;
use crate::program::ladder::Ladder;
use crate::program::limits::Flow;
use crate::program::spawn::{Child, Runner, SpawnError};
use crate::program::stream::{Stdin, Stdout};

/// Bytes that are read at once.
const ROOM: usize = 16 * 1024;

/// How long the output of a program that has ended is waited for: something that it has started may hold it open. And how
/// long one that takes no lines is waited for, which may be ending; then it is given them all the same, to nobody.
const LAST: Duration = Duration::from_secs(1);

/// How much longer than by the ladder alone each step of a stop takes: the program may still have lines to read.
const PATIENCE: Duration = Duration::from_millis(900);

/// What a program did.
#[derive(Debug)]
pub(super) enum Did {
    /// Wrote these lines; of those that are too long, the bytes.
    Said(Vec<Result<String, usize>>),
    /// Wrote this to its standard error.
    Complained(Vec<u8>),
    /// Ended, and has been read to its end.
    Ended(Exit),
    /// Took what it was given, or was signalled.
    Moved,
    /// Is to be started.
    Due,
}

#[derive(Debug)]
enum State {
    /// It is not to run: not yet, or no more.
    Off,
    /// It is to be started at this time; `idle`: only when there is something to give.
    Resting {
        until: Instant,
        idle: bool,
    },
    Running(Box<Running>),
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdin: Option<Stdin>,
    stdout: Option<Stdout>,
    stderr: Option<Stdout>,
    splitter: Splitter,
    /// When to read again, where its output is bounded.
    flow: Option<Flow>,
    room: Vec<u8>,
    complaint: Vec<u8>,
    since: Instant,
    exit: Option<Exit>,
    /// Until when the output of the ended program is waited for.
    last: Option<Instant>,
    /// Since when it takes no lines: perhaps it is about to end.
    deaf: Option<Instant>,
}

/// What is seen of a program that runs.
enum Saw {
    Output(usize),
    Complaint(usize),
    /// How much it took; none where it has closed its input.
    Wrote(Option<usize>),
    Exit(Exit),
    /// It has ended, and its output is held open by others for too long.
    Late,
    /// It has ended, and been read to its end.
    Over,
    /// A signal is due.
    Due,
    /// It wrote as much as it may, and is read again.
    Rested,
}

impl Running {
    async fn next(&mut self, waiting: &[u8], hears: bool, ladder: Option<Instant>) -> Saw {
        let exited = self.exit.is_some();
        if exited {
            if self.stdout.is_none() && self.stderr.is_none() {
                return Saw::Over;
            }
            // Only while it is read is its end waited for.
            if !hears || self.last.is_none() {
                self.last = Some(Instant::now() + LAST);
            }
        }
        // What it has left behind is no more than a pipe holds.
        let pause = self.flow.and_then(|flow| flow.pause(Instant::now())).filter(|_| !exited);
        let reads = pause.is_none();
        let saw = tokio::select! {
            n = read(&mut self.stdout, &mut self.room), if reads && hears && self.stdout.is_some() => Saw::Output(n),
            n = read(&mut self.stderr, &mut self.complaint), if reads && self.stderr.is_some() => Saw::Complaint(n),
            () = until(pause), if !reads => Saw::Rested,
            wrote = write(&mut self.stdin, waiting), if !waiting.is_empty() => Saw::Wrote(wrote),
            exit = self.child.exited(), if !exited => Saw::Exit(exit),
            () = until(self.last), if exited && hears => Saw::Late,
            () = until(ladder), if !exited => Saw::Due,
            // It has ended with something left that nobody hears yet: whoever does gives this up and calls again.
            else => std::future::pending().await,
        };
        if let (Some(flow), Saw::Output(n) | Saw::Complaint(n)) = (&mut self.flow, &saw) {
            flow.took(*n, Instant::now());
        }
        saw
    }

    fn unread(&self) -> usize {
        self.stdin.as_ref().map_or(0, Stdin::unread)
    }

    /// The lines in what was read; at its end, the one that has no end of its own.
    fn lines(&mut self, n: usize) -> Vec<Result<String, usize>> {
        let mut lines = Vec::new();
        let found = |line: Result<&str, usize>| lines.push(line.map(str::to_owned));
        match n {
            0 => {
                self.stdout = None;
                self.splitter.end(found);
            }
            n => self.splitter.take(self.room.get(..n).unwrap_or_default(), found),
        }
        lines
    }
}

/// The program, whether it runs or not.
#[derive(Debug)]
pub(super) struct Host {
    runner: Runner,
    program: Program,
    state: State,
    feed: Feed,
    backoff: Backoff,
    /// The way to its end, once it is to end.
    ladder: Option<Ladder>,
    stopping: bool,
}

impl Host {
    pub(super) fn new(runner: Runner, program: Program) -> Self {
        Self {
            runner,
            program,
            state: State::Off,
            feed: Feed::default(),
            backoff: Backoff::default(),
            ladder: None,
            stopping: false,
        }
    }

    /// Adds to its environment, and starts it.
    pub(super) fn begin(&mut self, env: &[(&str, &str)]) -> Result<(), SpawnError> {
        self.program.env.extend(env.iter().map(|(name, value)| (name.into(), value.into())));
        self.start()
    }

    pub(super) fn start(&mut self) -> Result<(), SpawnError> {
        let mut child = self.runner.start(&self.program)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let running = Running {
            child,
            stdin,
            stdout,
            stderr,
            splitter: Splitter::default(),
            flow: self.program.limits.flow(Instant::now()),
            room: vec![0; ROOM],
            complaint: vec![0; ROOM],
            since: Instant::now(),
            exit: None,
            last: None,
            deaf: None,
        };
        self.state = State::Running(Box::new(running));
        Ok(())
    }

    /// Whether it has been started at all.
    pub(super) const fn has_begun(&self) -> bool {
        self.stopping || !matches!(self.state, State::Off)
    }

    /// Whether it has a next line coming: it has taken what it was given.
    pub(super) fn is_hungry(&self) -> bool {
        !self.stopping
            && match &self.state {
                State::Off => false,
                State::Resting { until, idle } => *idle && Instant::now() >= *until,
                State::Running(running) if running.exit.is_some() => false,
                State::Running(running) => match running.deaf {
                    Some(since) => since.elapsed() >= LAST,
                    None => self.feed.waiting().is_empty(),
                },
            }
    }

    /// Gives lines, which must be in the journal. One that rests is started with them.
    pub(super) fn give(&mut self, lines: &str) -> Result<(), SpawnError> {
        self.feed.push(lines);
        if !lines.is_empty() && matches!(self.state, State::Resting { .. }) {
            self.start()?;
        }
        Ok(())
    }

    /// It gets the rest of its input, and is to end.
    pub(super) fn stop(&mut self) {
        if !self.stopping {
            self.stopping = true;
            match &mut self.state {
                State::Running(running) => {
                    running.child.is_to_end();
                    self.ladder = Some(Ladder::new(Instant::now(), PATIENCE));
                }
                State::Off | State::Resting { .. } => self.state = State::Off,
            }
        }
    }

    /// Whether it was stopped and has ended.
    pub(super) const fn is_over(&self) -> bool {
        self.stopping && matches!(self.state, State::Off)
    }

    /// Waits for the next thing it does; with `hears` false it is not read. May be given up and called again.
    pub(super) async fn does(&mut self, hears: bool) -> Did {
        let ladder = self.ladder.as_ref().and_then(Ladder::due);
        let running = match &mut self.state {
            State::Off | State::Resting { idle: true, .. } => return std::future::pending().await,
            State::Resting { until, idle: false } => {
                sleep_until(*until).await;
                return Did::Due;
            }
            State::Running(running) => running,
        };
        let exited = running.exit.is_some();
        if !exited && running.deaf.is_some_and(|since| since.elapsed() >= LAST) {
            self.feed.clear();
        }
        let listens = !exited && running.deaf.is_none();
        let waiting = if listens { self.feed.waiting() } else { &[][..] };
        if self.stopping && waiting.is_empty() {
            running.stdin = None;
        }
        match running.next(waiting, hears, ladder).await {
            Saw::Output(n) => Did::Said(running.lines(n)),
            Saw::Complaint(n) => {
                if n == 0 {
                    running.stderr = None;
                }
                Did::Complained(running.complaint.get(..n).unwrap_or_default().to_vec())
            }
            Saw::Wrote(wrote) => {
                match wrote {
                    Some(n) => self.feed.wrote(n, running.unread()),
                    None => running.deaf = Some(Instant::now()),
                }
                Did::Moved
            }
            Saw::Exit(exit) => {
                running.exit = Some(exit);
                if running.unread() > 0 {
                    // What it has started may still read; what is unread after this was read by nobody.
                    running.child.signal(Signal::KILL);
                }
                self.feed.ended(running.unread());
                running.stdin = None;
                Did::Moved
            }
            Saw::Late => match running.lines(0) {
                lines if lines.is_empty() => self.finish(),
                lines => Did::Said(lines),
            },
            Saw::Over => self.finish(),
            Saw::Due => {
                if let Some(signal) = self.ladder.as_mut().and_then(|ladder| ladder.signal(Instant::now())) {
                    running.child.signal(signal);
                }
                Did::Moved
            }
            Saw::Rested => Did::Moved,
        }
    }

    /// It has ended, and what it has started ends with it. Says whether and when it is started again.
    fn finish(&mut self) -> Did {
        let State::Running(running) = std::mem::replace(&mut self.state, State::Off) else { return Did::Moved };
        let exit = running.exit.unwrap_or(Exit::Signal(0));
        let well = exit == Exit::Code(0);
        if well {
            self.backoff.reset();
        }
        if self.stopping {
            self.feed.clear();
        } else {
            // What it has not read is for the next one.
            let idle = well && self.feed.waiting().is_empty();
            let wait = self.backoff.wait(running.since.elapsed());
            self.state = State::Resting { until: Instant::now() + wait, idle };
        }
        Did::Ended(exit)
    }

    /// When it is hungry again though nothing happens.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        let until = match &self.state {
            State::Resting { until, idle: true } => Some(*until),
            State::Running(running) => running.deaf.map(|since| since + LAST),
            State::Resting { .. } | State::Off => None,
        };
        until.filter(|until| Instant::now() < *until)
    }
}

/// What is read; 0 at the end, or where it cannot be read.
async fn read(stream: &mut Option<Stdout>, room: &mut [u8]) -> usize {
    match stream {
        Some(stream) => stream.read(room).await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// How many bytes are written; none where the program has closed its input.
async fn write(stdin: &mut Option<Stdin>, bytes: &[u8]) -> Option<usize> {
    let open = stdin.as_mut()?;
    let wrote = std::future::poll_fn(|cx| open.poll_write_some(cx, bytes));
    pin!(wrote).await.ok()
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;
    use crate::tasks::Tasks;

    #[tokio::test]
    async fn what_has_ended_unheard_waits_until_it_is_heard() {
        let runner = Runner::new("/bin/sh".into(), Tasks::new()).unwrap();
        let mut program = Program::new("/bin/sh".into());
        program.args = ["-c", "echo last"].map(Into::into).into();
        let mut host = Host::new(runner, program);
        host.begin(&[]).unwrap();
        while !matches!(&host.state, State::Running(running) if running.exit.is_some() && running.stderr.is_none()) {
            assert!(!matches!(host.does(false).await, Did::Said(_)));
        }
        let mut unheard = Box::pin(host.does(false));
        assert!(poll_fn(|cx| Poll::Ready(unheard.as_mut().poll(cx).is_pending())).await);
        drop(unheard);
        let Did::Said(lines) = host.does(true).await else { panic!("it is heard") };
        assert_eq!(lines, [Ok("last".to_owned())]);
    }
}
