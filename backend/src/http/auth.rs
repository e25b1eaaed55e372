//! Who asks: a cookie becomes a [`CurrentUser`] or a [`SignedIn`], here and nowhere else.
//!
//! The cookie holds a token, the database its digest; guests are signed in like everybody else. Deliberately absent: what
//! somebody may do, which is the store's matter.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use common::id::{Timestamp, UserId};
use common::model::{Person, Role};
use rusqlite::Connection;

use super::Http;
use super::error::AppError;
use crate::listen::Peer;
use crate::store::sessions::{self, SignInId};
use crate::token::{Token, TokenDigest};

/// How long a cookie lives.
const MAX_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whoever asks, known to the store.
#[derive(Debug, Clone)]
pub(super) struct CurrentUser(pub(super) Person);

/// The same with where they are signed in.
#[derive(Debug, Clone)]
pub(super) struct SignedIn(pub(super) sessions::SignedIn);

/// Where they are signed in, if they are.
#[derive(Debug, Clone)]
pub(super) struct MaybeSignedIn(pub(super) Option<sessions::SignedIn>);

/// An admin or owner who asks.
#[derive(Debug, Clone)]
pub(super) struct Admin(pub(super) Person);

/// The address that a request comes from; none where it is not known, for it comes through a proxy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address(pub(super) Option<IpAddr>);

impl FromRequestParts<Http> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        SignedIn::from_request_parts(parts, http).await.map(|signed_in| Self(signed_in.0.person))
    }
}

impl FromRequestParts<Http> for SignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        identify(http, &parts.headers).await?.map(Self).ok_or(AppError::SignedOut)
    }
}

impl FromRequestParts<Http> for MaybeSignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        identify(http, &parts.headers).await.map(Self)
    }
}

impl FromRequestParts<Http> for Admin {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        let SignedIn(known) = SignedIn::from_request_parts(parts, http).await?;
        match known.role {
            Role::Admin | Role::Owner => Ok(Self(known.person)),
            Role::Guest | Role::Bot | Role::Member => Err(AppError::Forbidden("this is for admins")),
        }
    }
}

impl FromRequestParts<Http> for Address {
    type Rejection = std::convert::Infallible;

    /// A peer on this machine, of a server that has a public address and does not encrypt by itself, is its proxy.
    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Self::Rejection> {
        Ok(Self(address(http, parts)))
    }
}

/// The address that a request comes from, as far as it is known.
pub(super) fn address(http: &Http, request: &Parts) -> Option<IpAddr> {
    let peer = request.extensions.get::<Peer>().map(|peer| peer.0);
    let has_proxy = http.config.public_url.is_some() && http.config.tls.is_none();
    peer.filter(|peer| !(has_proxy && peer.to_canonical().is_loopback()))
}

/// Who asks; `None` for somebody without a valid cookie. That they were here is noted, once a minute.
pub(super) async fn identify(http: &Http, headers: &HeaderMap) -> Result<Option<sessions::SignedIn>, AppError> {
    let jar = CookieJar::from_headers(headers);
    let token = jar.get(cookie_name(http)).and_then(|cookie| Token::decode(cookie.value()));
    let Some(digest) = token.map(|token| token.digest()) else { return Ok(None) };
    let now = crate::clock::now();
    let found = http.store.read(move |db| sessions::find(db, &digest, now)).await?;
    if let Some(known) = &found
        && now.since(known.seen_at) >= sessions::SEEN_EVERY_MS
    {
        note_use(http, known.id);
    }
    Ok(found)
}

/// Nobody waits for it.
fn note_use(http: &Http, id: SignInId) {
    let store = http.store.clone();
    http.connections.spawn(async move {
        if let Err(error) = store.write(move |db, now| sessions::touch(db, id, now)).await {
            tracing::debug!(%error, "the use of a session was not noted");
        }
    });
}

/// What is needed to sign somebody in, in a transaction of the caller's.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    before: Option<sessions::SignedIn>,
    digest: TokenDigest,
    agent: String,
}

/// What has to be said once the transaction is committed: a session that has ended.
pub(super) type Ended = Vec<(UserId, SignInId)>;

impl Entrance {
    /// A token for whoever asks, and what goes into the tables. `before` is where they were signed in when they asked.
    pub(super) fn new(headers: &HeaderMap, before: Option<sessions::SignedIn>) -> (Token, Self) {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = Token::new();
        let digest = token.digest();
        (token, Self { before, digest, agent: agent.to_owned() })
    }

    /// Where whoever has entered is signed in.
    pub(super) fn find(&self, db: &Connection, now: Timestamp) -> rusqlite::Result<Option<SignInId>> {
        Ok(sessions::find(db, &self.digest, now)?.map(|known| known.id))
    }

    /// Signs somebody in. The token that the browser had is no good any more (no fixation): where it was theirs, their
    /// session gets the new one and its sockets stay; where it was another's, that session ends.
    pub(super) fn enter(&self, db: &Connection, user: UserId, now: Timestamp) -> rusqlite::Result<Ended> {
        match &self.before {
            Some(before) if before.person.id == user && sessions::goes_on(db, before.id)? => {
                sessions::rotate(db, before.id, &self.digest, now)?;
                Ok(Vec::new())
            }
            Some(before) if before.person.id != user => {
                sessions::end(db, before.person.id, before.id)?;
                sessions::begin(db, user, &self.digest, &self.agent, now)?;
                Ok(vec![(before.person.id, before.id)])
            }
            Some(_) | None => sessions::begin(db, user, &self.digest, &self.agent, now).map(|_| Vec::new()),
        }
    }
}

/// Ends the sockets of sessions that have ended.
pub(super) fn tell_ended(http: &Http, ended: impl IntoIterator<Item = (UserId, SignInId)>) {
    ended.into_iter().for_each(|(user, id)| http.bus.end(user, id));
}

/// The cookie that holds a token.
pub(super) fn give_cookie(http: &Http, token: &Token) -> CookieJar {
    CookieJar::new().add(cookie(http, token.encode(), MAX_AGE))
}

/// The cookie that takes the one before away.
pub(super) fn take_cookie(http: &Http) -> CookieJar {
    CookieJar::new().add(cookie(http, String::new(), Duration::ZERO))
}

fn cookie(http: &Http, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build((cookie_name(http), value))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(http.site.is_secure())
        .path("/")
        .max_age(age.try_into().unwrap_or_default())
        .build()
}

fn cookie_name(http: &Http) -> &'static str {
    // Browsers take a cookie of this prefix only over https, for this host alone, and for all of it.
    if http.site.is_secure() { "__Host-readyroom_session" } else { "readyroom_session" }
}
