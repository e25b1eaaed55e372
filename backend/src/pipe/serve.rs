//! The life of the server: listen, serve, stop.
//!
//! SIGTERM and SIGINT stop it: nothing more is accepted, every connection is closed with 1001, every program is asked to
//! end; it ends once they all have. A second signal ends it at once. Deliberately absent: what is answered, which is
//! [`super::route`]'s.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::EnvFilter;

use super::env::{self, Ids};
use super::log::{Level, Log};
use super::pool::{self, Pool};
use super::remote::Names;
use super::route::{self, Site};
use super::settings::{Settings, Source, Ssl};
use super::share::{self, Share};
use super::{redirect, tcp, unix};
use crate::config::TlsFiles;
use crate::descriptors;
use crate::listen::progress::Patience;
use crate::listen::tls;
use crate::listen::{self, Front};
use crate::program::Program;
use crate::program::spawn::{Runner, own_exe};
use crate::tasks::Tasks;

/// What ends the program with the status 3: there is nothing to listen on.
const CANNOT_LISTEN: u8 = 3;

/// What a shell reports for a program that a second Ctrl-C has ended: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// What the server logs about itself.
const SERVER: &str = "server";

/// How long a request may take to arrive, and how long an answer may stand still. A CGI script may think for as long.
const PATIENCE: Patience = Patience { head: Duration::from_secs(10), idle: Duration::from_secs(600) };

/// How long the end may take: for the goodbyes of clients, and for programs once all their signals were given.
const GOODBYES: Duration = Duration::from_secs(10);

/// How long the reader of the log is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves until a signal stops it.
#[must_use]
pub fn run(settings: Settings) -> ExitCode {
    let log = Log::new(settings.loglevel);
    // What the parts of the server that know no log have to say.
    let least = if log.has(Level::Error) { "warn" } else { "off" };
    let told =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::new(least)).with_writer(io::stderr).with_ansi(false);
    // Where somebody listens already, that is enough.
    drop(told.try_init());
    warn(&settings, &log);
    let served = runtime().map_err(|error| format!("the runtime: {error}")).and_then(|runtime| {
        let served = runtime.block_on(serve(settings, &log));
        // Programs that are left are killed when their connections are dropped.
        runtime.shutdown_timeout(Duration::from_millis(500));
        served
    });
    served.unwrap_or_else(|why| {
        log.line(Level::Fatal, SERVER, &format_args!("Can't start server: {why}"));
        ExitCode::from(CANNOT_LISTEN)
    })
}

/// A thread for each core that is ours: where that is one, two would only wake each other.
fn runtime() -> io::Result<Runtime> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

/// An Origin without a scheme stands for both, which may not be meant where TLS is spoken.
fn warn(settings: &Settings, log: &Log) {
    let listed = settings.origins.iter().flatten().filter(|_| settings.ssl.is_some());
    for origin in listed.filter(|origin| !origin.contains("://")) {
        let line = format!("--origin={origin} lets pages of http://{origin} in as well; https://{origin} does not");
        log.line(Level::Error, SERVER, &line);
    }
}

/// What is listened on.
struct Doors {
    tcp: Vec<(TcpListener, String)>,
    redirects: Vec<(TcpListener, String, u16)>,
    unix: Option<(UnixListener, unix::Socket)>,
    tls: Option<TlsAcceptor>,
}

/// Serves, and sees to it that what was logged is written.
async fn serve(settings: Settings, log: &Log) -> Result<ExitCode, String> {
    let lines = Tasks::new();
    let log = log.queued(&lines);
    let served = serve_logged(settings, &log).await;
    let written = async {
        log.end().await;
        lines.ended().await;
    };
    // Nobody has to read it.
    drop(timeout(LAST_WORDS, written).await);
    served
}

async fn serve_logged(settings: Settings, log: &Log) -> Result<ExitCode, String> {
    let signals = |kind| signal(kind).map_err(|error| format!("signals: {error}"));
    let mut signals = (signals(SignalKind::terminate())?, signals(SignalKind::interrupt())?);
    let doors = open(&settings).await?;
    descriptors::raise();
    announce(&settings, &doors, log);
    let settings = Arc::new(settings);
    let connections = Tasks::new();
    let mut site = site(&settings, log, &connections)?;
    prepare(&mut site);
    let Doors { tcp, redirects, unix, tls } = doors;
    let front = Front {
        router: Router::new().fallback(route::answer).with_state(site),
        tls,
        connections: connections.clone(),
        patience: PATIENCE,
    };
    for (listener, _) in tcp {
        connections.spawn(listen::accept(listener, front.clone()));
    }
    for (listener, _, port) in redirects {
        let router = redirect::router(settings.ssl.is_some(), port, settings.headers.clone());
        connections.spawn(listen::accept(listener, Front { router, tls: None, ..front.clone() }));
    }
    let socket = unix.map(|(listener, socket)| {
        connections.spawn(listen::accept(listener, front.clone()));
        socket
    });
    drop(front);
    either(&mut signals).await;
    drop(socket);
    Ok(stop(&settings, &connections, &mut signals, log).await)
}

fn site(settings: &Arc<Settings>, log: &Log, connections: &Tasks) -> Result<Site, String> {
    let exe = own_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let runner = Runner::new(exe, connections.clone()).map_err(|error| format!("programs: {error}"))?;
    Ok(Site {
        settings: Arc::clone(settings),
        log: log.clone(),
        runner,
        counts: Arc::default(),
        connections: connections.clone(),
        places: settings.maxforks.map(|most| Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))),
        ids: Ids::default(),
        names: settings.reverselookup.then(|| Names::new(connections.clone())),
        share: None,
        pool: None,
    })
}

/// Starts the processes that are there before anybody asks for them.
fn prepare(site: &mut Site) {
    let settings = &site.settings;
    let Source::Command(program) = &settings.source else { return };
    let program = || Program { env: env::general(settings), ..program.as_ref().clone() };
    let mut log = site.log.clone();
    log.associate("command", &program().path.display());
    let (runner, tasks) = (&site.runner, &site.connections);
    let share = settings.share.is_some().then(|| share::Parts {
        settings: Arc::clone(settings),
        program: program(),
        runner: runner.clone(),
        tasks: tasks.clone(),
        counts: Arc::clone(&site.counts),
        log: log.clone(),
    });
    let pool = (settings.pool > 0).then(|| pool::Parts {
        settings: Arc::clone(settings),
        program: program(),
        runner: runner.clone(),
        places: site.places.clone(),
        tasks: tasks.clone(),
        counts: Arc::clone(&site.counts),
        log,
    });
    (site.share, site.pool) = (share.map(Share::start), pool.map(Pool::start));
}

/// Waits until everybody is gone, but no longer than that may take.
async fn stop(settings: &Settings, connections: &Tasks, signals: &mut (Signal, Signal), log: &Log) -> ExitCode {
    log.line(Level::Info, SERVER, &"Stopping");
    connections.stop();
    let most = GOODBYES + 3 * settings.closems;
    tokio::select! {
        () = connections.ended() => ExitCode::SUCCESS,
        () = either(signals) => ExitCode::from(INTERRUPTED),
        () = tokio::time::sleep(most) => {
            log.line(Level::Error, SERVER, &"Some connections did not end in time");
            ExitCode::SUCCESS
        }
    }
}

async fn either((one, other): &mut (Signal, Signal)) {
    tokio::select! { _ = one.recv() => {}, _ = other.recv() => {} }
}

async fn open(settings: &Settings) -> Result<Doors, String> {
    let tls = settings.ssl.as_ref().map(acceptor).transpose()?;
    let mut doors = Doors { tcp: Vec::new(), redirects: Vec::new(), unix: None, tls };
    for address in &settings.addresses {
        let (listener, port) = tcp::bind(address).await?;
        let (host, _) = address.rsplit_once(':').unwrap_or_default();
        if let Some(redirport) = settings.redirport {
            let (listener, from) = tcp::bind(&format!("{host}:{redirport}")).await?;
            doors.redirects.push((listener, format!("{host}:{from}"), port));
        }
        doors.tcp.push((listener, format!("{host}:{port}")));
    }
    let socket = settings.unixsocket.as_ref();
    doors.unix = socket.map(|path| unix::bind(path).map_err(|error| format!("--unixsocket: {error}"))).transpose()?;
    Ok(doors)
}

fn acceptor(ssl: &Ssl) -> Result<TlsAcceptor, String> {
    let files = TlsFiles { cert: ssl.cert.clone(), key: ssl.key.clone() };
    tls::load_for(&files, ssl.ca.as_deref()).map_err(|error| error.to_string())
}

/// Says what is served, and where.
fn announce(settings: &Settings, doors: &Doors, log: &Log) {
    let info = |line: &str| log.line(Level::Info, SERVER, &line);
    match &settings.source {
        Source::Command(program) => {
            let words: Vec<_> = program.args.iter().map(|word| word.to_string_lossy()).collect();
            info(&format!("Serving using application   : {} {}", program.path.display(), words.join(" ")));
        }
        Source::Folder(folder) => info(&format!("Serving from directory      : {}", folder.display())),
        Source::None => {}
    }
    if let Some(folder) = &settings.staticdir {
        info(&format!("Serving static content from : {}", folder.display()));
    }
    if let Some(folder) = &settings.cgidir {
        info(&format!("Serving CGI scripts from    : {}", folder.display()));
    }
    if let Some(ca) = settings.ssl.as_ref().and_then(|ssl| ssl.ca.as_ref()) {
        info(&format!("Mutual TLS enabled          : {}", ca.display()));
    }
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let secure = if settings.ssl.is_some() { "s" } else { "" };
    for (_, address) in &doors.tcp {
        let address = if address.starts_with(':') { format!("{host}{address}") } else { address.clone() };
        info(&format!("Starting WebSocket server   : ws{secure}://{address}/"));
        if settings.devconsole {
            info(&format!("Developer console enabled   : http{secure}://{address}/"));
        } else if settings.staticdir.is_some() || settings.cgidir.is_some() {
            info(&format!("Serving CGI or static files : http{secure}://{address}/"));
        }
    }
    for (_, address, _) in &doors.redirects {
        info(&format!("Starting redirect server    : http://{address}/"));
    }
    if let Some(path) = &settings.unixsocket {
        info(&format!("Starting WebSocket server   : unix socket at {}", path.display()));
    }
}
