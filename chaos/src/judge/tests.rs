//! A doctored history is found out, rule by rule; an honest one passes.

use common::id::Timestamp;
use common::server::ErrorCode;

use super::*;
use crate::ledger::Said;

const ROOM: RoomId = RoomId(1);
const MAYA: UserId = UserId(2);

fn cid(n: u64) -> Cid {
    Cid::new(Timestamp(n), &mut fastrand::Rng::with_seed(n))
}

fn event(seq: u64, kind: EventKind) -> Event {
    Event {
        room: ROOM,
        seq: Seq(seq),
        at: Timestamp(seq),
        by: MAYA,
        name: "Maya".into(),
        bot: false,
        cid: Some(cid(seq)),
        kind,
    }
}

fn body(seq: u64) -> String {
    format!("body {seq}")
}

/// A room in which Maya said three things, all acknowledged and seen, and what one reader holds of it.
struct Scene {
    ledger: Ledger,
    history: History,
    held: Vec<Held>,
}

impl Scene {
    fn honest() -> Self {
        let mut ledger = Ledger::default();
        let mut events = vec![event(1, EventKind::Joined)];
        for seq in 2..=4 {
            events.push(event(
                seq,
                EventKind::Message { n: seq - 1, body: body(seq), mentions: Vec::new(), everyone: None, reply: None },
            ));
            ledger.said(cid(seq), Said { by: MAYA, room: ROOM, target: None, nth: seq, body: body(seq) });
            ledger.acked(cid(seq), ROOM, Seq(seq));
        }
        events.iter().for_each(|event| ledger.seen("Jonas", event));
        let tail = events.iter().skip(1).cloned().map(Arc::new).collect();
        let held = vec![Held { who: "Jonas".into(), rooms: BTreeMap::from([(ROOM, tail)]) }];
        Self { ledger, history: BTreeMap::from([(ROOM, Log { head: Seq(4), events })]), held }
    }

    fn log(&mut self) -> &mut Log {
        self.history.get_mut(&ROOM).unwrap()
    }

    fn broken(&self) -> Vec<Rule> {
        let broken = judge(&self.ledger, &self.history, &self.held, &[ROOM]);
        broken.into_iter().map(|broken| broken.rule).collect()
    }

    fn breaks(&self, rule: Rule) {
        let broken = self.broken();
        assert!(broken.contains(&rule), "{rule} was not found out; only {broken:?}");
    }
}

#[test]
fn an_honest_history_passes() {
    assert_eq!(Scene::honest().broken(), []);
}

#[test]
fn an_acknowledged_message_that_is_gone_is_found_out() {
    let mut scene = Scene::honest();
    scene.log().events.pop();
    scene.log().head = Seq(3);
    scene.breaks(Rule::Lost);
}

#[test]
fn a_message_at_another_place_than_acknowledged_is_found_out() {
    let mut scene = Scene::honest();
    scene.log().events[3].seq = Seq(5);
    scene.breaks(Rule::Moved);
}

#[test]
fn two_acknowledgements_that_differ_are_found_out() {
    let mut scene = Scene::honest();
    scene.ledger.acked(cid(4), ROOM, Seq(5));
    assert_eq!(scene.broken(), [Rule::Moved]);
}

#[test]
fn a_command_that_was_carried_out_twice_is_found_out() {
    let mut scene = Scene::honest();
    let again = Event { seq: Seq(5), ..scene.log().events[3].clone() };
    scene.log().events.push(again);
    scene.log().head = Seq(5);
    scene.breaks(Rule::Doubled);
}

#[test]
fn an_author_whose_words_changed_places_is_found_out() {
    let mut scene = Scene::honest();
    let log = scene.log();
    log.events.swap(2, 3);
    (log.events[2].seq, log.events[3].seq) = (Seq(3), Seq(4));
    scene.breaks(Rule::Disordered);
}

#[test]
fn a_missing_number_and_a_wrong_head_are_found_out() {
    let mut scene = Scene::honest();
    scene.log().events.remove(2);
    scene.breaks(Rule::Gapped);
    let mut scene = Scene::honest();
    scene.log().head = Seq(5);
    assert_eq!(scene.broken(), [Rule::Gapped]);
}

#[test]
fn a_client_that_holds_something_else_is_found_out() {
    let mut scene = Scene::honest();
    let rooms = &mut scene.held[0].rooms;
    rooms.get_mut(&ROOM).unwrap()[0] = Arc::new(event(2, EventKind::Joined));
    assert_eq!(scene.broken(), [Rule::Disagreeing]);
}

#[test]
fn a_client_whose_log_ends_early_is_found_out() {
    let mut scene = Scene::honest();
    scene.held[0].rooms.get_mut(&ROOM).unwrap().pop();
    assert_eq!(scene.broken(), [Rule::Disagreeing]);
}

#[test]
fn a_client_that_is_not_in_a_room_is_found_out() {
    let mut scene = Scene::honest();
    scene.held[0].rooms.clear();
    assert_eq!(scene.broken(), [Rule::Disagreeing]);
}

#[test]
fn a_message_that_nobody_wrote_is_found_out() {
    let mut scene = Scene::honest();
    let log = scene.log();
    log.events
        .push(event(5, EventKind::Message { n: 4, body: body(5), mentions: Vec::new(), everyone: None, reply: None }));
    log.head = Seq(5);
    scene.breaks(Rule::Invented);
}

#[test]
fn another_text_than_the_written_one_is_found_out() {
    let mut scene = Scene::honest();
    scene.log().events[3].kind =
        EventKind::Message { n: 3, body: "another".into(), mentions: Vec::new(), everyone: None, reply: None };
    scene.breaks(Rule::Invented);
}

/// Has Maya give her first message a text that she wrote as the `nth`.
fn edit(scene: &mut Scene, seq: u64, nth: u64) {
    scene.ledger.said(cid(seq), Said { by: MAYA, room: ROOM, target: Some(Seq(2)), nth, body: body(seq) });
    let log = scene.history.get_mut(&ROOM).unwrap();
    log.events.push(event(seq, EventKind::Edited { target: Seq(2), body: body(seq) }));
    log.head = Seq(seq);
    scene.held.clear();
}

#[test]
fn new_texts_of_a_message_that_changed_places_are_found_out() {
    let mut scene = Scene::honest();
    edit(&mut scene, 5, 1);
    edit(&mut scene, 6, 9);
    assert_eq!(scene.broken(), [], "messages said meanwhile are another matter");
    edit(&mut scene, 7, 8);
    assert_eq!(scene.broken(), [Rule::Disordered]);
}

#[test]
fn a_new_text_of_another_message_is_found_out() {
    let mut scene = Scene::honest();
    edit(&mut scene, 5, 5);
    scene.log().events[4].kind = EventKind::Edited { target: Seq(3), body: body(5) };
    assert_eq!(scene.broken(), [Rule::Invented]);
}

#[test]
fn what_was_shown_and_is_not_final_is_found_out() {
    let mut scene = Scene::honest();
    scene.ledger.seen("Jonas", &event(5, EventKind::Left));
    assert_eq!(scene.broken(), [Rule::Retracted]);
}

#[test]
fn two_events_shown_under_one_number_are_found_out() {
    let mut scene = Scene::honest();
    scene.ledger.seen("Ada", &event(4, EventKind::Left));
    assert_eq!(scene.broken(), [Rule::Retracted]);
}

#[test]
fn what_was_refused_and_yet_stored_is_found_out() {
    let mut scene = Scene::honest();
    scene.ledger.refused(cid(4), ErrorCode::NotMember);
    assert_eq!(scene.broken(), [Rule::RefusedAndStored]);
}

#[test]
fn what_was_written_and_never_stored_is_found_out() {
    let mut scene = Scene::honest();
    scene.ledger.said(cid(5), Said { by: MAYA, room: ROOM, target: None, nth: 5, body: body(5) });
    assert_eq!(scene.broken(), [Rule::Behind]);
    scene.ledger.refused(cid(5), ErrorCode::NotMember);
    assert_eq!(scene.broken(), [], "a refusal explains it");
}
