//! Words that have passed their checks: [`Body`], [`UserName`], [`RoomName`], [`Topic`], [`Login`], [`Emoji`] and others.
//!
//! Raw text becomes one of these once, at the edge; what holds one need not look again. A refusal is a [`TextError`]
//! that names the field and the limit. Deliberately absent: look-alike letters (two names that differ only to a
//! machine), which need the whole list of names and are the store's matter.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TextError {
    /// The field that holds the text.
    pub field: Field,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A field that a person fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The text of a message.
    Body,
    /// A person's name.
    UserName,
    /// A room's name.
    RoomName,
    /// An emoji under a message.
    Emoji,
    /// What stands in a composer.
    Draft,
    /// What a room is about.
    Topic,
    /// What somebody says of themselves beside their name.
    Status,
    /// The name that somebody signs in with.
    Login,
    /// A password.
    Password,
    /// A place of the IANA time zone database, such as `Pacific/Auckland`.
    TimeZone,
    /// What is searched for.
    Query,
    /// A code of the second factor, or one that recovers it.
    Code,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Nothing to see: empty, or white space alone.
    Blank,
    /// More characters than allowed.
    TooLong {
        /// Characters allowed.
        limit: usize,
        /// Characters found.
        found: usize,
    },
    /// A character that may not stand here: a control character, an invisible one, one that turns the writing
    /// direction, or in a room's name anything but letters, digits, `-`, `_` and `.`.
    BadCharacter {
        /// The character.
        found: char,
    },
    /// Fewer characters than needed.
    TooShort {
        /// Characters needed.
        limit: usize,
        /// Characters found.
        found: usize,
    },
    /// Somebody or something else has it, or one that people could take for it (Unicode UTS #39, skeletons).
    Taken,
    /// It is not what was expected: a password or a code that does not match, a place that there is not.
    Wrong,
    /// More combining marks in a row than any script needs.
    TooManyMarks {
        /// Marks allowed in a row.
        limit: usize,
    },
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Body => "body",
            Self::UserName | Self::RoomName => "name",
            Self::Emoji => "emoji",
            Self::Draft => "text",
            Self::Topic => "topic",
            Self::Status => "status",
            Self::Login => "login",
            Self::Password => "password",
            Self::TimeZone => "time_zone",
            Self::Query => "q",
            Self::Code => "code",
        })
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field;
        match self.fault {
            Fault::Blank => write!(f, "{field}: is blank"),
            Fault::TooLong { limit, found } => write!(f, "{field}: has {found} characters, {limit} are allowed"),
            Fault::BadCharacter { found } => write!(f, "{field}: may not contain U+{:04X}", u32::from(found)),
            Fault::TooShort { limit, found } => write!(f, "{field}: has {found} characters, {limit} are needed"),
            Fault::Taken => write!(f, "{field}: another one has it, or looks like it"),
            Fault::Wrong => write!(f, "{field}: does not match"),
            Fault::TooManyMarks { limit } => write!(f, "{field}: has more than {limit} combining marks in a row"),
        }
    }
}

impl std::error::Error for TextError {}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a raw text.
            ///
            /// # Errors
            /// [`TextError`] says what is wrong and where the limit lies.
            pub fn new(raw: &str) -> Result<Self, TextError> {
                $check(raw).map(Self)
            }

            /// A text that was checked before and kept by the one who did: it is not looked at again. The server looks for
            /// itself.
            #[must_use]
            pub const fn kept(text: String) -> Self {
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(raw: String) -> Result<Self, TextError> {
                Self::new(&raw)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

checked_text!(
    /// The text of a message: not blank, at most [`limits::BODY_CHARS`] characters, line breaks as `\n`. White space
    /// at the end is dropped; at the start it stays, for it may indent code.
    Body, check_body
);
checked_text!(
    /// A person's name: not blank, at most [`limits::USER_NAME_CHARS`] characters on one line, single spaces within.
    UserName, check_user_name
);
checked_text!(
    /// A room's name: at most [`limits::ROOM_NAME_CHARS`] letters (of any script), digits, `-`, `_`, `.`; lower case.
    RoomName, check_room_name
);

checked_text!(
    /// One emoji, at most [`limits::EMOJI_CHARS`] characters, from the blocks that Unicode draws as pictures.
    Emoji, check_emoji
);
checked_text!(
    /// What a room is about: at most [`limits::TOPIC_CHARS`] characters on one line, single spaces within, or nothing.
    Topic, check_topic
);
checked_text!(
    /// What somebody says of themselves: at most [`limits::STATUS_CHARS`] characters on one line, or nothing.
    Status, check_status
);
checked_text!(
    /// The name that somebody signs in with: [`limits::LOGIN_CHARS`] of `a` to `z`, `0` to `9`, `.`, `-` and `_`; lower
    /// case. Nobody but its owner sees it.
    Login, check_login
);
checked_text!(
    /// What stands in a composer: anything of at most [`limits::DRAFT_CHARS`] characters, or nothing.
    Draft, check_draft
);

fn check_draft(raw: &str) -> Result<String, TextError> {
    check_length(raw, limits::DRAFT_CHARS).map_err(|fault| TextError { field: Field::Draft, fault })?;
    Ok(raw.to_owned())
}

fn check_emoji(raw: &str) -> Result<String, TextError> {
    let err = |fault| TextError { field: Field::Emoji, fault };
    let text = raw.trim();
    if text.trim_matches(is_joiner).is_empty() {
        return Err(err(Fault::Blank));
    }
    check_length(text, limits::EMOJI_CHARS).map_err(err)?;
    let keycap = text.ends_with('\u{20E3}');
    let allowed = |c: char| is_picture(c) || is_joiner(c) || (keycap && matches!(c, '0'..='9' | '#' | '*'));
    match text.chars().find(|&c| !allowed(c)) {
        Some(found) => Err(err(Fault::BadCharacter { found })),
        None => Ok(text.to_owned()),
    }
}

fn check_topic(raw: &str) -> Result<String, TextError> {
    check_line(raw, limits::TOPIC_CHARS).map_err(|fault| TextError { field: Field::Topic, fault })
}

fn check_status(raw: &str) -> Result<String, TextError> {
    check_line(raw, limits::STATUS_CHARS).map_err(|fault| TextError { field: Field::Status, fault })
}

/// One line, or nothing. Joiners may stand in it, for they make pictures of pictures.
fn check_line(raw: &str, limit: usize) -> Result<String, Fault> {
    let bad = |c: &char| c.is_control() || (is_invisible(*c) && !c.is_whitespace() && !is_joiner(*c));
    if let Some(found) = raw.trim().chars().find(bad) {
        return Err(Fault::BadCharacter { found });
    }
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    check_length(&text, limit)?;
    check_marks(&text, limits::COMBINING_MARKS)?;
    Ok(text)
}

fn check_login(raw: &str) -> Result<String, TextError> {
    let err = |fault| TextError { field: Field::Login, fault };
    let text = raw.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Err(err(Fault::Blank));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    if let Some(found) = text.chars().find(|&c| !allowed(c)) {
        return Err(err(Fault::BadCharacter { found }));
    }
    check_length(&text, *limits::LOGIN_CHARS.end()).map_err(err)?;
    let (limit, found) = (*limits::LOGIN_CHARS.start(), text.chars().count());
    if found < limit { Err(err(Fault::TooShort { limit, found })) } else { Ok(text) }
}

fn check_body(raw: &str) -> Result<String, TextError> {
    let err = |fault| TextError { field: Field::Body, fault };
    let text = raw.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end();
    if text.trim_matches(is_invisible).is_empty() {
        return Err(err(Fault::Blank));
    }
    if let Some(found) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(err(Fault::BadCharacter { found }));
    }
    check_length(text, limits::BODY_CHARS).map_err(err)?;
    check_marks(text, limits::BODY_MARKS).map_err(err)?;
    Ok(text.to_owned())
}

fn check_user_name(raw: &str) -> Result<String, TextError> {
    let err = |fault| TextError { field: Field::UserName, fault };
    if let Some(found) = raw.trim().chars().find(|&c| c.is_control() || (is_invisible(c) && !c.is_whitespace())) {
        return Err(err(Fault::BadCharacter { found }));
    }
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(err(Fault::Blank));
    }
    check_length(&text, limits::USER_NAME_CHARS).map_err(err)?;
    check_marks(&text, limits::COMBINING_MARKS).map_err(err)?;
    Ok(text)
}

fn check_room_name(raw: &str) -> Result<String, TextError> {
    let err = |fault| TextError { field: Field::RoomName, fault };
    let text = raw.trim();
    let text = text.strip_prefix('#').unwrap_or(text).to_lowercase();
    if text.is_empty() {
        return Err(err(Fault::Blank));
    }
    let allowed = |c: char| c.is_alphanumeric() || is_mark(c) || matches!(c, '-' | '_' | '.');
    if let Some(found) = text.chars().find(|&c| !allowed(c)) {
        return Err(err(Fault::BadCharacter { found }));
    }
    check_length(&text, limits::ROOM_NAME_CHARS).map_err(err)?;
    check_marks(&text, limits::COMBINING_MARKS).map_err(err)?;
    Ok(text)
}

fn check_length(text: &str, limit: usize) -> Result<(), Fault> {
    let found = text.chars().count();
    if found > limit { Err(Fault::TooLong { limit, found }) } else { Ok(()) }
}

fn check_marks(text: &str, limit: usize) -> Result<(), Fault> {
    let mut run = 0;
    for c in text.chars() {
        run = if is_mark(c) { run + 1 } else { 0 };
        if run > limit {
            return Err(Fault::TooManyMarks { limit });
        }
    }
    Ok(())
}

/// White space, and the characters that Unicode draws as nothing or uses to turn the writing direction
/// (UAX #9, section 2; UTR #36, section 2.5).
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Combining marks by their blocks (Unicode 16, Blocks.txt); the scripts' own vowel signs are letters to us.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}' | '\u{0610}'..='\u{061A}'
        | '\u{064B}'..='\u{065F}' | '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{3099}' | '\u{309A}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}')
}

/// The blocks that hold pictures (Unicode 16, emoji-data.txt), coarsely: what else they hold does no harm.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}' | '\u{2934}' | '\u{2935}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// The most emoji that stand large.
const LARGE: usize = 8;

/// Whether a text is a few emoji and nothing else, so that they may stand large. Signs that have pictures and are used as
/// letters, such as arrows, count only where a selector asks for the picture.
#[must_use]
pub fn is_emoji_alone(text: &str) -> bool {
    let mut pictures = 0;
    for word in text.split_whitespace() {
        if word.len() > LARGE * limits::EMOJI_CHARS * 4 || !word.chars().all(|c| is_picture(c) || is_joiner(c)) {
            return false;
        }
        let is_drawn = |c: &char| matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}');
        let drawn = word.chars().filter(is_drawn).count();
        if drawn == 0 {
            return false;
        }
        // What is joined is one picture.
        pictures += drawn.saturating_sub(word.matches('\u{200D}').count());
    }
    (1..=LARGE * 2).contains(&pictures) && text.chars().count() <= LARGE * limits::EMOJI_CHARS
}

/// What joins pictures, chooses between them, or spells a flag; nothing by itself.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{20E3}' | '\u{FE0E}' | '\u{FE0F}' | '\u{E0020}'..='\u{E007F}')
}

#[cfg(test)]
mod tests;
