//! What is searched for, as text with operators: `from:maya in:backend has:link "two words" -not`.
//!
//! The server reads it; here it is only taken apart as far as completing needs. Deliberately absent: errors.

/// An operator with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    From,
    In,
    Before,
    After,
    Has,
}

impl Operator {
    /// All of them, in the order of the help.
    pub(super) const ALL: [Self; 5] = [Self::From, Self::In, Self::Before, Self::After, Self::Has];

    /// As it is written, with its colon.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::From => "from:",
            Self::In => "in:",
            Self::Before => "before:",
            Self::After => "after:",
            Self::Has => "has:",
        }
    }
}

/// The operator that is being written at the end of a text, and its value so far.
pub(super) fn unfinished(text: &str) -> Option<(Operator, &str)> {
    let (_, last) = split_last(text)?;
    let last = last.strip_prefix('-').unwrap_or(last);
    Operator::ALL.into_iter().find_map(|operator| {
        let value = strip_tag(last, operator.tag())?;
        Some((operator, value.strip_prefix('"').unwrap_or(value)))
    })
}

/// The text with the value that is being written at its end put in full, and room for the next word.
pub(super) fn complete(text: &str, value: &str) -> String {
    let Some((head, last)) = split_last(text) else { return text.to_owned() };
    let Some((tag, _)) = last.split_once(':') else { return text.to_owned() };
    let quote = if value.contains(char::is_whitespace) { "\"" } else { "" };
    format!("{head}{tag}:{quote}{value}{quote} ")
}

/// The text with an operator begun at its end.
pub(super) fn begin(text: &str, operator: Operator) -> String {
    let trimmed = text.trim_end();
    let gap = if trimmed.is_empty() { "" } else { " " };
    format!("{trimmed}{gap}{}", operator.tag())
}

/// The text with every `operator` taken out, or with it where there was none. `term` is the whole, such as `in:backend`.
pub(super) fn toggle(text: &str, term: &str) -> String {
    let terms = terms(text);
    let held = terms.iter().any(|one| one.eq_ignore_ascii_case(term));
    let mut kept: Vec<&str> = terms.into_iter().filter(|one| !one.eq_ignore_ascii_case(term)).collect();
    if !held {
        kept.push(term);
    }
    kept.join(" ")
}

/// Whether the text has this term.
pub(super) fn has(text: &str, term: &str) -> bool {
    terms(text).iter().any(|one| one.eq_ignore_ascii_case(term))
}

/// An operator and its value in full.
pub(super) fn term(operator: Operator, value: &str) -> String {
    complete(operator.tag(), value).trim_end().to_owned()
}

/// The words of a text; what stands in quotation marks is one of them.
fn terms(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut terms = Vec::new();
    while let Some((term, after)) = split_first(rest) {
        terms.push(term);
        rest = after;
    }
    terms
}

fn split_first(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    });
    (!text.is_empty()).then(|| text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, "")))
}

/// What stands before the last word, and that; none where the text ends with a space outside of quotation marks.
fn split_last(text: &str) -> Option<(&str, &str)> {
    let last = *terms(text).last()?;
    text.ends_with(last).then(|| text.split_at_checked(text.len() - last.len()))?
}

fn strip_tag<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(tag.len())?;
    head.eq_ignore_ascii_case(tag).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_at_the_end_is_the_one_to_complete() {
        assert_eq!(unfinished("idle from:ma"), Some((Operator::From, "ma")));
        assert_eq!(unfinished("idle From:\"Maya O"), Some((Operator::From, "Maya O")));
        assert_eq!(unfinished("-in:"), Some((Operator::In, "")));
        assert_eq!(unfinished("从 in:中"), Some((Operator::In, "中")));
        for text in ["", "idle", "from:maya ", "from:maya idle", "\"in:x"] {
            assert_eq!(unfinished(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_value_with_a_space_is_quoted() {
        assert_eq!(complete("idle from:ma", "Maya Okafor"), "idle from:\"Maya Okafor\" ");
        assert_eq!(complete("idle from:\"Maya O", "Maya Okafor"), "idle from:\"Maya Okafor\" ");
        assert_eq!(complete("-in:ba", "backend"), "-in:backend ");
        assert_eq!(term(Operator::From, "林 一凡"), "from:\"林 一凡\"");
    }

    #[test]
    fn an_operator_begins_behind_a_space() {
        assert_eq!(begin("", Operator::In), "in:");
        assert_eq!(begin("idle  ", Operator::In), "idle in:");
    }

    #[test]
    fn a_term_goes_in_and_out() {
        let on = toggle("idle \"two words\"", "has:link");
        assert_eq!(on, "idle \"two words\" has:link");
        assert!(has(&on, "HAS:link") && !has(&on, "has:code"));
        assert_eq!(toggle(&on, "has:link"), "idle \"two words\"");
    }
}
