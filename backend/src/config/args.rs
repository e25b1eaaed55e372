//! Reading the settings: the command line, the environment, the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use common::model::Role;
use ipnet::IpNet;
use serde::Deserialize;

use super::{Config, ConfigError, Origin, SignUp, Source, TlsFiles, network, programs};
use crate::bot::args::BotArgs;
use crate::relay::allow::{AllowList, Entry};
use crate::seed::Plan;
use crate::session::throttle::Rate;
use crate::store::Durability;

/// The file that is read if it exists and no other is named.
const DEFAULT_FILE: &str = "readyroom.toml";

/// Group chat whose page shows its own WebSocket.
#[derive(Debug, Parser)]
#[command(name = "readyroom", version, about, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

/// What the program is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Subcommand)]
pub enum Command {
    /// Serve the chat (what happens when no command is given)
    #[default]
    Serve,
    /// Print the settings that are in effect, as a file that can be used again
    Config,
    /// Make the search index anew; no server may use the data folder meanwhile
    Reindex,
    /// Fill an empty data folder with a year of made-up chat, in English and Chinese
    Seed(Plan),
    /// Manage accounts; no server may use the data folder meanwhile
    #[command(subcommand)]
    User(UserCommand),
    /// Make a program's input and output a WebSocket endpoint; readyroom pipe --help says more
    #[command(disable_help_flag = true)]
    Pipe {
        /// Flags, and the program with its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAG|COMMAND")]
        args: Vec<OsString>,
    },
    /// Let a program listen and speak in a room
    Bot(BotArgs),
}

/// What is to be done with accounts.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Make an account; its password is shown, unless it is read. A bot has a token instead
    Add {
        /// The name that they sign in with
        login: String,
        /// The name that others see [default: the login]
        #[arg(long)]
        name: Option<String>,
        /// What they may do
        #[arg(long, value_name = "bot|member|admin|owner", default_value = "member", value_parser = first_role)]
        role: Role,
        /// Read the password from standard input: its first line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give somebody another role; bots stay bots
    Role {
        /// The name that they sign in with
        login: String,
        /// What they may do from now on
        #[arg(value_name = "member|admin|owner", value_parser = role)]
        role: Role,
    },
    /// Give somebody another password, which is shown unless it is read; their second factor and sessions end. A bot gets
    /// another token
    Reset {
        /// The name that they sign in with
        login: String,
        /// Read the password from standard input: its first line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Show all accounts: login, role, second factor, name
    List,
}

/// What a new account may be.
fn first_role(text: &str) -> Result<Role, String> {
    if text == "bot" { Ok(Role::Bot) } else { role(text).map_err(|why| why.replace("is ", "is bot, ")) }
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "member" => Ok(Role::Member),
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        _ => Err("is member, admin or owner".to_owned()),
    }
}

#[derive(Debug, Args)]
struct Settings {
    /// File with settings; readyroom.toml in the working folder is read if it exists
    #[arg(long, global = true, env = "READYROOM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:3000]
    #[arg(long, global = true, env = "READYROOM_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Folder for the database and the keys; made if it is missing [default: ./data]
    #[arg(long, global = true, env = "READYROOM_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// full: what is acknowledged survives a power failure; relaxed: it survives the end of this program, but the last half
    /// minute may be lost when the power fails or the system crashes [default: full]
    #[arg(long, global = true, env = "READYROOM_DURABILITY", value_name = "full|relaxed", value_parser = durability)]
    durability: Option<Durability>,
    /// Whether somebody may come in with nothing but a name [default: true when listening on loopback, else false]
    #[arg(long, global = true, env = "READYROOM_GUESTS", value_name = "true|false")]
    guests: Option<bool>,
    /// Who may make an account: invite, for who has a link that an admin made; open, for everybody [default: invite]
    #[arg(long, global = true, env = "READYROOM_SIGN_UP", value_name = "invite|open", value_parser = sign_up)]
    sign_up: Option<SignUp>,
    /// Where people reach the server, such as <https://chat.example> behind a proxy
    #[arg(long, global = true, env = "READYROOM_PUBLIC_URL", value_name = "URL", value_parser = Origin::parse)]
    public_url: Option<Origin>,
    /// Other origins whose pages may connect, separated by commas
    #[arg(
        long, global = true, env = "READYROOM_ALLOWED_ORIGINS", value_name = "URL", value_delimiter = ',',
        value_parser = Origin::parse
    )]
    allowed_origins: Option<Vec<Origin>>,
    /// Proxies in front of the server, separated by commas, each an address or a network: of these, X-Forwarded-For says
    /// who asks, and X-Forwarded-Proto whether by https
    #[arg(
        long, global = true, env = "READYROOM_TRUSTED_PROXIES", value_name = "LIST", value_delimiter = ',',
        value_parser = network
    )]
    trusted_proxies: Option<Vec<IpNet>>,
    /// PEM file with the certificate to speak TLS with, and those that lead from it to one that browsers know
    #[arg(long, global = true, env = "READYROOM_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key
    #[arg(long, global = true, env = "READYROOM_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Whether /labs, sockets for everybody to learn from and to try programs on, can be reached: echo, ticker, broadcast,
    /// and whatever goes wrong with sockets; GET /labs/ lists them [default: true when listening on loopback, else false]
    #[arg(
        long, global = true, env = "READYROOM_LABS", value_name = "true|false", num_args = 0..=1,
        default_missing_value = "true"
    )]
    labs: Option<bool>,
    /// Whether members may connect through this server to WebSockets elsewhere, by the Workbench; public addresses alone,
    /// unless --relay-allow names others [default: false]
    #[arg(
        long, global = true, env = "READYROOM_RELAY", value_name = "true|false", num_args = 0..=1,
        default_missing_value = "true"
    )]
    relay: Option<bool>,
    /// Where the relay may connect besides public addresses, separated by commas: host, *.host, host:port, address, or
    /// network such as 10.0.0.0/8
    #[arg(
        long, global = true, env = "READYROOM_RELAY_ALLOW", value_name = "LIST", value_delimiter = ',',
        value_parser = Entry::parse
    )]
    relay_allow: Option<Vec<Entry>>,
    /// Whether the chat may be compressed on its way [default: true]
    #[arg(long, global = true, env = "READYROOM_DEFLATE", value_name = "true|false")]
    deflate: Option<bool>,
    /// What is logged, such as warn or info,readyroom=debug [default: info]
    #[arg(long, global = true, env = "READYROOM_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Milliseconds that a stop may take [default: 5000]
    #[arg(long, global = true, env = "READYROOM_DRAIN_MS", value_name = "MS")]
    drain_ms: Option<u64>,
    /// Messages per second that one connection may send, sustained; 0 for no limit [default: 1000]
    #[arg(long, global = true, env = "READYROOM_SEND_RATE", value_name = "N")]
    send_rate: Option<u32>,
    /// Messages that one connection may send at once after a pause [default: 2000]
    #[arg(long, global = true, env = "READYROOM_SEND_BURST", value_name = "N")]
    send_burst: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    durability: Option<Durability>,
    guests: Option<bool>,
    sign_up: Option<SignUp>,
    public_url: Option<String>,
    allowed_origins: Option<Vec<String>>,
    trusted_proxies: Option<Vec<String>>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    labs: Option<bool>,
    relay: Option<bool>,
    relay_allow: Option<Vec<String>>,
    deflate: Option<bool>,
    log: Option<String>,
    drain_ms: Option<u64>,
    send_rate: Option<u32>,
    send_burst: Option<u32>,
    #[serde(default)]
    programs: Vec<toml::Table>,
}

/// A command line that is not valid, or one that only asks for help.
#[derive(Debug, thiserror::Error)]
pub enum ArgsError {
    /// Clap has the words for it.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// A setting is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Reads the command line, the environment and the file.
///
/// # Errors
/// [`ArgsError`], in words for whoever started the program.
pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<(Command, Config), ArgsError> {
    let matches = CommandLine::command().try_get_matches_from(args)?;
    let CommandLine { command, settings } = CommandLine::from_arg_matches(&matches)?;
    let file = read_file(settings.config.as_deref())?;
    Ok((command.unwrap_or_default(), merge(settings, file, &matches)?))
}

fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "full" => Ok(Durability::Full),
        "relaxed" => Ok(Durability::Relaxed),
        _ => Err("is full or relaxed".to_owned()),
    }
}

fn sign_up(text: &str) -> Result<SignUp, String> {
    match text {
        "invite" => Ok(SignUp::Invite),
        "open" => Ok(SignUp::Open),
        _ => Err("is invite or open".to_owned()),
    }
}

fn read_file(named: Option<&Path>) -> Result<File, ConfigError> {
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
        None => return Ok(File::default()),
    };
    let file = path.to_owned();
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1);
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        ConfigError::Invalid { file, why: format!("{line}{}", error.message().replace('\n', " ")) }
    })
}

fn merge(flags: Settings, file: File, matches: &ArgMatches) -> Result<Config, ConfigError> {
    let mut merge = Merge { matches, sources: BTreeMap::new() };
    let default = Config::default();
    let origin = |key| move |text: String| Origin::parse(&text).map_err(|why| ConfigError::Value { key, why });
    let file_url = file.public_url.map(origin("public_url")).transpose()?;
    let file_origins = file
        .allowed_origins
        .map(|list| list.into_iter().map(origin("allowed_origins")).collect::<Result<Vec<_>, _>>())
        .transpose()?;
    let entry = |text: String| Entry::parse(&text).map_err(|why| ConfigError::Value { key: "relay_allow", why });
    let file_allow =
        file.relay_allow.map(|list| list.into_iter().map(entry).collect::<Result<Vec<_>, _>>()).transpose()?;

    let net = |text: String| network(&text).map_err(|why| ConfigError::Value { key: "trusted_proxies", why });
    let file_proxies =
        file.trusted_proxies.map(|list| list.into_iter().map(net).collect::<Result<_, _>>()).transpose()?;

    let listen = merge.pick("listen", flags.listen, file.listen).unwrap_or(default.listen);
    let config = Config {
        listen,
        data: merge.pick("data", flags.data, file.data).unwrap_or(default.data),
        durability: merge.pick("durability", flags.durability, file.durability).unwrap_or_default(),
        guests: merge.pick("guests", flags.guests, file.guests).unwrap_or(listen.ip().is_loopback()),
        sign_up: merge.pick("sign_up", flags.sign_up, file.sign_up).unwrap_or_default(),
        public_url: merge.pick("public_url", flags.public_url, file_url),
        allowed_origins: merge.pick("allowed_origins", flags.allowed_origins, file_origins).unwrap_or_default(),
        trusted_proxies: merge.pick("trusted_proxies", flags.trusted_proxies, file_proxies).unwrap_or_default(),
        tls: tls(
            merge.pick("tls_cert", flags.tls_cert, file.tls_cert),
            merge.pick("tls_key", flags.tls_key, file.tls_key),
        )?,
        labs: merge.pick("labs", flags.labs, file.labs).unwrap_or(listen.ip().is_loopback()),
        relay: merge.pick("relay", flags.relay, file.relay).unwrap_or(default.relay),
        relay_allow: AllowList(merge.pick("relay_allow", flags.relay_allow, file_allow).unwrap_or_default()),
        deflate: merge.pick("deflate", flags.deflate, file.deflate).unwrap_or(default.deflate),
        log: merge.pick("log", flags.log, file.log).unwrap_or(default.log),
        drain: merge.pick("drain_ms", flags.drain_ms, file.drain_ms).map_or(default.drain, Duration::from_millis),
        rate: Rate {
            per_second: merge.pick("send_rate", flags.send_rate, file.send_rate).unwrap_or(default.rate.per_second),
            burst: merge.pick("send_burst", flags.send_burst, file.send_burst).unwrap_or(default.rate.burst),
        },
        programs: programs::read(file.programs)?,
        timings: default.timings,
        lab_limits: default.lab_limits,
        sources: merge.sources,
    };
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log) {
        return Err(ConfigError::Value { key: "log", why: error.to_string() });
    }
    Ok(config)
}

/// A certificate without its key is no use, nor a key without its certificate.
fn tls(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, ConfigError> {
    let missing = |key, other: &str, file: &Path| {
        Err(ConfigError::Value { key, why: format!("is not set, but {other} is {}", file.display()) })
    };
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (Some(cert), None) => missing("tls_key", "tls_cert", &cert),
        (None, Some(key)) => missing("tls_cert", "tls_key", &key),
        (None, None) => Ok(None),
    }
}

struct Merge<'a> {
    matches: &'a ArgMatches,
    sources: BTreeMap<&'static str, Source>,
}

impl Merge<'_> {
    fn pick<T>(&mut self, key: &'static str, flag: Option<T>, file: Option<T>) -> Option<T> {
        let (value, source) = match (flag, file) {
            (Some(value), _) if self.matches.value_source(key) == Some(ValueSource::EnvVariable) => {
                (Some(value), Source::Environment)
            }
            (Some(value), _) => (Some(value), Source::Flag),
            (None, Some(value)) => (Some(value), Source::File),
            (None, None) => (None, Source::Default),
        };
        self.sources.insert(key, source);
        value
    }
}
