//! What the tests of whole streams have in common: messages that own their bytes, ways to write and cut them, and a
//! reader of everything at once.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod plan;

use proptest::prelude::*;
use wire::deflate::Inflater;
use wire::{Closing, Decoder, Input, Message, Role, Rules, Violation};

/// A message that outlives its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Message<'_>> for Said {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.to_owned()),
            Message::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Message::Ping(bytes) => Self::Ping(bytes.to_vec()),
            Message::Pong(bytes) => Self::Pong(bytes.to_vec()),
            Message::Close(closing) => Self::Close(closing.map(|Closing { code, reason }| (code, reason.to_owned()))),
        }
    }
}

/// What came of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) said: Vec<Said>,
    pub(crate) violation: Option<Violation>,
    /// Whether something was left unfinished.
    pub(crate) idle: bool,
}

/// Either end.
pub(crate) fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

pub(crate) fn rules(role: Role) -> Rules {
    Rules { role, max_message: 70_000, max_fragments: 1_000 }
}

/// Decodes the pieces one after the other, as they would arrive.
pub(crate) fn hear<'a>(
    rules: &Rules,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut inflater: Option<&mut Inflater>,
) -> Heard {
    let mut decoder = Decoder::default();
    let mut said = Vec::new();
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let mut input = Input::new(&mut bytes);
        loop {
            match decoder.next(rules, &mut input, inflater.as_deref_mut()) {
                Ok(Some(message)) => said.push(message.into()),
                Ok(None) => break,
                Err(violation) => return Heard { said, violation: Some(violation), idle: decoder.is_idle() },
            }
        }
        assert!(input.rest().is_empty(), "`None` means that the input is used up");
    }
    Heard { said, violation: None, idle: decoder.is_idle() }
}
