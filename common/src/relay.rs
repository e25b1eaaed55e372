//! What is said on `/relay`, the socket that connects members to other servers' WebSockets: JSON, and bytes behind one
//! byte that says what they are. `docs/relay.md` tells the whole story.
//!
//! Deliberately absent: the reading of it in the page, which is done by hand.

use serde::{Deserialize, Serialize};

use crate::labs::{Head, Side};

/// The byte before the bytes of a message, both ways. No other kind is known.
pub const BYTES: u8 = 1;

/// Bytes of a message, either way, after inflating.
pub const MOST_MESSAGE: usize = 16 * 1024 * 1024;

/// Relays that one person may have at a time.
pub const MOST_OF_ONE: usize = 4;

/// Relays that a server has at a time.
pub const MOST: usize = 64;

/// Headers that may be set.
pub const MOST_HEADERS: usize = 32;

/// Bytes of all the names and values that may be set.
pub const MOST_HEADER_BYTES: usize = 8 * 1024;

/// Bytes of an answer to a handshake, its head.
pub const MOST_ANSWER: usize = 64 * 1024;

/// Bytes of the body that are told when the answer to a handshake is no 101.
pub const MOST_BODY: usize = 1024;

/// The first message of the page: where to connect, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The address: `ws`, `wss`, `http` or `https`.
    pub url: String,
    /// The subprotocols to offer.
    #[serde(default)]
    pub protocols: Vec<String>,
    /// Headers to set, in their order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The SHA-256 of the one certificate to accept, in hexadecimal, with or without colons. None for one that the
    /// server's machine trusts.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// Whether to offer permessage-deflate.
    #[serde(default)]
    pub deflate: bool,
    /// Whether pings are left unanswered, for the page to answer them.
    #[serde(default)]
    pub no_pong: bool,
}

/// A text of the page after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Send a text.
    Send(String),
    /// Send a ping with this payload, at most 125 bytes of UTF-8.
    Ping(String),
    /// Send a pong with this payload, at most 125 bytes of UTF-8.
    Pong(String),
    /// Begin to close.
    Close {
        /// The code; none to send a Close without one.
        code: Option<u16>,
        /// The reason, at most 123 bytes of UTF-8.
        #[serde(default)]
        reason: String,
    },
    /// Whether pings are answered, from now on.
    AutoPong(bool),
}

/// What the server tells, each as one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// The name was found, and this is where the connection goes.
    Resolved {
        /// Address and port.
        address: String,
    },
    /// TLS is spoken.
    Tls {
        /// Such as `TLSv1.3`.
        version: String,
        /// The cipher suite, by its name in the registry.
        cipher: String,
        /// What the other side has shown.
        #[serde(flatten)]
        certificate: Certificate,
    },
    /// The handshake, as it was written and read.
    Handshake {
        /// What was asked.
        request: Head,
        /// What was answered.
        response: Head,
    },
    /// The connection is open.
    Open {
        /// The subprotocol; empty for none.
        protocol: String,
        /// The extensions; empty for none.
        extensions: String,
    },
    /// A frame, of data or of control, either way. It comes before the message that it ends.
    Frame {
        /// Whose: the client is the relay.
        from: Side,
        /// All of the frame's header, the masking key included, in hexadecimal.
        header: String,
        /// Bytes of payload.
        len: u64,
        /// The first [`TAP_PAYLOAD`](crate::labs::TAP_PAYLOAD) bytes of the payload as they are on the wire, in
        /// hexadecimal.
        payload: String,
    },
    /// A text has come. (Bytes come as bytes, behind [`BYTES`].)
    Message {
        /// The text.
        text: String,
    },
    /// The connection has been closed, or has ended.
    Closed {
        /// The code: 1005 where the peer named none, 1006 where there was no Close.
        code: u16,
        /// The reason.
        reason: String,
        /// Whether both have said Close.
        was_clean: bool,
        /// Whose doing it was.
        by: Party,
        /// What has happened.
        end: End,
        /// The same in words for developers.
        why: String,
    },
    /// There is no connection, and there will be none.
    Failed(Failure),
}

/// A certificate that a server has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// From when it is valid, such as `2026-01-31 09:00:00 UTC`.
    pub not_before: String,
    /// Until when.
    pub not_after: String,
    /// Its SHA-256, in hexadecimal: what names it.
    pub sha256: String,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How far it came.
    pub stage: Stage,
    /// What is the matter, for programs.
    pub cause: Cause,
    /// The same in words for developers.
    pub why: String,
    /// What may help.
    pub hint: String,
    /// What the other side answered instead of 101.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Head>,
    /// The first [`MOST_BODY`] bytes behind it, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The certificate that is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// How far a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The wish was read.
    Url,
    /// Whether that is allowed.
    Policy,
    /// The name was looked up.
    Dns,
    /// The address was called.
    Tcp,
    /// TLS was begun.
    Tls,
    /// The answer was awaited.
    Http,
    /// The answer was judged.
    Handshake,
}

/// What is the matter with a connection that is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The wish is none, or its address.
    BadUrl,
    /// A subprotocol is no token, or stands there twice.
    BadProtocol,
    /// A header may not be set, or not like this.
    BadHeader,
    /// The fingerprint is none.
    BadFingerprint,
    /// Who asks may not.
    NotAllowed,
    /// There are too many relays.
    TooMany,
    /// The address is not public and not on the list.
    Private,
    /// The port is one of another protocol.
    BadPort,
    /// There is no such name.
    NotFound,
    /// Nobody listens there.
    Refused,
    /// Nobody answers there.
    TimedOut,
    /// There is no way there, or another trouble with the connection.
    Unreachable,
    /// The certificate has run out, or is not valid yet.
    Expired,
    /// Nobody whom the server's machine trusts has signed the certificate.
    UnknownIssuer,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is not the one that was named.
    OtherCertificate,
    /// TLS failed.
    Tls,
    /// The connection ended before there was an answer.
    Ended,
    /// The answer is no HTTP, or too long.
    NotHttp,
    /// The answer leads elsewhere: 3xx, which WebSockets do not follow.
    Redirect,
    /// The answer is neither 101 nor 3xx.
    Status,
    /// The answer is 101 without `Upgrade: websocket` or `Connection: Upgrade`.
    NoUpgrade,
    /// `Sec-WebSocket-Accept` is missing or wrong.
    WrongAccept,
    /// A subprotocol that was not offered.
    WrongProtocol,
    /// An extension that was not offered.
    WrongExtension,
}

/// Whose doing something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The page's.
    Client,
    /// The other server's.
    Server,
    /// The relay's.
    Relay,
}

/// What has ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Close was answered by Close.
    Close,
    /// The other side ended TCP without a Close.
    Eof,
    /// The other side reset TCP, or the network did.
    Reset,
    /// The other side has broken a rule of the protocol.
    Violation,
    /// The other side has not answered our Close.
    Unanswered,
    /// The other side takes nothing any more.
    Stalled,
    /// A relay lasts an hour at most.
    Hour,
    /// The person's session has ended.
    SignedOut,
    /// This server is being stopped.
    Stopping,
    /// The page has said what a relay does not understand.
    BadOrder,
}
