//! What became of a message: the fold over the events that changed it.
//!
//! Pure, over what is held of the room's log. Deliberately absent: what is still on its way; the views lay that over it.

use crate::id::{Seq, Timestamp, UserId};
use crate::model::EventKind;

use super::log::RoomLog;

/// A message as it stands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When it was edited last, and the text that it has since then.
    pub edited: Option<(Timestamp, String)>,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// Whether it is pinned.
    pub pinned: bool,
    /// The emoji under it, in the order in which they came.
    pub reactions: Vec<Reaction>,
}

/// One emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Whose it is, in the order in which they came.
    pub by: Vec<UserId>,
}

impl Standing {
    /// Folds what is held about a message.
    #[must_use]
    pub fn of(log: &RoomLog, target: Seq) -> Self {
        let mut standing = Self::default();
        for event in log.changes_of(target) {
            standing.apply(event.by, event.at, &event.kind);
        }
        standing
    }

    /// Applies one change.
    pub fn apply(&mut self, by: UserId, at: Timestamp, kind: &EventKind) {
        match kind {
            EventKind::Edited { body, .. } => self.edited = Some((at, body.clone())),
            EventKind::Deleted { .. } => *self = Self { deleted: true, ..Self::default() },
            EventKind::Pinned { .. } => self.pinned = true,
            EventKind::Unpinned { .. } => self.pinned = false,
            EventKind::Reacted { emoji, .. } => self.react(emoji, by),
            EventKind::Unreacted { emoji, .. } => self.unreact(emoji, by),
            EventKind::Message { .. }
            | EventKind::Created
            | EventKind::Joined
            | EventKind::Left
            | EventKind::Invited { .. }
            | EventKind::Removed { .. }
            | EventKind::Appointed { .. }
            | EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. }
            | EventKind::Unknown => {}
        }
    }

    fn react(&mut self, emoji: &str, by: UserId) {
        match self.reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) if reaction.by.contains(&by) => {}
            Some(reaction) => reaction.by.push(by),
            None => self.reactions.push(Reaction { emoji: emoji.to_owned(), by: vec![by] }),
        }
    }

    fn unreact(&mut self, emoji: &str, by: UserId) {
        for reaction in self.reactions.iter_mut().filter(|reaction| reaction.emoji == emoji) {
            reaction.by.retain(|user| *user != by);
        }
        self.reactions.retain(|reaction| !reaction.by.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAYA: UserId = UserId(2);
    const LIN: UserId = UserId(3);
    const TARGET: Seq = Seq(1);

    fn standing(changes: &[(UserId, EventKind)]) -> Standing {
        let mut standing = Standing::default();
        for (at, (by, kind)) in changes.iter().enumerate() {
            standing.apply(*by, Timestamp(at as u64), kind);
        }
        standing
    }

    fn reacted(emoji: &str) -> EventKind {
        EventKind::Reacted { target: TARGET, emoji: emoji.into() }
    }

    #[test]
    fn the_last_edit_counts() {
        let edit = |body: &str| (MAYA, EventKind::Edited { target: TARGET, body: body.into() });
        assert_eq!(standing(&[edit("one"), edit("two")]).edited, Some((Timestamp(1), "two".into())));
    }

    #[test]
    fn an_emoji_counts_each_person_once_and_goes_with_the_last_one() {
        let mut all = vec![(MAYA, reacted("👍")), (LIN, reacted("👍")), (LIN, reacted("👍")), (LIN, reacted("🎉"))];
        let both = standing(&all);
        assert_eq!(
            both.reactions.iter().map(|r| (r.emoji.as_str(), r.by.len())).collect::<Vec<_>>(),
            [("👍", 2), ("🎉", 1)]
        );
        all.push((LIN, EventKind::Unreacted { target: TARGET, emoji: "🎉".into() }));
        all.push((LIN, EventKind::Unreacted { target: TARGET, emoji: "👍".into() }));
        assert_eq!(standing(&all).reactions, [Reaction { emoji: "👍".into(), by: vec![MAYA] }]);
    }

    #[test]
    fn nothing_is_left_of_a_deleted_message() {
        let all = [
            (MAYA, EventKind::Pinned { target: TARGET }),
            (LIN, reacted("👍")),
            (MAYA, EventKind::Deleted { target: TARGET }),
        ];
        assert_eq!(standing(&all), Standing { deleted: true, ..Standing::default() });
    }
}
