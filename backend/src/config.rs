//! The settings: from flags, environment and file to one validated [`Config`], before anything is opened.
//!
//! Each setting comes from the first place that names it: a flag, the environment (`READYROOM_…`), the file, the
//! default. The file is the one named by `--config`, else `readyroom.toml` in the working folder if it exists.
//! [`args`] reads, [`Config::to_toml`] prints what came of it in a form that can be read again.
//!
//! Deliberately absent: settings that change while the server runs.

pub mod args;
pub mod programs;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use ipnet::IpNet;

use self::programs::ProgramEntry;
use crate::relay::allow::AllowList;
use crate::session::throttle::Rate;
use crate::shard::timings::Timings;
use crate::store::Durability;

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder that holds the database and the key of the cookies.
    pub data: PathBuf,
    /// How far a commit has got when it is acknowledged.
    pub durability: Durability,
    /// Whether somebody may come in with nothing but a name.
    pub guests: bool,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// Where people reach the server, if that is not where it listens.
    pub public_url: Option<Origin>,
    /// Other origins whose pages may connect.
    pub allowed_origins: Vec<Origin>,
    /// Proxies whose word is taken for who asks and by what scheme.
    pub trusted_proxies: Vec<IpNet>,
    /// What is logged, in the words of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// The files of the certificate, where the server itself speaks TLS.
    pub tls: Option<TlsFiles>,
    /// Whether the sockets under `/labs`, which ask nobody who they are, can be reached.
    pub labs: bool,
    /// Whether members may connect through the server to other servers.
    pub relay: bool,
    /// Where they may connect besides public addresses.
    pub relay_allow: AllowList,
    /// Whether the chat may be compressed (RFC 7692).
    pub deflate: bool,
    /// How long a stop may take.
    pub drain: Duration,
    /// How fast one connection may send.
    pub rate: Rate,
    /// Programs that the server itself runs.
    pub programs: Vec<ProgramEntry>,
    /// Waits and bounds that are not settings; tests shorten them.
    pub timings: Timings,
    /// How much the labs may take; tests make it less.
    pub lab_limits: crate::labs::Limits,
    /// Where each setting comes from.
    pub sources: BTreeMap<&'static str, Source>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUp {
    /// Who has an invite.
    #[default]
    Invite,
    /// Everybody.
    Open,
}

/// Two PEM files that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead from it to one that browsers know.
    pub cert: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// The environment.
    Environment,
    /// The file.
    File,
    /// Nobody named it.
    Default,
}

/// Scheme, host and port of a site, as browsers write it in `Origin` (RFC 6454): lower case, without the port that the
/// scheme implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Whether the scheme is https; else it is http.
    pub secure: bool,
    /// Host, and the port where it is not the scheme's own.
    pub authority: String,
}

/// A setting that is not valid, in words for whoever started the server.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the settings in {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key or value that does not exist.
    #[error("the settings in {} are not valid: {why}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// The key and what is wrong, on one line.
        why: String,
    },
    /// A value is not valid.
    #[error("{key}: {why}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
}

impl Default for Config {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 3000));
        Self {
            listen,
            data: PathBuf::from("./data"),
            durability: Durability::Full,
            guests: true,
            sign_up: SignUp::Invite,
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            log: "info".to_owned(),
            tls: None,
            labs: listen.ip().is_loopback(),
            relay: false,
            relay_allow: AllowList::default(),
            deflate: true,
            drain: Duration::from_secs(5),
            rate: Rate { per_second: 1_000, burst: 2_000 },
            programs: Vec::new(),
            timings: Timings::default(),
            lab_limits: crate::labs::Limits::default(),
            sources: BTreeMap::new(),
        }
    }
}

impl Config {
    /// The settings as TOML that can be read again, each with the place it comes from.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let text = |value: &str| toml::Value::from(value).to_string();
        let origins = self.allowed_origins.iter().map(ToString::to_string).collect::<Vec<_>>();
        let proxies = self.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>();
        let durability = match self.durability {
            Durability::Full => "full",
            Durability::Relaxed => "relaxed",
        };
        let sign_up = match self.sign_up {
            SignUp::Invite => "invite",
            SignUp::Open => "open",
        };
        let lines = [
            ("listen", Some(text(&self.listen.to_string()))),
            ("data", Some(text(&self.data.to_string_lossy()))),
            ("durability", Some(text(durability))),
            ("guests", Some(self.guests.to_string())),
            ("sign_up", Some(text(sign_up))),
            ("public_url", self.public_url.as_ref().map(|url| text(&url.to_string()))),
            ("allowed_origins", Some(toml::Value::from(origins).to_string())),
            ("trusted_proxies", Some(toml::Value::from(proxies).to_string())),
            ("tls_cert", self.tls.as_ref().map(|tls| text(&tls.cert.to_string_lossy()))),
            ("tls_key", self.tls.as_ref().map(|tls| text(&tls.key.to_string_lossy()))),
            ("labs", Some(self.labs.to_string())),
            ("relay", Some(self.relay.to_string())),
            ("relay_allow", Some(toml::Value::from(self.relay_allow.texts()).to_string())),
            ("deflate", Some(self.deflate.to_string())),
            ("log", Some(text(&self.log))),
            ("drain_ms", Some(self.drain.as_millis().to_string())),
            ("send_rate", Some(self.rate.per_second.to_string())),
            ("send_burst", Some(self.rate.burst.to_string())),
        ];
        let line = |(key, value): (&str, Option<String>)| {
            let source = self.sources.get(key).copied().unwrap_or(Source::Default);
            match value {
                Some(value) => format!("{key} = {value} # {source}\n"),
                None => format!("# {key} is not set\n"),
            }
        };
        lines.into_iter().map(line).chain([programs::to_toml(&self.programs)]).collect()
    }
}

impl Origin {
    /// Reads `http://host`, `https://host:port`; a `/` at the end is allowed, a path is not.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("{text:?} is not like https://chat.example or http://192.168.1.5:3000");
        let uri: Uri = text.parse().map_err(|_invalid| expected())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(expected()),
        };
        let authority = uri.authority().ok_or_else(expected)?.as_str();
        if authority.contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() || text.contains('#') {
            return Err(expected());
        }
        Ok(Self::new(secure, authority))
    }

    /// From its parts.
    #[must_use]
    pub fn new(secure: bool, authority: &str) -> Self {
        let authority = authority.to_ascii_lowercase();
        let implied = if secure { ":443" } else { ":80" };
        let authority = authority.strip_suffix(implied).unwrap_or(&authority).to_owned();
        Self { secure, authority }
    }

    /// The host without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        host_of(&self.authority)
    }
}

/// The host of `host:port` or `[v6]:port`.
#[must_use]
pub fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty() => host,
        Some(_) | None => authority,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http{}://{}", if self.secure { "s" } else { "" }, self.authority)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "from a flag",
            Self::Environment => "from the environment",
            Self::File => "from the file",
            Self::Default => "the default",
        })
    }
}

/// Reads a network such as `10.0.0.0/8`, or a single address.
///
/// # Errors
/// Says what is wrong.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let single = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    let read = text.parse::<IpNet>().map(|net| net.trunc()).or_else(|_no_network| single());
    read.map_err(|_invalid| format!("{text:?} is no address or network such as 10.0.0.1 or 10.0.0.0/8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let read = |text| Origin::parse(text).map(|origin| origin.to_string());
        assert_eq!(read("https://Chat.Example:443/"), Ok("https://chat.example".to_owned()));
        assert_eq!(read("http://[::1]:3000"), Ok("http://[::1]:3000".to_owned()));
        for bad in ["chat.example", "ftp://x", "https://a@b", "https://x/path", "https://x?y", "", "null"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_host_of_an_address_has_no_port() {
        let hosts = ["a:1", "a", "[::1]:80", "[::1]", "127.0.0.1:3000"].map(host_of);
        assert_eq!(hosts, ["a", "a", "[::1]", "[::1]", "127.0.0.1"]);
    }

    #[test]
    fn networks_are_read_and_what_is_none_is_refused() {
        for (text, read) in [("10.1.2.3/8", "10.0.0.0/8"), (" ::1 ", "::1/128"), ("10.0.0.1", "10.0.0.1/32")] {
            assert_eq!(network(text).map(|net| net.to_string()).as_deref(), Ok(read));
        }
        for bad in ["", "chat.example", "10.0.0.1:80", "10.0.0.0/33"] {
            assert!(network(bad).is_err_and(|why| why.contains("10.0.0.0/8")), "{bad}");
        }
    }
}
