//! Which messages are worth a notification.
//!
//! One tab of a person tells, the one that sends; never of what they look at, of what they wrote, or of what they did not
//! want to hear of. A burst tells its last message alone. Deliberately absent: asking the browser, and showing.

use common::model::{Event, EventKind, Level, RoomKind};
use common::sync::Room;

use super::answers::first_line;
use super::{Effect, Errand, State};

impl State {
    /// An event is new here.
    pub(super) fn happened(&mut self, event: &Event) {
        let EventKind::Message { n, body, mentions, everyone, .. } = &event.kind else { return };
        let (Some(me), Some(room)) = (self.engine.me(), self.engine.rooms().get(&event.room)) else { return };
        let looked_at = self.is_seen() && self.room == Some(event.room) && self.left_at.is_none();
        let newest = self.is_ready() && event.seq >= room.head && *n > room.info.read_n;
        let calls = everyone.is_some() || mentions.contains(&me.id);
        let told = self.may_notify == Some(true) && self.engine.leads() && newest && !looked_at;
        if told && event.by != me.id && is_wanted(room, calls) && !body.is_empty() {
            let title = title(room, &event.name);
            let text = first_line(body);
            self.effects.push(Effect::Run(Errand::Notify { room: event.room, seq: event.seq, title, text }));
        }
    }
}

/// Whether the reader wants to be told of a message of a room.
fn is_wanted(room: &Room, calls: bool) -> bool {
    let info = &room.info;
    match info.notify {
        Level::All => !info.muted,
        Level::Mentions => !info.muted && (calls || info.kind == RoomKind::Direct),
        Level::Nothing => false,
    }
}

fn title(room: &Room, name: &str) -> String {
    if room.info.kind == RoomKind::Direct { name.to_owned() } else { format!("{name} · #{}", room.info.name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::id::RoomId;
    use common::model::RoomInfo;

    #[test]
    fn the_level_of_a_room_decides() {
        let wanted = |kind, notify, muted, calls| {
            let mut engine = common::sync::Engine::new(1);
            let info = RoomInfo { kind, notify, muted, ..RoomInfo::new(RoomId(1), "a") };
            let restored = common::sync::keep::Restored { rooms: vec![info], ..Default::default() };
            engine.handle(common::id::Timestamp(0), common::sync::Input::Restored(Box::new(restored)));
            is_wanted(&engine.rooms()[&RoomId(1)], calls)
        };
        use Level::{All, Mentions, Nothing};
        use RoomKind::{Direct, Public};
        assert!(wanted(Public, All, false, false));
        assert!(!wanted(Public, Mentions, false, false));
        assert!(wanted(Public, Mentions, false, true));
        assert!(wanted(Direct, Mentions, false, false));
        assert!(!wanted(Direct, Nothing, false, true));
        assert!(!wanted(Public, All, true, true), "a muted room never tells");
    }
}
