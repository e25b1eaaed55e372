//! What sort of letter something is: where words end, for Markdown, for mentions and for the search alike.
//!
//! By blocks of Unicode, not by its tables: those would be a fiftieth of what every visitor of the page downloads, and what
//! the blocks get wrong is rare signs that are taken for letters. Deliberately absent: folding, which is the search's
//! matter, and what may stand in a name, which is [`crate::text`]'s.

/// Punctuation and signs (Unicode 16, Blocks.txt: the blocks that hold little else).
#[must_use]
pub const fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    matches!(c,
        '\u{A1}'..='\u{A9}' | '\u{AB}'..='\u{B4}' | '\u{B6}'..='\u{B9}' | '\u{BB}'..='\u{BF}' | '\u{D7}' | '\u{F7}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{20A0}'..='\u{20CF}' | '\u{2100}'..='\u{2BFF}'
        | '\u{2E00}'..='\u{2E7F}' | '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30FB}'
        | '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}'
        | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}' | '\u{FFE0}'..='\u{FFEE}' | '\u{1F000}'..='\u{1FAFF}')
}

/// A letter of a script that puts no spaces between words: Han, kana, Thai, Lao, Burmese, Khmer (Unicode 16, Blocks.txt).
#[must_use]
pub const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// What is written in squares: Han, kana, hangul, their punctuation and full-width forms (Unicode 16, Blocks.txt). Marks
/// stand right beside it, and so do the particles of Korean, though that has spaces.
#[must_use]
pub const fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A letter or a digit that those beside it make a word with: of a script that puts spaces between words, and nothing
/// right behind them.
#[must_use]
pub fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let apart = is_punctuation(c) || is_unspaced(c) || is_east_asian(c);
    !(apart || c.is_control() || crate::text::is_invisible(c))
}

/// A letter or a digit of any script, as an address may begin with.
#[must_use]
pub fn is_letter(c: char) -> bool {
    is_word(c) || is_unspaced(c) || is_east_asian(c)
}

/// Whether a word ends between two letters. The page that shows a mention and the server that counts it ask the same.
#[must_use]
pub fn ends(left: Option<char>, right: Option<char>) -> bool {
    !(left.is_some_and(is_word) && right.is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_where_the_next_letter_makes_none_with_it() {
        for (left, right) in [('a', 'b'), ('é', '9'), ('я', 'ю'), ('9', 'x')] {
            assert!(!ends(Some(left), Some(right)), "{left}{right}");
        }
        for (left, right) in [('a', ' '), ('a', '!'), ('a', '你'), ('一', '二'), ('마', '님'), ('ก', 'า'), ('a', '，')]
        {
            assert!(ends(Some(left), Some(right)), "{left}{right}");
        }
        assert!(ends(None, Some('a')) && ends(Some('a'), None));
    }

    #[test]
    fn korean_has_spaces_and_is_east_asian() {
        assert!(is_east_asian('한') && !is_unspaced('한'));
        assert!(is_unspaced('ก') && !is_east_asian('ก') && is_letter('ก'));
        assert!(is_unspaced('部') && is_east_asian('部') && !is_unspaced('，'));
    }
}
