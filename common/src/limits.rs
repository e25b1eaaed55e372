//! Every bound on what people and programs may say, with its unit and its reason.
//!
//! Bounds on the server's own queues and waits live in its configuration; here is what both ends must agree on.

/// Characters in a message. Longer texts are files.
pub const BODY_CHARS: usize = 4_000;

/// Bytes of UTF-8 in a message: four for each character, the most that UTF-8 needs (RFC 3629, section 3).
pub const BODY_BYTES: usize = BODY_CHARS * 4;

/// Characters in a draft that the server keeps: a text may be too long while it is still being written.
pub const DRAFT_CHARS: usize = BODY_CHARS * 2;

/// Characters in one emoji: the longest sequence of Unicode 16 (a family with skin tones) has 11.
pub const EMOJI_CHARS: usize = 16;

/// Different emoji under one message, as on Discord and Slack about: more is a game.
pub const REACTIONS: usize = 50;

/// Members whom one message can mention by name.
pub const MENTIONS: usize = 50;

/// Characters in a person's name: what fits beside a message without being cut.
pub const USER_NAME_CHARS: usize = 32;

/// Characters in a room's name: what fits in the sidebar without being cut.
pub const ROOM_NAME_CHARS: usize = 32;

/// Characters in a room's topic: one line above the timeline.
pub const TOPIC_CHARS: usize = 250;

/// Characters in what somebody says of themselves beside their name.
pub const STATUS_CHARS: usize = 100;

/// The fewest and the most characters in the name that somebody signs in with.
pub const LOGIN_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// The fewest and the most characters in a password: NIST SP 800-63B and OWASP ask for 8 at least and 64 at least to be
/// taken; more than this is a load, not a password.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;

/// Characters in a search.
pub const QUERY_CHARS: usize = 200;

/// Others in a direct room.
pub const DIRECT_PEOPLE: usize = 9;

/// Members of a room in which everybody may mention all of them at once; in larger ones moderators may.
pub const EVERYONE_FREELY: u64 = 50;

/// Members whom one `@room` or `@here` calls at most: each costs a row. In larger rooms it is refused to all.
pub const EVERYONE_MAX: u64 = 1_000;

/// Combining marks in a row in a message. No script stacks more than a few; above this they are a tower that hides the
/// messages around it.
pub const BODY_MARKS: usize = 16;

/// Combining marks in a row in a name. Vietnamese and Hebrew need two or three; more are stacked to deface a page.
pub const COMBINING_MARKS: usize = 4;

/// Bytes in one WebSocket message of a client. Four times a full message body whose every byte is escaped in JSON
/// would be more than anybody writes; OWASP's WebSocket sheet advises 64 KiB at most.
pub const FRAME_BYTES: usize = 64 * 1024;

/// Events that the server replays to a client that was away. Who missed more is shown the newest page and a gap.
pub const REPLAY_EVENTS: u64 = 500;

/// Events in the page that a newly opened room starts with: a few screens.
pub const PAGE_EVENTS: u64 = 100;

/// Rooms that a `hello` may name, and that one person may be in.
pub const ROOMS_PER_USER: usize = 1_000;

/// Commands that one connection may have unanswered. The server stops reading beyond that, so a client that ignores
/// the bound is slowed, not refused.
pub const UNANSWERED: usize = 32;

/// Milliseconds between two pings of an idle client: NAT tables of mobile networks forget a flow after about 30 s.
pub const PING_EVERY_MS: u64 = 25_000;

/// Milliseconds a ping may stay unanswered before the client gives the connection up.
pub const PING_TIMEOUT_MS: u64 = 10_000;

/// Milliseconds of silence after which the server gives a connection up: two pings and some.
pub const SILENCE_MS: u64 = 60_000;

/// Milliseconds that a new connection has for its `hello`.
pub const HELLO_WITHIN_MS: u64 = 10_000;

/// Milliseconds that a write may make no progress before a reader counts as stalled.
pub const WRITE_STALL_MS: u64 = 30_000;

/// Milliseconds for which `typing` holds.
pub const TYPING_MS: u64 = 6_000;

/// Milliseconds between two `typing` of one client while its person writes.
pub const TYPING_EVERY_MS: u64 = 3_000;

/// People named by one `typing`: a page shows three and counts the rest.
pub const TYPING_PEOPLE: usize = 10;

/// People named by one `presence`: what a page can show of a large room.
pub const PRESENCE_PEOPLE: usize = 200;

/// Milliseconds for which somebody whose connection is gone still counts as present: a reload, a lift, a restart.
pub const PRESENCE_GRACE_MS: u64 = 30_000;
