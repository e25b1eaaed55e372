//! The vocabulary of the state: what can happen, what is to be done, and what they carry.

use common::api::messages::{EditList, MessageView, PinList, Place, Thread};
use common::api::{Problem, RoomEntry};
use common::close::CloseCode;
use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::Person;
use common::server::Refusal;
use common::text::TextError;

use super::look::Look;
use super::messages::Touch;
use super::offers::Token;
use super::probe::Probe;
use super::thread::Chain;
use super::{Deed, Module, News, Theme};
use crate::annex::port::{Open, Said, Tell};
use crate::i18n::Lang;
use crate::lean;
use crate::socket::{Event, Facts, Reading};

/// Why something that a form asked for did not happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The text breaks a rule.
    Text(TextError),
    /// The socket's answer.
    Refused(Refusal),
    /// The server's answer over HTTP.
    Status(u16),
    /// No answer.
    Network,
}

impl Failure {
    /// What a refused request means.
    #[must_use]
    pub fn from_problem(status: u16, problem: Option<Problem>) -> Self {
        match problem.and_then(|problem| problem.text) {
            Some(error) => Self::Text(error),
            None => Self::Status(status),
        }
    }
}

/// A drawer of a narrow page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The sidebar.
    Side,
    /// The wire panel; on a wide page it has a column.
    Wire,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Ask::Me`].
    Me(Result<Person, Failure>),
    /// To [`Ask::Enter`].
    Entered(Result<Person, Failure>),
    /// To [`Ask::Server`].
    Server(Result<Door, Failure>),
    /// To [`Ask::People`].
    People(Result<Vec<Person>, Failure>),
    /// To [`Ask::Members`], with what was asked for.
    Members(String, Result<Vec<Person>, Failure>),
    /// To [`Ask::Rooms`].
    Rooms(Result<Vec<RoomEntry>, Failure>),
    /// To [`Ask::PlaceAt`] and [`Ask::PlaceOf`].
    Place(RoomId, Result<Place, Failure>),
    /// To [`Ask::Message`].
    Message(Result<MessageView, Failure>),
    /// To [`Ask::Thread`].
    Thread(RoomId, Seq, Result<Thread, Failure>),
    /// To [`Ask::Pins`].
    Pins(RoomId, Result<PinList, Failure>),
    /// To [`Ask::Edits`].
    Edits(RoomId, Seq, Result<EditList, Failure>),
}

/// How one comes in: what the page wants to know of [`common::api::account::ServerInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// Whether somebody may come in with nothing but a name.
    pub guests: bool,
}

/// Everything that can happen to the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The page has started.
    Start,
    /// What is remembered of this person has news.
    Device(UserId, News),
    /// The present socket said something.
    Socket(Event),
    /// The present socket was looked at; the facts only when `readyState` has changed.
    Sampled(Option<Reading>, Option<Facts>),
    /// The engine's deadline has passed.
    Tick,
    /// The device woke, or the page was looked at.
    Wake,
    /// The browser believes that there is a network, or that there is none.
    Online(bool),
    /// The page can be seen, or no longer.
    Visible(bool),
    /// The address names this room now, because a person went back or forth.
    Went(Option<RoomId>),
    /// An answer over HTTP.
    Answer(Answer),

    /// Enter as a guest.
    Enter(String),
    /// The draft for a room.
    Draft(RoomId, String),
    /// Say the draft of the present room.
    Say,
    /// Answer a message of the present room with the next one.
    Reply(Seq),
    /// Answer nothing with the next one.
    CancelReply,
    /// Something is being written that something can be offered for, or no longer.
    Offer(Option<Token>),
    /// Put a text into the clipboard.
    Copy(String),
    /// Send a refused message again.
    Retry(Cid),
    /// Give a refused message up.
    Discard(Cid),
    /// The top of the timeline is near.
    LoadOlder,
    /// Load what a gap hides.
    FillGap(Seq),
    /// The newest message came into sight, or left it.
    AtLatest(bool),
    /// Go to the newest message.
    ToLatest,
    /// Look at a room.
    Visit(RoomId),
    /// Look at the next room of the list, or the previous one.
    Step(i8),
    /// Join a room and look at it.
    Join(RoomId),
    /// Mute a room, or no longer.
    Mute(RoomId, bool),
    /// Leave a room.
    Leave(RoomId),
    /// Open the dialog of rooms.
    ShowRooms,
    /// Show this in the annex.
    Open(Open),
    /// The rest of the program is there.
    Whole,
    /// The annex has been loaded, or could not be.
    AnnexLoaded(bool),
    /// Somebody did something in the annex.
    Said(Said),
    /// Open a place in the Workbench, or the chat.
    Beside(Option<String>),
    /// The browser went to an address: a place in the Workbench, or the chat's.
    WentBeside(Option<String>),
    /// Open the console with something to try.
    Try(lean::port::Errand),
    /// Load what takes the place of the chat once more.
    LoadBeside,
    /// A module that takes the place of the chat has been loaded, or could not be.
    BesideLoaded(bool),
    /// Somebody did something in the Workbench or a lesson.
    SaidBeside(lean::port::Said),
    /// Ask whether to leave this room.
    ShowLeave(RoomId),
    /// Close what lies on top.
    Dismiss,
    /// Open or close a drawer.
    Toggle(Overlay),
    /// Choose a theme.
    Theme(Theme),
    /// Choose a language.
    Language(Lang),
    /// Connect now.
    Connect,
    /// No further tries.
    Stop,
    /// Close the socket.
    CloseSocket(CloseCode, String),
    /// Empty the frame log.
    ClearLog,
    /// Load the page anew.
    Reload,
    /// Do something to a message.
    Touch(Touch),
    /// Do something to the wire.
    Probe(Probe),
    /// Look around.
    Look(Look),
    /// Do something in the thread beside the room.
    Chain(Chain),
}

impl Action {
    /// Whether what it leads to is in the part of the program that comes last.
    #[must_use]
    pub const fn needs_whole(&self) -> bool {
        matches!(self, Self::Probe(_) | Self::Chain(_) | Self::Said(_) | Self::Look(Look::Menu(_)))
            || matches!(self, Self::Touch(touch) if !matches!(touch, Touch::Write(_)))
    }
}

/// A request over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// `GET /api/v1/me`
    Me,
    /// `POST /api/v1/guests`
    Enter(String),
    /// `GET /api/v1/server`
    Server,
    /// `GET /api/v1/rooms`
    Rooms,
    /// `GET /api/v1/people?q=`
    People(String),
    /// `GET /api/v1/rooms/{room}/members?q=`
    Members(RoomId, String),
    /// `GET /api/v1/rooms/{room}/place?at=`
    PlaceAt(RoomId, Timestamp),
    /// `GET /api/v1/rooms/{room}/place?n=`
    PlaceOf(RoomId, u64),
    /// `GET /api/v1/rooms/{room}/messages/{seq}`
    Message(RoomId, Seq),
    /// `GET /api/v1/rooms/{room}/messages/{seq}/thread?after=`
    Thread(RoomId, Seq, Option<Seq>),
    /// `GET /api/v1/rooms/{room}/pins`
    Pins(RoomId),
    /// `GET /api/v1/rooms/{room}/messages/{seq}/edits`
    Edits(RoomId, Seq),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket and forget the present one.
    Dial(Option<&'static str>),
    /// Write to the present socket.
    Send(String),
    /// Close the present socket.
    HangUp(CloseCode, String),
    /// Ask over HTTP.
    Ask(Ask),
    /// What the device is to do.
    Device(Deed),
    /// Remember a setting.
    Keep(Setting, &'static str),
    /// Show this room in the address; as a new entry of the history or in place of the present one.
    Address(Option<RoomId>, History),
    /// Put the cursor into the composer.
    FocusComposer,
    /// Put the cursor into the composer of the thread.
    FocusThread,
    /// Scroll to the newest message.
    ScrollToLatest,
    /// Draw a frame that passes along the wireline.
    Pass {
        /// Whether it was sent.
        out: bool,
    },
    /// Load the annex, and say how that went.
    LoadAnnex,
    /// Load what takes the place of the chat, and say how that went.
    Load(Module),
    /// Tell what takes the place of the chat what it may know, though it has not changed.
    TellBeside,
    /// Show this place behind `/workbench/` in the address, as a new entry of the history.
    Place(String),
    /// Tell the annex something.
    Tell(Box<Tell>),
    /// Load the page anew.
    Reload,
    /// Something for messages or the wire.
    Run(Errand),
}

/// What is to be done for messages and the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Scroll to a message and give it the focus.
    ShowMessage(Seq),
    /// Scroll to a line of the frame log and open it.
    ShowFrame(u64),
    /// Put the cursor behind the text that is edited.
    FocusEditor,
    /// Put a text into the composer, where the cursor is.
    Insert(String),
    /// Ask the browser for notifications; [`Look::MayNotify`] is the answer.
    AskToNotify,
    /// Show a notification, and go to the message where somebody clicks on it.
    Notify {
        /// Where.
        room: RoomId,
        /// The message.
        seq: Seq,
        /// The room, and who wrote.
        title: String,
        /// What they wrote.
        text: String,
    },
    /// Put this text into the clipboard; [`Probe::Copied`] says whether that worked.
    Copy(String),
    /// Put this text into the clipboard, and say nothing about it.
    CopyText(String),
    /// Drop the present socket without a goodbye, and hear no more of it.
    CutSocket,
}

/// A setting that outlives the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The theme.
    Theme,
    /// The language.
    Lang,
    /// Whether the wire panel is open on a wide page.
    Wire,
    /// Whether single letters are commands.
    Keys,
}

/// What becomes of the present entry of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// It stays behind.
    Push,
    /// It is overwritten.
    Replace,
}
