//! A program of a connection's own: what a client says is its input, what it writes is what the client hears.
//!
//! It ends in one of these ways:
//! - Its output ends: its status is waited for, as long as the first step of the ladder waits, and told to the client by the
//!   Close. Who closes the output and lives on is seen off; the client hears of a normal end.
//! - The client goes: what it said is still given to the program, then its input is closed, and the ladder
//!   ([`crate::program::ladder`]) begins. What the program says meanwhile is still the client's. Where the client has said
//!   goodbye and waits, a step of the ladder is put off while output flows, by [`PATIENCE`] in all, and the first one by
//!   [`HEAD_START`] where the program has yet to read all of its input. A program that takes no
//!   more input is not waited for beyond the first step.
//! - The connection is gone: it is seen off.
//!
//! A program that has closed its input is not disturbed: what the client says further is thrown away. Its errors are read
//! always, and logged; with `--passstderr` they are told to the client as well, and then are read as fast as the client
//! takes them.

mod input;

use std::task::{Context, Poll, ready};
use std::time::Duration;

use common::close;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::counts::Running;
use super::far::{Far, Heard, Saying};
use super::log::{Level, Log};
use super::out::Out;
use super::route::Site;
use super::scratch;
use crate::program::Program;
use crate::program::exit::Exit;
use crate::program::frame::{Framing, Sink, Splitter, tagged};
use crate::program::ladder::Ladder;
use crate::program::limits::Flow;
use crate::program::spawn::{Child, Runner};
use input::Input;

/// Bytes of input that may wait before no more is given.
const FULL: usize = 2 * scratch::AT_ONCE;

/// Bytes of input that may wait when more is given.
const LOW: usize = scratch::AT_ONCE;

/// How long steps of the ladder may be put off in all, and how long the program may take for its last input.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much later the ladder begins for a program that has yet to read what it was given when its input is closed, and
/// whose client waits: an interpreter may still be starting.
const HEAD_START: Duration = Duration::from_millis(400);

/// How long nothing must be said until output does not flow any more; and, with what was added to the waits, how long the
/// status is waited for when the output has ended: as long as the ladder's first step.
const QUIET: Duration = Duration::from_millis(100);

/// How long the end of a program is waited for that was killed.
const KILLED: Duration = Duration::from_secs(1);

/// A program and what is on its way to it and from it.
struct Own {
    child: Child,
    framing: Framing,
    input: Input,
    output: Splitter,
    /// How fast its output is read; as fast as can be without.
    flow: Option<Box<Flow>>,
    /// Nothing more is read from it.
    output_ended: bool,
    /// When something was last said.
    said: Instant,
    errors: Splitter,
    /// Errors are told to the client.
    tells_errors: bool,
    /// When the client went.
    parted: Option<Parted>,
    /// Its way to its end, once its input is closed and the client has gone.
    ladder: Option<Ladder>,
    /// When its end is not waited for any more.
    until: Option<Instant>,
    /// That time has come.
    overdue: bool,
    /// What is wrong with its output.
    fault: Option<String>,
    exit: Option<Exit>,
    /// It got a signal of ours: how it ends then is not its own doing.
    asked: bool,
    link: Link,
}

/// What it needs of the server.
struct Link {
    runner: Runner,
    running: Running,
    log: Log,
    /// What is added to each of the ladder's waits.
    extra: Duration,
    /// Its place among `--maxforks`.
    permit: Option<OwnedSemaphorePermit>,
}

/// A client that has gone.
#[derive(Clone, Copy)]
struct Parted {
    at: Instant,
    /// It waits for our Close.
    graceful: bool,
}

/// Starts a program for a connection, `script` where it is one of `--dir`. What it logs from now on belongs to the process.
///
/// # Errors
/// The Close for a program that cannot be started; that is logged.
pub(super) fn start(
    site: &Site,
    program: &Program,
    script: Option<&str>,
    log: &mut Log,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<Box<dyn Far>, (u16, String)> {
    match site.runner.start(program) {
        Ok(child) => Ok(around(site, child, Running::begin(&site.counts, script), log, permit)),
        Err(error) => {
            site.counts.unstarted.add(1);
            let words: Vec<_> = program.args.iter().map(|word| word.to_string_lossy()).collect();
            let (path, words) = (program.path.display(), words.join(" "));
            let told = format_args!("Could not launch process {path} {words} ({})", error.in_full());
            log.line(Level::Error, "process", &told);
            Err((close::SERVER_FAULT, error.to_string()))
        }
    }
}

/// A program that runs already.
pub(super) fn around(
    site: &Site,
    child: Child,
    running: Running,
    log: &mut Log,
    permit: Option<OwnedSemaphorePermit>,
) -> Box<dyn Far> {
    log.associate("pid", &child.pid());
    let settings = &site.settings;
    let tells_errors = settings.passstderr && child.stderr.is_some();
    let output = if settings.passstderr {
        Splitter::tagged(settings.framing, "stdout")
    } else {
        Splitter::new(settings.framing)
    };
    Box::new(Own {
        child,
        framing: settings.framing,
        input: Input::default(),
        output,
        flow: settings.limits.flow(Instant::now()).map(Box::new),
        output_ended: false,
        said: Instant::now(),
        errors: Splitter::new(Framing::Lines),
        tells_errors,
        parted: None,
        ladder: None,
        until: None,
        overdue: false,
        fault: None,
        exit: None,
        asked: false,
        link: Link { runner: site.runner.clone(), running, log: log.clone(), extra: settings.closems, permit },
    })
}

impl Own {
    fn debug(&self, told: impl FnOnce() -> String) {
        if self.link.log.has(Level::Debug) {
            self.link.log.line(Level::Debug, "process", &told());
        }
    }

    /// Writes what waits for the program, and closes its input behind the last of it.
    fn feed(&mut self, cx: &mut Context<'_>) {
        while let Some(stdin) = &mut self.child.stdin
            && self.input.len() > 0
        {
            match stdin.poll_write_some(cx, self.input.unwritten()) {
                Poll::Ready(Ok(bytes)) => {
                    self.input.advance(bytes);
                    self.input.taken = self.parted.map(|_| Instant::now());
                }
                Poll::Ready(Err(error)) => {
                    self.debug(|| format!("Cannot write to STDIN: {error}"));
                    self.close_input();
                }
                Poll::Pending => return,
            }
        }
        if self.input.ends {
            // A terminal is told by a key, for which there must be room.
            if !self.child.stdin.as_mut().is_some_and(|stdin| stdin.poll_end(cx).is_pending()) {
                self.close_input();
            }
        }
    }

    /// Closes its input. What waits for it is thrown away.
    fn close_input(&mut self) {
        if self.parted.is_some() {
            self.child.is_to_end();
        }
        let is_behind = self.child.stdin.take().is_some_and(|stdin| stdin.unread() > 0);
        self.input.forget();
        if let Some(parted) = self.parted
            && self.ladder.is_none()
        {
            let more = if parted.graceful && is_behind { HEAD_START } else { Duration::ZERO };
            self.ladder = Some(Ladder::new(Instant::now() + more, self.link.extra));
        }
    }

    /// Reads its output once. Ready when something was read, or it has ended.
    fn poll_output(&mut self, cx: &mut Context<'_>, out: &mut Out) -> Poll<()> {
        if self.flow.as_ref().is_some_and(|flow| flow.pause(Instant::now()).is_some()) {
            return Poll::Pending;
        }
        let Some(stdout) = self.child.stdout.as_mut().filter(|_| !self.output_ended) else { return Poll::Pending };
        let (framing, output) = (self.framing, &mut self.output);
        let mut fault = None;
        let read = if framing == Framing::Binary {
            out.read(cx, stdout)
        } else {
            scratch::with(|buffer| {
                let read = stdout.poll_read_some(cx, buffer);
                if let Poll::Ready(Ok(bytes @ 1..)) = read {
                    fault = output.feed(buffer.get(..bytes).unwrap_or_default(), out).err();
                }
                read
            })
        };
        let read = ready!(read);
        if let (Some(flow), Ok(bytes)) = (&mut self.flow, &read) {
            flow.took(*bytes, Instant::now());
        }
        if !matches!(read, Ok(1..)) {
            if self.output.end(out) {
                self.fault = Some("the last message is cut".to_owned());
            }
            self.debug(|| "Process STDOUT closed".to_owned());
            self.end_output();
        }
        if self.parted.is_some() {
            self.said = Instant::now();
        }
        if let Err(error) = read {
            self.complain(&format!("Unexpected error while reading STDOUT from process: {error}"));
        }
        if let Some(fault) = fault {
            self.complain(&fault.to_string());
            self.fault = Some(fault.to_string());
            self.end_output();
            self.overdue = true;
        }
        Poll::Ready(())
    }

    fn complain(&self, told: &str) {
        self.link.log.line(Level::Error, "process", &told);
    }

    fn end_output(&mut self) {
        self.child.stdout = None;
        self.output_ended = true;
        self.until = Some(Instant::now() + QUIET + self.link.extra);
    }

    /// Reads its errors once, for the log and, where they are told, for the client. Ready when something was read, or they
    /// have ended.
    fn poll_errors(&mut self, cx: &mut Context<'_>, out: Option<&mut Out>) -> Poll<()> {
        let Some(stderr) = &mut self.child.stderr else { return Poll::Pending };
        let (errors, log) = (&mut self.errors, &self.link.log);
        let mut told = Errors { log, out };
        let is_open = ready!(scratch::with(|buffer| {
            let read = ready!(stderr.poll_read_some(cx, buffer));
            let bytes = read.as_ref().map_or(0, |bytes| *bytes);
            // Lines have no bound that could be broken.
            errors.feed(buffer.get(..bytes).unwrap_or_default(), &mut told).ok();
            Poll::Ready(bytes > 0)
        }));
        if !is_open {
            self.errors.end(&mut told);
            self.child.stderr = None;
            self.debug(|| "Process STDERR closed".to_owned());
        }
        Poll::Ready(())
    }

    /// Whether it is at its end, and the Close for that.
    fn poll_end(&mut self, cx: &mut Context<'_>, out: &mut Out) -> Poll<(u16, String)> {
        let was_killed = self.ladder.is_some_and(|ladder| ladder.due().is_none());
        if !self.output_ended && !was_killed {
            return Poll::Pending;
        }
        if self.exit.is_none()
            && let Poll::Ready(exit) = self.child.poll_exited(cx)
        {
            self.exit = Some(exit);
            self.debug(|| format!("Process exit: {exit:?}"));
            if exit != Exit::Code(0) && !self.asked {
                self.link.running.has_failed();
            }
        }
        if self.exit.is_none() && !self.overdue {
            return Poll::Pending;
        }
        // What it said before it ended is there.
        while self.poll_errors(cx, self.tells_errors.then_some(&mut *out)).is_ready() {}
        let of_exit = self.exit.filter(|_| !self.asked).map_or((close::NORMAL, String::new()), Exit::close);
        let fault = self.fault.take().filter(|_| of_exit.0 == close::NORMAL);
        Poll::Ready(fault.map_or(of_exit, |fault| (close::SERVER_FAULT, fault)))
    }
}

impl Parted {
    /// When the input is closed although it is not all taken.
    fn patience(&self, input: &Input, extra: Duration) -> Instant {
        (input.taken.unwrap_or(self.at) + QUIET + extra).min(self.at + PATIENCE)
    }

    /// When a step is taken that is due then: later, as long as something is said to who waits for it.
    fn puts_off(&self, step: Instant, said: Instant) -> Instant {
        if self.graceful { step.max((said + QUIET).min(self.at + PATIENCE)) } else { step }
    }
}

impl Far for Own {
    fn tend(&mut self, cx: &mut Context<'_>) {
        self.feed(cx);
        if !self.tells_errors {
            while self.poll_errors(cx, None).is_ready() {}
        }
    }

    fn poll_taken(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.feed(cx);
        if self.input.len() <= LOW { Poll::Ready(()) } else { Poll::Pending }
    }

    fn hear(&mut self, message: Heard<'_>) {
        if self.child.stdin.is_none() || self.input.ends {
            return;
        }
        if self.input.waiting.capacity() == 0 {
            self.input.waiting = scratch::take();
        }
        match message {
            Heard::Text(text) => self.framing.put_text(text, &mut self.input.waiting),
            Heard::Binary(bytes) => self.framing.put_binary(bytes, &mut self.input.waiting),
        }
    }

    fn is_full(&self) -> bool {
        self.input.len() >= FULL
    }

    fn end_input(&mut self) {
        self.input.ends = true;
    }

    fn part(&mut self, graceful: bool) -> bool {
        self.parted = Some(Parted { at: Instant::now(), graceful });
        self.input.ends = true;
        true
    }

    fn poll_say(&mut self, cx: &mut Context<'_>, out: &mut Out) -> Poll<Saying> {
        if self.poll_output(cx, out).is_ready() {
            return Poll::Ready(Saying::Said);
        }
        if self.tells_errors && self.poll_errors(cx, Some(&mut *out)).is_ready() {
            return Poll::Ready(Saying::Said);
        }
        self.poll_end(cx, out).map(|(code, reason)| Saying::Ended(code, reason))
    }

    fn due(&self) -> Option<Instant> {
        let until = self.until.filter(|_| !self.overdue);
        let parted = self.parted.and_then(|parted| match &self.ladder {
            None => Some(parted.patience(&self.input, self.link.extra)),
            Some(ladder) => ladder.due().map(|step| parted.puts_off(step, self.said)),
        });
        let paused = self.flow.as_ref().filter(|_| !self.output_ended).and_then(|flow| flow.pause(Instant::now()));
        [until, parted, paused].into_iter().flatten().min()
    }

    fn on_time(&mut self, now: Instant) {
        if self.until.is_some_and(|until| until <= now) {
            if self.child.is_ending() {
                self.until = Some(now + QUIET);
            } else {
                self.overdue = true;
            }
        }
        let Some(parted) = self.parted else { return };
        let Some(ladder) = &mut self.ladder else {
            if parted.patience(&self.input, self.link.extra) <= now {
                self.close_input();
            }
            return;
        };
        if ladder.due().is_some_and(|step| now < parted.puts_off(step, self.said)) {
            return;
        }
        let Some(signal) = ladder.signal(now) else { return };
        if ladder.due().is_none() {
            self.until = Some(now + KILLED);
        }
        self.asked = true;
        self.child.signal(signal);
        self.debug(|| format!("Process was given {signal:?}"));
    }

    fn leave(self: Box<Self>) {
        let Self { child, exit, link, ladder, .. } = *self;
        // Dropped, what is left of its group is killed.
        if exit.is_none() {
            let ladder = ladder.unwrap_or_else(|| Ladder::new(Instant::now(), link.extra));
            link.runner.see_off(child, ladder, (link.permit, link.running));
        }
    }
}

/// Where errors go.
struct Errors<'a> {
    log: &'a Log,
    out: Option<&'a mut Out>,
}

impl Sink for Errors<'_> {
    fn text(&mut self, text: &str) {
        self.log.line(Level::Error, "stderr", &text);
        if let Some(out) = &mut self.out {
            out.text(&tagged("stderr", text));
        }
    }

    fn binary(&mut self, bytes: &[u8]) {
        self.text(&String::from_utf8_lossy(bytes));
    }
}
