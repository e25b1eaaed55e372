//! Finds the flags of a command line, as Go's `flag` package does, and what each is set to.
//!
//! Pure. Deliberately absent: what may go together, which is [`super::check`]'s.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What a flag is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On or off; without a value it is on.
    Switch,
    /// A whole number.
    Number,
    /// A whole number that is not negative.
    Natural,
    /// Anything.
    Text,
}

/// The flags, by name.
const FLAGS: [(&str, Kind); 42] = [
    ("port", Kind::Number),
    ("address", Kind::Text),
    ("unixsocket", Kind::Text),
    ("ssl", Kind::Switch),
    ("sslcert", Kind::Text),
    ("sslkey", Kind::Text),
    ("sslca", Kind::Text),
    ("redirport", Kind::Number),
    ("sameorigin", Kind::Switch),
    ("origin", Kind::Text),
    ("passenv", Kind::Text),
    ("binary", Kind::Switch),
    ("passstderr", Kind::Switch),
    ("reverselookup", Kind::Switch),
    ("dir", Kind::Text),
    ("staticdir", Kind::Text),
    ("cgidir", Kind::Text),
    ("maxforks", Kind::Number),
    ("maxframesize", Kind::Number),
    ("closems", Kind::Natural),
    ("pingms", Kind::Natural),
    ("header", Kind::Text),
    ("header-ws", Kind::Text),
    ("header-http", Kind::Text),
    ("devconsole", Kind::Switch),
    ("loglevel", Kind::Text),
    ("version", Kind::Switch),
    ("license", Kind::Switch),
    ("pty", Kind::Switch),
    ("share", Kind::Switch),
    ("history", Kind::Natural),
    ("frame", Kind::Text),
    ("restart", Kind::Switch),
    ("pool", Kind::Natural),
    ("limitcpu", Kind::Natural),
    ("limitmemory", Kind::Natural),
    ("limitoutput", Kind::Natural),
    ("status", Kind::Text),
    ("protocol", Kind::Text),
    ("deflate", Kind::Switch),
    ("writems", Kind::Natural),
    ("eof", Kind::Text),
];

/// The names of all flags.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FLAGS.into_iter().map(|(name, _)| name)
}

/// What a command line comes to.
#[derive(Debug)]
pub(super) enum Scanned {
    /// Flags, and what stands behind them.
    Given(Given),
    /// Somebody needs help.
    Help,
}

/// The flags that are given, each as often as it is, and the words behind them.
#[derive(Debug, Default)]
pub(super) struct Given {
    flags: Vec<(&'static str, Value)>,
    /// The program and its arguments.
    pub(super) rest: Vec<OsString>,
}

#[derive(Debug)]
enum Value {
    Switch(bool),
    Number(i64),
    Text(OsString),
}

impl Given {
    /// Whether a switch is on.
    pub(super) fn switch(&self, name: &str) -> bool {
        self.set_switch(name).unwrap_or(false)
    }

    /// What a switch is set to, if it is.
    pub(super) fn set_switch(&self, name: &str) -> Option<bool> {
        self.all(name).last().and_then(|value| match value {
            Value::Switch(on) => Some(*on),
            Value::Number(_) | Value::Text(_) => None,
        })
    }

    /// What a number is set to last, if it is.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.all(name).last().and_then(|value| match value {
            Value::Number(number) => Some(*number),
            Value::Switch(_) | Value::Text(_) => None,
        })
    }

    /// What a text is set to last, if it is.
    pub(super) fn text(&self, name: &str) -> Option<&OsStr> {
        self.texts(name).last()
    }

    /// All that a text is set to.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &OsStr> {
        self.all(name).filter_map(|value| match value {
            Value::Text(text) => Some(text.as_os_str()),
            Value::Switch(_) | Value::Number(_) => None,
        })
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.flags.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Reads flags until a word is none. The error is in words.
pub(super) fn scan(args: &[OsString]) -> Result<Scanned, String> {
    let mut given = Given::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let Some(flag) = flag(word)? else {
            given.rest.extend(std::iter::once(word).filter(|word| *word != "--").cloned());
            given.rest.extend(words.cloned());
            break;
        };
        let (name, value) = flag;
        let shown = name.to_string_lossy();
        let Some((known, kind)) = FLAGS.into_iter().find(|(known, _)| name == *known) else {
            if shown == "help" || shown == "h" {
                return Ok(Scanned::Help);
            }
            return Err(format!("there is no flag --{shown}"));
        };
        let value = match (value, kind) {
            (None, Kind::Switch) => OsStr::new("true"),
            (Some(value), _) => value,
            (None, Kind::Number | Kind::Natural | Kind::Text) => {
                words.next().ok_or_else(|| format!("--{shown} needs a value"))?
            }
        };
        given.flags.push((known, read(known, kind, value)?));
    }
    Ok(Scanned::Given(given))
}

/// A flag's name, and the value behind `=`.
type Flag<'a> = (&'a OsStr, Option<&'a OsStr>);

/// The flag that a word is, if it is one.
fn flag(word: &OsStr) -> Result<Option<Flag<'_>>, String> {
    let bytes = word.as_bytes();
    let Some(one) = bytes.strip_prefix(b"-").filter(|name| !name.is_empty()) else { return Ok(None) };
    let name = one.strip_prefix(b"-").unwrap_or(one);
    if bytes == b"--" {
        return Ok(None);
    }
    if name.is_empty() || name.starts_with(b"-") || name.starts_with(b"=") {
        return Err(format!("'{}' is no flag: --name or --name=value is expected", word.to_string_lossy()));
    }
    let mut halves = name.splitn(2, |byte| *byte == b'=');
    let name = halves.next().unwrap_or_default();
    Ok(Some((OsStr::from_bytes(name), halves.next().map(OsStr::from_bytes))))
}

fn read(name: &str, kind: Kind, value: &OsStr) -> Result<Value, String> {
    let shown = value.to_string_lossy();
    Ok(match kind {
        Kind::Switch => {
            Value::Switch(switch(&shown).ok_or_else(|| format!("--{name} is true or false, not '{shown}'"))?)
        }
        Kind::Number => {
            Value::Number(integer(&shown).ok_or_else(|| format!("--{name} is a whole number, not '{shown}'"))?)
        }
        Kind::Natural => Value::Number(
            integer(&shown)
                .filter(|number| *number >= 0)
                .ok_or_else(|| format!("--{name} is a whole number from 0 on, not '{shown}'"))?,
        ),
        Kind::Text => Value::Text(value.to_owned()),
    })
}

/// What Go's `strconv.ParseBool` takes.
fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// What Go's `strconv.ParseInt` takes where the base is found by the prefix.
fn integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = [(16, "0x"), (2, "0b"), (8, "0o"), (8, "0")]
        .into_iter()
        .find_map(|(base, prefix)| lower.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(|rest| (base, rest)))
        .unwrap_or((10, &lower));
    // A sign was taken off; another is none.
    let plain = digits.starts_with(|first: char| first.is_ascii_hexdigit());
    plain.then(|| i64::from_str_radix(digits, base).ok())?.map(|number| sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_gos_prefixes() {
        for (text, number) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("+8080", Some(8080)),
            ("0x1F", Some(31)),
            ("0b11", Some(3)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("08", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("0x-1", None),
            ("1.5", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(integer(text), number, "{text}");
        }
    }

    #[test]
    fn one_dash_is_a_word_and_two_are_the_end() {
        let words = |args: &[&str]| match scan(&args.iter().map(OsString::from).collect::<Vec<_>>()) {
            Ok(Scanned::Given(given)) => given.rest,
            other => panic!("{other:?}"),
        };
        assert_eq!(words(&["-", "--port"]), ["-", "--port"]);
        assert_eq!(words(&["--", "--port"]), ["--port"]);
        assert_eq!(words(&["--ssl", "--", "--", "x"]), ["--", "x"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        let path = OsStr::from_bytes(b"--dir=/\xff");
        let Ok(Scanned::Given(given)) = scan(&[path.to_owned()]) else { panic!("flags") };
        assert_eq!(given.text("dir"), Some(OsStr::from_bytes(b"/\xff")));
    }
}
