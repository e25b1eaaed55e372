//! Lines on their way to standard output, and the thread that writes them: the first at once, and what comes in the next
//! hundredth of a second together, for a busy server would wake its thread for each line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread::park_timeout;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{Level, write, written};
use crate::tasks::Tasks;

/// Bytes that may wait, and lines.
const ROOM: usize = 4 * 1024 * 1024;
const LINES: usize = 32 * 1024;

/// Bytes that are written at once.
const AT_ONCE: usize = 64 * 1024;

/// How long nothing is written behind what was less than can be written at once. Lines wait meanwhile, and wake nobody.
const PAUSE: Duration = Duration::from_millis(10);

/// What goes to the thread.
#[derive(Debug)]
enum Word {
    Line(String),
    End,
}

/// The lines that wait.
#[derive(Debug)]
pub(super) struct Queue {
    words: Sender<Word>,
    /// Bytes of them.
    waiting: AtomicUsize,
    /// Lines that had no room.
    lost: AtomicU64,
}

impl Queue {
    /// Starts the thread.
    pub(super) fn start(tasks: &Tasks) -> Arc<Self> {
        let (queue, words) = Self::new();
        let theirs = Arc::clone(&queue);
        tasks.spawn_thread(move || {
            theirs.run(words, |lines| {
                write(lines);
                if lines.len() < AT_ONCE {
                    park_timeout(PAUSE);
                }
            });
        });
        queue
    }

    fn new() -> (Arc<Self>, Receiver<Word>) {
        let (sender, words) = mpsc::channel(LINES);
        (Arc::new(Self { words: sender, waiting: AtomicUsize::new(0), lost: AtomicU64::new(0) }), words)
    }

    /// Adds a line, if there is room.
    pub(super) fn put(&self, line: String) {
        let len = line.len();
        let waiting = self.waiting.fetch_add(len, Relaxed);
        if waiting + len > ROOM || self.words.try_send(Word::Line(line)).is_err() {
            self.waiting.fetch_sub(len, Relaxed);
            self.lost.fetch_add(1, Relaxed);
        }
    }

    /// Ends the thread once it has written what waits.
    pub(super) async fn end(&self) {
        // A thread that has ended has heard it.
        drop(self.words.send(Word::End).await);
    }

    fn run(&self, mut words: Receiver<Word>, mut write: impl FnMut(&[u8])) {
        let mut lines = Vec::new();
        let mut goes_on = true;
        while goes_on && let Some(first) = words.blocking_recv() {
            let mut next = Some(first);
            while let Some(word) = next {
                match word {
                    Word::Line(line) => lines.extend_from_slice(line.as_bytes()),
                    Word::End => goes_on = false,
                }
                next = if goes_on && lines.len() < AT_ONCE { words.try_recv().ok() } else { None };
            }
            self.waiting.fetch_sub(lines.len(), Relaxed);
            let lost = self.lost.swap(0, Relaxed);
            if lost > 0 {
                let told = format!("{lost} lines are lost: the log was not read in time");
                lines.extend_from_slice(written(Level::Error, "server", ("", &told)).as_bytes());
            }
            write(&lines);
            lines.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written when these lines wait before the thread runs.
    fn written_of(lines: impl Iterator<Item = String>) -> String {
        let (queue, words) = Queue::new();
        lines.for_each(|line| queue.put(line));
        queue.words.try_send(Word::End).unwrap();
        let mut all = Vec::new();
        queue.run(words, |lines| all.extend_from_slice(lines));
        assert_eq!(queue.waiting.load(Relaxed), 0);
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn lines_come_in_their_order() {
        let lines = || (0..20_000).map(|n| format!("line {n}\n"));
        assert_eq!(written_of(lines()), lines().collect::<String>());
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let line = "x".repeat(ROOM / 2 - 1) + "\n";
        let written = written_of(std::iter::repeat_n(line, 5));
        assert!(written.contains("| 3 lines are lost"), "{}", written.len());
        assert_eq!(written.lines().count(), 3);
    }
}
