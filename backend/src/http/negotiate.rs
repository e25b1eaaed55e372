//! Content negotiation for files that never change: which coding (RFC 9110, section 12.5.3), and whether the client has
//! it already (section 13.1.2). Pure.

/// A coding that a file is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coding {
    /// As it is.
    Identity,
    /// gzip, in a file that ends in `.gz`.
    Gzip,
    /// Brotli, in a file that ends in `.br`.
    Brotli,
}

impl Coding {
    /// What the file's name ends in.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }

    /// The value of `Content-Encoding`, if there is to be one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The codings that a client takes, the one to try first at the front. It is never empty: who refuses even the plain
/// file gets it, for an answer that can be read is better than none.
#[must_use]
pub fn codings(accept: Option<&str>) -> Vec<Coding> {
    let weight = |coding: Coding| {
        let name = coding.name().unwrap_or("identity");
        let named = accept.and_then(|accept| weight_of(accept, name));
        let others = || accept.and_then(|accept| weight_of(accept, "*"));
        // What is not named is not taken, except for the plain file.
        named.or_else(others).unwrap_or(if coding == Coding::Identity { 1 } else { 0 })
    };
    let mut codings = [Coding::Brotli, Coding::Gzip, Coding::Identity].map(|coding| (weight(coding), coding)).to_vec();
    codings.retain(|(weight, _)| *weight > 0);
    codings.sort_by_key(|coding| std::cmp::Reverse(*coding));
    let mut codings = codings.into_iter().map(|(_, coding)| coding).collect::<Vec<_>>();
    if codings.is_empty() {
        codings.push(Coding::Identity);
    }
    codings
}

/// The weight of a coding in thousandths; `None` where it is not named. An unnamed plain file has the least weight.
fn weight_of(accept: &str, name: &str) -> Option<u32> {
    accept.split(',').find_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(name) {
            return None;
        }
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let thousandths = |q: &str| q.parse::<f32>().ok().map(|q| (q.clamp(0.0, 1.0) * 1000.0) as u32);
        Some(q.map_or(1000, |q| thousandths(q).unwrap_or(0)))
    })
}

/// Whether `If-None-Match` names an entity tag.
#[must_use]
pub fn has_it(if_none_match: Option<&str>, etag: &str) -> bool {
    if_none_match.is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

/// Whether a file's name holds the hash of what is in it: `name-0123456789abcdef.ext` or `…_bg.ext`. The hash is a
/// 64-bit number in hex, and a tool that writes it without leading zeros makes it a few digits shorter.
#[must_use]
pub fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('-').skip(1).any(|part| {
        let hash = part.split(['.', '_']).next().unwrap_or(part);
        (12..=16).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::Coding::{Brotli, Gzip, Identity};
    use super::*;

    #[test]
    fn the_smallest_that_the_client_takes_comes_first() {
        assert_eq!(codings(Some("gzip, deflate, br, zstd")), [Brotli, Gzip, Identity]);
        assert_eq!(codings(Some("gzip")), [Gzip, Identity]);
        assert_eq!(codings(None), [Identity]);
        assert_eq!(codings(Some("")), [Identity]);
    }

    #[test]
    fn weights_are_respected() {
        assert_eq!(codings(Some("br;q=0.5, gzip;q=0.9")), [Gzip, Brotli, Identity]);
        assert_eq!(codings(Some("br;q=0, gzip")), [Gzip, Identity]);
        assert_eq!(codings(Some("*")), [Brotli, Gzip, Identity]);
        assert_eq!(codings(Some("*;q=0")), [Identity]);
        assert_eq!(codings(Some("identity;q=1, br;q=0.2")), [Identity, Brotli]);
        assert_eq!(codings(Some("BR ; q=1.0")), [Brotli, Identity]);
    }

    #[test]
    fn a_tag_is_found_in_a_list() {
        assert!(has_it(Some(r#""a", W/"b""#), r#""b""#));
        assert!(has_it(Some("*"), r#""b""#));
        assert!(!has_it(Some(r#""a""#), r#""b""#) && !has_it(None, r#""b""#));
    }

    #[test]
    fn a_hash_in_the_name_is_recognised() {
        assert!(is_hashed("readyroom-0123456789abcdef.js"));
        assert!(is_hashed("app-a8d43084db66a12.css"));
        assert!(is_hashed("a/readyroom-0123456789abcdef_bg.wasm"));
        for plain in ["index.html", "app-0123.js", "app-0123456789abcdeg.js", "0123456789abcdef.js"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
