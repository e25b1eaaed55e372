//! The environment of a program: what CGI/1.1 (RFC 3875) asks for, and what was let through of ours.
//!
//! The names and values are those of websocketd, but for two: a `Proxy` header would set HTTP_PROXY, which many programs
//! obey (CVE-2016-5385), and is left out; and UNIQUE_ID differs also for two who come at the same time. Host is told as
//! SERVER_NAME and SERVER_PORT, not as HTTP_HOST.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Version, header};

use super::origin::host_port;
use super::remote::Remote;
use super::settings::Settings;

/// What programs know us by.
pub(super) const SOFTWARE: &str = concat!("readyroom/", env!("CARGO_PKG_VERSION"));

/// A whole environment.
pub(super) type Env = Vec<(OsString, OsString)>;

/// What a connection's environment is made of.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The request.
    pub(super) request: &'a Parts,
    /// Who asks.
    pub(super) remote: &'a Remote,
    /// What the connection is called.
    pub(super) id: &'a str,
    /// The path, without its percent-encoding.
    pub(super) path: &'a OsStr,
    /// The part of it that names the program.
    pub(super) script: &'a OsStr,
    /// The part of it that is the program's.
    pub(super) rest: &'a OsStr,
}

/// Names connections: the time in nanoseconds, and never the same twice. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids(Arc<AtomicU64>);

impl Ids {
    /// The next name.
    pub(super) fn next(&self) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_nanos()).unwrap_or_default();
        let next = |last: u64| Some(now.max(last + 1));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
        now.max(last + 1).to_string()
    }
}

/// The environment of a program that is started for a connection.
pub(super) fn of(settings: &Settings, asked: &Asked<'_>) -> Env {
    let Asked { request, remote, .. } = asked;
    let (name, port) = host_port(host(request), settings.ssl.is_some()).unwrap_or_default();
    let mut env: BTreeMap<OsString, OsString> = general(settings).into_iter().collect();
    let mut set = |name: &str, value: &dyn AsRef<OsStr>| drop(env.insert(name.into(), clean(value.as_ref())));
    set("REMOTE_ADDR", &remote.address);
    set("REMOTE_HOST", &remote.host);
    set("REMOTE_PORT", &remote.port);
    set("SERVER_NAME", &name);
    set("SERVER_PORT", &port);
    set("SERVER_PROTOCOL", &protocol(request.version));
    // What opens a WebSocket is a GET, also where HTTP/2 calls it a CONNECT.
    set("REQUEST_METHOD", &"GET");
    set("REQUEST_URI", &request.uri.path_and_query().map_or("/", |uri| uri.as_str()));
    set("SCRIPT_NAME", &asked.script);
    set("PATH_INFO", &asked.rest);
    set("PATH_TRANSLATED", &asked.path);
    set("QUERY_STRING", &request.uri.query().unwrap_or_default());
    set("UNIQUE_ID", &asked.id);
    for header in request.headers.keys().filter(|header| is_told(header, &request.headers)) {
        set(&variable(header), &joined(header, &request.headers));
    }
    env.into_iter().collect()
}

/// The environment of a program that is started for nobody in particular.
pub(super) fn general(settings: &Settings) -> Env {
    let mut env: Env = vec![("SERVER_SOFTWARE".into(), SOFTWARE.into())];
    env.extend(settings.passenv.iter().cloned());
    env.push(("GATEWAY_INTERFACE".into(), "CGI/1.1".into()));
    // They have no meaning here, and nothing of ours may be taken for it.
    let empty = ["AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "REMOTE_IDENT", "REMOTE_USER"];
    env.extend(empty.map(|name| (name.into(), OsString::new())));
    if settings.ssl.is_some() {
        env.push(("HTTPS".into(), "on".into()));
    }
    env
}

/// The host that is asked, perhaps with a port.
pub(super) fn host(request: &Parts) -> &str {
    let header = || request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    request.uri.authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}

pub(super) fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

/// Whether a header becomes a variable. Of two that would become the same, the one with dashes does: who stands before
/// us sets and strips that one.
pub(super) fn is_told(header: &HeaderName, headers: &HeaderMap) -> bool {
    let name = header.as_str();
    let is_double = || name.contains('_') && headers.contains_key(name.replace('_', "-"));
    *header != header::HOST && name != "proxy" && !is_double()
}

pub(super) fn variable(header: &HeaderName) -> String {
    format!("HTTP_{}", header.as_str().replace('-', "_").to_ascii_uppercase())
}

/// All values of a header as one. Cookies are one list already, of which HTTP/2 sends the parts (RFC 9113, section
/// 8.2.3).
pub(super) fn joined(header: &HeaderName, headers: &HeaderMap) -> OsString {
    let between: &[u8] = if *header == header::COOKIE { b"; " } else { b", " };
    let values: Vec<&[u8]> =
        headers.get_all(header).iter().map(HeaderValue::as_bytes).map(<[u8]>::trim_ascii).collect();
    OsString::from_vec(values.join(between))
}

/// A value for the environment: line breaks are spaces, and none are at its ends.
pub(super) fn clean(value: &OsStr) -> OsString {
    let spaced = value.as_bytes().iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte });
    OsString::from_vec(spaced.collect::<Vec<u8>>().trim_ascii().to_vec())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn values_are_of_one_line() {
        assert_eq!(clean(OsStr::new(" a\nb\r\nc ")), "a b  c");
        assert_eq!(clean(OsStr::new("\n")), "");
    }

    #[test]
    fn no_two_connections_have_the_same_name() {
        let ids = Ids::default();
        let names: HashSet<String> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn headers_become_variables_but_for_those_that_do_harm() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-one", "1"),
            ("x-two", "a"),
            ("x-two", " b "),
            ("x_two", "forged"),
            ("host", "example.com"),
            ("proxy", "http://evil"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let told: Vec<_> = headers.keys().filter(|name| is_told(name, &headers)).collect();
        let mut told: Vec<_> = told.iter().map(|name| (variable(name), joined(name, &headers))).collect();
        told.sort();
        let expected = [("HTTP_COOKIE", "a=1; b=2"), ("HTTP_X_ONE", "1"), ("HTTP_X_TWO", "a, b")];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), OsString::from(value))));
    }
}
