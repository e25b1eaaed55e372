//! Names as far as people can tell them apart.
//!
//! Two names whose [`skeleton`] is the same look the same to a reader (Unicode UTS #39, section 4): `раypal` with Cyrillic
//! letters and `paypal`, `I` and `l`, full width and half. Neighbours: [`super::people`] and [`super::rooms`] compare.
//! Deliberately absent: mixed scripts, which are an honest name to many.

use unicode_normalization::UnicodeNormalization;

/// What is left of a name when all that looks alike is the same. It is for comparing, not for showing.
///
/// Capitals make no difference, after those that look like something else have become that: hence the second pass.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let once = |text: &str| unicode_security::skeleton(text).collect::<String>();
    once(&once(name).to_lowercase())
}

/// A text in the form in which the same text is the same bytes (NFC, UAX #15).
#[must_use]
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for (a, b) in [
            ("general", "gеneral"),
            ("Paul", "PauI"),
            ("Maya", "MAYA"),
            ("Readyroom", "ｒｅａｄｙｒｏｏｍ"),
            ("Élodie", "E\u{301}lodie"),
            ("o0o", "oOo"),
            ("modern", "modem"),
        ] {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
    }

    #[test]
    fn what_looks_different_has_two() {
        for (a, b) in [("Maya", "Mara"), ("林一凡", "林二凡"), ("Elodie", "Élodie"), ("team-1", "team-2")] {
            assert_ne!(skeleton(a), skeleton(b), "{a} {b}");
        }
    }

    #[test]
    fn the_same_text_is_the_same_bytes() {
        assert_eq!(nfc("E\u{301}lodie"), "Élodie");
    }
}
