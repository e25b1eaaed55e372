//! The environment of a script (RFC 3875, section 4.1), with the values that Go's `net/http/cgi` gives.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use axum::http::header;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

use super::super::super::env::{self, Env, clean};
use super::super::super::origin::host_port;
use super::super::super::remote::Remote;
use super::super::super::settings::Settings;

/// Where programs are looked for, where nothing else is let through.
const PATH: &str = "/bin:/usr/bin:/usr/ucb:/usr/bsd:/usr/local/bin";

/// What a script is told. Nothing that was let through of our own environment takes the place of what the request says.
pub(super) fn of(settings: &Settings, script: &Path, request: &Parts, remote: &Remote) -> Env {
    let host = env::host(request);
    let (name, port) = host_port(host, settings.ssl.is_some()).unwrap_or_default();
    let mut told: BTreeMap<OsString, OsString> = BTreeMap::from([("PATH".into(), PATH.into())]);
    told.extend(settings.passenv.iter().cloned());
    let mut set = |name: &str, value: &OsStr| drop(told.insert(name.into(), clean(value)));
    let text = OsStr::new;
    set("SERVER_SOFTWARE", text(env::SOFTWARE));
    set("SERVER_NAME", text(name));
    set("SERVER_PORT", text(port));
    set("SERVER_PROTOCOL", text(env::protocol(request.version)));
    set("HTTP_HOST", text(host));
    set("GATEWAY_INTERFACE", text("CGI/1.1"));
    set("REQUEST_METHOD", text(request.method.as_str()));
    set("QUERY_STRING", text(request.uri.query().unwrap_or_default()));
    set("REQUEST_URI", text(request.uri.path_and_query().map_or("/", |path| path.as_str())));
    set("PATH_INFO", text(&percent_decode_str(request.uri.path()).decode_utf8_lossy()));
    set("SCRIPT_NAME", text("/"));
    set("SCRIPT_FILENAME", script.as_os_str());
    set("REMOTE_ADDR", text(&remote.address));
    set("REMOTE_HOST", text(&remote.host));
    set("REMOTE_PORT", text(&remote.port));
    if settings.ssl.is_some() {
        set("HTTPS", text("on"));
    }
    for (name, header) in [("CONTENT_LENGTH", header::CONTENT_LENGTH), ("CONTENT_TYPE", header::CONTENT_TYPE)] {
        if request.headers.contains_key(&header) {
            set(name, &env::joined(&header, &request.headers));
        }
    }
    for header in request.headers.keys().filter(|header| env::is_told(header, &request.headers)) {
        set(&env::variable(header), &env::joined(header, &request.headers));
    }
    told.into_iter().collect()
}
