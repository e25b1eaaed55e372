//! What happens, a line each on standard output, in websocketd's format.
//!
//! `RFC1123Z | LEVEL | category | key:'value' … | message`. Line breaks and other control characters of what came from
//! outside are shown as `\u{…}`, so that nobody can write a line of their own. The time is UTC. [`queue`] keeps who does
//! not read the log from holding the server up.

mod queue;

use std::fmt::{self, Display, Write as _};
use std::io::Write as _;
use std::str::FromStr;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::tasks::Tasks;
use queue::Queue;

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
    queue: Option<Arc<Queue>>,
}

impl Log {
    /// Lines of this level and above, each written at once.
    #[must_use]
    pub const fn new(least: Level) -> Self {
        Self { least, associated: String::new(), queue: None }
    }

    /// The same written by a thread of a group, which ends with [`Log::end`]: a reader of the log that stops does not stop
    /// the server. What waits has a bound; lines beyond it are lost, and counted.
    #[must_use]
    pub fn queued(&self, tasks: &Tasks) -> Self {
        let queue = Queue::start(tasks);
        Self { queue: Some(queue), ..self.clone() }
    }

    /// Writes what waits, and no more.
    pub async fn end(&self) {
        if let Some(queue) = &self.queue {
            queue.end().await;
        }
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
        let line = written(level, category, (&self.associated, &message.to_string()));
        match &self.queue {
            Some(queue) => queue.put(line),
            None => write(line.as_bytes()),
        }
    }
}

/// A line as it is written.
fn written(level: Level, category: &str, (associated, message): (&str, &str)) -> String {
    let at = rfc1123z(OffsetDateTime::now_utc());
    format!("{at} | {:<6} | {category:<10} | {associated} | {}\n", level.name(), Shown(message))
}

fn write(lines: &[u8]) {
    // Whoever started the server may not read its output any more.
    drop(std::io::stdout().lock().write_all(lines));
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
