//! The relay: members connect through this server to the WebSockets of others, and see what a page does not get to see.
//!
//! One task a relay, between the page's socket at `/relay` and the connection outside. In reading order: [`allow`] is where
//! one may connect, `target` checks what is wished for, `outside` connects (`tls` with it), `pump` carries messages both
//! ways and tells of every frame, which `frames` finds. The messages are [`common::relay`]'s, the wire is `wire`'s.
//!
//! Bounds: [`MOST`] relays, [`MOST_OF_ONE`] for each person; an hour each; a message of
//! [`MOST_MESSAGE`](common::relay::MOST_MESSAGE) each way. A side is read only while what it sends can be passed on.
//!
//! Deliberately absent: the chat. A relay knows who has it, and nothing else of this server.

pub mod allow;

mod frames;
pub(crate) mod outside;
pub(crate) mod page;
mod pump;
pub(crate) mod target;
mod tls;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::id::UserId;
use common::relay::{Cause, Failure, MOST, MOST_OF_ONE, Stage, Told, Wish};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::store::sessions::SignInId;
use crate::tasks::Tasks;
use allow::AllowList;
use page::Page;
use target::Target;

/// How long the page's first message is waited for.
const FIRST: Duration = Duration::from_secs(10);

/// Steps of a connection that are told at most, beyond which further addresses are left out.
const STEPS: usize = 32;

/// Who has the relays that there are. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Relays {
    open: Arc<Mutex<Vec<UserId>>>,
}

/// A place among the relays, given back when it is dropped.
#[derive(Debug)]
struct Place {
    relays: Relays,
    user: UserId,
}

impl Relays {
    fn enter(&self, user: UserId) -> Result<Place, Box<Failure>> {
        let many = |why: String, hint| failed(Stage::Policy, Cause::TooMany, &why, hint);
        let full = || many(format!("this server has {MOST} relays already"), "try again later");
        let mut open = self.open.lock().map_err(|_poisoned| full())?;
        if open.len() >= MOST {
            return Err(full());
        }
        if open.iter().filter(|other| **other == user).count() >= MOST_OF_ONE {
            return Err(many(
                format!("you have {MOST_OF_ONE} relays already"),
                "close one of them, also in other tabs",
            ));
        }
        open.push(user);
        drop(open);
        Ok(Place { relays: self.clone(), user })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut open) = self.relays.open.lock()
            && let Some(at) = open.iter().position(|user| *user == self.user)
        {
            open.swap_remove(at);
        }
    }
}

/// Whose relay it is, and what ends it from within this server.
#[derive(Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// Where they are signed in.
    pub sign_in: SignInId,
    /// Whether they may use it at all.
    pub may: bool,
    /// Tells which sessions end. Listened to since before the session was looked up.
    pub endings: broadcast::Receiver<(UserId, SignInId)>,
    /// The group whose stop is heeded.
    pub tasks: Tasks,
}

impl Caller {
    /// Waits until the session ends. Who has missed some endings cannot know that theirs was not among them.
    async fn signed_out(&mut self) {
        loop {
            match self.endings.recv().await {
                Ok(ended) if ended == (self.user, self.sign_in) => return,
                Ok(_another) => {}
                Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            }
        }
    }
}

/// What every relay of a server goes by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What the operator has listed.
    pub allow: &'a AllowList,
    /// The names and addresses of this server.
    pub own: &'a [String],
}

/// Serves a page's socket, from its first message to its end. `stream` is the socket behind the handshake.
pub async fn serve<S: AsyncRead + AsyncWrite>(stream: S, relays: Relays, mut caller: Caller, rules: Rules<'_>) {
    let mut page = Page::new(stream);
    let opened = tokio::select! {
        opened = open(&mut page, &relays, &caller, rules) => opened,
        () = caller.tasks.stopping() => Ok(None),
    };
    match opened {
        Ok(Some((opened, wish, place))) => {
            let outside = pump::run(&mut page, opened, &wish, &mut caller).await;
            // The last words take a moment; the next relay need not wait for them.
            drop(place);
            tokio::join!(page.finish(), outside.finish());
            return;
        }
        Ok(None) => {}
        Err(failure) => page.tell(&Told::Failed(*failure)),
    }
    page.finish().await;
}

/// What is open, as it was wished for, and the place that it takes.
type Open = (outside::Opened, Wish, Place);

/// Hears the wish and carries it out. None where the page has gone meanwhile.
async fn open<S>(
    page: &mut Page<S>,
    relays: &Relays,
    caller: &Caller,
    rules: Rules<'_>,
) -> Result<Option<Open>, Box<Failure>>
where
    S: AsyncRead + AsyncWrite,
{
    let Ok(Some(first)) = timeout(FIRST, page.first()).await else { return Ok(None) };
    if !caller.may {
        let hint = "make an account, or ask whoever runs this server";
        return Err(failed(Stage::Policy, Cause::NotAllowed, "guests may not use the relay", hint));
    }
    let wish: Wish = serde_json::from_str(&first)
        .map_err(|error| failed(Stage::Url, Cause::BadUrl, &format!("the first message: {error}"), ""))?;
    let place = relays.enter(caller.user)?;
    let target = Target::new(wish.clone())?;
    let (steps, mut heard) = mpsc::channel(STEPS);
    let mut told = move |step| drop(steps.try_send(step));
    let policy = Some(outside::Policy { allow: rules.allow, own: rules.own });
    let mut opening = std::pin::pin!(outside::open(&target, policy, &mut told));
    let opened = loop {
        tokio::select! {
            // What has been told comes before what came of it.
            biased;
            Some(step) = heard.recv() => page.tell(&step),
            opened = &mut opening => break opened,
            () = page.gone() => return Ok(None),
        }
    };
    while let Ok(step) = heard.try_recv() {
        page.tell(&step);
    }
    Ok(Some((opened?, wish, place)))
}

/// Why there is no connection.
fn failed(stage: Stage, cause: Cause, why: &str, hint: &str) -> Box<Failure> {
    Box::new(Failure {
        stage,
        cause,
        why: why.to_owned(),
        hint: hint.to_owned(),
        response: None,
        body: None,
        certificate: None,
    })
}
