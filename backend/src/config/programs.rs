//! `[[programs]]`: programs that the server itself runs, each somebody in a room.
//!
//! Only the file says them: neither a flag nor the environment does, which others on the machine can see, nor anything that
//! is asked of the server while it runs. Here is what they say; whether the files and the user are there is looked at when
//! the server starts, by [`crate::bot::programs`].

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;

use common::text::{Login, RoomName, UserName};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use crate::program::limits::Limits;

/// Messages per minute that a program may say where it does not say how many, and at most.
const RATE: u32 = 60;
const MOST_RATE: u32 = 6_000;

/// Bytes in what the settings call a KB and a MB.
const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// A program of the server's own, as the file has it, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramEntry {
    /// The name that others see.
    pub name: String,
    /// The name of its account; absent, it is the other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// The names of its rooms.
    #[serde(default = "lobby")]
    pub rooms: Vec<String>,
    /// Whose rights it has; absent, the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The folder it works in; absent, one of its own under the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// Whether its lines are bare texts, both ways.
    #[serde(default)]
    pub plain: bool,
    /// Messages per minute that it may say, sustained.
    #[serde(default = "rate")]
    pub rate_per_minute: u32,
    /// Seconds of the processor's time that each process of it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<u64>,
    /// MB of memory that each process of it may take: of 1,048,576 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
    /// KB that it may write in a second: of 1,024 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_kb_per_second: Option<u64>,
    /// What is added to its environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

fn lobby() -> Vec<String> {
    vec!["lobby".to_owned()]
}

const fn rate() -> u32 {
    RATE
}

impl ProgramEntry {
    /// The name of its account, as accounts have them.
    #[must_use]
    pub fn login(&self) -> &str {
        self.login.as_deref().unwrap_or(&self.name)
    }

    /// What it may use up.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            cpu_seconds: self.cpu_seconds,
            memory: self.memory_mb.map(|mb| mb.saturating_mul(MB)),
            output_per_second: self.output_kb_per_second.map(|kb| kb.saturating_mul(KB)),
        }
    }

    /// Checks what can be checked by itself, and writes what is checked as it is kept.
    fn check(mut self) -> Result<Self, String> {
        let named = |key: &'static str| move |why: common::text::TextError| format!("{key}: {}", fault(&why));
        self.name = UserName::new(&self.name).map_err(named("name"))?.to_string();
        let login = Login::new(self.login()).map_err(|why| match &self.login {
            Some(_) => named("login")(why),
            None => format!("login: is wanted, for the name is none that an account can have: {}", fault(&why)),
        })?;
        if self.login.is_some() || login.as_str() != self.name {
            self.login = Some(login.to_string());
        }
        if self.command.first().is_none_or(String::is_empty) {
            return Err("command: is empty; it is like [\"./dice.py\", \"--sides\", \"6\"]".to_owned());
        }
        if self.command.iter().any(|word| word.contains('\0')) {
            return Err("command: may not contain U+0000".to_owned());
        }
        if self.rooms.is_empty() {
            return Err("rooms: is empty".to_owned());
        }
        for room in &mut self.rooms {
            *room = RoomName::new(room).map_err(named("rooms"))?.to_string();
        }
        for (name, value) in &self.env {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                return Err(format!("env: {name:?} is no name of a variable, or has a value that is none"));
            }
        }
        if !(1..=MOST_RATE).contains(&self.rate_per_minute) {
            return Err(format!("rate_per_minute: is 1 to {MOST_RATE}"));
        }
        let limits = [
            ("cpu_seconds", self.cpu_seconds),
            ("memory_mb", self.memory_mb),
            ("output_kb_per_second", self.output_kb_per_second),
        ];
        match limits.into_iter().find(|(_, limit)| *limit == Some(0)) {
            Some((key, _)) => Err(format!("{key}: is 1 at least; leave it out for no limit")),
            None => Ok(self),
        }
    }
}

/// What is wrong with a text, without the field that it would have in a request.
fn fault(error: &common::text::TextError) -> String {
    let text = error.to_string();
    text.split_once(": ").map_or(text.clone(), |(_field, why)| why.to_owned())
}

/// Reads what the file has under `programs`.
///
/// # Errors
/// [`ConfigError::Value`] names the program and the key.
pub(super) fn read(tables: Vec<toml::Table>) -> Result<Vec<ProgramEntry>, ConfigError> {
    let mut programs: Vec<ProgramEntry> = Vec::new();
    for (place, table) in tables.into_iter().enumerate() {
        let name = table.get("name").and_then(toml::Value::as_str).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("number {}", place + 1), str::to_owned);
        let program = entry(table).map_err(|why| refusal(&name, why))?;
        if let Some(twin) = programs.iter().find(|other| other.login() == program.login()) {
            return Err(refusal(&name, format!("login: {} is that of {} already", program.login(), twin.name)));
        }
        if programs.iter().any(|other| other.name.to_lowercase() == program.name.to_lowercase()) {
            return Err(refusal(&name, "name: stands there twice"));
        }
        programs.push(program);
    }
    Ok(programs)
}

fn entry(table: toml::Table) -> Result<ProgramEntry, String> {
    let read: Result<ProgramEntry, _> = serde_path_to_error::deserialize(toml::Value::Table(table));
    let entry = read.map_err(|error| {
        let (path, why) = (error.path().to_string(), error.inner().to_string().trim().replace('\n', " "));
        // What is missing has no path, and what is unknown is named by what is said of it.
        if path == "." || why.contains("unknown field") { why } else { format!("{path}: {why}") }
    })?;
    entry.check()
}

fn refusal(name: &str, why: impl Display) -> ConfigError {
    ConfigError::Value { key: "programs", why: format!("{name}: {why}") }
}

/// The same as TOML that can be read again.
pub(super) fn to_toml(programs: &[ProgramEntry]) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        programs: &'a [ProgramEntry],
    }
    if programs.is_empty() {
        return "# programs is not set\n".to_owned();
    }
    // What was read from TOML can be written as TOML.
    let text = toml::to_string(&File { programs }).unwrap_or_default();
    format!("\n# programs from the file\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<ProgramEntry>, String> {
        #[derive(Deserialize)]
        struct File {
            programs: Vec<toml::Table>,
        }
        let file: File = toml::from_str(text).unwrap();
        read(file.programs).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_has_its_default_and_all_of_it_is_read_again() {
        let least = parse("[[programs]]\nname = \"Dice\"\ncommand = [\"./dice.py\"]\n").unwrap();
        let [dice] = least.as_slice() else { panic!("{least:?}") };
        assert_eq!((dice.login(), dice.rate_per_minute, dice.plain), ("dice", 60, false));
        assert_eq!((dice.rooms.as_slice(), dice.limits()), (&["lobby".to_owned()][..], Limits::default()));
        let all = "[[programs]]\nname = \"骰子\"\nlogin = \"dice\"\ncommand = [\"a b\", \"--x\\n\"]\nrooms = [\"games\", \"ui\"]\n\
                   user = \"nobody\"\ndirectory = \"/srv/dice\"\nplain = true\nrate_per_minute = 6\ncpu_seconds = 1\n\
                   memory_mb = 2\noutput_kb_per_second = 3\nenv = { A = \"b\", C = \"\" }\n[[programs]]\nname = \"echo\"\n\
                   command = [\"cat\"]\n";
        let read = parse(all).unwrap();
        assert_eq!(
            read[0].limits(),
            Limits { cpu_seconds: Some(1), memory: Some(2 * MB), output_per_second: Some(3 * KB) }
        );
        for programs in [least, read] {
            assert_eq!(parse(&to_toml(&programs)).unwrap(), programs, "{}", to_toml(&programs));
        }
    }

    #[test]
    fn a_refusal_names_the_program_and_the_key() {
        let dice = "name = \"dice\"\ncommand = [\"x\"]\n";
        for (text, why) in [
            ("name = \"dice\"\n".to_owned(), "dice: missing field `command`"),
            ("command = [\"x\"]\n".to_owned(), "number 1: missing field `name`"),
            (format!("{dice}comand = 1\n"), "dice: unknown field `comand`"),
            (format!("{dice}plain = 1\n"), "dice: plain: invalid type"),
            (format!("{dice}cpu_seconds = -1\n"), "dice: cpu_seconds: invalid value"),
            (format!("{dice}cpu_seconds = 0\n"), "dice: cpu_seconds: is 1 at least"),
            (format!("{dice}rate_per_minute = 0\n"), "dice: rate_per_minute: is 1 to 6000"),
            (format!("{dice}rooms = []\n"), "dice: rooms: is empty"),
            (format!("{dice}rooms = [\"a b\"]\n"), "dice: rooms: may not contain U+0020"),
            (format!("{dice}env = {{ \"A=B\" = \"c\" }}\n"), "dice: env: \"A=B\" is no name"),
            (format!("{dice}login = \"x y\"\n"), "dice: login: may not contain U+0020"),
            (
                format!("{dice}[[programs]]\nname = \"Dice\"\ncommand = [\"x\"]\n"),
                "Dice: login: dice is that of dice already",
            ),
            (
                format!("{dice}[[programs]]\nname = \"Dice\"\nlogin = \"two\"\ncommand = [\"x\"]\n"),
                "Dice: name: stands there twice",
            ),
            ("name = \"dice\"\ncommand = []\n".to_owned(), "dice: command: is empty"),
            ("name = \"dice\"\ncommand = \"./dice.py --x\"\n".to_owned(), "dice: command: invalid type: string"),
            ("name = \"骰子\"\ncommand = [\"x\"]\n".to_owned(), "骰子: login: is wanted"),
            ("name = \" \"\ncommand = [\"x\"]\n".to_owned(), " : name: is blank"),
        ] {
            let refused = parse(&format!("[[programs]]\n{text}")).unwrap_err();
            assert!(refused.starts_with(&format!("programs: {why}")), "{text}{refused}");
            assert_eq!(refused.lines().count(), 1, "{refused}");
        }
    }
}
