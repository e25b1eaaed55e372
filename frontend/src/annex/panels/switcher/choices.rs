//! What the switcher offers for what was typed: the ranking, without the page.

use common::api::people::Profile;
use common::id::{RoomId, Timestamp, UserId};
use common::model::{RoomKind, RoomRole};

use super::super::fuzzy::{Fit, fit};
use crate::annex::panels::Desk;
use crate::annex::port::{Open, RoomLine, Section};

/// Rooms that are offered at once: more is to be narrowed by typing.
const ROOMS: usize = 30;

/// People that are offered at once.
const PEOPLE: usize = 12;

/// What a choice leads to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// A room that one is in.
    Room(RoomId),
    /// A conversation with somebody, which may have to be begun.
    Person(UserId),
    /// Something else of the annex.
    Open(Open),
    /// An address for the Workbench.
    Try(String),
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub target: Target,
    pub name: String,
    pub note: String,
    pub marks: Vec<(usize, usize)>,
    pub look: Look,
    pub unread: u64,
    pub mentions: u64,
}

/// What stands before a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Icon(&'static str),
    Face(UserId, bool),
}

/// The three groups, those without a choice left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub label: &'static str,
    pub choices: Vec<Choice>,
}

/// What is looked for, by the first character that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Rooms,
    People,
}

/// Splits the sign of a scope off.
pub(super) fn scope(typed: &str) -> (Scope, &str) {
    let typed = typed.trim_start();
    if let Some(rest) = typed.strip_prefix(['#', '＃']) {
        (Scope::Rooms, rest.trim())
    } else if let Some(rest) = typed.strip_prefix(['@', '＠']) {
        (Scope::People, rest.trim())
    } else {
        (Scope::All, typed.trim())
    }
}

/// The address of a socket that was typed, or begun to be.
pub(super) fn address(typed: &str) -> Option<&str> {
    let typed = typed.trim();
    ["ws://", "wss://"].iter().any(|scheme| typed.starts_with(scheme)).then_some(typed)
}

/// Everything that fits, best first: mentions before unread rooms before others, and of those the one with the latest
/// event. The room that is looked at comes last, so that Enter alone goes back to where one was.
pub(super) fn groups(desk: &Desk, typed: &str, people: &[Profile]) -> Vec<Group> {
    let words = desk.panel_words();
    if let Some(url) = address(typed) {
        let choice = Choice {
            target: Target::Try(url.to_owned()),
            name: words.open_in_workbench.to_owned(),
            note: url.to_owned(),
            marks: Vec::new(),
            look: Look::Icon("code"),
            unread: 0,
            mentions: 0,
        };
        return vec![Group { label: words.actions, choices: vec![choice] }];
    }
    let (scope, wanted) = scope(typed);
    let mut rooms = Vec::new();
    let mut known = Vec::new();
    for line in &desk.context.rooms {
        let pair = line.info.kind == RoomKind::Direct && line.info.people.len() == 1;
        let list = if pair { &mut known } else { &mut rooms };
        if let Some(choice) = room(desk, line, wanted) {
            list.push((rank(desk, line, &choice.1), choice.0));
        }
    }
    let mut known = sorted(known, PEOPLE);
    let room_left = PEOPLE.saturating_sub(known.len());
    known.extend(strangers(desk, wanted, people).take(room_left));
    let groups = [
        (words.rooms, scope != Scope::People, sorted(rooms, ROOMS)),
        (words.people, scope != Scope::Rooms, known),
        (words.actions, scope == Scope::All, actions(desk, wanted)),
    ];
    let shown = groups.into_iter().filter(|(_, wanted, choices)| *wanted && !choices.is_empty());
    shown.map(|(label, _, choices)| Group { label, choices }).collect()
}

type Rank = (bool, u32, bool, bool, Timestamp);

fn rank(desk: &Desk, line: &RoomLine, fit: &Fit) -> Rank {
    let present = desk.context.present == Some(line.info.id);
    let unread = line.unread > 0 && !line.info.muted;
    // A full hit is a full hit, also of the room that is looked at.
    (!present || fit.score > 0, fit.score, line.info.mentions > 0, unread, line.last)
}

fn sorted(mut ranked: Vec<(Rank, Choice)>, limit: usize) -> Vec<Choice> {
    ranked.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.name.cmp(&right.name)));
    ranked.into_iter().take(limit).map(|(_, choice)| choice).collect()
}

fn room(desk: &Desk, line: &RoomLine, wanted: &str) -> Option<(Choice, Fit)> {
    let info = &line.info;
    let name = desk.room_name(info);
    let fit = fit(wanted, &name)?;
    let look = match (info.kind, info.people.as_slice()) {
        (RoomKind::Direct, [other]) => Look::Face(other.id, is_here(desk, other.id)),
        (RoomKind::Direct, _) => Look::Icon("users"),
        (RoomKind::Private, _) => Look::Icon("lock"),
        (RoomKind::Public, _) => Look::Icon("hash"),
    };
    let note = if info.archived { desk.panel_words().archived.to_owned() } else { info.topic.clone() };
    let marks = fit.marks.clone();
    let (unread, mentions) = (line.unread, info.mentions);
    Some((Choice { target: Target::Room(info.id), name, note, marks, look, unread, mentions }, fit))
}

pub(super) fn is_here(desk: &Desk, user: UserId) -> bool {
    desk.context.online.iter().any(|person| person.id == user)
}

/// People with whom there is no conversation yet.
fn strangers<'a>(desk: &'a Desk, wanted: &'a str, people: &'a [Profile]) -> impl Iterator<Item = Choice> + 'a {
    let me = desk.context.me.as_ref().map(|me| me.id);
    let direct = |user: UserId| {
        desk.context.rooms.iter().any(|line| {
            line.info.kind == RoomKind::Direct && matches!(line.info.people.as_slice(), [other] if other.id == user)
        })
    };
    people.iter().filter(move |person| Some(person.id) != me && !direct(person.id)).map(move |person| Choice {
        target: Target::Person(person.id),
        name: person.name.clone(),
        note: person.status.clone(),
        marks: fit(wanted, &person.name).map(|fit| fit.marks).unwrap_or_default(),
        look: Look::Face(person.id, is_here(desk, person.id)),
        unread: 0,
        mentions: 0,
    })
}

/// What else can be done; searching for what was typed is always among it.
fn actions(desk: &Desk, wanted: &str) -> Vec<Choice> {
    let words = desk.panel_words();
    let present = desk.context.room(desk.context.present.unwrap_or(RoomId(0)));
    let in_room = present.map(|line| line.info.id);
    let mut all = vec![
        ("list", words.browse, Open::Rooms),
        ("plus", words.new_room, Open::NewRoom),
        ("chat", words.new_direct, Open::DirectNew),
    ];
    if let Some(room) = in_room {
        all.push(("users", words.people, Open::People(room)));
    }
    if present.is_some_and(|line| line.info.kind != RoomKind::Direct && line.info.role == RoomRole::Moderator) {
        all.extend(in_room.map(|room| ("gear", words.room_settings, Open::RoomSettings(room))));
    }
    all.push(("gear", words.settings, Open::Settings(Section::Profile)));
    all.push(("keyboard", words.keys_title, Open::Shortcuts));
    let choice = |name: String, icon, marks, open| Choice {
        target: Target::Open(open),
        name,
        note: String::new(),
        marks,
        look: Look::Icon(icon),
        unread: 0,
        mentions: 0,
    };
    let mut fitting: Vec<Choice> = all
        .into_iter()
        .filter_map(|(icon, name, open)| fit(wanted, name).map(|fit| choice(name.to_owned(), icon, fit.marks, open)))
        .collect();
    if !wanted.is_empty() {
        let open = Open::Search { query: wanted.to_owned(), room: None };
        fitting.push(choice((words.search_for)(wanted), "search", Vec::new(), open));
    }
    fitting
}

#[cfg(test)]
mod tests {
    use common::model::{Person, RoomInfo};
    use yew::Callback;

    use super::*;
    use crate::annex::port::Context;

    fn line(id: u64, name: &str, unread: u64, last: u64) -> RoomLine {
        RoomLine { info: RoomInfo::new(RoomId(id), name), unread, last: Timestamp(last) }
    }

    fn direct(id: u64, user: u64, name: &str) -> RoomLine {
        let mut line = line(id, "", 0, 0);
        line.info.kind = RoomKind::Direct;
        line.info.people = vec![Person { id: UserId(user), name: name.into() }];
        line
    }

    fn desk(rooms: Vec<RoomLine>) -> Desk {
        let context = Context { rooms, present: Some(RoomId(1)), ..Context::default() };
        Desk::new(context, Callback::noop())
    }

    fn profile(id: u64, name: &str) -> Profile {
        let (status, time_zone) = (String::new(), String::new());
        Profile {
            id: UserId(id),
            name: name.into(),
            role: common::model::Role::Member,
            status,
            time_zone,
            room_role: None,
        }
    }

    fn names(groups: &[Group], at: usize) -> Vec<&str> {
        groups
            .get(at)
            .map(|group| group.choices.iter().map(|choice| choice.name.as_str()).collect())
            .unwrap_or_default()
    }

    #[test]
    fn an_address_of_a_socket_is_for_the_workbench() {
        let groups = groups(&desk(vec![line(1, "lobby", 0, 1)]), " wss://echo.example/socket", &[]);
        let targets: Vec<&Target> =
            groups.iter().flat_map(|group| &group.choices).map(|choice| &choice.target).collect();
        assert_eq!(targets, [&Target::Try("wss://echo.example/socket".to_owned())]);
        assert_eq!(address("ws lobby"), None);
    }

    #[test]
    fn with_nothing_typed_mentions_come_first_then_unread_then_recent_and_the_present_room_last() {
        let mut called = line(4, "called", 1, 1);
        called.info.mentions = 1;
        let rooms =
            vec![line(1, "here", 0, 9), line(2, "old", 0, 2), line(3, "new", 0, 8), called, line(5, "unread", 3, 1)];
        let groups = groups(&desk(rooms), "", &[]);
        assert_eq!(names(&groups, 0), ["called", "unread", "new", "old", "here"]);
    }

    #[test]
    fn a_muted_room_is_not_pushed_forward() {
        let mut muted = line(2, "muted", 99, 1);
        muted.info.muted = true;
        assert_eq!(names(&groups(&desk(vec![muted, line(3, "quiet", 0, 5)]), "", &[]), 0), ["quiet", "muted"]);
    }

    #[test]
    fn signs_narrow_it() {
        let desk = desk(vec![line(2, "backend", 0, 0), direct(3, 7, "Bea")]);
        assert_eq!(names(&groups(&desk, "#b", &[]), 0), ["backend"]);
        let people = groups(&desk, "＠b", &[profile(7, "Bea"), profile(8, "Bob")]);
        assert_eq!((people.len(), names(&people, 0)), (1, vec!["Bea", "Bob"]), "Bea is there once");
        assert_eq!(scope(" # back"), (Scope::Rooms, "back"));
    }

    #[test]
    fn what_was_typed_can_always_be_searched_for() {
        let groups = groups(&desk(vec![line(2, "backend", 0, 0)]), "zzz", &[]);
        let last = groups.last().and_then(|group| group.choices.last());
        let open = Open::Search { query: "zzz".into(), room: None };
        assert_eq!((groups.len(), last.map(|choice| &choice.target)), (1, Some(&Target::Open(open))));
    }

    #[test]
    fn of_a_thousand_rooms_the_best_are_offered() {
        let rooms = (1..=1_000).map(|id| line(id, &format!("room-{id}"), 0, id)).collect();
        let groups = groups(&desk(rooms), "room-77", &[]);
        let rooms = names(&groups, 0);
        assert_eq!(rooms.first(), Some(&"room-77"), "{rooms:?}");
        assert!(rooms.iter().take(11).all(|name| name.starts_with("room-77")) && rooms.len() <= ROOMS, "{rooms:?}");
    }
}
