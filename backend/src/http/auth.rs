//! Who asks: a cookie becomes a [`CurrentUser`], here and nowhere else.
//!
//! A guest's cookie names the guest and when they came, signed with the server's key. Accounts will come in behind the
//! same type. Deliberately absent: what somebody may do, which is the store's matter.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, SameSite, SignedCookieJar};
use common::id::{Timestamp, UserId};
use common::model::Person;

use super::Http;
use super::error::AppError;
use crate::store::people::{self, Known};

/// How long a cookie lives.
const MAX_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whoever asks, known to the store.
#[derive(Debug, Clone)]
pub(super) struct CurrentUser(pub(super) Person);

impl FromRequestParts<Http> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, AppError> {
        identify(http, &parts.headers).await?.map(CurrentUser).ok_or(AppError::SignedOut)
    }
}

/// Who asks; `None` for somebody without a valid cookie.
pub(super) async fn identify(http: &Http, headers: &HeaderMap) -> Result<Option<Person>, AppError> {
    let jar = SignedCookieJar::from_headers(headers, http.key.clone());
    let Some(cookie) = jar.get(cookie_name(http)) else { return Ok(None) };
    let Some((id, since)) = parse(cookie.value()) else { return Ok(None) };
    let known = http.store.read(move |db| people::find(db, id)).await?;
    Ok(known.filter(|known| known.since == since).map(|known| known.person))
}

/// The answer's cookies with one that says who this is.
pub(super) fn sign_in(http: &Http, headers: &HeaderMap, known: &Known) -> SignedCookieJar {
    let value = format!("1.{}.{}", known.person.id, known.since.0);
    let cookie = Cookie::build((cookie_name(http), value))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(http.site.is_secure())
        .path("/")
        .max_age(MAX_AGE.try_into().unwrap_or_default());
    SignedCookieJar::from_headers(headers, http.key.clone()).add(cookie.build())
}

fn cookie_name(http: &Http) -> &'static str {
    // Browsers take a cookie of this prefix only over https, for this host alone, and for all of it.
    if http.site.is_secure() { "__Host-readyroom_session" } else { "readyroom_session" }
}

fn parse(value: &str) -> Option<(UserId, Timestamp)> {
    let (id, since) = value.strip_prefix("1.")?.split_once('.')?;
    Some((id.parse().ok()?, Timestamp(since.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_names_somebody_and_when_they_came() {
        assert_eq!(parse("1.u3.1763700000123"), Some((UserId(3), Timestamp(1_763_700_000_123))));
        for bad in ["", "u3", "1.u3", "2.u3.1", "1.r3.1", "1.u3.-1", "1.u3.1.1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
