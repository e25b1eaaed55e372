//! Search over what the one who asks may see.

use serde::{Deserialize, Serialize};

use super::messages::MessageView;

/// `GET /api/v1/search?q=&order=newest|best&cursor=&limit=`: messages that have all the words, and none of the excluded
/// ones. A word of three letters or more is found by its beginning; `"several words"` in this order; `-word` not at all; `from:name`, `in:room`,
/// `before:2026-11-21`, `after:2026-11-01` (days in UTC), `has:link`, `has:code`, `has:mention`. `limit` is 1 to 50, 20 where it
/// is absent. Answers 400 with `bad_query` for what cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchPage {
    /// What was found.
    pub hits: Vec<Hit>,
    /// Where the next page begins; none on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many committed messages the index does not hold yet.
    pub behind: u64,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hit {
    /// The message.
    pub message: MessageView,
    /// The name of its room; empty for a direct room.
    pub room_name: String,
    /// A part of its text, without Markdown, at most about 200 characters.
    pub excerpt: String,
    /// Where in the excerpt what was searched for stands: begin and end in characters, rising, not overlapping.
    pub marks: Vec<(usize, usize)>,
}
