//! Random numbers from the operating system, for keys and ids. Deliberately absent: seeds.

use uuid::Uuid;

/// Fills `bytes`.
///
/// # Panics
/// Where the operating system has no random numbers to give. No key may be made then, so there is nothing to go on with.
#[expect(clippy::expect_used, reason = "a guessable key is worse than no server")]
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system has random numbers");
}

/// A new UUID, version 4.
#[must_use]
pub fn uuid() -> Uuid {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
