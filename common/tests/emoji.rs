//! The emoji that the page's picker offers are those that a message takes.

use common::text::Emoji;

type Row = (String, String, String, String, String, u8);

#[test]
fn every_emoji_of_the_picker_is_one() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("../../frontend/data/emoji.json")).unwrap();
    assert!(rows.len() > 1_900);
    for (emoji, en, _, zh, _, group) in &rows {
        assert_eq!(Emoji::new(emoji).unwrap().as_str(), emoji);
        assert!(!en.is_empty() && !zh.is_empty() && *group <= 8, "{emoji}");
    }
    for quick in ["👍", "✅", "👀", "❤️"] {
        assert!(rows.iter().any(|row| row.0 == quick), "{quick} is spelled as the quick ones are");
    }
}
