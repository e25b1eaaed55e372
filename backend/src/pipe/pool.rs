//! `--pool N`: processes that are started before anybody asks for them, for programs that take long to begin.
//!
//! A connection takes the one that has waited longest, and another is started in its place. They know nothing of a request:
//! their environment is what a program without one has. What a process writes before it is taken stays in its pipe for
//! its client, who misses nothing; one that ends before it is taken is thrown away, and replaced after a wait
//! ([`crate::program::backoff`]): the pool is for programs that wait for input.
//!
//! Each holds a place among `--maxforks`, which it hands on to the connection; so where all places are taken by processes
//! that wait, every connection finds one. A place is taken and its process started under the lock, so that who finds
//! neither a free place nor a process knows that there is none.
//!
//! Deliberately absent: processes for the scripts of a folder, since nobody knows which will be asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::counts::{Counts, Running};
use super::log::{Level, Log};
use super::settings::Settings;
use crate::program::Program;
use crate::program::backoff::Backoff;
use crate::program::exit::Exit;
use crate::program::ladder::Ladder;
use crate::program::spawn::{Child, Runner, SpawnError};
use crate::tasks::Tasks;

/// How soon it is looked again for a free place, where there was none. Connections that end tell nobody.
const AGAIN: Duration = Duration::from_millis(250);

/// The processes that wait. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Mutex<Queue>,
    /// Somebody has looked for one.
    asked: Notify,
    parts: Parts,
}

#[derive(Debug, Default)]
struct Queue {
    /// Those that wait, the oldest first.
    waiting: VecDeque<Waiting>,
    /// One was taken since this was looked at: the program waits as it should.
    was_taken: bool,
}

#[derive(Debug)]
struct Waiting {
    warm: Warm,
    since: Instant,
}

/// A process that was taken.
#[derive(Debug)]
pub(super) struct Warm {
    /// The process.
    pub(super) child: Child,
    /// That it is counted as running.
    pub(super) running: Running,
    /// Its place among `--maxforks`.
    pub(super) hold: Option<OwnedSemaphorePermit>,
}

/// What the processes are run with.
#[derive(Debug)]
pub(super) struct Parts {
    /// What the command line says.
    pub(super) settings: Arc<Settings>,
    /// What is run, with its environment.
    pub(super) program: Program,
    /// Runs them.
    pub(super) runner: Runner,
    /// The places of `--maxforks`.
    pub(super) places: Option<Arc<Semaphore>>,
    /// The group whose stop ends them.
    pub(super) tasks: Tasks,
    /// What the status tells.
    pub(super) counts: Arc<Counts>,
    /// Writes what happens.
    pub(super) log: Log,
}

impl Pool {
    /// Starts the processes, and sees to it that there are as many as `--pool` says.
    pub(super) fn start(parts: Parts) -> Self {
        let tasks = parts.tasks.clone();
        let pool = Self(Arc::new(Inner { queue: Mutex::default(), asked: Notify::new(), parts }));
        let keeper = Keeper { pool: pool.clone(), backoff: Backoff::default() };
        tasks.spawn(keeper.run());
        pool
    }

    /// A process that waits, if there is one.
    pub(super) fn take(&self) -> Option<Warm> {
        let mut queue = self.queue();
        // The keeper throws away those that have ended.
        self.0.asked.notify_one();
        let lives = |process: &mut Waiting| {
            process.warm.child.poll_exited(&mut Context::from_waker(Waker::noop())).is_pending()
        };
        let at = queue.waiting.iter_mut().position(lives)?;
        queue.was_taken = true;
        let taken = queue.waiting.remove(at)?;
        self.0.parts.counts.waiting.set(queue.waiting.len());
        Some(taken.warm)
    }

    /// How many processes wait.
    pub(super) fn len(&self) -> usize {
        self.queue().waiting.len()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    /// Starts a process; nothing, where there is no place for it.
    fn start(&self) -> Result<Option<Warm>, SpawnError> {
        let hold = match &self.places {
            None => None,
            Some(places) => match places.clone().try_acquire_owned() {
                Ok(hold) => Some(hold),
                Err(_none_free) => return Ok(None),
            },
        };
        let child = self.runner.start(&self.program)?;
        Ok(Some(Warm { child, running: Running::begin(&self.counts, None), hold }))
    }

    fn has_ended(&self, child: &Child, exit: Exit) {
        let mut log = self.log.clone();
        log.associate("pid", &child.pid());
        log.line(Level::Error, "pool", &format!("A process has ended before it was taken: {exit:?}"));
    }
}

/// Keeps the processes.
struct Keeper {
    pool: Pool,
    backoff: Backoff,
}

impl Keeper {
    async fn run(mut self) {
        let inner = self.pool.0.clone();
        let mut not_before = Instant::now();
        loop {
            if not_before <= Instant::now()
                && let Some(wait) = self.fill()
            {
                not_before = Instant::now() + wait;
            }
            let is_short = self.pool.len() < inner.parts.settings.pool;
            tokio::select! {
                () = inner.asked.notified() => {
                    if std::mem::take(&mut self.pool.queue().was_taken) {
                        self.backoff.reset();
                    }
                }
                ran = std::future::poll_fn(|cx| self.poll_ended(cx)) => {
                    // Those that end together are one failure.
                    if not_before <= Instant::now() {
                        not_before = Instant::now() + self.backoff.wait(ran);
                    }
                }
                () = sleep_until(not_before), if is_short => {}
                () = inner.parts.tasks.stopping() => return self.stop(),
            }
        }
    }

    /// Starts what is missing; where that does not go on at once, how long to wait.
    fn fill(&mut self) -> Option<Duration> {
        let parts = &self.pool.0.parts;
        loop {
            // Between two of them connections may take one.
            let mut queue = self.pool.queue();
            if queue.waiting.len() >= parts.settings.pool {
                return None;
            }
            match parts.start() {
                Ok(Some(warm)) => {
                    queue.waiting.push_back(Waiting { warm, since: Instant::now() });
                    parts.counts.waiting.set(queue.waiting.len());
                }
                Ok(None) => return Some(AGAIN),
                Err(error) => {
                    drop(queue);
                    parts.counts.unstarted.add(1);
                    parts.log.line(Level::Error, "pool", &error.in_full());
                    return Some(self.backoff.wait(Duration::ZERO));
                }
            }
        }
    }

    /// Ready when one that waits has ended: how long it ran.
    fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<Duration> {
        let mut queue = self.pool.queue();
        let ended =
            queue.waiting.iter_mut().enumerate().find_map(|(at, process)| match process.warm.child.poll_exited(cx) {
                Poll::Ready(exit) => Some((at, exit)),
                Poll::Pending => None,
            });
        let Some((at, exit)) = ended else { return Poll::Pending };
        let Some(process) = queue.waiting.remove(at) else { return Poll::Pending };
        self.pool.0.parts.counts.waiting.set(queue.waiting.len());
        drop(queue);
        self.pool.0.parts.has_ended(&process.warm.child, exit);
        Poll::Ready(process.since.elapsed())
    }

    /// The server stops.
    fn stop(&self) {
        let parts = &self.pool.0.parts;
        parts.counts.waiting.set(0);
        for Waiting { warm: Warm { child, running, hold }, .. } in self.pool.queue().waiting.drain(..) {
            let ladder = Ladder::new(Instant::now(), parts.settings.closems);
            parts.runner.see_off(child, ladder, (running, hold));
        }
    }
}
