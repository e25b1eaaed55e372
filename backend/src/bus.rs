//! The bus: what the writer, the shards and HTTP have to tell the shards, as letters in one box for each shard.
//!
//! Each box is first in, first out, and the writer posts in the order of the commits: so every shard sees every room's
//! events in their order, and an author's shard sees the event before the answer. The writer's letters are gathered
//! while it answers a batch and posted together: a shard that wakes finds all of a commit.
//!
//! Bounds: the writer's queue bounds what commits bring, [`limits::UNANSWERED`](common::limits::UNANSWERED) what each
//! connection may have under way, and the rest is a few letters for each connection that comes or goes.
//!
//! Deliberately absent: sockets and sessions, which are the shards'.

pub mod letter;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use common::id::{RoomId, UserId};
use mio::Waker;
use tokio::sync::broadcast;

use crate::store::sessions::SignInId;
use letter::{Letter, Note};

/// Endings that are kept for who has not heard of them yet.
const ENDINGS: usize = 256;

/// Names a shard: one of as many as the server has cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub usize);

/// The boxes of all shards. Clones share them.
#[derive(Debug, Clone)]
pub struct Bus {
    boxes: Arc<[Mailbox]>,
    staged: Arc<Mutex<Vec<Vec<Letter>>>>,
    /// For what belongs to a session and is in no shard.
    endings: broadcast::Sender<(UserId, SignInId)>,
}

#[derive(Debug, Default)]
struct Mailbox {
    letters: Mutex<Vec<Letter>>,
    /// Wakes the shard's driver from its wait for sockets.
    waker: OnceLock<Waker>,
    /// Whether the driver has to be woken for what comes.
    is_asleep: AtomicBool,
}

impl Bus {
    /// Empty boxes for this many shards; at least one.
    #[must_use]
    pub fn new(shards: usize) -> Self {
        let shards = shards.max(1);
        let boxes = (0..shards).map(|_| Mailbox::default()).collect();
        let staged = Arc::new(Mutex::new((0..shards).map(|_| Vec::new()).collect()));
        Self { boxes, staged, endings: broadcast::Sender::new(ENDINGS) }
    }

    /// How many shards there are.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.boxes.len()
    }

    /// The shard that knows who is in a room.
    #[must_use]
    pub fn home(&self, room: RoomId) -> ShardId {
        home(room, self.shards())
    }

    /// Posts a letter to a shard.
    pub fn post(&self, shard: ShardId, letter: Letter) {
        let Some(of) = self.boxes.get(shard.0) else { return };
        if let Ok(mut letters) = of.letters.lock() {
            letters.push(letter);
        }
        of.rouse();
    }

    /// Wakes a shard for something that is not in its box.
    pub fn wake(&self, shard: ShardId) {
        if let Some(of) = self.boxes.get(shard.0) {
            of.wake();
        }
    }

    /// Wakes all shards.
    pub fn wake_all(&self) {
        self.boxes.iter().for_each(Mailbox::wake);
    }

    /// What wakes a shard's driver from now on.
    pub fn listen(&self, shard: ShardId, waker: Waker) {
        if let Some(of) = self.boxes.get(shard.0) {
            // There is one driver a shard.
            drop(of.waker.set(waker));
        }
    }

    /// Whether a shard's driver may wait: it will be woken from here on. Not where there is a letter.
    #[must_use]
    pub fn may_sleep(&self, shard: ShardId) -> bool {
        let Some(of) = self.boxes.get(shard.0) else { return true };
        of.is_asleep.store(true, Ordering::SeqCst);
        of.letters.lock().is_ok_and(|letters| letters.is_empty())
    }

    /// A shard's driver need not be woken: it looks into its box before it waits again.
    pub fn is_awake(&self, shard: ShardId) {
        if let Some(of) = self.boxes.get(shard.0) {
            of.is_asleep.store(false, Ordering::SeqCst);
        }
    }

    /// Tells every connection of a person something.
    pub fn tell(&self, user: UserId, note: &Note) {
        for shard in 0..self.shards() {
            self.post(ShardId(shard), Letter::Note(user, note.clone()));
        }
    }

    /// Ends every connection of a place where somebody is no longer signed in.
    pub fn end(&self, user: UserId, sign_in: SignInId) {
        // Nobody may be listening.
        drop(self.endings.send((user, sign_in)));
        for shard in 0..self.shards() {
            self.post(ShardId(shard), Letter::Ended(user, sign_in));
        }
    }

    /// Tells which sessions end from now on. Who is slower than [`ENDINGS`] of them is told that some are missing.
    #[must_use]
    pub fn endings(&self) -> broadcast::Receiver<(UserId, SignInId)> {
        self.endings.subscribe()
    }

    /// Gathers a letter to a shard until [`Bus::flush`]; the writer's way.
    pub fn stage(&self, shard: ShardId, letter: Letter) {
        if let Ok(mut staged) = self.staged.lock()
            && let Some(letters) = staged.get_mut(shard.0)
        {
            letters.push(letter);
        }
    }

    /// Gathers a letter to every shard until [`Bus::flush`].
    pub fn stage_all(&self, letter: &dyn Fn() -> Letter) {
        if let Ok(mut staged) = self.staged.lock() {
            staged.iter_mut().for_each(|letters| letters.push(letter()));
        }
    }

    /// Posts what has been gathered.
    pub fn flush(&self) {
        let Ok(mut staged) = self.staged.lock() else { return };
        for (of, gathered) in self.boxes.iter().zip(staged.iter_mut()).filter(|(_, gathered)| !gathered.is_empty()) {
            if let Ok(mut letters) = of.letters.lock() {
                letters.append(gathered);
            }
            // A burst must not keep its memory for ever.
            gathered.shrink_to(1024);
            of.rouse();
        }
    }

    /// Takes everything out of a shard's box, into an empty list.
    pub fn take(&self, shard: ShardId, into: &mut Vec<Letter>) {
        if let Some(of) = self.boxes.get(shard.0)
            && let Ok(mut letters) = of.letters.lock()
        {
            std::mem::swap(&mut *letters, into);
        }
    }
}

impl Mailbox {
    /// Wakes the driver, if it waits.
    fn rouse(&self) {
        if self.is_asleep.swap(false, Ordering::SeqCst) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get()
            && let Err(error) = waker.wake()
        {
            tracing::error!(%error, "a shard cannot be woken");
        }
    }
}

/// The shard that knows who is in a room, of this many.
#[must_use]
pub fn home(room: RoomId, shards: usize) -> ShardId {
    let shards = shards.max(1) as u64;
    ShardId(usize::try_from(room.0 % shards).unwrap_or_default())
}
