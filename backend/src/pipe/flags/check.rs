//! Makes settings of flags, and refuses what cannot be or does not go together.
//!
//! Looks at the disk for what is named on the command line. Deliberately absent: addresses and certificates, which are
//! looked at when the server starts.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, header};

use super::scan::Given;
use super::{CONFIGURATION, CONSOLE, LISTEN};
use crate::pipe::env;
use crate::pipe::log::Level;
use crate::pipe::settings::{Headers, Settings, Source, Ssl};
use crate::program::frame::Framing;
use crate::program::limits::Limits;
use crate::program::{self, Program};

/// The variables that programs get where none are named, as in Go's CGI package.
#[cfg(not(target_os = "macos"))]
const PASSED: &str = "PATH,LD_LIBRARY_PATH";
#[cfg(target_os = "macos")]
const PASSED: &str = "PATH,DYLD_LIBRARY_PATH";

/// It says that TLS is spoken, which nobody else may say.
const HTTPS: &str = "HTTPS";

/// Programs at once, where no number is named: a bound for accidents, no plan.
const MAX_FORKS: i64 = 1024;

/// Bytes of a message, where no number is named.
const MAX_FRAME_SIZE: i64 = 1024 * 1024;

/// Milliseconds for which a client may take nothing, where no number is named: thirty seconds.
const WRITE_MS: i64 = 30_000;

/// The most milliseconds for anything: a day.
const MOST_MS: i64 = 24 * 60 * 60 * 1000;

/// Messages that a late client of a shared program gets, where no number is named.
const HISTORY: i64 = 100;

/// The most of them, and the most processes that wait.
const MOST_HISTORY: i64 = 100_000;
const MOST_POOL: i64 = 1024;

/// What the handshake and hyper say themselves.
const OURS: [HeaderName; 6] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_ACCEPT,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

/// Why there are no settings.
#[derive(Debug)]
pub(super) struct Refused {
    /// In words.
    pub(super) why: String,
    /// What the program ends with.
    pub(super) code: u8,
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self { why, code: CONFIGURATION }
    }
}

impl From<&str> for Refused {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

/// Makes the settings.
pub(super) fn settings(given: &Given) -> Result<Settings, Refused> {
    let loglevel = loglevel(given)?;
    let ssl = ssl(given)?;
    let framing = framing(given)?;
    together(given)?;
    let limits = limits(given);
    let settings = Settings {
        addresses: addresses(given, ssl.is_some())?,
        unixsocket: path(given, "unixsocket"),
        ssl,
        redirport: given.number("redirport").filter(|n| *n != 0).map(|_| port(given, "redirport")).transpose()?,
        sameorigin: given.switch("sameorigin"),
        origins: origins(given),
        source: source(given, limits)?,
        passenv: passed(given),
        framing,
        passstderr: given.switch("passstderr"),
        reverselookup: given.switch("reverselookup"),
        staticdir: folder(given, "staticdir")?,
        cgidir: folder(given, "cgidir")?,
        devconsole: given.switch("devconsole"),
        maxforks: positive(given.number("maxforks").unwrap_or(MAX_FORKS)),
        maxframesize: positive(given.number("maxframesize").unwrap_or(MAX_FRAME_SIZE)).unwrap_or(usize::MAX),
        closems: Duration::from_millis(within(given, "closems", 0..=MOST_MS)?.unwrap_or(0)),
        pingms: within(given, "pingms", 0..=MOST_MS)?.filter(|ms| *ms > 0).map(Duration::from_millis),
        headers: headers(given)?,
        loglevel,
        subprotocols: subprotocols(given)?,
        deflate: given.set_switch("deflate").unwrap_or(true),
        write_deadline: Duration::from_millis(
            within(given, "writems", 1..=MOST_MS)?.unwrap_or(WRITE_MS.unsigned_abs()),
        ),
        eof: eof(given)?,
        pty: given.switch("pty"),
        share: share(given)?,
        restart: given.switch("restart"),
        pool: within(given, "pool", 0..=MOST_POOL)?.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
        limits,
        status: status(given)?,
    };
    let files = [("staticdir", &settings.staticdir), ("cgidir", &settings.cgidir)];
    if let Some((other, _)) = files.into_iter().find(|(_, folder)| settings.devconsole && folder.is_some()) {
        return Err(Refused {
            why: format!("--devconsole and --{other} answer the same requests: pick one"),
            code: CONSOLE,
        });
    }
    Ok(settings)
}

/// What does not go together, as far as no single flag is to blame.
fn together(given: &Given) -> Result<(), Refused> {
    let set = |name: &str| given.text(name).is_some_and(|text| !text.is_empty());
    let command = !given.rest.is_empty();
    if command && set("dir") {
        return Err("a COMMAND and --dir exclude each other: pick one".into());
    }
    let pool = given.number("pool").is_some_and(|n| n > 0);
    if pool && given.switch("share") {
        return Err("--pool and --share exclude each other: a shared program is started once".into());
    }
    if given.switch("share") && !command {
        return Err("--share needs a COMMAND: it does not go with --dir".into());
    }
    if given.number("history").is_some() && !given.switch("share") {
        return Err("--history needs --share".into());
    }
    if given.switch("restart") && !given.switch("share") {
        return Err(
            "--restart needs --share: a program of a connection's own ends with it, and who connects again gets \
                    another"
                .into(),
        );
    }
    if given.switch("share") && set("eof") {
        return Err("--eof and --share exclude each other: nobody ends the input of all".into());
    }
    if pool && !command {
        return Err("--pool needs a COMMAND: it does not go with --dir".into());
    }
    Ok(())
}

fn loglevel(given: &Given) -> Result<Level, Refused> {
    let Some(text) = given.text("loglevel") else { return Ok(Level::Access) };
    let shown = text.to_string_lossy();
    shown.parse().map_err(|()| {
        format!("--loglevel is one of debug, trace, access, info, error, fatal and none, not '{shown}'").into()
    })
}

fn ssl(given: &Given) -> Result<Option<Ssl>, Refused> {
    let files = ["sslcert", "sslkey", "sslca"].map(|name| (name, path(given, name)));
    if !given.switch("ssl") {
        return match files.into_iter().find(|(_, file)| file.is_some()) {
            Some((name, _)) => Err(format!("--{name} needs --ssl").into()),
            None => Ok(None),
        };
    }
    let [(_, cert), (_, key), (_, ca)] = files;
    let (Some(cert), Some(key)) = (cert, key) else {
        return Err("--ssl needs both --sslcert and --sslkey, each a PEM file".into());
    };
    Ok(Some(Ssl { cert, key, ca }))
}

fn framing(given: &Given) -> Result<Framing, Refused> {
    let named = given.text("frame").map(|text| text.to_string_lossy().parse::<Framing>());
    let named = named.transpose().map_err(|why| format!("--frame: {why}"))?;
    let framing = match named {
        Some(named) if given.switch("binary") && named != Framing::Binary => {
            return Err("--binary is --frame=binary: it does not go with another --frame".into());
        }
        Some(named) => named,
        None if given.switch("binary") => Framing::Binary,
        None => Framing::Lines,
    };
    if framing == Framing::Binary && given.switch("passstderr") {
        return Err("--passstderr makes texts of lines: it does not go with --binary or --frame=binary".into());
    }
    Ok(framing)
}

fn addresses(given: &Given, ssl: bool) -> Result<Vec<String>, Refused> {
    let named: Vec<&OsStr> = given.texts("address").collect();
    let is_alone = given.number("port").is_none() && named.is_empty() && given.number("redirport").is_none();
    if is_alone && path(given, "unixsocket").is_some() {
        return Ok(Vec::new());
    }
    let port = match given.number("port") {
        Some(_) => port(given, "port")?,
        None if ssl => 443,
        None => 80,
    };
    if named.is_empty() {
        return Ok(vec![format!(":{port}")]);
    }
    let with_port = |host: &OsStr| {
        let host = host.to_string_lossy();
        if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    };
    Ok(named.into_iter().map(with_port).collect())
}

fn port(given: &Given, name: &str) -> Result<u16, Refused> {
    let number = given.number(name).unwrap_or_default();
    let why = || format!("--{name} is a number from 0 to {}, not {number}", u16::MAX);
    u16::try_from(number).map_err(|_not_one| Refused { why: why(), code: LISTEN })
}

/// A number that has bounds, if it is set.
fn within(given: &Given, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Result<Option<u64>, Refused> {
    match given.number(name) {
        Some(number) if !bounds.contains(&number) => {
            Err(format!("--{name} is a number from {} to {}, not {number}", bounds.start(), bounds.end()).into())
        }
        number => Ok(number.map(i64::unsigned_abs)),
    }
}

/// A bound, where 0 and less stand for none.
fn positive(number: i64) -> Option<usize> {
    usize::try_from(number).ok().filter(|number| *number > 0)
}

fn path(given: &Given, name: &str) -> Option<PathBuf> {
    given.text(name).filter(|text| !text.is_empty()).map(PathBuf::from)
}

/// A folder that is there, by its whole path.
fn folder(given: &Given, name: &str) -> Result<Option<PathBuf>, Refused> {
    let Some(path) = path(given, name) else { return Ok(None) };
    let shown = path.display();
    let whole = std::path::absolute(&path).map_err(|error| format!("--{name}: '{shown}': {error}"))?;
    let metadata = std::fs::metadata(&whole).map_err(|error| format!("--{name}: '{shown}' cannot be read: {error}"))?;
    if !metadata.is_dir() {
        return Err(format!("--{name} is a folder, and '{shown}' is none").into());
    }
    Ok(Some(whole))
}

fn origins(given: &Given) -> Option<Vec<String>> {
    let list = given.text("origin").filter(|list| !list.is_empty())?.to_string_lossy().into_owned();
    Some(list.split(',').map(|origin| origin.trim().to_owned()).collect())
}

fn source(given: &Given, limits: Limits) -> Result<Source, Refused> {
    if let Some((name, args)) = given.rest.split_first() {
        let path =
            program::find(name, std::env::var_os("PATH").as_deref()).map_err(|why| format!("{why}{}", hint(name)))?;
        let program = Program { args: args.to_vec(), limits, terminal: given.switch("pty"), ..Program::new(path) };
        return Ok(Source::Command(Box::new(program)));
    }
    if let Some(folder) = folder(given, "dir")? {
        return Ok(Source::Folder(folder));
    }
    if path(given, "staticdir").is_none() && path(given, "cgidir").is_none() {
        return Err("a COMMAND, or a folder with --dir, --staticdir or --cgidir, is expected".into());
    }
    Ok(Source::None)
}

/// Who names a file of this folder as if it were a command is told how to name it.
fn hint(name: &OsStr) -> String {
    let shown = name.to_string_lossy();
    if !shown.contains('/') && Path::new(name).is_file() {
        format!("; ./{shown} is a file of this folder")
    } else {
        String::new()
    }
}

/// The variables that programs get, without line breaks and what is blank.
fn passed(given: &Given) -> Vec<(OsString, OsString)> {
    let names = given.text("passenv").unwrap_or(OsStr::new(PASSED)).to_string_lossy().into_owned();
    let names =
        names.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != HTTPS && !name.contains('='));
    let value = |name: &str| std::env::var_os(name).map(|value| env::clean(&value)).filter(|value| !value.is_empty());
    names.filter_map(|name| value(name).map(|value| (name.into(), value))).collect()
}

fn headers(given: &Given) -> Result<Headers, Refused> {
    let read = |flag: &str| given.texts(flag).map(|text| header(flag, text)).collect::<Result<Vec<_>, _>>();
    Ok(Headers { all: read("header")?, ws: read("header-ws")?, http: read("header-http")? })
}

fn header(flag: &str, text: &OsStr) -> Result<(HeaderName, HeaderValue), Refused> {
    let shown = text.to_string_lossy();
    let wrong = || format!("--{flag} is a header, such as \"Server: name\", not '{shown}'");
    let mut halves = text.as_bytes().splitn(2, |byte| *byte == b':');
    let name = HeaderName::from_bytes(halves.next().unwrap_or_default()).map_err(|_error| wrong())?;
    let value = HeaderValue::from_bytes(halves.next().unwrap_or_default().trim_ascii()).map_err(|_error| wrong())?;
    if OURS.contains(&name) {
        return Err(format!("--{flag}: {name} is said by the server itself").into());
    }
    Ok((name, value))
}

fn subprotocols(given: &Given) -> Result<Vec<String>, Refused> {
    let Some(list) = given.text("protocol") else { return Ok(Vec::new()) };
    let list = list.to_string_lossy();
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    // RFC 6455, section 4.1: tokens, as names of headers are, whose letters are kept as they are.
    match names.iter().find(|name| HeaderName::from_bytes(name.as_bytes()).is_err()) {
        Some(wrong) => Err(format!("--protocol is a list of names without spaces, and '{wrong}' is none").into()),
        None => Ok(names),
    }
}

fn eof(given: &Given) -> Result<Option<String>, Refused> {
    let text = given.text("eof").map(|text| text.to_string_lossy().into_owned());
    match text {
        Some(text) if text.is_empty() => Err("--eof is a text that is not empty".into()),
        text => Ok(text),
    }
}

fn share(given: &Given) -> Result<Option<usize>, Refused> {
    let history = within(given, "history", 0..=MOST_HISTORY)?.unwrap_or(HISTORY.unsigned_abs());
    Ok(given.switch("share").then(|| usize::try_from(history).unwrap_or(usize::MAX)))
}

fn limits(given: &Given) -> Limits {
    let bound = |name: &str, unit: u64| {
        given.number(name).filter(|number| *number > 0).map(|number| number.unsigned_abs().saturating_mul(unit))
    };
    Limits {
        cpu_seconds: bound("limitcpu", 1),
        memory: bound("limitmemory", 1024 * 1024),
        output_per_second: bound("limitoutput", 1024),
    }
}

fn status(given: &Given) -> Result<Option<String>, Refused> {
    let Some(path) = given.text("status") else { return Ok(None) };
    let shown = path.to_string_lossy();
    let trimmed = shown.trim_end_matches('/');
    if !trimmed.starts_with('/') || trimmed.contains(['?', '#', ' ', '%']) {
        return Err(format!("--status is a path, such as /status, not '{shown}'").into());
    }
    Ok(Some(trimmed.to_owned()))
}
