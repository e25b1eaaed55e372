//! How well a name fits what somebody types, and where.
//!
//! Every word that is typed must be found: at the beginning of the name, of one of its words, somewhere within, or, as the
//! last resort, letter by letter in order. Case and accents make no difference. Deliberately absent: pinyin.

/// How well a name fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// More is better; 0 for nothing typed.
    pub score: u32,
    /// What fits: begin and end in characters, rising, not overlapping.
    pub marks: Vec<(usize, usize)>,
}

/// Looks for what was typed in a name.
pub(super) fn fit(typed: &str, name: &str) -> Option<Fit> {
    let held: Vec<char> = name.chars().map(fold).collect();
    let mut fit = Fit { score: 0, marks: Vec::new() };
    for word in typed.split_whitespace() {
        let wanted: Vec<char> = word.chars().map(fold).collect();
        let (score, marks) = fit_word(&wanted, &held)?;
        fit.score += score;
        fit.marks.extend(marks);
    }
    fit.marks = merged(fit.marks);
    Some(fit)
}

fn fit_word(wanted: &[char], held: &[char]) -> Option<(u32, Vec<(usize, usize)>)> {
    let mut best: Option<(u32, usize)> = None;
    for (at, found) in held.windows(wanted.len().max(1)).enumerate() {
        if found == wanted {
            let score = place(at, wanted, held);
            best = best.filter(|(known, _)| *known >= score).or(Some((score, at)));
        }
    }
    match best {
        Some((score, at)) => Some((score, vec![(at, at + wanted.len())])),
        None => scattered(wanted, held),
    }
}

/// What a place in the name is worth. Chinese writes no spaces: each of its characters begins a word.
fn place(at: usize, wanted: &[char], held: &[char]) -> u32 {
    let begins = at.checked_sub(1).and_then(|before| held.get(before)).is_none_or(|c| !c.is_alphanumeric());
    match at {
        0 if wanted.len() == held.len() => 120,
        0 => 100,
        _ if begins || wanted.first().is_some_and(|c| is_han(*c)) => 80,
        _ => 60,
    }
}

/// The letters in order, with others between them: `bkd` in `backend`. The first one must begin a word.
fn scattered(wanted: &[char], held: &[char]) -> Option<(u32, Vec<(usize, usize)>)> {
    if wanted.len() < 2 {
        return None;
    }
    let mut marks = Vec::new();
    let mut from = 0;
    for c in wanted {
        let at = held.iter().enumerate().skip(from).find(|(at, held_c)| {
            let begins = at.checked_sub(1).and_then(|before| held.get(before)).is_none_or(|c| !c.is_alphanumeric());
            *held_c == c && (from > 0 || begins)
        })?;
        marks.push((at.0, at.0 + 1));
        from = at.0 + 1;
    }
    let runs = merged(marks);
    let gaps = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    Some((40_u32.saturating_sub(gaps * 5).max(1), runs))
}

fn merged(mut marks: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    marks.sort_unstable();
    let mut whole: Vec<(usize, usize)> = Vec::with_capacity(marks.len());
    for (begin, end) in marks {
        match whole.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => whole.push((begin, end)),
        }
    }
    whole
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A character as it is compared: small, and without the accents of the Latin alphabet. One becomes one, so that places
/// stay what they are.
fn fold(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    match small {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => 'a',
        'ç' | 'ć' | 'č' | 'ċ' | 'ĉ' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' => 'o',
        'ŕ' | 'ř' => 'r',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(typed: &str, name: &str) -> u32 {
        fit(typed, name).map_or(0, |fit| fit.score)
    }

    #[test]
    fn the_beginning_is_better_than_the_middle_and_that_than_scattered_letters() {
        let ranks = ["inc", "incidents", "the-incidents", "princess", "iron-coat"].map(|name| score("inc", name));
        assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
        assert_eq!(fit("inx", "incidents"), None);
    }

    #[test]
    fn marks_say_what_fits() {
        assert_eq!(fit("in", "reading-group").map(|fit| fit.marks), Some(vec![(4, 6)]));
        assert_eq!(fit("bkd", "backend").map(|fit| fit.marks), Some(vec![(0, 1), (3, 4), (6, 7)]));
        assert_eq!(fit("lind jo", "Jonas Lindqvist").map(|fit| fit.marks), Some(vec![(0, 2), (6, 10)]));
        assert_eq!(fit("ab ba", "abab").map(|fit| fit.marks), Some(vec![(0, 3)]));
    }

    #[test]
    fn case_and_accents_make_no_difference() {
        assert_eq!(score("tomas", "Tomás Rivera"), 100);
        assert_eq!(score("ÉCOLE", "école"), 120);
    }

    #[test]
    fn chinese_names_are_found_by_any_of_their_characters() {
        assert_eq!(score("林", "林一凡"), 100);
        assert_eq!(score("一凡", "林一凡"), 80);
        assert_eq!(fit("凡林", "林一凡"), None, "the order counts");
    }

    #[test]
    fn nothing_typed_fits_everything_and_marks_nothing() {
        assert_eq!(fit("  ", "backend"), Some(Fit { score: 0, marks: Vec::new() }));
        assert_eq!(fit("a", ""), None);
    }
}
