//! Lists of texts as this browser keeps them: each with its length before it, so that a text may hold anything.
//!
//! Deliberately absent: where they are kept ([`super::effects::kept`] and `Effect::Keep`), and what they mean.

use crate::lean::text::whole;

/// What stands before the list: the version of this form. What begins otherwise is not read.
const FORM: &str = "1 ";

/// Writes a list.
#[must_use]
pub fn write(texts: &[&str]) -> String {
    let mut kept = FORM.to_owned();
    for text in texts {
        kept += &whole(text.len());
        kept.push(':');
        kept += text;
    }
    kept
}

/// Reads a list; none where it is not one that [`write()`] has written.
#[must_use]
pub fn read(kept: &str) -> Option<Vec<String>> {
    let mut rest = kept.strip_prefix(FORM)?;
    let mut texts = Vec::new();
    while !rest.is_empty() {
        let colon = rest.bytes().position(|byte| byte == b':')?;
        let len: u32 = rest.get(..colon)?.parse().ok()?;
        let end = colon + 1 + len as usize;
        texts.push(rest.get(colon + 1..end)?.to_owned());
        rest = rest.get(end..)?;
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_whatever_is_in_it() {
        let texts = ["", "a:b", "12:34", "línea\n第二行", "1 "];
        assert_eq!(read(&write(&texts)).unwrap(), texts);
        assert_eq!(read(&write(&[])).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn junk_is_no_list() {
        for junk in ["", "2 1:a", "1 x:a", "1 5:abc", "1 3", "1 -1:a", "[\"a\"]", "1 1:é", "1 99999999999999999999:a"]
        {
            assert_eq!(read(junk), None, "{junk}");
        }
    }
}
