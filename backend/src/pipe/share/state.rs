//! Who is connected to a shared process, what it has said, and what it has not taken yet: all that its task and the
//! connections share. Pure but for the wakers, which are handed out and never called here.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use common::close;
use slab::Slab;

use super::ring::{Batch, Lost, Piece, Ring};
use super::turns::{self, Turns};

/// Bytes that the process says before its clients are looked after: half of what one may be behind.
const STRIDE: usize = super::ring::LIVE / 2;

/// How long half of the clients are waited for after each stride at most, and how much longer for each of them: what it
/// takes to give a stride to so many on a small machine.
const PATIENCE: Duration = Duration::from_secs(2);
const PATIENCE_EACH: Duration = Duration::from_millis(2);

/// Somebody connected.
#[derive(Debug)]
struct Client {
    /// The number of the message that it gets next.
    place: u64,
    /// Its number in the turns.
    speaker: usize,
    /// Waits for something to be said.
    listening: Option<Waker>,
    /// Waits for what it has said to be taken.
    speaking: Option<Waker>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct State {
    ring: Ring,
    turns: Turns,
    clients: Slab<Client>,
    /// Bytes that were said since the mark.
    stride: usize,
    /// The number that the clients are waited for to come to.
    mark: u64,
    /// How many of those that are waited for have not.
    behind: usize,
    /// When so few have not, the task is woken.
    enough: usize,
    /// The process will not be started again: the Close for it.
    ended: Option<(u16, String)>,
    /// Waits for something to be taken, or for the clients.
    task: Option<Waker>,
}

/// Who is to be woken.
pub(super) type Wakers = Vec<Waker>;

impl State {
    pub(super) fn new(history: usize) -> Self {
        Self {
            ring: Ring::new(history),
            turns: Turns::default(),
            clients: Slab::new(),
            stride: 0,
            mark: 0,
            behind: 0,
            enough: 0,
            ended: None,
            task: None,
        }
    }

    /// Somebody comes. The number names them until they leave.
    ///
    /// # Errors
    /// The Close, where nothing will be said any more.
    pub(super) fn join(&mut self) -> Result<usize, (u16, String)> {
        if let Some((_, reason)) = &self.ended {
            let colon = if reason.is_empty() { "" } else { ": " };
            return Err((close::SERVER_FAULT, format!("the shared process has ended{colon}{reason}")));
        }
        let client = Client { place: self.ring.place(), speaker: self.turns.enter(), listening: None, speaking: None };
        Ok(self.clients.insert(client))
    }

    /// Somebody goes: who is to be woken, and how many of their messages are forgotten.
    pub(super) fn leave(&mut self, key: usize) -> (Option<Waker>, usize) {
        let Some(client) = self.clients.try_remove(key) else { return (None, 0) };
        let forgotten = self.turns.leave(client.speaker);
        (self.passed(client.place, u64::MAX), forgotten)
    }

    // === The process's side ===

    /// The process says something. Clients that wait for it are to be woken; after some of it they are to be waited for:
    /// half of them for so long at most.
    pub(super) fn publish(&mut self, batch: Batch) -> (Wakers, Option<Duration>) {
        self.stride += batch.cost();
        self.ring.push(batch);
        let wakers = self.clients.iter_mut().filter_map(|(_, client)| client.listening.take()).collect();
        if self.stride < STRIDE {
            return (wakers, None);
        }
        self.stride = 0;
        let before = std::mem::replace(&mut self.mark, self.ring.next());
        // Who was waited for in vain is not waited for again before they have caught up.
        self.behind = self.clients.iter().filter(|(_, client)| (before..self.mark).contains(&client.place)).count();
        let each = PATIENCE_EACH.saturating_mul(u32::try_from(self.behind).unwrap_or(u32::MAX));
        (wakers, (self.behind > 0).then_some(PATIENCE + each))
    }

    /// Ready when those have got what the process had said.
    pub(super) fn poll_passed(&mut self, cx: &Context<'_>, who: Who) -> Poll<()> {
        self.enough = match who {
            Who::Half => self.clients.len() / 2,
            Who::All => 0,
        };
        if self.behind <= self.enough {
            return Poll::Ready(());
        }
        remember(&mut self.task, cx);
        Poll::Pending
    }

    /// Fills a batch with what clients have said, no more than `most` bytes unless a single message has more. Who may say
    /// more is to be woken.
    pub(super) fn poll_input(&mut self, cx: &Context<'_>, batch: &mut turns::Batch, most: usize) -> Poll<Wakers> {
        if self.turns.is_empty() {
            remember(&mut self.task, cx);
            return Poll::Pending;
        }
        self.turns.take(batch, most);
        let turns = &self.turns;
        let may_say = |client: &mut Client| if turns.is_full(client.speaker) { None } else { client.speaking.take() };
        Poll::Ready(self.clients.iter_mut().filter_map(|(_, client)| may_say(client)).collect())
    }

    /// Nothing will be said any more.
    pub(super) fn end(&mut self, close: (u16, String)) -> Wakers {
        self.ended = Some(close);
        let wakers = |client: &mut Client| [client.listening.take(), client.speaking.take()];
        self.clients.iter_mut().flat_map(|(_, client)| wakers(client)).flatten().collect()
    }

    // === A client's side ===

    /// Ready when a client may say more; where nobody listens any more as well.
    pub(super) fn poll_taken(&mut self, key: usize, cx: &Context<'_>) -> Poll<()> {
        let Some(client) = self.clients.get_mut(key) else { return Poll::Ready(()) };
        if self.ended.is_some() || !self.turns.is_full(client.speaker) {
            return Poll::Ready(());
        }
        remember(&mut client.speaking, cx);
        Poll::Pending
    }

    /// A client says something: whether it should say no more for now, and who is to be woken.
    pub(super) fn hear(&mut self, key: usize, message: Vec<u8>) -> (bool, Option<Waker>) {
        let Some(client) = self.clients.get(key).filter(|_| self.ended.is_none()) else { return (false, None) };
        self.turns.say(client.speaker, message);
        (self.turns.is_full(client.speaker), self.task.take())
    }

    /// What a client gets next, at most `most` bytes of it; once nothing more will be said, the Close.
    pub(super) fn poll_say(&mut self, key: usize, cx: &Context<'_>, most: usize) -> Poll<(Next, Option<Waker>)> {
        let Some(client) = self.clients.get_mut(key) else { return Poll::Ready((Next::Lost, None)) };
        let before = client.place;
        match self.ring.take(&mut client.place, most) {
            Err(Lost) => Poll::Ready((Next::Lost, None)),
            Ok(Some(piece)) => {
                let place = client.place;
                Poll::Ready((Next::Piece(piece), self.passed(before, place)))
            }
            Ok(None) => match &self.ended {
                Some((code, reason)) => Poll::Ready((Next::Ended(*code, reason.clone()), None)),
                None => {
                    remember(&mut client.listening, cx);
                    Poll::Pending
                }
            },
        }
    }

    /// A client has gone on to another place. The task is to be woken, if it has waited for this one.
    fn passed(&mut self, before: u64, place: u64) -> Option<Waker> {
        if before >= self.mark || place < self.mark {
            return None;
        }
        self.behind = self.behind.saturating_sub(1);
        if self.behind <= self.enough { self.task.take() } else { None }
    }
}

/// Who is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Half of the clients.
    Half,
    /// All, but those who were waited for in vain before.
    All,
}

/// What a client gets.
#[derive(Debug)]
pub(super) enum Next {
    /// Messages.
    Piece(Piece),
    /// It was too slow: what it should have got is forgotten.
    Lost,
    /// The Close for the end of the process.
    Ended(u16, String),
}

fn remember(waker: &mut Option<Waker>, cx: &Context<'_>) {
    match waker {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *waker = Some(cx.waker().clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::program::frame::Sink;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn said(length: usize) -> Batch {
        let mut batch = Batch::default();
        batch.text(&"x".repeat(length));
        batch
    }

    fn takes(state: &mut State, key: usize) -> (u64, Option<Waker>) {
        let cx = Context::from_waker(Waker::noop());
        let (mut count, mut woken) = (0, None);
        while let Poll::Ready((Next::Piece(piece), waker)) = state.poll_say(key, &cx, 1) {
            count += piece.count;
            woken = woken.or(waker);
        }
        (count, woken)
    }

    #[test]
    fn a_stride_waits_for_half_and_for_all_and_for_nobody_twice() {
        let mut state = State::new(0);
        let clients: Vec<usize> = (0..10).map(|_| state.join().unwrap()).collect();
        let (slow, quick) = (clients[0], clients[1]);
        assert_eq!(state.publish(said(10)).1, None);
        takes(&mut state, slow);
        assert_eq!(state.publish(said(STRIDE)).1, Some(PATIENCE + 10 * PATIENCE_EACH));
        let cx = Context::from_waker(Waker::noop());
        assert!(state.poll_passed(&cx, Who::Half).is_pending());
        for (nth, client) in clients.iter().enumerate().skip(1) {
            let (count, woken) = takes(&mut state, *client);
            assert_eq!((count, woken.is_some()), (2, nth == 5));
        }
        assert!(state.poll_passed(&cx, Who::Half).is_ready() && state.poll_passed(&cx, Who::All).is_pending());
        // One of two: it is waited for once, until it has caught up.
        clients.iter().skip(2).for_each(|client| drop(state.leave(*client)));
        assert!(state.publish(said(STRIDE)).1.is_some());
        assert!(takes(&mut state, quick).1.is_some());
        assert!(state.poll_passed(&cx, Who::All).is_ready(), "it was waited for again");
        takes(&mut state, slow);
        assert!(state.publish(said(STRIDE)).1.is_some());
        takes(&mut state, quick);
        assert!(state.poll_passed(&cx, Who::All).is_pending(), "it had caught up");
        assert!(state.leave(slow).0.is_some());
        assert!(state.poll_passed(&cx, Who::All).is_ready());
    }

    #[test]
    fn who_listens_is_woken_once_and_who_is_lost_knows_it() {
        let mut state = State::new(0);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let (a, b) = (state.join().unwrap(), state.join().unwrap());
        assert!(state.poll_say(a, &Context::from_waker(&waker), 1).is_pending());
        state.publish(said(1)).0.into_iter().for_each(Waker::wake);
        state.publish(said(1)).0.into_iter().for_each(Waker::wake);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        for _ in 0..3 {
            assert!(takes(&mut state, a).0 > 0);
            state.publish(said(STRIDE));
        }
        let cx = Context::from_waker(Waker::noop());
        assert!(matches!(state.poll_say(b, &cx, 1), Poll::Ready((Next::Lost, None))));
    }

    #[test]
    fn the_end_comes_after_what_was_said() {
        let mut state = State::new(0);
        let client = state.join().unwrap();
        state.publish(said(1));
        state.end((1011, "exit 3".to_owned()));
        assert_eq!(takes(&mut state, client).0, 1);
        let cx = Context::from_waker(Waker::noop());
        assert!(
            matches!(state.poll_say(client, &cx, 1), Poll::Ready((Next::Ended(1011, reason), _)) if reason == "exit 3")
        );
        assert_eq!(state.join(), Err((1011, "the shared process has ended: exit 3".to_owned())));
        assert!(!state.hear(client, vec![b'x'; 2 * turns::MOST]).0);
    }

    #[test]
    fn who_is_full_waits_until_it_was_taken() {
        let mut state = State::new(0);
        let client = state.join().unwrap();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let cx = Context::from_waker(&waker);
        let mut batch = turns::Batch::default();
        assert!(state.poll_input(&cx, &mut batch, 1).is_pending());
        let (is_full, task) = state.hear(client, vec![b'x'; turns::MOST]);
        assert!(is_full && task.is_some());
        assert!(state.poll_taken(client, &cx).is_pending());
        let Poll::Ready(wakers) = state.poll_input(&cx, &mut batch, 1) else { panic!("there is input") };
        assert_eq!(wakers.len(), 1);
        assert!(state.poll_taken(client, &cx).is_ready());
        assert_eq!(batch.unwritten().len(), turns::MOST);
    }
}
