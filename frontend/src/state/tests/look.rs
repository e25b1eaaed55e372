//! Looking around: what was unread, places, notifications, threads.

use common::model::{Level, Reply, UserEvent, UserEventKind};

use super::super::timeline::Change;
use super::*;

const LIN: u64 = 4;

fn looks(page: &mut Page, look: Look) -> Vec<Effect> {
    page.does(Action::Look(look))
}

fn shows(effects: &[Effect], seq: u64) -> bool {
    effects.contains(&Effect::Run(Errand::ShowMessage(Seq(seq))))
}

fn sends(effects: &[Effect], words: &str) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains(words)))
}

/// The numbers of the messages that are drawn.
fn drawn(page: &mut Page) -> Vec<u64> {
    page.rows().iter().filter_map(|row| row.message()?.n).collect()
}

#[test]
fn a_held_place_is_shown_and_the_newest_again() {
    let mut page = Page::welcomed(0);
    for n in 1..=500 {
        page.says(BACKEND, n, LIN, "x");
    }
    assert_eq!(drawn(&mut page), (411..=500).collect::<Vec<_>>());
    assert!(shows(&looks(&mut page, Look::Arrive(BACKEND, Seq(100))), 100));
    assert_eq!(drawn(&mut page), (40..=160).collect::<Vec<_>>());
    assert!(page.state.left_at.is_some(), "the newest is out of sight");
    page.does(Action::ToLatest);
    assert_eq!(drawn(&mut page).last(), Some(&500));
}

#[test]
fn a_place_that_is_not_held_is_asked_for_once() {
    let mut page = Page::welcomed(2_000);
    page.says(BACKEND, 2_000, LIN, "the newest");
    let effects = looks(&mut page, Look::Arrive(BACKEND, Seq(1_000)));
    assert!(sends(&effects, "\"from\":949") && !shows(&effects, 1_000), "{effects:?}");
    assert!(!sends(&page.does(Action::Tick), "\"sync\""));
    for n in 950..1_050 {
        page.says(BACKEND, n, LIN, "x");
    }
    let seq = 1_050;
    let effects = page.hears(&ServerMsg::Event(RoomEvent {
        room: BACKEND,
        seq: Seq(seq),
        at: Timestamp(START),
        by: UserId(LIN),
        name: "Lin".into(),
        bot: false,
        cid: None,
        kind: EventKind::message(seq, "x"),
    }));
    assert!(!shows(&effects, 1_000), "it was shown when it came");
    assert!(drawn(&mut page).contains(&1_000));
    let gaps = page.rows().iter().filter(|row| matches!(row, Row::Gap { .. })).count();
    assert_eq!(gaps, 1, "what is missing before the newest stands behind it");
    assert!(sends(&looks(&mut page, Look::LoadNewer(Seq(1_050))), "\"from\":1050,\"to\":1150"));
}

#[test]
fn a_place_beyond_the_end_is_given_up() {
    let mut page = Page::welcomed(1);
    page.says(BACKEND, 1, LIN, "x");
    assert!(!sends(&looks(&mut page, Look::Arrive(BACKEND, Seq(99))), "\"sync\""));
    assert!(!sends(&page.does(Action::Tick), "\"sync\""));
}

#[test]
fn the_rule_of_what_is_new_stands_only_where_nothing_before_it_is_missing() {
    let mut page = Page::welcomed(0);
    page.does(Action::Visible(false));
    for n in 1..=3 {
        page.says(BACKEND, n, LIN, "x");
    }
    page.does(Action::Visible(true));
    let place = page.rows().iter().position(|row| *row == Row::New);
    assert_eq!(place, Some(1), "behind the day's");
    let mut other = Page::welcomed(2_000);
    other.says(BACKEND, 2_000, LIN, "x");
    other.state.new_from = Some((BACKEND, 1_000));
    other.state.rows_stale = true;
    assert!(!other.rows().contains(&Row::New));
    assert_eq!(looks(&mut other, Look::ToNew), [Effect::Ask(Ask::PlaceOf(BACKEND, 1_001))]);
}

#[test]
fn what_is_made_unread_stays_so_while_it_is_looked_at() {
    let mut page = Page::welcomed(0);
    for n in 1..=3 {
        page.says(BACKEND, n, LIN, "x");
    }
    assert!(sends(&looks(&mut page, Look::UnreadFrom(2)), "\"unread\""));
    // What was read before is confirmed first.
    for (seq, n) in [(8, 3), (9, 1)] {
        let kind = UserEventKind::Read { n, mentions: 0 };
        page.hears(&ServerMsg::User(UserEvent { seq, room: BACKEND, kind }));
    }
    page.does(Action::Tick);
    assert_eq!(page.state.engine.rooms()[&BACKEND].unread(), 2);
    page.does(Action::Dismiss);
    assert_eq!(page.state.engine.rooms()[&BACKEND].unread(), 0, "Escape says that it is read");
}

#[test]
fn shift_steps_to_the_next_room_with_something_unread() {
    let mut page = Page::welcomed(0);
    looks(&mut page, Look::StepUnread(1));
    assert_eq!(page.state.room, Some(BACKEND), "nothing waits");
    page.says(GENERAL, 1, LIN, "x");
    looks(&mut page, Look::StepUnread(1));
    assert_eq!(page.state.room, Some(GENERAL));
}

#[test]
fn what_happens_to_a_room_has_a_row_and_a_word_in_every_language() {
    let mut page = Page::welcomed(0);
    let who = || "Jonas".to_owned();
    let kinds = [
        EventKind::Invited { user: UserId(5), who: who() },
        EventKind::Appointed { user: UserId(5), who: who(), role: common::model::RoomRole::Moderator },
        EventKind::Removed { user: UserId(5), who: who() },
        EventKind::Renamed { name_now: "front".into() },
        EventKind::TopicSet { topic: "Sockets".into() },
        EventKind::Archived { archived: true },
        EventKind::Announcing { on: true },
    ];
    for (seq, kind) in (1..).zip(kinds) {
        page.event(BACKEND, seq, LIN, kind);
    }
    let rows = page.rows();
    let changes: Vec<&Change> =
        rows.iter().filter_map(|row| if let Row::Change { what, .. } = row { Some(what) } else { None }).collect();
    assert_eq!(changes.len(), 7);
    for lang in Lang::ALL {
        let words: std::collections::BTreeSet<String> =
            changes.iter().map(|change| (lang.words().talk.change)(change)).collect();
        assert_eq!(words.len(), 7, "{words:?}");
    }
    assert!(page.state.title().contains("front"), "the room has its new name");
}

#[test]
fn a_mention_elsewhere_is_told_of_and_what_is_looked_at_is_not() {
    let mut page = Page::welcomed(0);
    looks(&mut page, Look::MayNotify(Some(true)));
    let mention = |page: &mut Page, room: RoomId, seq: u64| {
        let kind =
            EventKind::Message { n: seq, body: "@N3 look".into(), mentions: vec![ME], everyone: None, reply: None };
        page.hears(&ServerMsg::Event(RoomEvent {
            room,
            seq: Seq(seq),
            at: Timestamp(START),
            by: UserId(LIN),
            name: "Lin".into(),
            bot: false,
            cid: None,
            kind,
        }))
    };
    let told = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::Run(Errand::Notify { .. }))).count()
    };
    assert_eq!(told(&mention(&mut page, BACKEND, 1)), 0, "it is looked at");
    assert_eq!(told(&mention(&mut page, GENERAL, 1)), 1);
    page.does(Action::Mute(GENERAL, true));
    assert_eq!(told(&mention(&mut page, GENERAL, 2)), 0, "it is muted");
    page.does(Action::Visible(false));
    assert_eq!(told(&mention(&mut page, BACKEND, 2)), 1, "nobody looks");
    looks(&mut page, Look::Notify(BACKEND, Level::Nothing));
    assert_eq!(told(&mention(&mut page, BACKEND, 3)), 0);
    page.learns(News::Follow);
    looks(&mut page, Look::Notify(BACKEND, Level::All));
    assert_eq!(told(&mention(&mut page, BACKEND, 4)), 0, "another tab tells");
}

#[test]
fn an_answer_quotes_what_it_answers_as_it_stands() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, LIN, "a question");
    let reply = Some(Reply { to: Seq(1), root: Seq(1) });
    let kind = EventKind::Message { n: 2, body: "yes".into(), mentions: Vec::new(), everyone: None, reply };
    page.event(BACKEND, 2, LIN, kind);
    let said = |page: &mut Page| {
        let rows = page.rows();
        let answer = rows.iter().filter_map(Row::message).find(|message| message.seq == Some(Seq(2))).unwrap();
        answer.quote.as_ref().unwrap().said.as_ref().unwrap().text.clone()
    };
    assert_eq!(said(&mut page), "a question");
    page.event(BACKEND, 3, LIN, EventKind::Edited { target: Seq(1), body: "a better question".into() });
    assert_eq!(said(&mut page), "a better question");
    page.event(BACKEND, 4, LIN, EventKind::Deleted { target: Seq(1) });
    assert_eq!(said(&mut page), "", "what is deleted is quoted nowhere");
}
