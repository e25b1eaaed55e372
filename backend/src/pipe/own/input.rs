//! What is to be written to a program, and has not been taken.

use tokio::time::Instant;

use super::super::scratch;
use super::LOW;

/// What is to be written to a program.
#[derive(Default)]
pub(super) struct Input {
    pub(super) waiting: Vec<u8>,
    pub(super) written: usize,
    /// Nothing more will be said to it.
    pub(super) ends: bool,
    /// When it last took something, after the client has gone.
    pub(super) taken: Option<Instant>,
}

impl Input {
    pub(super) fn unwritten(&self) -> &[u8] {
        self.waiting.get(self.written..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len() - self.written
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        if self.len() == 0 {
            self.forget();
        } else if self.written >= LOW {
            self.waiting.drain(..std::mem::take(&mut self.written));
        }
    }

    pub(super) fn forget(&mut self) {
        self.written = 0;
        scratch::give(std::mem::take(&mut self.waiting));
    }
}
