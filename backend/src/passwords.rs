//! Passwords: argon2id, off the threads that serve, a few at a time.
//!
//! Each hash takes [`MEMORY_KIB`] and some tens of milliseconds of a core, which is what makes guessing dear; so only
//! [`Hasher::new`]'s number of them run at once, [`WAITING`] may wait for their turn, and more are refused. Deliberately
//! absent: who may try how often, which is [`crate::tries`]'.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use common::limits;
use common::text::{Fault, Field, TextError};
use tokio::sync::{Semaphore, TryAcquireError, oneshot};

use crate::tasks::Tasks;

/// KiB that one hash takes, and how often it passes over them (OWASP Password Storage, argon2id with p = 1).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Bytes of salt (RFC 9106, section 3.1).
const SALT: usize = 16;

/// Hashes that may wait for their turn: at 30 ms each, the last one waits eight seconds.
const WAITING: usize = 256;

/// Too many wait already, or the server is being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being looked at")]
pub struct Busy;

/// Hashes and verifies, a few at a time. Clones share it.
#[derive(Debug, Clone)]
pub struct Hasher {
    tasks: Tasks,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Hasher {
    /// Runs on threads of `tasks`: half as many as there are cores, so that those who chat have the other half.
    #[must_use]
    pub fn new(tasks: Tasks) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = (cores / 2).max(1);
        let (running, waiting) = (Arc::new(Semaphore::new(at_once)), Arc::new(Semaphore::new(at_once + WAITING)));
        Self { tasks, running, waiting, nobody: nobody().into() }
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        self.run(move || hash(&password)).await?.ok_or(Busy)
    }

    /// Whether a password is the one of `hash`. Where there is none, it takes as long, and says no.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Busy> {
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        self.run(move || verify(&password, &hash)).await
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        let place = place.map_err(|(TryAcquireError::NoPermits | TryAcquireError::Closed)| Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_closed| Busy)?;
        let (reply, done) = oneshot::channel();
        // Who asked may have gone; the hash runs to its end all the same, and counts until then.
        self.tasks.spawn_thread(move || {
            let result = job();
            drop((turn, place));
            drop(reply.send(result));
        });
        done.await.map_err(|_dropped| Busy)
    }
}

/// The hash of a password, on this thread; nothing where the memory for it is missing.
#[must_use]
pub fn hash(password: &str) -> Option<String> {
    let mut salt = [0; SALT];
    crate::random::fill(&mut salt);
    let hashed = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
    hashed.map(|hash: PasswordHash| hash.to_string()).map_err(|error| tracing::error!(%error, "argon2")).ok()
}

fn verify(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    let verify = |hash| argon2().is_some_and(|argon2| argon2.verify_password(password.as_bytes(), &hash).is_ok());
    parsed.is_ok_and(verify)
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash of nothing that anybody could type.
fn nobody() -> String {
    let mut random = [0; SALT + 32];
    crate::random::fill(&mut random);
    let (salt, output) = random.split_at(SALT);
    let encode = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, bytes);
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${}${}", encode(salt), encode(output))
}

/// Checks a password that somebody chose: [`limits::PASSWORD_CHARS`] characters, whatever they are.
///
/// # Errors
/// [`TextError`] names the limit.
pub fn check(password: &str) -> Result<(), TextError> {
    let found = password.chars().count();
    let (shortest, longest) = (*limits::PASSWORD_CHARS.start(), *limits::PASSWORD_CHARS.end());
    let fault = match found {
        0 => Fault::Blank,
        _ if found < shortest => Fault::TooShort { limit: shortest, found },
        _ if found > longest => Fault::TooLong { limit: longest, found },
        _ => return Ok(()),
    };
    Err(TextError { field: Field::Password, fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_bounds_in_characters() {
        for good in ["12345678", "八个字的密码可以", &"x".repeat(256)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let fault = |password: &str| check(password).unwrap_err().fault;
        assert_eq!(fault(""), Fault::Blank);
        assert_eq!(fault("1234567"), Fault::TooShort { limit: 8, found: 7 });
        assert_eq!(fault(&"x".repeat(10_240)), Fault::TooLong { limit: 256, found: 10_240 });
    }

    #[test]
    fn every_byte_of_a_password_counts() {
        let long = "p".repeat(72) + "a";
        let hash = hash(&long).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(&long, &hash));
        assert!(!verify(&("p".repeat(72) + "b"), &hash), "byte 73");
        assert!(!verify("p", &hash) && !verify(&long, "no hash at all"));
    }

    #[tokio::test]
    async fn nobody_has_a_hash_of_the_same_kind() {
        let hasher = Hasher::new(Tasks::new());
        assert!(PasswordHash::new(&hasher.nobody).is_ok());
        assert_eq!(hasher.verify("12345678".to_owned(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn only_so_many_may_wait() {
        let hasher = Hasher::new(Tasks::new());
        let all = hasher.waiting.available_permits();
        let taken = Arc::clone(&hasher.waiting).try_acquire_many_owned(u32::try_from(all).unwrap()).unwrap();
        assert_eq!(hasher.verify("x".to_owned(), None).await, Err(Busy));
        drop(taken);
        assert_eq!(hasher.verify("x".to_owned(), None).await, Ok(false));
        assert_eq!(hasher.waiting.available_permits(), all, "a place is given back");
    }
}
