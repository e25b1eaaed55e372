//! The life of a shared process: started, fed, listened to, and where that is wanted started again.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use common::close;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::ring::Batch;
use super::state::Who;
use super::{Parts, Share, turns};
use crate::pipe::counts::Running;
use crate::pipe::log::{Level, Log};
use crate::pipe::settings::Settings;
use crate::program::Program;
use crate::program::backoff::Backoff;
use crate::program::exit::Exit;
use crate::program::frame::{Framing, Sink, Splitter, TooLong};
use crate::program::ladder::Ladder;
use crate::program::limits::Flow;
use crate::program::spawn::{Child, Runner};
use crate::program::stream::{Stdin, Stdout};
use crate::tasks::Tasks;

/// Bytes that are read at once: as many as a pipe holds.
const AT_ONCE: usize = 64 * 1024;

/// How long a process that has closed its input may take to end, before what is said to it is dropped.
const ENDING: Duration = Duration::from_millis(100);

/// How long the slower half of the clients is waited for at least, when the quicker half has what was said.
const SLACK: Duration = Duration::from_millis(250);

/// The process's keeper.
pub(super) struct Keeper {
    share: Share,
    settings: Arc<Settings>,
    program: Program,
    runner: Runner,
    tasks: Tasks,
    log: Log,
    /// What was taken from clients and not written.
    input: turns::Batch,
}

/// How a run of the process ended.
enum End {
    /// The Close for it.
    Ended(u16, String),
    /// The server stops.
    Stopped,
}

impl Keeper {
    pub(super) fn new(share: Share, parts: Parts) -> Self {
        let Parts { settings, program, runner, tasks, log, counts: _ } = parts;
        Self { share, settings, program, runner, tasks, log, input: turns::Batch::default() }
    }

    /// Runs the process until it has ended for good, or the server stops.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::default();
        loop {
            let began = Instant::now();
            let (code, reason) = match self.run_once().await {
                End::Stopped => return,
                End::Ended(code, reason) => (code, reason),
            };
            if !self.settings.restart {
                self.log.line(Level::Error, "share", &format!("The shared process has ended ({code} {reason})"));
                return wake(self.share.state().end((code, reason)));
            }
            let wait = backoff.wait(began.elapsed());
            let told = format!("The shared process has ended ({code} {reason}); again in {} ms", wait.as_millis());
            self.log.line(Level::Error, "share", &told);
            tokio::select! {
                () = sleep(wait) => {}
                () = self.tasks.stopping() => return,
            }
        }
    }

    async fn run_once(&mut self) -> End {
        let mut child = match self.runner.start(&self.program) {
            Ok(child) => child,
            Err(error) => {
                self.share.0.counts.unstarted.add(1);
                self.log.line(Level::Error, "process", &error.in_full());
                return End::Ended(close::SERVER_FAULT, error.to_string());
            }
        };
        let mut log = self.log.clone();
        log.associate("pid", &child.pid());
        log.line(Level::Info, "share", &"The shared process runs");
        let running = Running::begin(&self.share.0.counts, None);
        let end = self.attend(&mut child, &log).await;
        match end {
            Some(Ok(exit)) => {
                if exit != Exit::Code(0) {
                    running.has_failed();
                }
                let (code, reason) = exit.close();
                End::Ended(code, reason)
            }
            Some(Err((code, reason))) => {
                self.see_off(child, running);
                End::Ended(code, reason)
            }
            None => {
                self.see_off(child, running);
                End::Stopped
            }
        }
    }

    fn see_off(&self, child: Child, running: Running) {
        self.runner.see_off(child, Ladder::new(Instant::now(), self.settings.closems), running);
    }

    /// Feeds the process and listens to it until it says nothing more: how it has ended, or where it lives on the Close for
    /// that; nothing, where the server stops.
    async fn attend(&mut self, child: &mut Child, log: &Log) -> Option<Result<Exit, (u16, String)>> {
        let (stdin, mut stdout, mut stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let end = {
            let errors = pin!(errors(&self.share, stderr.as_mut(), self.settings.passstderr, log));
            let feed = feed(&self.share, stdin, &mut self.input, log);
            let flow = self.program.limits.flow(Instant::now());
            let listen = listen(&self.share, stdout.as_mut(), &self.settings, flow);
            let (listened, errors) = while_heard(feed, listen, errors, &self.tasks).await;
            match listened {
                None => None,
                Some(Err(too_long)) => Some(Err((close::SERVER_FAULT, too_long.to_string()))),
                // Where it lives on nobody knows whether it does well.
                Some(Ok(())) => {
                    Some(until_exit(child, errors, self.settings.closems).await.ok_or((close::NORMAL, String::new())))
                }
            }
        };
        self.input.skip_begun();
        // Who sees it off reads on.
        (child.stdout, child.stderr) = (stdout, stderr);
        end
    }
}

/// Feeds, listens and takes errors until there is nothing more to listen to, or the server stops. The input is closed
/// then; the errors are given back, if they have not ended.
async fn while_heard<'a, E: Future<Output = ()>>(
    feed: impl Future<Output = Infallible>,
    listen: impl Future<Output = Result<(), TooLong>>,
    mut errors: Pin<&'a mut E>,
    tasks: &Tasks,
) -> (Option<Result<(), TooLong>>, Option<Pin<&'a mut E>>) {
    let (mut feed, mut listen) = (pin!(feed), pin!(listen));
    let mut are_open = true;
    let listened = loop {
        tokio::select! {
            listened = &mut listen => break Some(listened),
            never = &mut feed => match never {},
            () = &mut errors, if are_open => are_open = false,
            () = tasks.stopping() => break None,
        }
    };
    (listened, are_open.then_some(errors))
}

/// Waits for the end of a process whose output has ended, and for its last errors, until the first signal would be due.
async fn until_exit<E: Future<Output = ()>>(
    child: &mut Child,
    mut errors: Option<Pin<&mut E>>,
    extra: Duration,
) -> Option<Exit> {
    let mut due = Ladder::new(Instant::now(), extra).due()?;
    let mut exit = None;
    while exit.is_none() || errors.is_some() {
        tokio::select! {
            status = child.exited(), if exit.is_none() => exit = Some(status),
            () = async { match &mut errors { Some(errors) => errors.await, None => pending().await } } => errors = None,
            () = sleep_until(due) => {
                if exit.is_some() || !child.is_ending() {
                    break;
                }
                due = Instant::now() + ENDING;
            }
        }
    }
    exit
}

/// Writes what clients say. A process that has closed its input is not fed, and nobody is kept waiting for it.
async fn feed(share: &Share, stdin: Option<Stdin>, input: &mut turns::Batch, log: &Log) -> Infallible {
    let mut stdin = stdin;
    loop {
        while let Some(open) = stdin.as_mut().filter(|_| !input.unwritten().is_empty()) {
            match open.write(input.unwritten()).await {
                Ok(written) => input.advance(written),
                Err(error) => {
                    log.line(Level::Debug, "share", &format!("The shared process listens no more: {error}"));
                    stdin = None;
                    // It may be at its end: what waits is for the next one then.
                    sleep(ENDING).await;
                }
            }
        }
        input.clear();
        wake(poll_fn(|cx| share.state().poll_input(cx, input, AT_ONCE)).await);
    }
}

/// Reads what the process says, for all clients, until it says nothing more; no faster than `flow` lets it.
async fn listen(
    share: &Share,
    stdout: Option<&mut Stdout>,
    settings: &Settings,
    mut flow: Option<Flow>,
) -> Result<(), TooLong> {
    let Some(stdout) = stdout else { return pending().await };
    let mut splitter = if settings.passstderr {
        Splitter::tagged(settings.framing, "stdout")
    } else {
        Splitter::new(settings.framing)
    };
    let mut buffer = vec![0; AT_ONCE];
    loop {
        if let Some(until) = flow.and_then(|flow| flow.pause(Instant::now())) {
            sleep_until(until).await;
        }
        // An end that is an error is an end.
        let read = stdout.read(&mut buffer).await.unwrap_or(0);
        if let Some(flow) = &mut flow {
            flow.took(read, Instant::now());
        }
        let mut batch = Batch::default();
        let fed = splitter.feed(buffer.get(..read).filter(|_| read > 0).unwrap_or_default(), &mut batch);
        if read == 0 {
            splitter.end(&mut batch);
        }
        publish(share, batch).await;
        fed?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// Writes the process's errors into the log, and tells them to clients where that is wanted, until they end.
async fn errors(share: &Share, stderr: Option<&mut Stdout>, is_passed: bool, log: &Log) {
    let Some(stderr) = stderr else { return };
    let (mut logged, mut passed) = (Splitter::new(Framing::Lines), Splitter::tagged(Framing::Lines, "stderr"));
    let mut buffer = vec![0; 4 * 1024];
    loop {
        let read = stderr.read(&mut buffer).await.unwrap_or(0);
        let bytes = buffer.get(..read).unwrap_or_default();
        let mut batch = Batch::default();
        let mut lines = Logged(log);
        // Lines are never too long.
        logged.feed(bytes, &mut lines).ok();
        if is_passed {
            passed.feed(bytes, &mut batch).ok();
        }
        if read == 0 {
            logged.end(&mut lines);
            passed.end(&mut batch);
        }
        publish(share, batch).await;
        if read == 0 {
            return;
        }
    }
}

/// Gives messages to all clients, and waits for them as long as is reasonable.
async fn publish(share: &Share, batch: Batch) {
    if batch.is_empty() {
        return;
    }
    let (wakers, patience) = share.state().publish(batch);
    wake(wakers);
    if let Some(patience) = patience {
        let began = Instant::now();
        let passed = |who: Who| poll_fn(move |cx| share.state().poll_passed(cx, who));
        // Who is much slower than half of them falls behind.
        let half = timeout(patience, passed(Who::Half)).await;
        if half.is_ok() {
            drop(timeout(began.elapsed() + SLACK, passed(Who::All)).await);
        }
    }
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// Takes lines for the log.
struct Logged<'a>(&'a Log);

impl Sink for Logged<'_> {
    fn text(&mut self, text: &str) {
        self.0.line(Level::Error, "stderr", &text);
    }

    fn binary(&mut self, _bytes: &[u8]) {}
}
