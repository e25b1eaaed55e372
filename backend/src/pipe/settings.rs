//! What the command line says, checked.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};

use super::log::Level;
use crate::program::Program;
use crate::program::frame::Framing;
use crate::program::limits::Limits;

/// The settings of a pipe. The names are those of the flags.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Addresses with their port, such as `:8080` or `[::1]:8080`; none where only a Unix socket is listened on.
    pub addresses: Vec<String>,
    /// Path of a Unix socket to listen on.
    pub unixsocket: Option<PathBuf>,
    /// TLS; plain without.
    pub ssl: Option<Ssl>,
    /// A port whose every request is sent to the canonical one, with its path.
    pub redirport: Option<u16>,
    /// Whether the Origin must have the host and port of the request.
    pub sameorigin: bool,
    /// Origins that may connect; all, where none is named.
    pub origins: Option<Vec<String>>,
    /// What is run.
    pub source: Source,
    /// The part of our own environment that programs get.
    pub passenv: Vec<(OsString, OsString)>,
    /// How messages are told apart. `--binary` is [`Framing::Binary`].
    pub framing: Framing,
    /// Whether errors are told to the client too, both streams tagged.
    pub passstderr: bool,
    /// Whether names are looked up for REMOTE_HOST.
    pub reverselookup: bool,
    /// Folder of files that are served over HTTP.
    pub staticdir: Option<PathBuf>,
    /// Folder of CGI scripts that are served over HTTP.
    pub cgidir: Option<PathBuf>,
    /// Whether every other request opens the Workbench.
    pub devconsole: bool,
    /// How many programs may run at once; no bound, where none is named.
    pub maxforks: Option<usize>,
    /// Bytes of the longest message that is taken.
    pub maxframesize: usize,
    /// What is added to each of the three waits of the ladder.
    pub closems: Duration,
    /// How often the client is pinged, and half of how long its silence is borne.
    pub pingms: Option<Duration>,
    /// Headers for every answer, for those that open a WebSocket, and for all others.
    pub headers: Headers,
    /// How much is logged.
    pub loglevel: Level,
    /// Subprotocols that are agreed on, in the order of preference; the client's first, where none is named.
    pub subprotocols: Vec<String>,
    /// Whether messages may be compressed.
    pub deflate: bool,
    /// How long a client may take nothing of what waits for it.
    pub write_deadline: Duration,
    /// A text message that ends the program's input; none by default.
    pub eof: Option<String>,
    /// Whether programs see a terminal.
    pub pty: bool,
    /// One process for all: how many of its last messages a late client gets.
    pub share: Option<usize>,
    /// Whether a shared process is started again when it has ended.
    pub restart: bool,
    /// How many processes wait, started, for clients.
    pub pool: usize,
    /// What each process may use up.
    pub limits: Limits,
    /// Path under which the status page is served, and below it the metrics.
    pub status: Option<String>,
}

/// Where programs come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// One for every path; its environment is made for each connection.
    Command(Box<Program>),
    /// The files of a folder, chosen by the path.
    Folder(PathBuf),
    /// There are none: only files and CGI scripts are served.
    None,
}

/// The files that TLS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssl {
    /// PEM file with the certificate.
    pub cert: PathBuf,
    /// PEM file with its key.
    pub key: PathBuf,
    /// PEM file with the authority whose certificates clients have to show.
    pub ca: Option<PathBuf>,
}

/// Headers of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// For all.
    pub all: Vec<(HeaderName, HeaderValue)>,
    /// For those that open a WebSocket.
    pub ws: Vec<(HeaderName, HeaderValue)>,
    /// For all others.
    pub http: Vec<(HeaderName, HeaderValue)>,
}
