//! Secrets that somebody carries: what a cookie or a link holds, and the digest that is kept of it.
//!
//! A token is random, so that a fast digest is enough: nothing can be guessed from it, and who reads the database can
//! sign in as nobody. Deliberately absent: passwords, which people choose ([`crate::passwords`]).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes in a token: OWASP asks for 128 bits at least.
const BYTES: usize = 32;

/// A random secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; BYTES]);

/// SHA-256 of a secret: what the database has.
pub type TokenDigest = [u8; 32];

impl Token {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        let mut bytes = [0; BYTES];
        crate::random::fill(&mut bytes);
        Self(bytes)
    }

    /// Reads what [`Token::encode`] wrote.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As it stands in a cookie or a link: base64url, without padding.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        digest(&self.0)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

/// It must not get into a log.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// What is kept of a random secret.
#[must_use]
pub fn digest(secret: &[u8]) -> TokenDigest {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_no_two_are_the_same() {
        let token = Token::new();
        assert_eq!(Token::decode(&token.encode()), Some(token.clone()));
        assert_ne!(token, Token::new());
        assert_eq!(format!("{token:?}"), "Token");
        for bad in
            ["", "x", "1.u2.3", token.encode().get(1..).unwrap(), &format!("{}A", token.encode()), &"=".repeat(43)]
        {
            assert_eq!(Token::decode(bad), None, "{bad}");
        }
    }
}
