//! Commands that are written into the composer: `/topic words`.
//!
//! A pure reading of the text. `//` in front writes a text that begins with `/`; what is a path (`/etc/hosts`) is a text
//! as well. Neighbours: `composer` carries a command out.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Shows what there is.
    Help,
    /// Tells what one does; the text keeps it, and the timeline shows it.
    Me,
    /// Says a text and shrugs.
    Shrug,
    /// Says what the room is about.
    Topic,
    /// Goes to a room.
    Join,
    /// Makes somebody a member of the room.
    Invite,
    /// Mutes the room, or no longer.
    Mute,
}

impl Command {
    /// All, in the order of the help.
    pub(crate) const ALL: [Self; 7] =
        [Self::Help, Self::Me, Self::Shrug, Self::Topic, Self::Join, Self::Invite, Self::Mute];

    /// What is written behind the `/`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Me => "me",
            Self::Shrug => "shrug",
            Self::Topic => "topic",
            Self::Join => "join",
            Self::Invite => "invite",
            Self::Mute => "mute",
        }
    }

    /// Whether nothing can come of it without words behind it.
    const fn wants_words(self) -> bool {
        matches!(self, Self::Me | Self::Topic | Self::Join | Self::Invite)
    }
}

/// What a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Said as it is.
    Text(String),
    /// A command, and the words behind it.
    Do(Command, String),
    /// Nothing that can be done.
    Not(Fault),
}

/// Why a command is not carried out. The text stays in the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no command of this name.
    Unknown(String),
    /// It wants words behind it.
    Bare(Command),
    /// There is no such room among those that one is in.
    NoRoom(String),
    /// Nobody here has this name.
    Nobody(String),
    /// It cannot be looked up while there is no connection.
    Offline,
}

/// What puts a shrug behind a text, in Markdown.
const SHRUG: &str = r"¯\\\_(ツ)\_/¯";

/// Reads a text.
pub(crate) fn read(text: &str) -> Reading {
    let Some(rest) = text.strip_prefix('/') else { return Reading::Text(text.to_owned()) };
    if rest.starts_with('/') {
        return Reading::Text(rest.to_owned());
    }
    let (name, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let words = words.trim();
    let is_name = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphabetic());
    if !is_name {
        return Reading::Text(text.to_owned());
    }
    let lower = name.to_ascii_lowercase();
    match Command::ALL.into_iter().find(|command| command.name() == lower) {
        None => Reading::Not(Fault::Unknown(name.to_owned())),
        Some(command) if words.is_empty() && command.wants_words() => Reading::Not(Fault::Bare(command)),
        Some(Command::Me) => Reading::Text(format!("/me {words}")),
        Some(Command::Shrug) => Reading::Text(format!("{words} {SHRUG}").trim_start().to_owned()),
        Some(command) => Reading::Do(command, words.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_name_behind_a_slash() {
        assert_eq!(read("/topic  on call \n"), Reading::Do(Command::Topic, "on call".into()));
        assert_eq!(read("/MUTE"), Reading::Do(Command::Mute, String::new()));
        assert_eq!(read("/topic"), Reading::Not(Fault::Bare(Command::Topic)));
        assert_eq!(read("/nope x"), Reading::Not(Fault::Unknown("nope".into())));
        assert_eq!(read("/join "), Reading::Not(Fault::Bare(Command::Join)));
    }

    #[test]
    fn other_texts_are_said() {
        for text in ["hello", " /topic", "/etc/hosts is a file", "/", "/ x", "/7", "/中文"] {
            assert_eq!(read(text), Reading::Text(text.into()), "{text}");
        }
        assert_eq!(read("//topic is a command"), Reading::Text("/topic is a command".into()));
    }

    #[test]
    fn some_commands_are_texts() {
        assert_eq!(read("/me waves"), Reading::Text("/me waves".into()));
        assert_eq!(read("/shrug"), Reading::Text(SHRUG.into()));
        let Reading::Text(shrug) = read("/shrug who knows") else { panic!("a text") };
        assert_eq!(common::markdown::plain(&shrug), r"who knows ¯\_(ツ)_/¯");
    }
}
