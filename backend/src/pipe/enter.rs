//! The way into a program: from a handshake to a connection.
//!
//! Who may not come in, or asks for what is not there, is told by HTTP. Where only no program can be had, the handshake is
//! accepted and the connection closed with a reason: a page sees nothing of an answer by HTTP but that there is none.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::close;
use hyper::upgrade::OnUpgrade;
use wire::deflate::Params;

use super::conn::{self, Opening};
use super::far::Far;
use super::log::{Level, Log};
use super::pool::Warm;
use super::remote::Remote;
use super::route::{Opened, Site};
use super::settings::{Settings, Source};
use super::{env, origin, own, scripts};
use crate::http::handshake;
use crate::http::upgrade::{self, NotLetIn};
use crate::listen::Peer;
use crate::program::Program;
use crate::program::frame::Framing;

/// What connections are logged as.
const SESSION: &str = "session";

/// What is to be run for a connection.
struct Found {
    program: Program,
    /// Its name among the files of `--dir`, where it is one.
    of_folder: Option<String>,
    /// The part of the path that names it.
    script: OsString,
    /// The part of the path that is its.
    rest: OsString,
}

/// Somebody who asks for a program.
struct Asking {
    request: Parts,
    remote: Remote,
    id: String,
    path: OsString,
    found: Found,
}

/// Answers a handshake, and has the connection served once the answer is out.
pub(super) async fn answer(mut site: Site, request: Request) -> Response {
    let (request, _empty) = request.into_parts();
    match enter(&mut site, request).await {
        Ok(response) => response,
        Err(Refusal { why, answer }) => {
            site.counts.refused.add(1);
            site.log.line(Level::Access, SESSION, &why);
            *answer
        }
    }
}

/// Why somebody does not come in, for the log and by HTTP.
struct Refusal {
    why: String,
    answer: Box<Response>,
}

impl Refusal {
    fn new(why: &dyn Display, answer: impl IntoResponse) -> Self {
        Self { why: why.to_string(), answer: Box::new(answer.into_response()) }
    }
}

async fn enter(site: &mut Site, mut request: Parts) -> Result<Response, Refusal> {
    let accepted = handshake::check(&request)
        .map_err(|refused| Refusal::new(&format_args!("Unable to upgrade: {refused:?}"), NotLetIn::from(refused)))?;
    let id = site.ids.next();
    site.log.associate("id", &id);
    let remote = remote(site, &request).await;
    site.log.associate("remote", &remote.host);
    let malformed = (StatusCode::BAD_REQUEST, "400 Bad Request: the path is not well encoded\n");
    let path = decoded(request.uri.path()).ok_or_else(|| Refusal::new(&"BAD PATH", malformed))?;
    let missing = (StatusCode::NOT_FOUND, "404 page not found\n");
    let found = find(&site.settings, &path).ok_or_else(|| Refusal::new(&"NOT FOUND", missing))?;
    site.log.associate("command", &found.program.path.display());
    check_origin(site, &request)?;
    if site.connections.is_stopping() {
        return Err(Refusal::new(&"STOPPING", NotLetIn::Busy));
    }
    let fault = |fault: NotLetIn| Refusal::new(&"INTERNAL ERROR", fault);
    let (headers, deflate) = agree(&site.settings, &request.headers);
    let upgrading = request.extensions.remove::<OnUpgrade>().ok_or_else(|| fault(NotLetIn::Fault))?;
    let mut response = upgrade::accept(accepted, headers).map_err(fault)?;
    response.extensions_mut().insert(Opened);
    let asking = Asking { request, remote, id, path, found };
    site.connections.spawn(serve(site.clone(), asking, upgrading, deflate));
    Ok(response)
}

/// Finds the program its connection, and serves it.
async fn serve(site: Site, asking: Asking, upgrading: OnUpgrade, deflate: Option<Params>) {
    let mut log = site.log.clone();
    let far = far(&site, asking, &mut log);
    conn::serve(upgrading, Opening { far, deflate, log }, site).await;
}

/// What the connection speaks with: the Close, where it is nothing.
fn far(site: &Site, asking: Asking, log: &mut Log) -> Result<Box<dyn Far>, (u16, String)> {
    if let Some(share) = &site.share {
        return share.join(log);
    }
    if let Some(far) = waiting(site, log) {
        return Ok(far);
    }
    let Ok(place) = site.place() else {
        // The last place may have gone to a process that waits.
        if let Some(far) = waiting(site, log) {
            return Ok(far);
        }
        site.counts.refused.add(1);
        log.line(Level::Error, "http", &"as many programs run as --maxforks allows");
        let most = site.settings.maxforks.unwrap_or_default();
        return Err((close::OVERLOADED, format!("too many programs (--maxforks {most})")));
    };
    let Asking { request, remote, id, path, mut found } = asking;
    let asked = env::Asked {
        request: &request,
        remote: &remote,
        id: &id,
        path: &path,
        script: &found.script,
        rest: &found.rest,
    };
    found.program.env = env::of(&site.settings, &asked);
    if log.has(Level::Debug) {
        for (name, value) in &found.program.env {
            let line = format!("Std. variable: {}={}", name.to_string_lossy(), value.to_string_lossy());
            log.line(Level::Debug, "env", &line);
        }
    }
    own::start(site, &found.program, found.of_folder.as_deref(), log, place)
}

/// A process that waited for a client.
fn waiting(site: &Site, log: &mut Log) -> Option<Box<dyn Far>> {
    let Warm { child, running, hold } = site.pool.as_ref()?.take()?;
    Some(own::around(site, child, running, log, hold))
}

/// Who asks.
pub(super) async fn remote(site: &Site, request: &Parts) -> Remote {
    let peer = request.extensions.get::<Peer>().copied().unwrap_or(Peer::Unix);
    let remote = Remote::of(peer);
    match &site.names {
        Some(names) => remote.named(peer, names).await,
        None => remote,
    }
}

fn find(settings: &Settings, path: &OsStr) -> Option<Found> {
    match &settings.source {
        Source::Command(program) => Some(Found {
            program: program.as_ref().clone(),
            of_folder: None,
            script: "/".into(),
            rest: path.to_owned(),
        }),
        Source::Folder(folder) => {
            let script = scripts::find(folder, path)?;
            let program = Program { limits: settings.limits, terminal: settings.pty, ..Program::new(script.file) };
            let of_folder = program.path.strip_prefix(folder).ok().map(|file| format!("/{}", file.display()));
            Some(Found { program, of_folder, script: script.name, rest: script.rest })
        }
        Source::None => None,
    }
}

fn check_origin(site: &mut Site, request: &Parts) -> Result<(), Refusal> {
    let settings = Arc::clone(&site.settings);
    let rules = origin::Rules { same: settings.sameorigin, listed: settings.origins.as_deref() };
    let header = request.headers.get(header::ORIGIN);
    // What is no text is no Origin either.
    let shown = origin::shown(header.map(|origin| origin.to_str().unwrap_or(" ")), &rules);
    site.log.associate("origin", &shown);
    origin::check(shown, (env::host(request), settings.ssl.is_some()), &rules)
        .map_err(|foreign| Refusal::new(&foreign, (StatusCode::FORBIDDEN, "403 Forbidden\n")))
}

/// The headers that say what was agreed on.
fn agree(settings: &Settings, asked: &HeaderMap) -> (HeaderMap, Option<Params>) {
    let mut headers = HeaderMap::new();
    headers.extend(subprotocol(settings, asked).map(|agreed| (header::SEC_WEBSOCKET_PROTOCOL, agreed)));
    let compresses = settings.deflate && settings.framing != Framing::Binary;
    let deflate = compresses.then(|| handshake::pipe_deflate(asked)).flatten();
    headers.extend(deflate.as_ref().map(|(_, answer)| (header::SEC_WEBSOCKET_EXTENSIONS, answer.clone())));
    (headers, deflate.map(|(params, _)| params))
}

/// The subprotocol: of `--protocol` the first that the client offers, or where none is named there, the client's first.
fn subprotocol(settings: &Settings, asked: &HeaderMap) -> Option<HeaderValue> {
    let mut offered = handshake::offered_subprotocols(asked);
    let agreed = match settings.subprotocols.as_slice() {
        [] => offered.next()?,
        known => {
            let offered: Vec<&str> = offered.collect();
            known.iter().find(|name| offered.contains(&name.as_str()))?
        }
    };
    HeaderValue::from_str(agreed).ok()
}

/// A path without its percent-encoding; none, where that is broken, or where it hides a NUL, which no variable can have.
fn decoded(path: &str) -> Option<OsString> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? << 4 | hex(rest.next()?)? } else { byte });
    }
    (!bytes.contains(&0)).then(|| OsString::from_vec(bytes))
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_or_refused() {
        for (path, plain) in [
            ("/", Some("/")),
            ("/a%20b%2Fc", Some("/a b/c")),
            ("/%e4%b8%AD", Some("/中")),
            ("/%", None),
            ("/%4", None),
            ("/%zz", None),
            ("/%+1", None),
            ("/%00", None),
        ] {
            assert_eq!(decoded(path).as_deref(), plain.map(OsStr::new), "{path}");
        }
        assert_eq!(decoded("/%ff").map(OsString::into_vec), Some(b"/\xff".to_vec()));
    }
}
