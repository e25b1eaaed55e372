//! The subprotocols that are offered: the rules for their names (tokens of RFC 9110, section 5.6.2, each at most once).

use super::words::Words;

/// Why a name cannot be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// This character is not for names.
    Char(char),
    /// It is offered already. Names are alike only when their case is.
    Twice,
}

/// Whether a name can be offered beside the others.
pub(super) fn checked(name: &str, others: &[String]) -> Result<(), Wrong> {
    let for_tokens = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match name.chars().find(|c| !for_tokens(*c)) {
        Some(c) => Err(Wrong::Char(c)),
        None if others.iter().any(|other| other == name) => Err(Wrong::Twice),
        None => Ok(()),
    }
}

/// Moves the names that are written out into the list, as far as they can be offered. What cannot stays written, and
/// what is wrong with it is returned.
pub(super) fn take_up(written: &mut String, names: &mut Vec<String>) -> Option<Wrong> {
    while let Some(name) = written.split([',', ' ']).next().map(str::to_owned) {
        if !name.is_empty() {
            if let Err(wrong) = checked(&name, names) {
                return Some(wrong);
            }
            names.push(name.clone());
        }
        if name.len() == written.len() {
            written.clear();
            break;
        }
        // What follows the mark, which is one byte.
        *written = written.get(name.len() + 1..).unwrap_or_default().to_owned();
    }
    None
}

impl Wrong {
    /// In words.
    pub(super) fn said(self, words: &Words) -> String {
        match self {
            Self::Char(c) => words.not_in_names.replace("{}", c.encode_utf8(&mut [0; 4])),
            Self::Twice => words.twice.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens_and_different() {
        let others = ["chat.v1".to_owned()];
        assert_eq!(checked("chat.v2", &others), Ok(()));
        assert_eq!(checked("Chat.v1", &others), Ok(()), "case tells names apart");
        assert_eq!(checked("chat.v1", &others), Err(Wrong::Twice));
        for (name, c) in [("a/b", '/'), ("a;b", ';'), ("聊天", '聊'), ("a\"", '"'), ("a(b", '('), ("a=b", '=')] {
            assert_eq!(checked(name, &[]), Err(Wrong::Char(c)));
        }
    }

    #[test]
    fn what_cannot_be_offered_stays_written() {
        let mut names = Vec::new();
        let mut written = "json, v12.stomp,json,rest".to_owned();
        assert_eq!(take_up(&mut written, &mut names), Some(Wrong::Twice));
        assert_eq!(
            (written.as_str(), names.as_slice()),
            ("json,rest", &["json".to_owned(), "v12.stomp".to_owned()][..])
        );
        let mut written = " , ".to_owned();
        assert_eq!(take_up(&mut written, &mut names), None);
        assert_eq!((written.as_str(), names.len()), ("", 2));
    }
}
