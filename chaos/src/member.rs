//! A client: the engine over a socket, as the page runs it in a browser.
//!
//! Neighbours: `common::sync` decides, [`crate::link`] moves frames. Whoever owns a [`Member`] lets it [`Member::step`],
//! tells it what a person does, and gets the engine's notices. A [`Witness`] sees every frame.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use common::client::ClientMsg;
use common::server::ServerMsg;
use common::sync::{Closed, Effect, Engine, Input, Notice};
use tokio_tungstenite::tungstenite::Error;

use crate::link::{Heard, Link, Route, lost};
use crate::now;

/// How long the engine is left alone where it names no deadline.
const NO_DEADLINE: Duration = Duration::from_secs(1);

/// Somebody who looks at the frames of a client.
pub trait Witness: Send {
    /// A connection was opened.
    fn opened(&mut self) {}
    /// The client writes this.
    fn told(&mut self, _msg: &ClientMsg) {}
    /// This arrived.
    fn heard(&mut self, _msg: &ServerMsg) {}
    /// This arrived and is no message.
    fn garbled(&mut self, _why: &str) {}
}

/// Nobody looks.
impl Witness for () {}

type Opening = Pin<Box<dyn Future<Output = Result<Link, Error>> + Send>>;

/// A client with its connection.
pub struct Member<W> {
    engine: Engine,
    route: Route,
    opening: Option<Opening>,
    link: Option<Link>,
    witness: W,
}

impl<W> std::fmt::Debug for Member<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("phase", self.engine.phase()).finish_non_exhaustive()
    }
}

enum Happened {
    Opened(Box<Result<Link, Error>>),
    Heard(Heard),
    Due,
}

impl<W: Witness> Member<W> {
    /// A client that is not connected yet.
    #[must_use]
    pub fn new(seed: u64, route: Route, witness: W) -> Self {
        Self { engine: Engine::new(seed), route, opening: None, link: None, witness }
    }

    /// Its state.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Gives its state away; the connection is dropped.
    #[must_use]
    pub fn into_engine(self) -> Engine {
        self.engine
    }

    /// Tells the engine something, and does what it wants done.
    pub fn take(&mut self, input: Input) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.engine.handle(now(), input) {
                inputs.extend(self.carry_out(effect, &mut notices));
            }
        }
        notices
    }

    /// Waits for the next thing that happens. May be given up and called again.
    pub async fn step(&mut self) -> Vec<Notice> {
        match self.happens().await {
            Happened::Due => self.take(Input::Tick),
            Happened::Opened(link) => {
                self.opening = None;
                match *link {
                    Ok(link) => {
                        self.link = Some(link);
                        self.witness.opened();
                        self.take(Input::Opened)
                    }
                    Err(_refused) => self.take(Input::Closed(lost())),
                }
            }
            Happened::Heard(Heard::Msg(msg)) => {
                self.witness.heard(&msg);
                self.take(Input::Received(msg))
            }
            Happened::Heard(Heard::Garbled(why)) => {
                self.witness.garbled(&why);
                Vec::new()
            }
            Happened::Heard(Heard::Closed(closed)) => {
                self.link = None;
                self.take(Input::Closed(closed))
            }
        }
    }

    async fn happens(&mut self) -> Happened {
        let left = self.engine.deadline().map_or(NO_DEADLINE, |at| Duration::from_millis(at.since(now())));
        let (opening, link) = (&mut self.opening, &mut self.link);
        tokio::select! {
            heard = next(link) => Happened::Heard(heard),
            opened = open(opening) => Happened::Opened(Box::new(opened)),
            () = tokio::time::sleep(left) => Happened::Due,
        }
    }

    /// Does one thing. What comes of it at once is for the engine.
    fn carry_out(&mut self, effect: Effect, notices: &mut Vec<Notice>) -> Option<Input> {
        match effect {
            Effect::Open => {
                self.link = None;
                self.opening = Some(Box::pin(Link::open(self.route.clone())));
                None
            }
            Effect::Send(msg) => {
                self.witness.told(&msg);
                let told = self.link.as_ref().is_none_or(|link| link.tell(&msg));
                (!told).then(|| self.drop_link())
            }
            Effect::Close { code, reason } => {
                self.opening = None;
                let said = self.link.as_ref().is_some_and(|link| link.close(code, &reason));
                (!said).then(|| self.drop_link())
            }
            // A member lives as long as its run and has nothing to remember beyond it.
            Effect::Keep(_) => None,
            Effect::Notice(notice) => {
                notices.push(notice);
                None
            }
        }
    }

    fn drop_link(&mut self) -> Input {
        self.link = None;
        let closed: Closed = lost();
        Input::Closed(closed)
    }
}

async fn next(link: &mut Option<Link>) -> Heard {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn open(opening: &mut Option<Opening>) -> Result<Link, Error> {
    match opening {
        Some(opening) => opening.await,
        None => std::future::pending().await,
    }
}
