//! Dialogs and panels that find something or somebody: the switcher, search, people, rooms, emoji, keys.
//!
//! Each is a component over a [`Desk`]. In reading order: [`switcher`],
//! [`search`], [`people`] and [`person`], [`browse`], [`new_room`], [`new_direct`], [`room_settings`], [`emoji`],
//! [`shortcuts`]; `fuzzy` ranks names, `ask` asks over HTTP, `order` gives commands to the page, `lay` and `bits` are what
//! they look like in common, `words` what they say. Deliberately absent: which of them is open, and where it lies.

mod ask;
mod bits;
pub mod browse;
pub mod emoji;
mod fuzzy;
mod lay;
pub mod new_direct;
pub mod new_room;
mod order;
pub mod people;
pub mod person;
pub mod room_settings;
pub mod search;
pub mod shortcuts;
pub mod switcher;
mod words;

use common::id::RoomId;
use common::model::{RoomInfo, RoomKind, RoomRole};
use yew::Properties;

pub use super::app::Desk;
use super::port::Said;
use words::PanelWords;

/// The properties of a panel that is about nothing in particular.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DeskProps {
    /// The desk.
    pub desk: Desk,
}

/// The properties of a panel about a room.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RoomProps {
    /// The desk.
    pub desk: Desk,
    /// The room.
    pub room: RoomId,
}

impl Desk {
    fn panel_words(&self) -> &'static PanelWords {
        PanelWords::of(self.context.lang)
    }

    /// Closes the panel.
    fn close(&self) {
        self.say.emit(Said::Dismissed);
    }

    /// Looks at a room, and closes the panel.
    fn visit(&self, room: RoomId) {
        self.close();
        self.say.emit(Said::Visit(room, None));
    }

    /// Whether a room's name, people and so on are the reader's to change.
    fn moderates(&self, room: RoomId) -> bool {
        let held = self.context.room(room);
        held.is_some_and(|line| line.info.kind != RoomKind::Direct && line.info.role == RoomRole::Moderator)
    }

    /// What a room is called: a direct one by its people.
    fn room_name(&self, info: &RoomInfo) -> String {
        if info.kind != RoomKind::Direct {
            return info.name.clone();
        }
        let names: Vec<&str> = info.people.iter().map(|person| person.name.as_str()).collect();
        if names.is_empty() { self.panel_words().nobody_else.to_owned() } else { names.join(self.panel_words().comma) }
    }
}
