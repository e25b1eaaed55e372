//! How fast one person may ask for changes over HTTP: as fast as over one socket.
//!
//! Deliberately absent: guesses of passwords ([`crate::tries`]), and reading, which is bounded by the store's own queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use common::id::UserId;
use common::server::ErrorCode;

use super::error::AppError;
use crate::session::throttle::{Rate, Throttle};
use crate::store::CommandError;

/// People who are remembered. Where there are more, all begin anew: that lets a few through, and costs no memory.
const REMEMBERED: usize = 10_000;

/// Counts changes. Clones share it.
#[derive(Debug, Clone)]
pub struct Pace {
    rate: Rate,
    began: Instant,
    people: Arc<Mutex<HashMap<UserId, Throttle>>>,
}

impl Pace {
    /// At most so many changes of one person.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, began: Instant::now(), people: Arc::default() }
    }

    /// Counts a change.
    ///
    /// # Errors
    /// Where there were too many; nothing was done.
    pub(super) fn take(&self, user: UserId) -> Result<(), AppError> {
        let now_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= REMEMBERED && !people.contains_key(&user) {
            people.clear();
        }
        let throttle = people.entry(user).or_insert_with(|| Throttle::new(self.rate, now_ms));
        throttle.take(self.rate, now_ms).map_err(|_ms| CommandError::Refused(ErrorCode::RateLimited).into())
    }
}
