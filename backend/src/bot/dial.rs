//! The way to the server: over the network with a token, or from within.
//!
//! Deliberately absent: when to try again, which is the engine's to say.

use std::future::Future;

use axum::body::{Body, Bytes, to_bytes};
use common::SUBPROTOCOL;
use common::api::RoomList;
use common::api::account::Me;
use common::id::RoomId;
use common::relay::{Cause, Failure, Stage, Wish};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::time::{Duration, timeout};
use url::Url;

use crate::relay::outside;
pub use crate::relay::outside::{Opened, Stream};
use crate::relay::target::Target;

/// How long an answer over HTTP may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Bytes of an answer over HTTP at most.
const MOST: usize = 4 * 1024 * 1024;

/// How a bot comes to its server.
pub trait Dial: Sync {
    /// Opens a WebSocket that speaks the chat's protocol, as the bot.
    fn dial(&self) -> impl Future<Output = Result<Opened, Refused>> + Send;

    /// Finds a room by its name among those that the bot may join.
    fn find(&self, name: &str) -> impl Future<Output = Result<Option<RoomId>, Refused>> + Send;
}

/// Why there is no connection, or no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// In words.
    pub why: String,
    /// Whether trying again may help.
    pub hope: Hope,
}

/// Whether trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hope {
    /// It will be the same every time.
    None,
    /// It worked before, or it is the wrong place.
    IfItWorkedBefore,
    /// Nobody answers, or the server is busy.
    Some,
}

/// A server somewhere in the network.
pub struct Outside {
    url: Url,
    token: String,
    fingerprint: Option<String>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Outside {
    /// Checks an address. The token is sent in clear where it begins with `http:`; `fingerprint` is the SHA-256 of the one
    /// certificate to accept.
    ///
    /// # Errors
    /// In words: what is wrong with the address.
    pub fn new(server: &str, token: String, fingerprint: Option<String>) -> Result<Self, String> {
        let example = "an address is like https://chat.example or http://127.0.0.1:3000";
        let url = Url::parse(server).map_err(|error| format!("server: {server:?}: {error}; {example}"))?;
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") || url.host().is_none() {
            return Err(format!("server: {server:?} is no address of a server; {example}"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("server: {server:?} has more than a host and a port; {example}"));
        }
        if token.is_empty() || token.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            return Err("token: is empty or has blanks".to_owned());
        }
        let outside = Self { url, token, fingerprint };
        outside.target("/ws").map_err(|failure| failure.why)?;
        Ok(outside)
    }

    /// The server's host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default())
    }

    /// Asks who the token belongs to.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn me(&self) -> Result<Me, Refused> {
        self.get("/api/v1/me").await
    }

    fn target(&self, path: &str) -> Result<Target, Box<Failure>> {
        let url = self.url.join(path).map_or_else(|_invalid| self.url.to_string(), String::from);
        Target::new(Wish {
            url,
            protocols: vec![SUBPROTOCOL.to_owned()],
            headers: vec![("Authorization".to_owned(), self.bearer())],
            fingerprint: self.fingerprint.clone(),
            ..Wish::default()
        })
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        let late = || Refused { why: format!("{} does not answer", self.authority()), hope: Hope::Some };
        let (status, bytes) = timeout(WITHIN, self.ask(path)).await.map_err(|_elapsed| late())??;
        if !status.is_success() {
            let body = String::from_utf8_lossy(&bytes);
            return Err(answered(status.as_u16(), &format!("{path}: the server answered {status}"), &body));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| wrong_place(format!("{path}: what answers is no Readyroom: {error}")))
    }

    async fn ask(&self, path: &str) -> Result<(StatusCode, Bytes), Refused> {
        let broken = |why: String| Refused { why: format!("{}: {why}", self.authority()), hope: Hope::Some };
        let target = self.target(path).map_err(|failure| refused(*failure))?;
        let stream = outside::connect(&target, None, &mut |_told| {}).await.map_err(|failure| refused(*failure))?;
        let request = Request::get(path)
            .header(HOST, &target.authority)
            .header(AUTHORIZATION, self.bearer())
            .header(ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(|error| broken(error.to_string()))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(error.to_string()))?;
        let asked = async {
            let answer = sender.send_request(request).await.map_err(|error| broken(error.to_string()))?;
            let status = answer.status();
            let bytes = to_bytes(Body::new(answer.into_body()), MOST).await;
            Ok((status, bytes.map_err(|error| broken(error.to_string()))?))
        };
        tokio::pin!(asked, connection);
        let mut is_over = false;
        loop {
            tokio::select! {
                answer = &mut asked => return answer,
                _ended = &mut connection, if !is_over => is_over = true,
            }
        }
    }
}

impl Dial for Outside {
    async fn dial(&self) -> Result<Opened, Refused> {
        let target = self.target("/ws").map_err(|failure| refused(*failure))?;
        let mut told = |_told| {};
        outside::open(&target, None, &mut told).await.map_err(|failure| refused(*failure))
    }

    async fn find(&self, name: &str) -> Result<Option<RoomId>, Refused> {
        if let Ok(id) = name.parse() {
            return Ok(Some(id));
        }
        let name = name.strip_prefix('#').unwrap_or(name).to_lowercase();
        let mut query = Url::parse("http://q").map_err(|error| wrong_place(error.to_string()))?;
        query.query_pairs_mut().append_pair("q", &name);
        let path = format!("/api/v1/rooms?{}", query.query().unwrap_or_default());
        let list: RoomList = self.get(&path).await?;
        Ok(list.rooms.into_iter().find(|room| room.name == name).map(|room| room.id))
    }
}

fn refused(failure: Failure) -> Refused {
    let Failure { stage, cause, why, hint, response, body, .. } = failure;
    let status = response.as_ref().and_then(|head| head.line.split(' ').nth(1)?.parse().ok());
    if let (Some(status), Cause::Status) = (status, cause) {
        return answered(status, &why, &body.unwrap_or_default());
    }
    let hope = match (stage, cause) {
        (Stage::Url | Stage::Policy, _) => Hope::None,
        (_, Cause::TimedOut | Cause::Refused | Cause::Unreachable | Cause::Ended) => Hope::Some,
        _ => Hope::IfItWorkedBefore,
    };
    let why = if hint.is_empty() { why } else { format!("{why}; {hint}") };
    Refused { why, hope }
}

/// What an answer means that is none of success.
fn answered(status: u16, why: &str, body: &str) -> Refused {
    match status {
        401 | 403 => Refused { why: format!("the server does not accept the token ({status})"), hope: Hope::None },
        408 | 425 | 429 | 500.. => Refused { why: why.to_owned(), hope: Hope::Some },
        _ => {
            let said = serde_json::from_str::<common::api::Problem>(body).ok().map(|problem| problem.detail);
            wrong_place(said.map_or_else(|| why.to_owned(), |said| format!("{why}: {said}")))
        }
    }
}

fn wrong_place(why: String) -> Refused {
    Refused { why, hope: Hope::IfItWorkedBefore }
}
