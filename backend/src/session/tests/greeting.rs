//! What passes while a greeting is being read: the read may be older than it.

use super::*;

/// A session that waits for its greeting, and holds `held` of the room.
fn waiting(head: u64, held: u64) -> Driven {
    let mut ann = Driven::new(head);
    ann.says(&format!(r#"{{"op":"hello","epoch":"now","user_seq":4,"rooms":{{"r7":{held}}}}}"#));
    ann
}

#[test]
fn events_that_pass_are_read_from_the_log() {
    let mut ann = waiting(10, 10);
    ann.welcomed(4, 12);
    assert_eq!(ann.settle(), format!("welcome {}", run(11, 12)));
    ann.delivers(13);
    assert_eq!(ann.settle(), "#13");
}

#[test]
fn events_that_the_greeting_knows_of_are_not_read_again() {
    let mut ann = waiting(12, 12);
    ann.welcomed(4, 11);
    assert_eq!(ann.settle(), "welcome");
    // One that has passed is on its way to those who were there before.
    ann.delivers_run(11, 12, ann.feed());
    assert_eq!(ann.settle(), "");
    ann.delivers_run(12, 13, ann.feed());
    assert_eq!(ann.settle(), "#13");
}

#[test]
fn notes_that_pass_come_behind_the_welcome() {
    let mut ann = waiting(10, 10);
    ann.notes(Note::Renamed(Person { id: UserId(2), name: "Anna".to_owned() }));
    ann.notes(Note::Left(ROOM, Seq(11)));
    assert!(ann.sent.is_empty());
    ann.welcomed(4, 11);
    assert_eq!(ann.settle(), "welcome person left");
    assert_eq!(ann.departed, [ROOM]);
}

#[test]
fn entries_of_the_own_log_that_pass_are_read() {
    let mut ann = waiting(10, 10);
    let kind = UserEventKind::Muted { muted: true };
    ann.notes(Note::Own(UserEvent { seq: 5, room: ROOM, kind }));
    ann.welcomed(4, 0);
    assert!(matches!(ann.wanted.pop(), Some(Effect::ReadOwn { after: 4 })));
}

#[test]
fn entries_of_the_own_log_that_pass_and_do_not_fit_are_read() {
    let mut ann = waiting(10, 10);
    ann.session.postpone(5);
    ann.welcomed(4, 0);
    assert!(matches!(ann.wanted.pop(), Some(Effect::ReadOwn { after: 4 })));
}

#[test]
fn who_would_have_to_be_told_too_much_begins_anew() {
    let mut ann = waiting(10, 10);
    (0..=NOTES as u64).for_each(|room| ann.notes(Note::Entered(RoomId(room), Seq(1))));
    assert!(matches!(ann.wanted.pop(), Some(Effect::Close(close::STALLED, _))));
}
