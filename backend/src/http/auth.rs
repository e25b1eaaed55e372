//! Who asks: a token becomes a [`CurrentUser`] or a [`SignedIn`], here and nowhere else.
//!
//! A browser keeps the token in a cookie, a program sends it in `Authorization: Bearer` (RFC 6750), the database has its
//! digest; guests are signed in like everybody else. Deliberately absent: what somebody may do, which is the store's matter.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use common::id::{Timestamp, UserId};
use common::model::{Person, Role};
use rusqlite::Connection;

use super::Http;
use super::error::AppError;
use super::proxy::{self, Way};
use crate::store::sessions::{self, SignInId};
use crate::token::{Token, TokenDigest};

/// How long a cookie lives.
const MAX_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The scheme of `Authorization` behind which a token stands.
const SCHEME: &[u8] = b"Bearer";

/// Whoever asks, known to the store.
#[derive(Debug, Clone)]
pub(super) struct CurrentUser(pub(super) Person);

/// The same with where they are signed in.
#[derive(Debug, Clone)]
pub(super) struct SignedIn(pub(super) sessions::SignedIn);

/// Where they are signed in, if they are, for what signs people in. A bot makes no accounts.
#[derive(Debug, Clone)]
pub(super) struct MaybeSignedIn(pub(super) Option<sessions::SignedIn>);

/// An admin or owner who asks.
#[derive(Debug, Clone)]
pub(super) struct Admin(pub(super) Person);

impl FromRequestParts<Http> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        SignedIn::from_request_parts(parts, http).await.map(|signed_in| Self(signed_in.0.person))
    }
}

impl FromRequestParts<Http> for SignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        identify(http, parts).await?.map(Self).ok_or(AppError::SignedOut)
    }
}

impl FromRequestParts<Http> for MaybeSignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        match identify(http, parts).await? {
            Some(known) if known.role == Role::Bot => Err(AppError::Forbidden("a bot signs in by its token alone")),
            known => Ok(Self(known)),
        }
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

/// Who asks; `None` for somebody without a valid token. That they were here is noted, once a minute.
pub(super) async fn identify(http: &Http, request: &Parts) -> Result<Option<sessions::SignedIn>, AppError> {
    let cookie = cookie_name(proxy::of(http, request).secure);
    let Some(digest) = token(&request.headers, cookie)?.map(|token| token.digest()) else { return Ok(None) };
    let now = crate::clock::now();
    let found = http.store.read(move |db| sessions::find(db, &digest, now)).await?;
    if let Some(known) = &found
        && now.since(known.seen_at) >= sessions::SEEN_EVERY_MS
    {
        note_use(http, known.id);
    }
    Ok(found)
}

/// The token of a request. Who names one in `Authorization` means it: a cookie is then not looked at, also where what is
/// named is none, so that nobody acts as somebody else than they said. Another scheme is a proxy's matter, not ours.
fn token(headers: &HeaderMap, cookie: &str) -> Result<Option<Token>, AppError> {
    let mut named = headers.get_all(header::AUTHORIZATION).iter().filter_map(bearer);
    match (named.next(), named.next()) {
        (Some(named), None) => Ok(named.to_str().ok().and_then(Token::decode)),
        (Some(_), Some(_)) => Err(AppError::BadRequest("authorization: one token is expected".to_owned())),
        (None, _) => Ok(CookieJar::from_headers(headers).get(cookie).and_then(|held| Token::decode(held.value()))),
    }
}

/// What stands behind `Bearer`, whose capitals make no difference (RFC 9110, section 11.1).
fn bearer(value: &HeaderValue) -> Option<HeaderValue> {
    let (scheme, rest) = value.as_bytes().split_at_checked(SCHEME.len())?;
    let token = rest.strip_prefix(b" ").map(<[u8]>::trim_ascii).or_else(|| rest.is_empty().then_some(rest))?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| HeaderValue::from_bytes(token).ok())?
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
pub(super) fn give_cookie(way: Way, token: &Token) -> CookieJar {
    CookieJar::new().add(cookie(way, token.encode(), MAX_AGE))
}

/// The cookie that takes the one before away.
pub(super) fn take_cookie(way: Way) -> CookieJar {
    CookieJar::new().add(cookie(way, String::new(), Duration::ZERO))
}

fn cookie(way: Way, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build((cookie_name(way.secure), value))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(way.secure)
        .path("/")
        .max_age(age.try_into().unwrap_or_default())
        .build()
}

fn cookie_name(secure: bool) -> &'static str {
    // Browsers take a cookie of this prefix only over https, for this host alone, and for all of it.
    if secure { "__Host-readyroom_session" } else { "readyroom_session" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<Option<Token>, AppError> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name.parse::<header::HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        token(&all, "s")
    }

    #[test]
    fn a_named_token_is_meant_and_a_cookie_is_looked_at_where_there_is_none() {
        let (first, second) = (Token::new(), Token::new());
        let (held, named) = (format!("s={}", first.encode()), format!("Bearer {}", second.encode()));
        assert_eq!(read(&[("cookie", &held)]), Ok(Some(first.clone())));
        assert_eq!(read(&[("authorization", &named)]), Ok(Some(second.clone())));
        assert_eq!(read(&[("authorization", &named.replacen('B', "b", 1))]), Ok(Some(second.clone())));
        assert_eq!(read(&[("authorization", &named.replace(' ', "   "))]), Ok(Some(second.clone())));
        assert_eq!(read(&[("cookie", &held), ("authorization", &named)]), Ok(Some(second)));
        for none in ["Bearer", "Bearer ", "Bearer x", "bearer a b"] {
            assert_eq!(read(&[("cookie", &held), ("authorization", none)]), Ok(None), "{none}");
        }
        for other in ["Basic eDp5", "Bearerx", ""] {
            assert_eq!(read(&[("cookie", &held), ("authorization", other)]), Ok(Some(first.clone())), "{other}");
        }
        let twice = read(&[("authorization", &named), ("authorization", &named)]);
        assert!(matches!(twice, Err(AppError::BadRequest(why)) if why.starts_with("authorization: ")));
    }
}
