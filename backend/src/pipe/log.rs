//! What happens, a line each on standard output, in websocketd's format.
//!
//! `RFC1123Z | LEVEL | category | key:'value' … | message`. Line breaks and other control characters of what came from
//! outside are shown as `\u{…}`, so that nobody can write a line of their own.

use std::fmt::{self, Display, Write as _};
use std::io::Write as _;
use std::str::FromStr;

use time::OffsetDateTime;

/// How important a line is. The order is that of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything, environment variables too.
    Debug,
    /// Messages.
    Trace,
    /// Connections and requests.
    Access,
    /// The server's own doings.
    Info,
    /// What went wrong for one connection.
    Error,
    /// What ends the server.
    Fatal,
    /// Nothing has it: who asks for it hears nothing.
    None,
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "debug" => Self::Debug,
            "trace" => Self::Trace,
            "access" => Self::Access,
            "info" => Self::Info,
            "error" => Self::Error,
            "fatal" => Self::Fatal,
            "none" => Self::None,
            _ => return Err(()),
        })
    }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
            Self::Access => "ACCESS",
            Self::Info => "INFO",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::None => "NONE",
        }
    }
}

/// Writes lines, with what they all belong to: the address, the connection, the process.
#[derive(Debug, Clone)]
pub struct Log {
    least: Level,
    associated: String,
}

impl Log {
    /// Lines of this level and above.
    #[must_use]
    pub const fn new(least: Level) -> Self {
        Self { least, associated: String::new() }
    }

    /// The same with one thing more that its lines belong to.
    pub fn associate(&mut self, key: &str, value: &dyn Display) {
        if self.least == Level::None {
            return;
        }
        if !self.associated.is_empty() {
            self.associated.push(' ');
        }
        self.associated.push_str(&format!("{key}:'{}'", Shown(&value.to_string())));
    }

    /// Whether a line of this level is written.
    #[must_use]
    pub fn has(&self, level: Level) -> bool {
        level >= self.least
    }

    /// Writes a line, if its level is asked for.
    pub fn line(&self, level: Level, category: &str, message: &dyn Display) {
        if !self.has(level) {
            return;
        }
        let message = message.to_string();
        let line = format!(
            "{} | {:<6} | {category:<10} | {} | {}\n",
            rfc1123z(OffsetDateTime::now_utc()),
            level.name(),
            self.associated,
            Shown(&message)
        );
        // Whoever started the server may not read its output any more.
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    }
}

/// A text without control characters.
struct Shown<'a>(&'a str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| {
            if c.is_control() && c != '\t' { write!(f, "{}", c.escape_unicode()) } else { f.write_char(c) }
        })
    }
}

/// A time as Go's RFC1123Z has it: `Mon, 02 Jan 2006 15:04:05 -0700`.
fn rfc1123z(at: OffsetDateTime) -> String {
    let weekday = at.weekday().to_string();
    let month = at.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
        weekday.get(..3).unwrap_or_default(),
        at.day(),
        month.get(..3).unwrap_or_default(),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
