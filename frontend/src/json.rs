//! A JSON text, laid out and coloured for people.
//!
//! It re-indents what stands there and keeps the order of the keys, which a parsed value would lose; a text that is
//! no JSON comes out as it is. Deliberately absent: parsing into values.

/// What a piece of the text is; the class that colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Key,
    Text,
    Number,
}

impl Tone {
    pub(crate) const fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Key => Some("k"),
            Self::Text => Some("s"),
            Self::Number => Some("n"),
        }
    }
}

/// Lays a text out.
pub(crate) fn pretty(text: &str) -> Vec<(Tone, String)> {
    let mut layout = Layout { pieces: Vec::new(), depth: 0 };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => string_length(rest),
            '-' | '0'..='9' => {
                rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len())
            }
            'a'..='z' => rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        layout.token(c, token, after);
        rest = after;
    }
    layout.pieces
}

fn string_length(text: &str) -> usize {
    let mut escaped = true; // the quote that opens
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

struct Layout {
    pieces: Vec<(Tone, String)>,
    depth: usize,
}

impl Layout {
    fn token(&mut self, first: char, token: &str, after: &str) {
        match first {
            '{' | '[' => {
                self.push(Tone::Plain, token);
                if !after.trim_start().starts_with(['}', ']']) {
                    self.depth += 1;
                    self.line();
                }
            }
            '}' | ']' => {
                if !self.pieces.last().is_some_and(|(_, text)| text.ends_with(['{', '['])) {
                    self.depth = self.depth.saturating_sub(1);
                    self.line();
                }
                self.push(Tone::Plain, token);
            }
            ',' => {
                self.push(Tone::Plain, token);
                self.line();
            }
            ':' => self.push(Tone::Plain, ": "),
            '"' if after.trim_start().starts_with(':') => self.push(Tone::Key, token),
            '"' => self.push(Tone::Text, token),
            '-' | '0'..='9' | 'a'..='z' => self.push(Tone::Number, token),
            c if c.is_ascii_whitespace() => {}
            _ => self.push(Tone::Plain, token),
        }
    }

    fn line(&mut self) {
        let line = format!("\n{}", "  ".repeat(self.depth.min(32)));
        self.push(Tone::Plain, &line);
    }

    fn push(&mut self, tone: Tone, text: &str) {
        match self.pieces.last_mut() {
            Some((last, held)) if *last == tone => held.push_str(text),
            _ => self.pieces.push((tone, text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        pretty(json).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn keys_keep_their_order_and_get_a_line_each() {
        assert_eq!(
            text(r#"{"op":"hello","rooms":{},"t":[1,-2.5]}"#),
            "{\n  \"op\": \"hello\",\n  \"rooms\": {},\n  \"t\": [\n    1,\n    -2.5\n  ]\n}"
        );
    }

    #[test]
    fn strings_are_left_alone() {
        let pieces = pretty(r#"{"a":"x:{\"y\",[z"}"#);
        assert!(pieces.contains(&(Tone::Text, r#""x:{\"y\",[z""#.to_owned())));
        assert!(pieces.contains(&(Tone::Key, r#""a""#.to_owned())));
    }

    #[test]
    fn what_is_no_json_survives() {
        assert_eq!(text("再见, ok"), "再见,\nok");
        assert_eq!(text(r#"{"cut":"of"#), "{\n  \"cut\": \"of");
    }
}
