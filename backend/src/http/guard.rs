//! The guard at the door: which hosts and origins are this site, and the headers that every answer carries.
//!
//! A page of another site must not be able to use somebody's cookie, be it through the socket (cross-site WebSocket
//! hijacking), a form, or a name that it points at this machine (DNS rebinding). Deliberately absent: who somebody is.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::AppError;
use super::{Http, proxy};
use crate::config::{Config, Origin, host_of};

/// Which hosts and origins are this site.
#[derive(Debug, Clone)]
pub struct Site {
    loopback_only: bool,
    secure: bool,
    encrypts: bool,
    origins: Vec<Origin>,
}

/// Why a request does not get past the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It has no `Host`, or two, or one that is none.
    BadHost,
    /// Its `Host` is not this site.
    Misdirected,
    /// It comes from a page of another site.
    Foreign,
}

impl Site {
    /// From the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let origins = config.public_url.iter().chain(&config.allowed_origins).cloned().collect();
        let encrypts = config.tls.is_some();
        let secure = encrypts || config.public_url.as_ref().is_some_and(|url| url.secure);
        Self { loopback_only: config.listen.ip().is_loopback(), secure, encrypts, origins }
    }

    /// Whether people reach the site by https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Checks the host that a request is for. On loopback it must be a name of this machine or of the site: any other
    /// name is one that a foreign page's owner has pointed here.
    ///
    /// HTTP/2 names it in `:authority`, which is the target's, and need not name it once more (RFC 9113, section 8.3.1).
    ///
    /// # Errors
    /// [`Refused::BadHost`], [`Refused::Misdirected`].
    pub fn check_host<'a>(&self, version: Version, uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, Refused> {
        let header = only(headers, header::HOST)?;
        let target = uri.authority().map(Authority::as_str);
        let host = if version == Version::HTTP_2 { target.or(header) } else { header }.ok_or(Refused::BadHost)?;
        let named = [header, target].into_iter().flatten();
        if !named.clone().all(|host| host.parse::<Authority>().is_ok_and(|_| !host.contains('@'))) {
            return Err(Refused::BadHost);
        }
        if version == Version::HTTP_2 && named.clone().any(|other| !other.eq_ignore_ascii_case(host)) {
            return Err(Refused::BadHost);
        }
        if named.clone().all(|host| self.is_known_host(host)) { Ok(host) } else { Err(Refused::Misdirected) }
    }

    /// Checks the page that a request comes from; a request that names none does not come from a browser.
    ///
    /// # Errors
    /// [`Refused::Foreign`].
    pub fn check_origin(&self, headers: &HeaderMap, host: &str) -> Result<(), Refused> {
        let Some(origin) = only(headers, header::ORIGIN).map_err(|_two| Refused::Foreign)? else { return Ok(()) };
        // As browsers write it: anything that reads differently when written back is a trick.
        let parsed = Origin::parse(origin).map_err(|_invalid| Refused::Foreign)?;
        if origin.ends_with('/') {
            return Err(Refused::Foreign);
        }
        // Behind a proxy that encrypts, our own pages come by https as well as by http.
        let own = parsed == Origin::new(parsed.secure, host) && (parsed.secure || !self.encrypts);
        if own || self.origins.contains(&parsed) { Ok(()) } else { Err(Refused::Foreign) }
    }

    /// Checks a request that wants to change something.
    fn check_change(&self, headers: &HeaderMap, host: &str) -> Result<(), Refused> {
        let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let origin = only(headers, header::ORIGIN).ok().flatten().and_then(|text| Origin::parse(text).ok());
        let listed = origin.is_some_and(|origin| self.origins.contains(&origin));
        if fetch_site == Some(b"cross-site") && !listed {
            return Err(Refused::Foreign);
        }
        self.check_origin(headers, host)
    }

    /// Checks a request for the labs, which are on. They hold nothing private, and pages that somebody writes to try a
    /// socket come from a file or from another server on the same machine: those may open one too. What is fetched is
    /// for our own pages; a link from elsewhere may lead there.
    fn check_lab(&self, method: &Method, headers: &HeaderMap, host: &str) -> Result<(), Refused> {
        let opens_socket = *method == Method::CONNECT || headers.contains_key(header::UPGRADE);
        let is_link = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        if opens_socket && only(headers, header::ORIGIN).is_ok_and(|origin| origin.is_some_and(is_local_page)) {
            return Ok(());
        }
        if opens_socket || is_link { self.check_origin(headers, host) } else { self.check_change(headers, host) }
    }

    fn is_known_host(&self, authority: &str) -> bool {
        let host = host_of(authority).to_ascii_lowercase();
        !self.loopback_only || is_loopback_name(&host) || self.origins.iter().any(|origin| origin.host() == host)
    }
}

/// The value of a header that may stand there once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<&str>, Refused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_not_ascii| Refused::BadHost),
        (Some(_), Some(_)) => Err(Refused::BadHost),
    }
}

/// Whether an origin is a page from a file, of which browsers say no more than that, or from a server on this machine.
fn is_local_page(origin: &str) -> bool {
    // Chromium says `file://` where others say `null`.
    let is_local = |origin: Origin| is_loopback_name(origin.host());
    matches!(origin, "null" | "file://") || (!origin.ends_with('/') && Origin::parse(origin).is_ok_and(is_local))
}

fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()))
}

/// Looks at a request before anything else does, and dresses the answer.
pub(super) async fn guard(State(http): State<Http>, request: Request, next: Next) -> Response {
    let site = &http.site;
    let host = site.check_host(request.version(), request.uri(), request.headers());
    let secure = proxy::way(&http, request.extensions(), request.headers()).secure;
    let pinned = is_pinned(secure, host);
    let checked = host.and_then(|host| {
        let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        match (request.uri().path(), harmless) {
            ("/ws" | "/relay", _) => site.check_origin(request.headers(), host),
            (path, _) if path.starts_with("/labs/") => site.check_lab(request.method(), request.headers(), host),
            (_, true) => Ok(()),
            (_, false) => site.check_change(request.headers(), host),
        }
    });
    let private = request.uri().path().starts_with("/api/");
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    if private {
        // What one person was told is for nobody else, and for no later moment.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    wear(response.headers_mut(), http.assets.csp(), pinned);
    response
}

/// Gives the answer to a request the headers that every answer carries, before [`guard`] would.
pub(super) fn dress(http: &Http, request: &Parts, headers: &mut HeaderMap) {
    let host = http.site.check_host(request.version, &request.uri, &request.headers);
    wear(headers, http.assets.csp(), is_pinned(proxy::of(http, request).secure, host));
}

fn is_pinned(secure: bool, host: Result<&str, Refused>) -> bool {
    secure && host.map_or(true, may_be_pinned)
}

/// Whether browsers may be told to use https for this host and no longer http (RFC 6797). They would keep to it for
/// whatever else somebody runs on this machine.
fn may_be_pinned(host: &str) -> bool {
    let host = host_of(host).to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    host != "localhost" && !host.ends_with(".localhost")
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::BadHost => AppError::BadRequest("host: exactly one is expected".to_owned()).into_response(),
            Self::Misdirected => AppError::Misdirected.into_response(),
            Self::Foreign => AppError::Forbidden("origin: is another site").into_response(),
        }
    }
}

fn wear(headers: &mut HeaderMap, csp: HeaderValue, secure: bool) {
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests;
