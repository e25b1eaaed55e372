//! Names of taps and races, which a page makes up. Whoever knows one may listen, so that they are long and random.

use common::labs::TAP_NAME;
use data_encoding::HEXLOWER_PERMISSIVE;

/// Sixteen bytes, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name([u8; TAP_NAME / 2]);

impl Name {
    /// Reads a name; `None` if it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// Does not tell it: it is the right to listen.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_32_digits() {
        let name = Name::read("0123456789abcdef0123456789ABCDEF");
        assert!(name.is_some() && name == Name::read("0123456789ABCDEF0123456789abcdef"));
        for bad in ["", "0", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdeg", "é123456789abcdef"]
        {
            assert_eq!(Name::read(bad), None, "{bad}");
        }
    }
}
