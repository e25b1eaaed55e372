//! What the page and its annex say to each other.
//!
//! The page [`Tell`]s the annex what to show and what has changed; the annex has [`Said`] what a person did there. One of
//! [`Open`] is open at a time. What it needs to know comes as a [`Context`], anew whenever something in it has changed.
//! Neighbours: [`super::post`] carries both. Deliberately absent: answers over HTTP, which the annex asks for itself.

use common::id::{RoomId, Seq, Timestamp, UserId};
use common::model::{Level, Person, Role, RoomInfo};
use common::server::Refusal;
use common::sync::outbox::What;
use serde::{Deserialize, Serialize};

use crate::i18n::Lang;
use crate::state::Theme;

/// What the annex can show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Open {
    /// The settings.
    Settings(Section),
    /// The page of signing in.
    SignIn {
        /// Whether there was a session, which has ended.
        ended: bool,
        /// Whether one may also come in with nothing but a name, so that there is a way back.
        guests: bool,
    },
    /// The page that makes the owner's account.
    SetUp {
        /// From the link: `/setup#<token>`.
        token: String,
    },
    /// The page that makes an account, by an invite.
    Join {
        /// From the link: `/join#<token>`; empty where somebody has no link yet.
        token: String,
    },
    /// The public rooms.
    Rooms,
    /// The form for a new room.
    NewRoom,
    /// A room's settings.
    RoomSettings(RoomId),
    /// The question before a room is left.
    Leave(RoomId),
    /// The panel of a room's members.
    People(RoomId),
    /// Somebody's card.
    Person(UserId),
    /// The switcher.
    Switcher,
    /// The panel that searches.
    Search {
        /// What to search for at first.
        query: String,
        /// The room to search in; everywhere for none.
        room: Option<RoomId>,
    },
    /// The emoji.
    Emoji(EmojiFor),
    /// The list of keys.
    Shortcuts,
    /// The invites, which stand in the settings of admins.
    Invites,
    /// The form for a conversation with people.
    DirectNew,
}

impl Open {
    /// Whether it takes the place of the whole page, because nobody is signed in.
    #[must_use]
    pub const fn is_page(&self) -> bool {
        matches!(self, Self::SignIn { .. } | Self::SetUp { .. } | Self::Join { .. })
    }

    /// Whether it stands beside the room, which can be used meanwhile.
    #[must_use]
    pub const fn is_panel(&self) -> bool {
        matches!(self, Self::Search { .. } | Self::People(_))
    }
}

/// A section of the settings.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// Name, status, time zone.
    #[default]
    Profile,
    /// Sign-in name, password.
    Account,
    /// The second factor.
    TwoFactor,
    /// Where one is signed in.
    Sessions,
    /// Notifications.
    Notifications,
    /// Language and theme, the wire panel.
    Looks,
    /// The keyboard.
    Keyboard,
    /// Invites, for admins.
    Invites,
}

/// What an emoji is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EmojiFor {
    /// For what is being written.
    Composer,
    /// To put under a message.
    Message(RoomId, Seq),
}

/// What the annex may know. It comes with [`Tell::Open`], and anew when something in it has changed.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The language.
    pub lang: Lang,
    /// The theme.
    pub theme: Theme,
    /// Who is signed in, where somebody is.
    pub me: Option<Person>,
    /// What they may do on the server.
    pub role: Role,
    /// Whether the socket carries commands now; else they wait in the outbox.
    pub ready: bool,
    /// The rooms that they are in, in the order of the sidebar.
    pub rooms: Vec<RoomLine>,
    /// The room that is looked at.
    pub present: Option<RoomId>,
    /// Who is here of the room that is looked at, at most [`common::limits::PRESENCE_PEOPLE`].
    pub online: Vec<Person>,
    /// Whether the wire panel is open.
    pub wire: bool,
    /// Whether single keys mean something outside of texts.
    pub keys: bool,
}

/// A room that somebody is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomLine {
    /// The room.
    pub info: RoomInfo,
    /// How many of its messages they have not read.
    pub unread: u64,
    /// When the last event that is known happened; 0 for none.
    pub last: Timestamp,
}

impl Context {
    /// A room that they are in.
    #[must_use]
    pub fn room(&self, room: RoomId) -> Option<&RoomLine> {
        self.rooms.iter().find(|line| line.info.id == room)
    }
}

/// The page tells the annex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tell {
    /// Show this, in place of what was shown.
    Open(Open, Box<Context>),
    /// What may be known has changed.
    Updated(Box<Context>),
    /// What became of a [`Said::Command`].
    Answered {
        /// Its number.
        id: u32,
        /// What became of it.
        outcome: Outcome,
    },
    /// Show nothing.
    Close,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The server has carried it out, in this room.
    Done(RoomId),
    /// The server has refused it, or this program has before it was sent.
    Refused(Refusal),
}

/// What somebody did in the annex.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// They closed it; the annex shows nothing any more.
    Dismissed,
    /// They want to look at a room, at a message of it where one is named.
    Visit(RoomId, Option<Seq>),
    /// They want something done. It goes into the outbox; [`Tell::Answered`] tells what became of it.
    Command {
        /// A number for the answer.
        id: u32,
        /// What.
        what: Box<What>,
    },
    /// They want this address tried in the Workbench.
    Try(String),
    /// This is to stand in the composer, where the cursor is.
    Insert(String),
    /// An emoji is to stand under a message, or no longer.
    React(RoomId, Seq, String),
    /// A room is muted, or no longer.
    Mute(RoomId, bool),
    /// Which messages of a room they want to be told of.
    Level(RoomId, Level),
    /// They want another setting.
    Prefer(Prefer),
    /// They are signed in now, maybe as somebody else.
    SignedIn,
    /// They are signed out now.
    SignedOut,
}

/// A setting of this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The theme.
    Theme(Theme),
    /// The language.
    Lang(Lang),
    /// Whether the wire panel is open.
    Wire(bool),
    /// Whether single keys mean something outside of texts.
    Keys(bool),
}
