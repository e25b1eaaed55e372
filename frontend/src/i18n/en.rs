//! The words in English.

use common::close::CloseCode;
use common::limits;
use common::server::{ErrorCode, Refusal};
use common::text::{Fault, Field, TextError};

use super::{Catalogue, Changes, grouped, shown};
use crate::calendar::Local;
use crate::state::closing::{CloseFault, REASON_BYTES};
use crate::state::note::Note;
use crate::state::outlook::Kind;

pub(super) static WORDS: Catalogue = Catalogue {
    skip: "Skip to messages",
    close: "Close",
    people_and_rooms: "Rooms and people",
    rooms: "Rooms",
    add_room: "Add a room",
    you: "You",
    settings: "Settings",
    theme_button: |theme| format!("Theme: {theme}. Switch"),
    unread: |mentions| match mentions {
        0 => " unread".to_owned(),
        1 => " unread, 1 mention of you".to_owned(),
        n => format!(" unread, {n} mentions of you"),
    },
    muted: ", muted",
    mute: "Mute the room",
    pill: |shown| format!("{shown}: the connection. Show the wire."),
    no_socket: "no socket",
    wire: "Wire",
    wire_toggle: "Wire panel",
    members: |n| if n == 1 { "1 member".to_owned() } else { format!("{} members", grouped(n)) },
    leave: "Leave the room",
    chat: "Chat",
    workbench: "Workbench",
    open_in_workbench: "Open in the Workbench",
    jump: "Jump to…",
    search: "Search this room",
    room_settings: "Room settings",

    no_room_title: "You are in no room yet",
    no_room_text: "Look at the public rooms, or make the first one.",
    browse: "Browse rooms",
    outside_title: "You are not in this room",
    outside_text: "If it is public, you can join it.",
    join: "Join",
    loading: "Loading messages…",
    retry: "Retry",

    messages_in: |room| format!("Messages in {room}"),
    empty_title: |room| format!("This is the start of {room}"),
    empty_text: "Say the first word. Anybody on this server can find this room and join it.",
    gap: |n| {
        if n == 1 { "1 event is missing here".to_owned() } else { format!("{} events are missing here", grouped(n)) }
    },
    gap_load: "Load",
    new_messages: "New messages",
    to_latest: "Jump to latest",
    sending: "Sending…",
    waiting: |i, n| format!("Waiting, {i} of {n}"),
    delete: "Delete",
    not_sent: |why| format!("Not sent. {}", refusal(why)),
    refusal,
    text_error,

    message_to: |room| format!("Message {room}"),
    write_on: "Write on; it will be sent later",
    new_line: "new line",
    used: "Characters used ",
    over: |n| format!("{} characters over the limit of {}", grouped(n as u64), grouped(limits::BODY_CHARS as u64)),
    send: "Send",

    offline: |n| format!("Your device is offline.{}", waiting(n)),
    queued: waiting,
    cause,
    next_in: |s| format!("Next attempt in {s} s."),
    attempt_if: |n, s| format!("Attempt {n}; if it fails, the next comes within {s} s."),
    stays_closed: "Readyroom will not try again by itself.",
    connect_now: "Connect now",
    connect: "Connect",
    use_here: "Use here",
    reload: "Reload",
    stop: "Stop",

    hide_wire: "Hide the wire",
    up_for: |s| format!("open {}", duration(s)),
    down_for: |s| format!("down {}", duration(s)),
    attempt: |n| format!("attempt {n}"),
    closing: "closing",
    idle: "no socket",
    now: "now",
    none_agreed: "none agreed",
    round_trip: "Round trip",
    no_reading: "no reading now",
    peak: |size| format!("peak {size}"),
    buffered_spoken: |n, peak| format!("{n} bytes, peak {peak}"),
    frames: "Frames",
    frame_log: "Frame log",
    filter: "Filter",
    filter_frames: "Filter frames",
    pause: "Pause the log",
    clear: "Clear the log",
    sent: "sent ",
    received: "received ",
    no_detail: "no detail",
    cut_short: "… the rest is not kept",
    close_form: "Close the socket",
    close_code: "Close code",
    close_reason: "Reason, at most 123 bytes",
    reason: "reason",
    close_verb: "Close",
    close_fault: |fault| match fault {
        CloseFault::Code => "close() takes 1000 or 3000 to 4999; browsers refuse any other code.".to_owned(),
        CloseFault::Reason { bytes } => format!("The reason has {bytes} bytes of UTF-8; {REASON_BYTES} are allowed."),
    },
    bytes_of: |used, of| format!("{used} of {of} bytes"),
    if_drops: "If it drops",
    if_drops_text: "First retry at once, then within 1 s, doubling to 30 s",
    delays: "Longest waits before a retry, in seconds",
    wait_close: "Waiting for the server’s close frame",
    wait_close_text: "Frames queued before close() still go out. New messages wait in Readyroom’s own queue.",
    attempt_spread: |n| format!("Attempt {n}, at a random time within the bar"),
    seconds_spoken: |s| format!("{s} seconds to the next attempt"),
    if_fails: |s| format!("If it fails, wait up to {s} s"),
    stopped: "Stays closed",
    stopped_text: "No further attempt until you ask for one.",
    no_frames: "No frames yet.",
    earlier: "Show earlier",

    welcome_title: "Come in",
    welcome_lead: "Choose the name that others will see. No account, no password; you can change the name later.",
    session_ended: "Your session ended. Choose a name to go on.",
    your_name: "Your name",
    name_hint: "At most 32 characters.",
    enter: "Enter",
    own_server: "Runs on your own server",
    four_states: "The four ready states",
    caption: "Readyroom shows its WebSocket. There is none behind this page yet; it opens when you enter.",
    state_text: [
        "The browser asks the server to switch protocols.",
        "Frames travel both ways.",
        "One side has said goodbye; the last frames drain.",
        "The line is down. Readyroom says why, then dials again.",
    ],
    adjectives: &[
        "Quiet", "Bright", "Early", "Gentle", "Brisk", "Calm", "Keen", "Merry", "Patient", "Swift", "Amber", "Northern",
    ],
    animals: &["Heron", "Otter", "Lynx", "Swift", "Badger", "Tern", "Fox", "Plover", "Marten", "Owl", "Hare", "Seal"],
    join_words: " ",

    theme_names: ["Match the system", "Light", "Dark"],

    part_failed: "This part of the page could not be loaded. Check the connection and try again.",
    opening: "Opening…",
    sign_in: "Sign in",
    have_account: "Have an account?",
    unreachable: "The server cannot be reached. Check the connection and try again.",
    http_failed: |status| format!("The server answered {status}. Try again."),

    talk: super::talk::EN,
    writing: super::writing::EN,
    changes: Changes {
        tools: "Message actions",
        react: "Add a reaction",
        react_with: |emoji| format!("React with {emoji}"),
        edit: "Edit",
        pin: "Pin",
        unpin: "Unpin",
        edited: "edited",
        edited_at: |clock| format!("Edited at {clock}"),
        pinned: "pinned",
        deleted: "Message deleted",
        deleting: "Being deleted…",
        later: "Waits for the connection",
        again: " It goes out again by itself.",
        not_done: |kind, why| {
            let what = match kind {
                Kind::Edit => "Not edited. ",
                Kind::Delete => "Not deleted. ",
                Kind::React => "The reaction was not set. ",
                Kind::Room => "The room was not changed. ",
                Kind::Pin => "The pin was not changed. ",
                Kind::Say | Kind::Create | Kind::Join | Kind::Leave => "",
            };
            format!("{what}{why}")
        },
        discard: "Discard",
        editing: "Editing your message",
        cancel_edit: "Cancel the edit",
        delete_title: "Delete this message?",
        delete_text: |room| format!("It goes for everyone in {room}, and it cannot be brought back."),
        keep: "Keep it",
        pins: "Pinned messages",
        show: "Show",

        here: |n| format!("{} here", grouped(n)),
        people: "Who is here",
        comma: ", ",
        and: " and ",
        others: |n| if n == 1 { "1 other".to_owned() } else { format!("{n} others") },
        typing: [" is typing", " are typing"],

        held: "Held",
        seq_and_head: "held / head",
        gaps: "gaps",
        all_to: |seq| format!("you have everything to {seq}"),
        on_their_way: |seq, n| format!("{seq}, {} on their way", grouped(n)),
        last_known: |seq| format!("{seq} held; no news without a connection"),
        older_missing: |seq, n| format!("up to date at {seq}; {} older ones not loaded", grouped(n)),
        more_rooms: |n| format!("and {n} more rooms"),
        mended: |found, filled, twice| {
            format!("Gaps found {}, filled {}. Duplicates dropped {}.", grouped(found), grouped(filled), grouped(twice))
        },
        leads: ["Another tab sends what you write.", "This tab sends what you write."],
        outbox: |n| format!("Outbox: {n}"),
        outbox_empty: "Outbox: empty",
        kind: |kind| match kind {
            Kind::Say => "message",
            Kind::Edit => "edit",
            Kind::Room => "room",
            Kind::Delete => "deletion",
            Kind::React => "reaction",
            Kind::Pin => "pin",
            Kind::Create => "new room",
            Kind::Join => "join",
            Kind::Leave => "leave",
        },
        stage: ["waiting", "sent", "stored", "refused"],
        since: |clock| format!("since {clock}"),
        note,

        developer: "Developer",
        developer_text: "Break something and watch the page mend it. Nothing is lost.",
        faults: [
            ("Drop the socket", "It closes with 1006 and is dialled again at once."),
            ("Freeze the reader", "Frames wait. Let go, or after 10 s without a pong the page dials again."),
            ("Lose the next event", "A gap is found, asked for and filled."),
            ("Double the next event", "The second copy is dropped and counted."),
            ("Delay frames", "Every frame in waits that long, in order."),
            ("Forget this room", "Its messages vanish and its newest page is loaded."),
            ("Force a reset", "The server answers with a reset and its newest page."),
        ],
        no_delay: "none",
        held_back: |n| format!("{n} frames wait"),
        copy_trace: "Copy trace",
        copied: "Copied.",
        copy_refused: "The browser refused the clipboard. Copy it from here:",
        trace_text: "The last 1,000 lines and what the page knows of itself, as JSON.",
        with_texts: "With messages and names",
    },

    day,
};

fn note(note: Note) -> String {
    match note {
        Note::Gap(room, from, to) if from == to => format!("{room}: {from} is missing, asked for"),
        Note::Gap(room, from, to) => format!("{room}: {from} to {to} are missing, asked for"),
        Note::Filled(room) => format!("{room}: the gap is filled"),
        Note::Duplicate(room, seq) => format!("{room}: {seq} came twice, dropped"),
        Note::Reset(room, seq) => format!("{room}: the newest page to {seq} follows"),
        Note::Lag(room, seq) => format!("{room}: read too slowly at {seq}, asking for the rest"),
        Note::Missed(room, seq) => format!("{room}: the server is at {seq}, asking for the rest"),
        Note::Lost => "the event above was lost on purpose".to_owned(),
        Note::Dropped => "the socket was dropped on purpose".to_owned(),
        Note::Frozen(true) => "nothing is read from here on".to_owned(),
        Note::Frozen(false) => "reading goes on".to_owned(),
        Note::Lose => "the next event will be lost".to_owned(),
        Note::Double => "the next event will come twice".to_owned(),
        Note::Delay(ms) => format!("frames wait {ms} ms"),
        Note::Forgot => "the room was forgotten on purpose".to_owned(),
        Note::Future => "a cursor from the future was sent".to_owned(),
    }
}

fn waiting(n: usize) -> String {
    match n {
        0 => String::new(),
        1 => " 1 message is waiting and will go.".to_owned(),
        n => format!(" {n} messages are waiting and will go in order."),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

fn day(day: &Local, today: &Local) -> String {
    const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match today.days - day.days {
        0 => return "Today".to_owned(),
        1 => return "Yesterday".to_owned(),
        _ => {}
    }
    let weekday = DAYS.get(day.weekday).copied().unwrap_or_default();
    let month = MONTHS.get(day.month - 1).copied().unwrap_or_default();
    let year = if day.year == today.year { String::new() } else { format!(" {}", day.year) };
    format!("{weekday} {} {month}{year}", day.day)
}

fn cause(code: CloseCode, reason: &str) -> String {
    let words = match code {
        1000 => "You closed the connection",
        1001 => "The server is stopping or going away",
        1002 => "A frame broke the WebSocket protocol",
        1003 => "A binary message arrived where only text is spoken",
        1005 => "The connection was closed without a code",
        1006 => "The line dropped without a close frame",
        1007 => "A text was not valid UTF-8",
        1008 => "The server does not allow this connection",
        1009 => "A message was too big",
        1011 => "The server met a fault of its own",
        1012 => "The server restarted",
        1013 => "The server has more connections than it can serve",
        1015 => "The TLS handshake failed",
        4000 => "A ping got no answer",
        4001 => "Your session ended",
        4003 => "An admin closed your connection",
        4008 => "This page stopped reading for 30 s",
        4009 => "Readyroom is open in too many places",
        4010 => "A newer version of this page is ready",
        _ if reason.is_empty() => "The connection closed",
        _ => return format!("The connection closed with “{reason}” ({code})."),
    };
    format!("{words} ({code}).")
}

fn refusal(why: &Refusal) -> String {
    if let Some(error) = &why.text {
        return text_error(error);
    }
    match why.code {
        ErrorCode::Malformed | ErrorCode::UnknownOp | ErrorCode::HelloFirst | ErrorCode::Unknown => {
            format!("The server refused it: {}", why.message)
        }
        ErrorCode::BadText => format!("The text was refused: {}", why.message),
        ErrorCode::Forbidden => "You may not do this here.".to_owned(),
        ErrorCode::Archived => "The room is archived: nothing new can be written in it.".to_owned(),
        ErrorCode::AnnouncementsOnly => "Only moderators write in this room.".to_owned(),
        ErrorCode::DirectRoom => "A conversation cannot be changed like this.".to_owned(),
        ErrorCode::NoSuchPerson => "There is no such person.".to_owned(),
        ErrorCode::PeopleCount => format!("Choose 1 to {} people.", limits::DIRECT_PEOPLE),
        ErrorCode::NoSuchRoom => "There is no such room.".to_owned(),
        ErrorCode::NotMember => "You are not a member of this room.".to_owned(),
        ErrorCode::NameTaken => "Another room has this name. Join it, or choose another name.".to_owned(),
        ErrorCode::TooManyRooms => {
            format!("You are in {} rooms, as many as one can be.", grouped(limits::ROOMS_PER_USER as u64))
        }
        ErrorCode::RateLimited => "You are sending faster than allowed.".to_owned(),
        ErrorCode::NoSuchMessage => "There is no such message in this room.".to_owned(),
        ErrorCode::NotAuthor => "Only its author can change a message.".to_owned(),
        ErrorCode::Deleted => "The message has been deleted.".to_owned(),
        ErrorCode::TooManyReactions => {
            format!("The message has {} different emoji, as many as it can have.", limits::REACTIONS)
        }
        ErrorCode::OutOfOrder => "Something written before it has not been stored yet.".to_owned(),
        ErrorCode::CidReused => "This was sent before with other words.".to_owned(),
        ErrorCode::Storage => "The server cannot write to its disk. Nothing was stored.".to_owned(),
        ErrorCode::Stopping => "The server is stopping. Nothing was stored.".to_owned(),
    }
}

fn text_error(error: &TextError) -> String {
    let field = match error.field {
        Field::Body => "The message",
        Field::UserName => "The name",
        Field::RoomName => "The room’s name",
        Field::Emoji => "The emoji",
        Field::Draft => "The draft",
        Field::Topic => "The topic",
        Field::Status => "The status",
        Field::Login => "The sign-in name",
        Field::Password => "The password",
        Field::TimeZone => "The time zone",
        Field::Query => "The search",
        Field::Code => "The code",
    };
    match error.fault {
        Fault::Blank => format!("{field} is blank."),
        Fault::TooLong { limit, found } => {
            format!("{field} has {} characters; {} are allowed.", grouped(found as u64), grouped(limit as u64))
        }
        Fault::TooShort { limit, found } => format!("{field} has {found} characters; {limit} are needed."),
        Fault::Taken => format!("{field} belongs to somebody else, or looks like one that does."),
        Fault::Wrong => format!("{field} does not match."),
        Fault::BadCharacter { found } => format!("{field} may not contain {}.", shown(found)),
        Fault::TooManyMarks { limit } => format!("{field} stacks more than {limit} marks on one letter."),
    }
}
