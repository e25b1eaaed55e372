//! The server's clock. Deliberately absent: anything that orders events by it.

use std::time::{SystemTime, UNIX_EPOCH};

use common::id::Timestamp;

/// Now, in milliseconds since 1970.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
