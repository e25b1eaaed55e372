//! The protocol of a broadcast server: who is connected is in the room, and what one sends all get.

use super::Heard;
use crate::load::body::{self, Bodies};

/// The protocol.
#[derive(Debug)]
pub(crate) struct Plain {
    bodies: Bodies,
}

impl Plain {
    /// Speaks these texts.
    pub(crate) fn new(bodies: Bodies) -> Self {
        Self { bodies }
    }

    /// See [`super::Dialect::say`].
    pub(super) fn say(&self, out: &mut String, n: u64, due: u64) {
        self.bodies.write(out, n, due);
    }
}

/// See [`super::Dialect::hear`].
#[inline]
pub(super) fn hear(text: &[u8]) -> Heard {
    body::due(text).map_or(Heard::Fault, |due| Heard::Message { due, place: None })
}

/// See [`super::Dialect::check`].
pub(super) fn check(text: &str) -> Result<(), String> {
    body::due(text.as_bytes()).map(|_due| ()).ok_or_else(|| format!("{text:?} was said by nobody"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::body::Language;

    #[test]
    fn what_is_said_is_heard() {
        let plain = Plain::new(Bodies::new(Language::English, 200));
        let mut text = String::new();
        plain.say(&mut text, 3, 77);
        assert_eq!(text.len(), 200);
        assert_eq!(hear(text.as_bytes()), Heard::Message { due: 77, place: None });
        assert_eq!(hear(b"hello"), Heard::Fault);
    }
}
