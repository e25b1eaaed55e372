//! Where a message begins and ends in a program's streams, and what stands around it.

use std::str::FromStr;

/// How messages are told apart in a program's input and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// A line each; of the output `\n` or `\r\n` is taken off, to the input `\n` is added.
    #[default]
    Lines,
    /// A JSON string or object on a line each, so that a text may have line breaks: see `docs/pipe.md`.
    Json,
    /// Four bytes, big-endian, say how many follow.
    Length,
    /// Bytes as they come: what is read at once is a message.
    Binary,
}

impl FromStr for Framing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "lines" => Ok(Self::Lines),
            "json" => Ok(Self::Json),
            "length" => Ok(Self::Length),
            "binary" => Ok(Self::Binary),
            _ => Err(format!("'{text}' is none of lines, json, length and binary")),
        }
    }
}
