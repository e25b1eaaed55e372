//! `GET /labs/`: what there is, so that people find it.

use std::ops::RangeInclusive;

use axum::Json;
use serde::Serialize;

use super::{EVERY, FRAGMENTS, PACE, RATE, SECONDS, SIZE, faults};
use crate::http::api::params::Params;
use crate::http::error::AppError;

/// A number that may stand in an address.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Number {
    name: &'static str,
    about: &'static str,
    default: u64,
    least: u64,
    most: u64,
}

impl Number {
    pub(super) const fn new(
        name: &'static str,
        about: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Self {
        Self { name, about, default, least: *bounds.start(), most: *bounds.end() }
    }

    /// What a request says, or the default.
    pub(super) fn read(&self, params: &Params) -> Result<u64, AppError> {
        params.within(self.name, self.least..=self.most, self.default)
    }
}

/// A parameter of an endpoint.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Parameter {
    Number(Number),
    Other { name: &'static str, about: &'static str },
}

/// One endpoint.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Endpoint {
    path: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
}

const fn endpoint(path: &'static str, about: &'static str, parameters: &'static [Parameter]) -> Endpoint {
    Endpoint { path, about, parameters }
}

const fn other(name: &'static str, about: &'static str) -> Parameter {
    Parameter::Other { name, about }
}

use Parameter::Number as number;

const NAME: Parameter = other("name", "32 hexadecimal digits that nobody else has; a part of the path");

const AFTER: Parameter = other("after", "the number of the last piece of news that is known; 0 without one");

/// The endpoints, in the order in which one may want to try them.
const ENDPOINTS: &[Endpoint] = &[
    endpoint("/labs/echo", "sends back what comes, texts and bytes of up to 16 MiB", &[]),
    endpoint("/labs/ticker", "greets, says a random number each second, and sends back what comes", &[]),
    endpoint(
        "/labs/broadcast/{room}",
        "what somebody says, everybody in the room hears, the speaker too; texts and bytes of up to 1 MiB",
        &[other("room", "1 to 64 letters, digits, - or _; a part of the path")],
    ),
    endpoint(
        "/labs/subprotocols",
        "agrees on the first subprotocol of the client's list that it knows: echo.v1, json, chat.v1, text; says which, \
         and what was offered; sends back what comes",
        &[],
    ),
    endpoint(
        "/labs/handshake",
        "shows both heads of the handshake, cookies hidden, and sends back what comes; a plain GET shows its own head",
        &[],
    ),
    endpoint(
        "/labs/flood",
        "numbered texts at a steady rate, at most 64 MiB in a second, and then a Close with 1000",
        &[number(RATE), number(SIZE), number(SECONDS)],
    ),
    endpoint(
        "/labs/fragment",
        "says a text in fragments with a ping in between, and sends back what comes in fragments",
        &[number(FRAGMENTS)],
    ),
    endpoint("/labs/ping", "pings, says how long each pong took, and sends back what comes", &[number(EVERY)]),
    endpoint(
        "/labs/sink",
        "reads messages of any length at a steady rate, keeps nothing, and says how large each was",
        &[number(PACE)],
    ),
    endpoint(
        "/labs/close",
        "says goodbye at once",
        &[
            other("code", "1000 to 1003, 1007 to 1014, 3000 to 4999; without one the Close has no payload"),
            other("reason", "at most 123 bytes of UTF-8, behind a code"),
        ],
    ),
    endpoint(
        "/labs/abort",
        "says one text and drops the connection without a Close, by RST where that is possible",
        &[],
    ),
    endpoint("/labs/slow-accept", "answers the handshake late, and sends back what comes", &[number(faults::WAIT)]),
    endpoint("/labs/never-close", "sends back what comes, and never answers a Close; two minutes at most", &[]),
    endpoint("/labs/bad-utf8", "says a text that is no UTF-8", &[]),
    endpoint(
        "/labs/big",
        "says one binary message, piece by piece, and then a Close with 1000",
        &[number(faults::BYTES)],
    ),
    endpoint(
        "/labs/deny",
        "answers otherwise than by a connection; 301 and 302 lead to /labs/echo",
        &[other("status", "400 to 599, 200, 301 or 302; 403 without one")],
    ),
    endpoint("/labs/stall", "accepts, and neither reads nor says anything; two minutes at most", &[]),
    endpoint(
        "/labs/tap/{name}",
        "a stream of events: the handshake, the frames and the end of the connection whose address says tap={name}",
        &[NAME],
    ),
    endpoint("/labs/race/{name}", "what each way to get the news of a race has cost, counted in bytes", &[NAME]),
    endpoint("/labs/race/{name}/poll", "the news of a race, at once", &[NAME, AFTER]),
    endpoint("/labs/race/{name}/long-poll", "the same, once there are some, or after 25 s", &[NAME, AFTER]),
    endpoint("/labs/race/{name}/events", "the same as a stream of events", &[NAME, AFTER]),
    endpoint("/labs/race/{name}/socket", "the same as a socket, a text each", &[NAME, AFTER]),
];

/// Everything there is.
pub(super) async fn list() -> Json<&'static [Endpoint]> {
    Json(ENDPOINTS)
}
