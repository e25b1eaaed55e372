//! The list in `Sec-WebSocket-Extensions` (RFC 6455, section 9.1), as far as its form goes.

/// An extension that is offered or accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension<'a> {
    pub(super) name: &'a str,
    pub(super) params: Vec<Param<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Param<'a> {
    pub(super) name: &'a str,
    pub(super) value: Option<String>,
}

/// Reads one header's value; `None` when it is no such list.
pub(super) fn parse(value: &str) -> Option<Vec<Extension<'_>>> {
    let mut list = Vec::new();
    let mut rest = space(value);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            // A list may have empty places (RFC 9110, section 5.6.1.2).
            rest = space(after);
            continue;
        }
        let (extension, after) = extension(rest)?;
        list.push(extension);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after;
    }
    Some(list)
}

fn extension(text: &str) -> Option<(Extension<'_>, &str)> {
    let (name, mut rest) = token(text)?;
    let mut params = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let (param, after) = param(space(after))?;
        params.push(param);
        rest = after;
    }
    Some((Extension { name, params }, rest))
}

fn param(text: &str) -> Option<(Param<'_>, &str)> {
    let (name, rest) = token(text)?;
    let Some(rest) = rest.strip_prefix('=') else { return Some((Param { name, value: None }, rest)) };
    let rest = space(rest);
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => token(rest).map(|(value, rest)| (value.to_owned(), rest))?,
    };
    Some((Param { name, value: Some(value) }, rest))
}

/// A token (RFC 9110, section 5.6.2) and what follows the space behind it.
fn token(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !is_token(letter)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end)?;
    (!token.is_empty()).then(|| (token, space(rest)))
}

fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}

/// The rest of a quoted string, which says a token, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        let said = match letter {
            '"' => return (!value.is_empty()).then(|| (value, space(text.get(at + 1..).unwrap_or_default()))),
            '\\' => letters.next()?.1,
            other => other,
        };
        if !is_token(said) {
            return None;
        }
        value.push(said);
    }
    None
}

fn space(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list, written plainly: `a;b=c, d`.
    fn plain(value: &str) -> Option<String> {
        let param = |param: &Param<'_>| match &param.value {
            Some(value) => format!(";{}={value}", param.name),
            None => format!(";{}", param.name),
        };
        let extension = |it: &Extension<'_>| format!("{}{}", it.name, it.params.iter().map(param).collect::<String>());
        Some(parse(value)?.iter().map(extension).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn the_rfcs_examples_are_read() {
        assert_eq!(plain("foo").as_deref(), Some("foo"));
        assert_eq!(plain("bar; baz=2").as_deref(), Some("bar;baz=2"));
        assert_eq!(plain("foo, bar; baz=2").as_deref(), Some("foo, bar;baz=2"));
        let quoted = r#"permessage-deflate; server_max_window_bits="1\0" ;x , permessage-deflate"#;
        assert_eq!(
            plain(quoted).as_deref(),
            Some("permessage-deflate;server_max_window_bits=10;x, permessage-deflate")
        );
    }

    #[test]
    fn space_and_empty_places_say_nothing() {
        assert_eq!(plain("").as_deref(), Some(""));
        assert_eq!(plain(" , ,\t,").as_deref(), Some(""));
        assert_eq!(plain(",a;b = \"c\"\t,,b,").as_deref(), Some("a;b=c, b"));
    }

    #[test]
    fn what_is_no_list_is_none() {
        let wrong = [
            "a b",
            "a;",
            ";a",
            "a;=1",
            "a;b=",
            "a;b=\"\"",
            "a;b=\"c",
            "a;b=\"c d\"",
            "a=b",
            "é",
            "a;b=\"\\",
            "a;b=c d",
        ];
        for value in wrong {
            assert_eq!(plain(value), None, "{value}");
        }
    }
}
