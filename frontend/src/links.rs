//! The addresses within a text.
//!
//! Only `http://` and `https://` become links: whatever else somebody writes is text, and stays so.

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An address that may be followed.
    Link(&'a str),
}

/// Cuts a text into words and addresses; together they are the text again.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, link, after)) = next_link(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Link(link));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("http")?;
        let (before, tail) = text.split_at_checked(at)?;
        let link = link_at(tail).filter(|_| !before.ends_with(|c: char| c.is_ascii_alphanumeric()));
        if let Some(link) = link {
            let (link, after) = tail.split_at_checked(link)?;
            return Some((before, link, after));
        }
        from = at + 4;
    }
}

/// The length of the address that the text begins with.
fn link_at(text: &str) -> Option<usize> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let scheme = text.len() - host.len();
    let is_end = |c: char| {
        c.is_whitespace() || c.is_control() || "<>\"`{}|\\^，。；：！？、（）《》「」『』【】“”‘’".contains(c)
    };
    let run = host.find(is_end).unwrap_or(host.len());
    let mut link = host.get(..run)?;
    // What ends a sentence or closes a bracket that was opened before belongs to the text.
    while let Some(last) = link.chars().next_back() {
        let unbalanced = last == ')' && link.matches(')').count() > link.matches('(').count();
        if !(unbalanced || matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | ']' | '*' | '_' | '~')) {
            break;
        }
        link = link.get(..link.len() - last.len_utf8())?;
    }
    let named = link.starts_with(|c: char| !c.is_ascii_punctuation() || c == '[');
    named.then_some(scheme + link.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Piece::{Link, Text};

    #[test]
    fn an_address_ends_where_the_sentence_ends() {
        let text = "See https://a.example/b_(c)?q=1. Or (http://x.example/y), or https://z.example！";
        assert_eq!(
            pieces(text),
            [
                Text("See "),
                Link("https://a.example/b_(c)?q=1"),
                Text(". Or ("),
                Link("http://x.example/y"),
                Text("), or "),
                Link("https://z.example"),
                Text("！"),
            ]
        );
    }

    #[test]
    fn other_schemes_and_fragments_stay_text() {
        for text in
            ["javascript:alert(1)", "data:text/html,x", "http://", "https://.", "xhttps://a.example", "http", "ftp://a"]
        {
            assert_eq!(pieces(text), [Text(text)], "{text}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let text = "https://a.example\nhttp:// https://b.example/,,, é https://中文.example/路 end";
        let joined: String = pieces(text)
            .iter()
            .map(|piece| match piece {
                Text(t) | Link(t) => *t,
            })
            .collect();
        assert_eq!(joined, text);
    }
}
