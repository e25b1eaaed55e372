//! The sidebar: the endpoints of this server, what was opened and saved before, lessons, and the way back to the chat.
//!
//! `presets` are the endpoints and the lessons, `view` draws, `words` are its words. What is saved is kept in this browser.

mod presets;
mod view;
mod words;

use super::bench::{self, Bench};
use super::effects::Effect;
use super::sender::{self, Kind};
use super::socket::{BinaryType, Event};
use super::{connection, kept};
use crate::lean::port::Said;
use presets::{CHAT, FAULTS, LABS, Preset};
pub use view::view;

/// How many connections are remembered.
const RECENT_MOST: usize = 12;

/// How many messages, and how many connections, may be saved.
const SAVED_MOST: usize = 100;

/// Characters of a saved thing's name.
const NAME_MOST: usize = 60;

/// Something that is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// Of a message the [`Kind`], of a connection the `binaryType`.
    pub kind: String,
    /// The message as it was written, or the address.
    pub text: String,
    /// The subprotocols of a connection, with blanks between them.
    pub protocols: String,
}

/// Where something is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Connections.
    Connections,
    /// Messages.
    Messages,
}

/// What happens in the sidebar.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Show or hide it, where it is a drawer.
    Toggle,
    /// Something that the page does.
    Say(Said),
    /// Connect to an endpoint of this server: the chat's is 0, then come the labs.
    Preset(usize),
    /// Connect to an address that was opened before.
    Again(String),
    /// Forget an address that was opened before.
    Forget(usize),
    /// Save the present connection.
    Star,
    /// Use what is saved there.
    Take(Shelf, usize),
    /// Save it no longer.
    Remove(Shelf, usize),
    /// Begin to give it another name.
    Rename(Shelf, usize),
    /// Its other name is written.
    Naming(String),
    /// Its other name is ready.
    Named,
}

/// The sidebar.
#[derive(Debug, Default)]
pub struct Library {
    /// Whether it is open, where it is a drawer.
    pub open: bool,
    /// The addresses that were opened, the last one first.
    pub recent: Vec<String>,
    /// Saved messages.
    pub saved: Vec<Saved>,
    /// Saved connections.
    pub starred: Vec<Saved>,
    /// What is being renamed, and its name so far.
    naming: Option<(Shelf, usize, String)>,
    /// The number of the last errand that was done.
    errand: Option<u32>,
}

impl Library {
    const fn shelf(&self, shelf: Shelf) -> &Vec<Saved> {
        match shelf {
            Shelf::Connections => &self.starred,
            Shelf::Messages => &self.saved,
        }
    }

    const fn shelf_mut(&mut self, shelf: Shelf) -> &mut Vec<Saved> {
        match shelf {
            Shelf::Connections => &mut self.starred,
            Shelf::Messages => &mut self.saved,
        }
    }
}

impl Shelf {
    /// What it is kept under.
    const fn key(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Messages => "messages",
        }
    }
}

/// What the addresses that were opened are kept under.
const RECENT: &str = "recent";

/// Takes up what was kept.
pub fn restore(bench: &mut Bench, look: &dyn Fn(&str) -> Option<String>) {
    let read = |key: &str| look(key).and_then(|texts| kept::read(&texts)).unwrap_or_default();
    let library = &mut bench.library;
    library.recent = read(RECENT);
    for shelf in [Shelf::Connections, Shelf::Messages] {
        let mut texts = read(shelf.key()).into_iter();
        while let (Some(name), Some(kind), Some(text), Some(protocols)) =
            (texts.next(), texts.next(), texts.next(), texts.next())
        {
            library.shelf_mut(shelf).push(Saved { name, kind, text, protocols });
        }
    }
}

fn keep(bench: &mut Bench, shelf: Shelf) {
    let mut texts: Vec<&str> = Vec::new();
    for Saved { name, kind, text, protocols } in bench.library.shelf(shelf) {
        texts.extend([name.as_str(), kind, text, protocols]);
    }
    bench.effects.push(Effect::Keep(shelf.key(), kept::write(&texts)));
}

fn keep_recent(bench: &mut Bench) {
    let texts: Vec<&str> = bench.library.recent.iter().map(String::as_str).collect();
    bench.effects.push(Effect::Keep(RECENT, kept::write(&texts)));
}

/// What the server offers is known.
pub const fn server_known(_bench: &mut Bench) {}

/// The Workbench has been opened.
pub const fn opened(_bench: &mut Bench) {}

/// The page has told something: an errand that is new is laid out, to be begun by hand.
pub fn told(bench: &mut Bench) {
    let Some(errand) = bench.page.errand.clone() else { return };
    if bench.library.errand.replace(errand.number) == Some(errand.number) {
        return;
    }
    if !errand.url.is_empty() {
        connection::update(bench, connection::Msg::Url(errand.url));
        bench.connection.protocols = Some(errand.protocol).filter(|name| !name.is_empty()).into_iter().collect();
    }
    if !errand.message.is_empty() {
        sender::update(bench, sender::Msg::Put(errand.message));
    }
}

/// A connection is being begun.
pub fn begun(bench: &mut Bench, url: &str) {
    let recent = &mut bench.library.recent;
    recent.retain(|known| known != url);
    recent.insert(0, url.to_owned());
    recent.truncate(RECENT_MOST);
    keep_recent(bench);
}

/// Saves a message; without a name it gets its own beginning as one.
pub fn save_message(bench: &mut Bench, name: String, kind: Kind, text: String) {
    let kind = kind.tag().to_owned();
    add(bench, Shelf::Messages, Saved { name, kind, text, protocols: String::new() });
}

fn add(bench: &mut Bench, shelf: Shelf, mut saved: Saved) {
    saved.name = name_of(&saved.name, &saved.text);
    let all = bench.library.shelf_mut(shelf);
    all.retain(|known| known.name != saved.name);
    all.insert(0, saved);
    all.truncate(SAVED_MOST);
    keep(bench, shelf);
}

/// The name that was written, else the beginning of the text.
fn name_of(written: &str, text: &str) -> String {
    let written = written.trim_ascii();
    let mut name = String::new();
    for letter in if written.is_empty() { text.trim_ascii() } else { written }.chars().take(NAME_MOST) {
        if letter == '\n' {
            break;
        }
        name.push(letter);
    }
    name
}

/// Takes what happened in the sidebar.
pub fn update(bench: &mut Bench, msg: Msg) {
    let library = &mut bench.library;
    match msg {
        Msg::Toggle => library.open = !library.open,
        Msg::Say(said) => bench.effects.push(Effect::Say(said)),
        Msg::Preset(at) => {
            if let Some(preset) = preset(at) {
                try_out(bench, preset);
            }
        }
        Msg::Again(url) => go(bench, url, Vec::new()),
        Msg::Forget(at) => {
            if at < library.recent.len() {
                library.recent.remove(at);
            }
            keep_recent(bench);
        }
        Msg::Star => star(bench),
        Msg::Take(shelf, at) => take(bench, shelf, at),
        Msg::Remove(shelf, at) => {
            library.naming = None;
            if at < library.shelf(shelf).len() {
                library.shelf_mut(shelf).remove(at);
            }
            keep(bench, shelf);
        }
        Msg::Rename(shelf, at) => {
            library.naming = library.shelf(shelf).get(at).map(|saved| (shelf, at, saved.name.clone()));
        }
        Msg::Naming(name) => {
            if let Some(naming) = &mut library.naming {
                naming.2 = name;
            }
        }
        Msg::Named => {
            let Some((shelf, at, name)) = library.naming.take() else { return };
            if let Some(saved) = library.shelf_mut(shelf).get_mut(at) {
                saved.name = name_of(&name, &saved.text);
            }
            keep(bench, shelf);
        }
    }
}

/// All endpoints of this server, by number.
fn preset(at: usize) -> Option<&'static Preset> {
    match at.checked_sub(1) {
        None => Some(&CHAT),
        Some(at) => LABS.get(at).or_else(|| FAULTS.get(at.checked_sub(LABS.len())?)),
    }
}

fn go(bench: &mut Bench, url: String, protocols: Vec<String>) {
    bench.library.open = false;
    connection::update(bench, connection::Msg::Go { url, protocols });
}

fn try_out(bench: &mut Bench, preset: &Preset) {
    let url = bench.server.origin.clone() + preset.path;
    if !preset.message.is_empty() {
        sender::update(bench, sender::Msg::Put(preset.message.to_owned()));
    }
    go(bench, url, preset.protocols.iter().map(|name| (*name).to_owned()).collect());
}

/// Saves the connection as it stands in the bar, and asks for its name.
fn star(bench: &mut Bench) {
    let connection = &bench.connection;
    if connection.url.is_empty() {
        return;
    }
    let saved = Saved {
        name: String::new(),
        kind: connection.binary_type.name().to_owned(),
        text: connection.url.clone(),
        protocols: connection.protocols.join(" "),
    };
    add(bench, Shelf::Connections, saved);
    update(bench, Msg::Rename(Shelf::Connections, 0));
}

fn take(bench: &mut Bench, shelf: Shelf, at: usize) {
    let Some(Saved { kind, text, protocols, .. }) = bench.library.shelf(shelf).get(at).cloned() else { return };
    match shelf {
        Shelf::Messages => {
            bench.library.open = false;
            sender::update(bench, sender::Msg::Fill(Kind::from_tag(&kind), text));
        }
        Shelf::Connections => {
            let blob = kind == BinaryType::Blob.name();
            bench.connection.binary_type = if blob { BinaryType::Blob } else { BinaryType::ArrayBuffer };
            go(bench, text, protocols.split_ascii_whitespace().map(str::to_owned).collect());
        }
    }
}

/// The socket has said something.
pub const fn heard(_bench: &mut Bench, _event: &Event) {}

/// A message of the sidebar.
const fn msg(msg: Msg) -> bench::Msg {
    bench::Msg::Library(msg)
}

#[cfg(test)]
mod tests;
