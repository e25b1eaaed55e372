//! A session, driven by hand.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test fails on what it does not know")]

mod chance;
mod greeting;

use common::model::{Person, RoomInfo, UserEvent, UserEventKind};
use common::server::Limits;

use super::throttle::Rate;
use super::*;
use crate::bus::letter::Published;
use crate::store::StoreError;

const ROOM: RoomId = RoomId(7);
const NOW: Now = Now { clock: Timestamp(1), ms: 0 };

fn info(head: u64) -> RoomInfo {
    let name = "garden".to_owned();
    RoomInfo {
        id: ROOM,
        name,
        head: Seq(head),
        n: head,
        members: 1,
        read_n: head,
        mentions: 0,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    }
}

fn event(seq: u64, kind: EventKind) -> Event {
    let name = "Ann".to_owned();
    Event { room: ROOM, seq: Seq(seq), at: Timestamp(0), by: UserId(2), name, bot: false, cid: None, kind }
}

fn cid(n: u128) -> Cid {
    Cid(uuid::Uuid::from_u128(n))
}

/// A session with what it has sent, in short: `#3` for event 3, `reset`, `ack` and so on.
struct Driven {
    session: Session,
    head: u64,
    sent: Vec<String>,
    wanted: Vec<Effect>,
    /// Rooms that it no longer follows.
    departed: Vec<RoomId>,
}

impl Driven {
    fn new(head: u64) -> Self {
        let rules = Rules { epoch: Epoch("now".to_owned()), rate: Rate { per_second: 0, burst: 1 } };
        Self {
            session: Session::new(UserId(2), Arc::new(rules), 0),
            head,
            sent: Vec::new(),
            wanted: Vec::new(),
            departed: Vec::new(),
        }
    }

    /// A session that has said hello, with `held` of the room.
    fn greeted(head: u64, held: Option<u64>) -> Self {
        let mut driven = Self::new(head);
        let rooms = held.map(|seq| format!(r#""r7":{seq}"#)).unwrap_or_default();
        driven.says(&format!(r#"{{"op":"hello","epoch":"now","rooms":{{{rooms}}}}}"#));
        driven.welcomed(0, 0);
        assert_eq!(driven.sent.remove(0), "welcome");
        driven
    }

    /// Brings the greeting of a person in the room, of which `seen` was published since it was asked for.
    fn welcomed(&mut self, user_seq: u64, seen: u64) {
        assert!(matches!(self.wanted.pop(), Some(Effect::Greet)));
        let me = Person { id: UserId(2), name: "Ann".to_owned() };
        let greeting = Greeting { me, role: common::model::Role::Guest, user_seq, rooms: vec![info(self.head)] };
        self.head = self.head.max(seen);
        self.does(|session, out| session.on_greeting(greeting, Timestamp(0), &|_room| Seq(seen), out));
    }

    fn says(&mut self, text: &str) {
        let mut out = Effects::new();
        self.session.on_frame(text, NOW, 0, &mut out);
        self.keep(out);
    }

    fn does(&mut self, input: impl FnOnce(&mut Session, &mut Effects)) {
        let mut out = Effects::new();
        input(&mut self.session, &mut out);
        self.keep(out);
    }

    /// The present subscription to the room.
    fn feed(&self) -> FeedId {
        self.session.feed(ROOM).unwrap().id
    }

    fn notes(&mut self, note: Note) {
        self.does(|session, out| session.on_note(note, out));
    }

    fn delivers(&mut self, seq: u64) {
        self.delivers_run(seq, seq, self.feed());
    }

    /// Events of the room come, under a subscription, and what of them is to be sent is sent.
    fn delivers_run(&mut self, first: u64, last: u64, feed: FeedId) {
        self.head = self.head.max(last);
        match self.session.on_events(ROOM, feed, (Seq(first), Seq(last))) {
            Arrival::Send(from) => self.sent.extend((from.0..=last).map(|seq| format!("#{seq}"))),
            Arrival::Drop => {}
            Arrival::Replay => self.does(|session, out| session.replay(ROOM, out)),
        }
    }

    /// Something ephemeral comes, and is sent where the session gives it back.
    fn hints(&mut self, feed: FeedId) {
        let frame = Bytes::from_static(b"hint");
        let given = self.session.on_hint(ROOM, feed, frame);
        self.sent.extend(given.map(|_| "hint".to_owned()));
    }

    /// Carries out the oldest effect that is not a message, as the store would.
    fn step(&mut self) -> bool {
        if self.wanted.is_empty() {
            return false;
        }
        match self.wanted.remove(0) {
            Effect::Read(read) => {
                let last = read.to.0.min(read.after.0 + CHUNK).min(self.head);
                let events = (read.after.0 + 1..=last).map(|seq| event(seq, EventKind::Joined)).collect();
                self.does(|session, out| session.on_page(read, Some(events), out));
            }
            Effect::Open { room, feed } => {
                let info = info(self.head);
                self.does(|session, out| session.on_opened(room, feed, Some(&info), out));
            }
            other => panic!("{other:?}"),
        }
        true
    }

    fn settle(&mut self) -> String {
        while self.step() {}
        std::mem::take(&mut self.sent).join(" ")
    }

    fn keep(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Send(msg) => self.sent.push(short(&msg)),
                Effect::Forward(frame) => self.sent.push(String::from_utf8(frame.to_vec()).unwrap()),
                Effect::Depart { room } => self.departed.push(room),
                other => self.wanted.push(other),
            }
        }
    }
}

fn short(msg: &ServerMsg) -> String {
    match msg {
        ServerMsg::Event(event) => event.seq.to_string(),
        ServerMsg::Reset { seq, .. } => format!("reset:{}", seq.0),
        ServerMsg::Lag { seq, .. } => format!("lag:{}", seq.0),
        ServerMsg::Error(refusal) => format!("error:{:?}", refusal.code),
        ServerMsg::Welcome { limits, .. } => {
            assert_eq!(*limits, Limits::default());
            "welcome".to_owned()
        }
        ServerMsg::Ack { .. } => "ack".to_owned(),
        ServerMsg::Room(_) => "room".to_owned(),
        ServerMsg::Left { .. } => "left".to_owned(),
        ServerMsg::Person(_) => "person".to_owned(),
        ServerMsg::Pong { heads, .. } => format!("pong:{:?}", heads.values().map(|seq| seq.0).collect::<Vec<_>>()),
        ServerMsg::User(event) => format!("user:{}", event.seq),
        ServerMsg::Typing { .. } => "typing".to_owned(),
        ServerMsg::Presence { .. } => "presence".to_owned(),
        ServerMsg::Unknown => "unknown".to_owned(),
    }
}

fn run(from: u64, to: u64) -> String {
    (from..=to).map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(" ")
}

fn stored(seq: u64, kind: EventKind, fresh: bool) -> Result<(Arc<Published>, bool), CommandError> {
    Ok((Arc::new(Published::new(event(seq, kind))), fresh))
}

#[test]
fn a_replay_comes_in_chunks_and_then_it_is_live() {
    let mut ann = Driven::greeted(250, Some(3));
    assert_eq!(ann.settle(), run(4, 250));
    ann.delivers(250);
    ann.delivers(251);
    assert_eq!(ann.settle(), "#251");
}

#[test]
fn what_arrives_during_a_replay_comes_in_its_turn() {
    let mut ann = Driven::greeted(150, Some(0));
    ann.step();
    (151..=153).for_each(|seq| ann.delivers(seq));
    assert_eq!(ann.settle(), run(1, 153));
    ann.delivers(154);
    assert_eq!(ann.settle(), "#154");
}

#[test]
fn what_arrives_before_the_first_look_is_not_lost() {
    let mut ann = Driven::greeted(5, Some(5));
    ann.says(r#"{"op":"sync","room":"r7","from":5}"#);
    ann.delivers(6);
    // The look was taken before the event was committed.
    let Some(Effect::Open { feed, .. }) = ann.wanted.pop() else { panic!("{:?}", ann.wanted) };
    ann.does(|session, out| session.on_opened(ROOM, feed, Some(&info(5)), out));
    assert_eq!(ann.settle(), "#6");
}

#[test]
fn deliveries_of_an_earlier_subscription_are_dropped() {
    let mut ann = Driven::greeted(5, Some(5));
    let old = ann.feed();
    ann.says(r#"{"op":"sync","room":"r7","from":5}"#);
    ann.settle();
    ann.delivers_run(6, 6, old);
    ann.hints(old);
    ann.does(|session, out| session.lag(ROOM, old, Seq(6), out));
    assert_eq!(ann.settle(), "");
}

#[test]
fn who_lags_is_told_and_waits_for_the_client() {
    let mut ann = Driven::greeted(5, Some(5));
    let feed = ann.feed();
    ann.does(|session, out| session.lag(ROOM, feed, Seq(9), out));
    ann.delivers(10);
    assert_eq!(ann.settle(), "lag:9");
    ann.says(r#"{"op":"sync","room":"r7","from":5}"#);
    assert_eq!(ann.settle(), run(6, 10));
    assert_eq!(ann.session.unanswered(), 0);
}

#[test]
fn a_room_is_announced_before_its_page_and_the_ack_comes_last() {
    let mut ann = Driven::greeted(150, Some(150));
    ann.notes(Note::Left(ROOM, Seq(151)));
    assert_eq!(ann.settle(), "left");
    ann.head = 152;
    ann.says(&format!(r#"{{"op":"join","cid":"{}","room":"r7"}}"#, cid(1)));
    assert!(matches!(ann.wanted.pop(), Some(Effect::Submit(_))));
    let answered = Answered { cid: cid(1), room: Some(ROOM), result: stored(152, EventKind::Joined, true) };
    // Whether the note or the answer is first makes no difference.
    ann.notes(Note::Entered(ROOM, Seq(152)));
    ann.does(|session, out| session.on_answer(answered, out));
    assert_eq!(ann.settle(), format!("room reset:152 {} ack", run(53, 152)));
    assert_eq!(ann.session.unanswered(), 0);
}

#[test]
fn a_stale_note_does_not_throw_anybody_out() {
    let mut ann = Driven::greeted(10, Some(10));
    // Left by 8 and back by 9, before this connection began.
    ann.notes(Note::Left(ROOM, Seq(8)));
    ann.notes(Note::Entered(ROOM, Seq(9)));
    ann.delivers(11);
    assert_eq!(ann.settle(), "#11");
}

#[test]
fn leaving_is_said_once() {
    let mut ann = Driven::greeted(10, Some(10));
    ann.says(&format!(r#"{{"op":"leave","cid":"{}","room":"r7"}}"#, cid(1)));
    ann.wanted.clear();
    let answered = Answered { cid: cid(1), room: Some(ROOM), result: stored(11, EventKind::Left, true) };
    ann.does(|session, out| session.on_answer(answered, out));
    ann.notes(Note::Left(ROOM, Seq(11)));
    assert_eq!(ann.settle(), "left ack");
    assert_eq!(ann.departed, [ROOM]);
}

#[test]
fn a_repeated_leave_does_not_undo_a_later_join() {
    let mut ann = Driven::greeted(10, Some(10));
    ann.says(&format!(r#"{{"op":"leave","cid":"{}","room":"r7"}}"#, cid(1)));
    ann.wanted.clear();
    let answered = Answered { cid: cid(1), room: Some(ROOM), result: stored(8, EventKind::Left, false) };
    ann.does(|session, out| session.on_answer(answered, out));
    ann.delivers(11);
    assert_eq!(ann.settle(), "ack #11");
}

#[test]
fn who_is_no_member_any_more_gets_no_page() {
    let mut ann = Driven::greeted(10, Some(3));
    let Some(Effect::Read(read)) = ann.wanted.pop() else { panic!("{:?}", ann.wanted) };
    ann.does(|session, out| session.on_page(read, None, out));
    ann.notes(Note::Left(ROOM, Seq(11)));
    assert_eq!(ann.settle(), "left");
}

#[test]
fn a_log_without_what_was_committed_ends_the_connection() {
    let mut ann = Driven::greeted(10, Some(3));
    let Some(Effect::Read(read)) = ann.wanted.pop() else { panic!("{:?}", ann.wanted) };
    ann.does(|session, out| session.on_page(read, Some(Vec::new()), out));
    assert!(matches!(ann.wanted.pop(), Some(Effect::Close(close::SERVER_FAULT, _))));
}

#[test]
fn reading_stops_at_the_window_and_goes_on_with_an_answer() {
    let mut ann = Driven::greeted(10, Some(10));
    for n in 0..limits::UNANSWERED {
        assert!(ann.session.wants_frames());
        ann.says(&format!(r#"{{"op":"send","cid":"{}","room":"r7","body":"x"}}"#, cid(n as u128)));
    }
    assert!(!ann.session.wants_frames());
    let message = EventKind::Message { n: 1, body: "x".to_owned(), mentions: Vec::new(), everyone: None, reply: None };
    let answered = Answered { cid: cid(0), room: Some(ROOM), result: stored(11, message, true) };
    ann.does(|session, out| session.on_answer(answered, out));
    assert!(ann.session.wants_frames());
}

#[test]
fn refusals_name_the_command() {
    let mut ann = Driven::greeted(10, Some(10));
    for (error, code) in [
        (CommandError::Refused(ErrorCode::NotMember), "NotMember"),
        (CommandError::Store(StoreError::Failed), "Storage"),
        (CommandError::Store(StoreError::Closed), "Stopping"),
    ] {
        let answered = Answered { cid: cid(1), room: Some(ROOM), result: Err(error) };
        ann.does(|session, out| session.on_answer(answered, out));
        assert_eq!(ann.settle(), format!("error:{code}"));
    }
}

#[test]
fn cursors_of_another_database_count_for_nothing() {
    let mut ann = Driven::new(10);
    ann.says(r#"{"op":"hello","epoch":"before","rooms":{"r7":10}}"#);
    ann.welcomed(0, 0);
    assert_eq!(ann.settle(), format!("welcome {}", run(1, 10)));
}

#[test]
fn a_pong_tells_of_live_rooms_with_news() {
    let mut ann = Driven::greeted(10, Some(3));
    ann.says(r#"{"op":"ping","t":1}"#);
    assert_eq!(std::mem::take(&mut ann.sent), ["pong:[]"], "still being replayed");
    ann.settle();
    ann.says(r#"{"op":"ping","t":1}"#);
    ann.says(r#"{"op":"ping","t":1}"#);
    ann.delivers(11);
    ann.says(r#"{"op":"ping","t":1}"#);
    assert_eq!(ann.settle(), "pong:[10] pong:[] #11 pong:[11]");
}

#[test]
fn the_own_log_comes_before_the_replays_and_in_its_order() {
    let mut ann = Driven::new(10);
    ann.says(r#"{"op":"hello","epoch":"now","user_seq":4,"rooms":{"r7":3}}"#);
    ann.welcomed(6, 0);
    let own = |seq| UserEvent { seq, room: ROOM, kind: UserEventKind::Muted { muted: true } };
    let Some(Effect::ReadOwn { after: 4 }) = ann.wanted.pop() else { panic!("{:?}", ann.wanted) };
    // Sent now, it would make the client drop 5 and 6.
    ann.notes(Note::Own(own(7)));
    ann.does(|session, out| session.on_own(vec![own(5), own(6)], out));
    let Some(Effect::ReadOwn { after: 6 }) = ann.wanted.pop() else { panic!("{:?}", ann.wanted) };
    ann.does(|session, out| session.on_own(vec![own(7)], out));
    ann.notes(Note::Own(own(8)));
    assert_eq!(ann.settle(), format!("welcome user:5 user:6 user:7 user:8 {}", run(4, 10)));
}

#[test]
fn what_is_ephemeral_waits_until_the_room_is_known() {
    let mut ann = Driven::greeted(10, Some(10));
    ann.notes(Note::Left(ROOM, Seq(11)));
    ann.notes(Note::Entered(ROOM, Seq(12)));
    ann.head = 12;
    let feed = ann.feed();
    ann.hints(feed);
    ann.hints(FeedId(99));
    assert_eq!(ann.settle(), format!("left room hint {}", run(1, 12)));
    ann.hints(feed);
    assert_eq!(ann.settle(), "hint");
}

#[test]
fn a_change_to_the_own_log_counts_until_it_is_answered() {
    let mut ann = Driven::greeted(10, Some(10));
    ann.says(r#"{"op":"draft","room":"r7","text":"x"}"#);
    assert!(matches!(ann.wanted.pop(), Some(Effect::Note { room: ROOM, .. })));
    assert_eq!(ann.session.unanswered(), 1);
    ann.does(|session, out| session.on_noted(ROOM, Err(StoreError::Failed.into()), out));
    assert_eq!((ann.session.unanswered(), ann.settle().as_str()), (0, "error:Storage"));
}
