//! What people say in a measurement: ordinary sentences of a team's chat, in English or in Chinese.
//!
//! One text that is repeated would be compressed to nothing, and letters at random not at all; neither is said by
//! anybody. Sentences are put together from some hundred [`words`] of each kind, so that words come back as they do in a
//! chat, phrases hardly, and no two messages are alike. A text begins with a *stamp*: `@`, the time in nanoseconds at which it is due, and a space.

mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bytes of a stamp: `@`, sixteen digits, a space.
pub(crate) const STAMP: usize = 18;

/// Texts that are made before a run and then used in turn, so that making them costs the run nothing.
const KINDS: usize = 4_096;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// One byte for each letter.
    English,
    /// Three bytes for each character.
    Chinese,
}

impl Language {
    /// Its name in results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "Chinese",
        }
    }
}

/// Texts of one length, stamp included.
#[derive(Debug)]
pub(crate) struct Bodies {
    texts: Vec<String>,
}

impl Bodies {
    /// Texts of at most `bytes` bytes, and as near to that as whole characters allow. The same ones every time.
    pub(crate) fn new(language: Language, bytes: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(bytes as u64);
        let (words, bytes) = (Words::of(language), bytes.saturating_sub(STAMP));
        let ways = if language == Language::English { ENGLISH } else { CHINESE };
        let texts = (0..KINDS).map(|_| text(&words, ways, bytes, &mut rng)).collect();
        Self { texts }
    }

    /// Puts the text number `n` behind its stamp.
    #[inline]
    pub(crate) fn write(&self, out: &mut String, n: u64, due: u64) {
        // Writing to a string does not fail.
        write!(out, "@{due:016} ").ok();
        let turn = usize::try_from(n % KINDS as u64).unwrap_or_default();
        out.push_str(self.texts.get(turn).map_or("", String::as_str));
    }
}

/// The time on a stamp that `bytes` begin with.
#[inline]
pub(crate) fn due(bytes: &[u8]) -> Option<u64> {
    let (b'@', rest) = bytes.split_first()? else { return None };
    digits(rest.first_chunk::<16>()?)
}

/// A decimal number of digits alone.
#[inline]
pub(crate) fn digits(bytes: &[u8]) -> Option<u64> {
    let mut sum = 0_u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(sum)
}

fn text(words: &Words, ways: &[&str], bytes: usize, rng: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        words.sentence(ways, &mut text, rng);
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    // A text does not end in a space: the server would take it off.
    if text.ends_with(' ') {
        text.pop();
        text.push('.');
    }
    text
}

/// Ways to put a sentence together. Each letter is a kind of word: `O`pener, `P`erson, `V`erb, `A`djective, `N`oun, `L`ink,
/// `W`hen, `C`loser, and `#` a number; what else stands there is said as it is.
const ENGLISH: &[&str] = &[
    "O P V A N and A N L N W. ",
    "P V N and N; N V nothing. ",
    "A N L A N V the N. ",
    "N needs A N, ticket #. C ",
    "P V # A N, P V #, and N was A. ",
    "Did P V A N or N W? ",
    "# of # N V A N, not A N. ",
    "N is A, A N is A, N L N V. ",
];

/// The same without spaces.
const CHINESE: &[&str] = &[
    "OPWV了A的N，N也V过N。",
    "PV#个AN，NV不V？",
    "A的N和N都V着，W再V。",
    "P跟P说N要V，N别V。C",
    "N很A，N比N更A一点。",
    "工单#：把N的NV到N里，AN不用V。",
    "P问NV没V，PV了N、N、N。",
    "从N到N要#分钟，N太A。",
];

/// The words of a language by their kind.
#[derive(Debug)]
struct Words(BTreeMap<char, Vec<&'static str>>);

impl Words {
    fn of(language: Language) -> Self {
        let spaced = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        let barred = |text: &'static str| text.split('|').map(str::trim).collect::<Vec<_>>();
        Self(match language {
            Language::English => BTreeMap::from([
                ('O', barred(words::OPENERS)),
                ('P', spaced(words::NAMES)),
                ('V', spaced(words::VERBS)),
                ('A', spaced(words::ADJECTIVES)),
                ('N', spaced(words::NOUNS)),
                ('L', spaced(words::LINKS)),
                ('W', barred(words::WHEN)),
                ('C', barred(words::CLOSERS)),
            ]),
            Language::Chinese => BTreeMap::from([
                ('O', spaced(words::ZH_OPENERS)),
                ('P', spaced(words::ZH_NAMES)),
                ('V', spaced(words::ZH_VERBS)),
                ('A', spaced(words::ZH_ADJECTIVES)),
                ('N', spaced(words::ZH_NOUNS)),
                ('W', spaced(words::ZH_WHEN)),
                ('C', spaced(words::ZH_CLOSERS)),
            ]),
        })
    }

    fn sentence(&self, ways: &[&str], out: &mut String, rng: &mut fastrand::Rng) {
        for letter in rng.choice(ways).copied().unwrap_or_default().chars() {
            match self.0.get(&letter) {
                Some(words) => out.push_str(rng.choice(words).copied().unwrap_or_default()),
                None if letter == '#' => out.push_str(&rng.u32(2..6_000).to_string()),
                None => out.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_length_and_their_stamp() {
        for (language, least) in [(Language::English, 200), (Language::Chinese, 198)] {
            let bodies = Bodies::new(language, 200);
            for n in 0..KINDS as u64 {
                let mut out = String::new();
                bodies.write(&mut out, n, 1_234_567_890 + n);
                assert!((least..=200).contains(&out.len()), "{} {out}", out.len());
                assert_eq!(due(out.as_bytes()), Some(1_234_567_890 + n));
                assert!(common::text::Body::new(&out).is_ok_and(|body| body.as_str() == out), "{out:?}");
            }
        }
    }

    #[test]
    fn texts_are_compressed_as_ordinary_ones_are() {
        // One after the other with what came before in the window, as a server that keeps its context does. Prose is
        // brought to somewhat less than a half.
        for (language, shares) in [(Language::English, 0.38..0.52), (Language::Chinese, 0.38..0.56)] {
            let mut deflater = wire::deflate::Deflater::new(15, 6);
            let (mut plain, mut packed) = (0, Vec::new());
            for text in &Bodies::new(language, 200).texts {
                deflater.message(text.as_bytes(), &mut packed);
                plain += text.len();
            }
            let share = packed.len() as f64 / plain as f64;
            assert!(shares.contains(&share), "{language:?}: {share}");
        }
    }

    #[test]
    fn texts_differ() {
        let bodies = Bodies::new(Language::English, 200);
        let different: std::collections::BTreeSet<_> = bodies.texts.iter().collect();
        assert!(different.len() > KINDS * 99 / 100, "{}", different.len());
    }

    #[test]
    fn what_is_no_stamp_has_no_time() {
        for bytes in [&b""[..], b"@", b"@00000000000000x6 ", b"00000000000000001", b"@123 "] {
            assert_eq!(due(bytes), None);
        }
    }
}
