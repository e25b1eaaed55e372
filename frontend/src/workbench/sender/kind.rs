//! The ways to write a message, one for each tab.

/// A way to write a message.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it is.
    #[default]
    Text,
    /// Text that must be JSON.
    Json,
    /// Bytes in hexadecimal.
    Hex,
    /// Bytes in Base64.
    Base64,
    /// Files.
    File,
    /// Random bytes.
    Random,
}

impl Kind {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 6] = [Self::Text, Self::Json, Self::Hex, Self::Base64, Self::File, Self::Random];

    /// What it is called in what is kept, and beside a saved message.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "JSON",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::File => "file",
            Self::Random => "random",
        }
    }

    /// Reads [`Kind::tag`].
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag).unwrap_or_default()
    }
}
