//! What is to be written to a client.

use wire::encode;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Out {
    waiting: Vec<u8>,
}

impl Out {
    /// Says a text.
    pub(super) fn text(&mut self, text: &str) {
        encode::text(&mut self.waiting, text);
    }

    /// Says bytes.
    pub(super) fn binary(&mut self, bytes: &[u8]) {
        encode::binary(&mut self.waiting, bytes);
    }
}
