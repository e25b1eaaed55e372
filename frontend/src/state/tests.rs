//! The page's life, told to the reducer: no browser, no server, no waiting.

mod device;
mod look;
mod workbench;

use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::limits::BODY_CHARS;
use common::model::{Event as RoomEvent, EventKind, Person, RoomInfo, UserEvent, UserEventKind};
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};
use common::sync::Closed;

use super::banner::{Banner, Offer, banner};
use super::timeline::{Row, Status};
use super::*;
use crate::socket::{Event, Reading};

const ME: UserId = UserId(3);
const START: u64 = 1_763_370_000_000; // 2025-11-17T09:00:00Z
const BACKEND: RoomId = RoomId(7);
const GENERAL: RoomId = RoomId(1);

/// A page that is told what happens.
struct Page {
    state: State,
    now: u64,
    /// What the device was to do.
    deeds: Vec<Deed>,
}

impl Page {
    fn new() -> Self {
        Self::of(None)
    }

    /// A page in a browser that remembers this person.
    fn of(person: Option<UserId>) -> Self {
        let setup = Setup {
            seed: 7,
            zone: |_| 0,
            lang: Lang::En,
            theme: Theme::Auto,
            keys: true,
            entrance: None,
            beside: None,
            wide: true,
            wire_open: true,
            person,
            room: Some(BACKEND),
            offer: true,
            split: false,
        };
        Self { state: State::new(&setup), now: START, deeds: Vec::new() }
    }

    /// A page that has been welcomed into two rooms, each with `head` events.
    fn welcomed(head: u64) -> Self {
        let mut page = Self::new();
        page.does(Action::Start);
        page.does(Action::Answer(Answer::Me(Ok(me()))));
        page.learns(News::Ready);
        page.opens(head);
        page
    }

    fn opens(&mut self, head: u64) {
        self.does(Action::Socket(Event::Open));
        let room = |id: RoomId, name: &str| RoomInfo {
            id,
            name: name.into(),
            head: Seq(head),
            n: head,
            members: 2,
            read_n: head,
            mentions: 0,
            muted: false,
            ..RoomInfo::new(RoomId(1), "")
        };
        self.hears(&ServerMsg::Welcome {
            epoch: Epoch("e".into()),
            me: me(),
            limits: Limits::default(),
            now: Timestamp(self.now),
            user_seq: 0,
            rooms: vec![room(GENERAL, "general"), room(BACKEND, "backend")],
            role: common::model::Role::Member,
        });
    }

    fn does(&mut self, action: Action) -> Vec<Effect> {
        self.now += 1;
        let precise = f64::from(u32::try_from(self.now - START).unwrap());
        let effects = self.state.reduce(Now { date: Timestamp(self.now), precise }, action);
        let (deeds, others) = effects.into_iter().partition(|effect| matches!(effect, Effect::Device(_)));
        let deeds: Vec<Effect> = deeds;
        let deed = |effect| if let Effect::Device(deed) = effect { Some(deed) } else { None };
        self.deeds.extend(deeds.into_iter().filter_map(deed));
        others
    }

    /// The memory of this person tells something.
    fn learns(&mut self, news: News) -> Vec<Effect> {
        self.does(Action::Device(ME, news))
    }

    fn hears(&mut self, msg: &ServerMsg) -> Vec<Effect> {
        self.does(Action::Socket(Event::Text(codec_text(msg))))
    }

    fn event(&mut self, room: RoomId, seq: u64, by: u64, kind: EventKind) {
        let event = RoomEvent {
            room,
            seq: Seq(seq),
            at: Timestamp(self.now),
            by: UserId(by),
            name: format!("N{by}"),
            bot: false,
            cid: None,
            kind,
        };
        self.hears(&ServerMsg::Event(event));
    }

    fn says(&mut self, room: RoomId, seq: u64, by: u64, body: &str) {
        self.event(
            room,
            seq,
            by,
            EventKind::Message { n: seq, body: body.into(), mentions: Vec::new(), everyone: None, reply: None },
        );
    }

    fn closes(&mut self, code: u16) -> Vec<Effect> {
        self.does(Action::Socket(Event::Close(Closed { code, reason: String::new(), was_clean: code != 1006 })))
    }

    fn writes(&mut self, text: &str) -> Vec<Effect> {
        self.does(Action::Draft(BACKEND, text.into()));
        self.does(Action::Say)
    }

    fn rows(&mut self) -> Vec<Row> {
        self.state.settle();
        self.state.rows.to_vec()
    }

    /// The messages: whether each begins a group, its text, how far it has come.
    fn messages(&mut self) -> Vec<(bool, String, Status)> {
        let rows = self.rows();
        rows.into_iter()
            .filter_map(|row| match row {
                Row::Message(m) => Some((m.first, m.body.clone(), m.status.clone())),
                Row::Day { .. } | Row::New | Row::Change { .. } | Row::Gap { .. } => None,
            })
            .collect()
    }

    fn last_cid(&self) -> Cid {
        self.state.engine.outbox().iter().next_back().unwrap().cid
    }
}

fn me() -> Person {
    Person { id: ME, name: "Maya Okafor".into() }
}

fn codec_text(msg: &ServerMsg) -> String {
    common::codec::encode_server(msg)
}

#[test]
fn what_is_done_to_messages_before_the_program_is_whole_is_done_when_it_is() {
    let mut page = Page::welcomed(1);
    page.state.whole = false;
    page.does(Action::Look(Look::Menu(true)));
    page.does(Action::Touch(Touch::Open(Over::Pins)));
    assert!(!page.state.sight.menu && page.state.dialog.is_none());
    page.does(Action::Whole);
    assert!(page.state.sight.menu);
    assert_eq!(page.state.dialog, Some(Dialog::Over(Over::Pins)));
    page.does(Action::Look(Look::Menu(false)));
    assert!(!page.state.sight.menu, "from then on nothing waits");
}

#[test]
fn a_first_visit_is_asked_for_a_name_and_no_socket_is_opened() {
    let mut page = Page::new();
    assert_eq!(page.does(Action::Start), [Effect::Ask(Ask::Me)]);
    assert_eq!(page.does(Action::Answer(Answer::Me(Err(Failure::Status(401))))), [Effect::Ask(Ask::Server)]);
    assert_eq!(page.state.session, Session::Out { ended: false, busy: false, error: None });
    let too_long = page.does(Action::Enter("x".repeat(33)));
    assert_eq!(too_long, []);
    assert!(matches!(&page.state.session, Session::Out { error: Some(Failure::Text(_)), .. }));
    assert_eq!(page.does(Action::Enter(" Maya  Okafor ".into())), [Effect::Ask(Ask::Enter("Maya Okafor".into()))]);
    assert_eq!(page.does(Action::Answer(Answer::Entered(Ok(me())))), []);
    assert_eq!(page.deeds, [Deed::Open(ME, Some(BACKEND))]);
    assert_eq!(page.learns(News::Ready), [Effect::Dial(Some("readyroom.v1"))]);
}

#[test]
fn an_unreachable_server_is_dialled_all_the_same() {
    let mut page = Page::new();
    page.does(Action::Start);
    assert_eq!(page.does(Action::Answer(Answer::Me(Err(Failure::Network)))), [Effect::Dial(Some("readyroom.v1"))]);
}

#[test]
fn a_failed_handshake_asks_who_is_there_and_the_next_offers_no_protocol() {
    let mut page = Page::new();
    page.does(Action::Start);
    page.does(Action::Answer(Answer::Me(Ok(me()))));
    page.learns(News::Ready);
    page.does(Action::Socket(Event::Error));
    assert_eq!(page.closes(1006), [Effect::Ask(Ask::Me)]);
    page.now += 300;
    assert_eq!(page.does(Action::Tick), [Effect::Dial(None)]);
}

#[test]
fn messages_of_one_person_within_five_minutes_form_a_group() {
    let mut page = Page::welcomed(0);
    page.event(BACKEND, 1, 4, EventKind::Created);
    page.says(BACKEND, 2, 4, "a");
    page.now += 299_000;
    page.says(BACKEND, 3, 4, "b");
    page.says(BACKEND, 4, 5, "c");
    page.now += 300_000;
    page.says(BACKEND, 5, 5, "d");
    let groups: Vec<(bool, String)> = page.messages().into_iter().map(|(first, body, _)| (first, body)).collect();
    assert_eq!(groups, [(true, "a".into()), (false, "b".into()), (true, "c".into()), (true, "d".into())]);
}

#[test]
fn each_day_has_a_rule_and_unknown_events_have_no_row() {
    let mut page = Page::welcomed(0);
    page.event(BACKEND, 1, 4, EventKind::Created);
    page.event(BACKEND, 2, 4, EventKind::Unknown);
    page.now += 86_400_000;
    page.says(BACKEND, 3, 4, "next day");
    let labels: Vec<String> = page
        .rows()
        .iter()
        .filter_map(|row| match row {
            Row::Day { label, .. } => Some(label.clone()),
            Row::New | Row::Change { .. } | Row::Message(_) | Row::Gap { .. } => None,
        })
        .collect();
    assert_eq!(labels, ["Yesterday", "Today"]);
    assert_eq!(page.rows().len(), 4);
}

#[test]
fn a_gap_is_shown_and_loaded() {
    let mut page = Page::welcomed(2_000);
    page.says(BACKEND, 1, 4, "old");
    page.says(BACKEND, 2_000, 4, "new");
    assert!(page.rows().iter().any(|row| matches!(row, Row::Gap { count: 1_998, upto: Seq(1_999), .. })));
    let effects = page.does(Action::FillGap(Seq(1_999)));
    assert!(matches!(effects.as_slice(), [Effect::Send(text), Effect::Pass { out: true }] if text.contains("sync")));
}

#[test]
fn what_is_said_is_shown_at_once_and_keeps_its_row_when_it_is_confirmed() {
    let mut page = Page::welcomed(0);
    let effects = page.writes("hello");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains("hello"))));
    assert_eq!(page.state.engine.own().draft(BACKEND), "");
    let (cid, before) = (page.last_cid(), page.rows());
    assert_eq!(page.messages(), [(true, "hello".into(), Status::Sending)]);
    let event = RoomEvent {
        room: BACKEND,
        seq: Seq(1),
        at: Timestamp(page.now),
        by: ME,
        name: "Maya Okafor".into(),
        bot: false,
        cid: Some(cid),
        kind: EventKind::Message { n: 1, body: "hello".into(), mentions: Vec::new(), everyone: None, reply: None },
    };
    page.hears(&ServerMsg::Event(event));
    assert_eq!(page.messages(), [(true, "hello".into(), Status::Kept)]);
    let key = |rows: &[Row]| rows.iter().find_map(|row| if let Row::Message(m) = row { Some(m.key) } else { None });
    assert_eq!(key(&before), key(&page.rows()));
}

#[test]
fn without_a_connection_messages_wait_in_line_and_the_banner_counts_them() {
    let mut page = Page::welcomed(0);
    page.closes(1006);
    page.writes("one");
    page.writes("two");
    let waiting: Vec<Status> = page.messages().into_iter().map(|(_, _, status)| status).collect();
    assert_eq!(waiting, [Status::Waiting { i: 1, n: 2 }, Status::Waiting { i: 2, n: 2 }]);
    page.does(Action::Online(false));
    assert_eq!(banner(&page.state), Some(Banner::Offline { waiting: 2 }));
}

#[test]
fn a_refused_message_says_why_and_can_be_retried_or_deleted() {
    let mut page = Page::welcomed(0);
    page.writes("fast");
    let cid = page.last_cid();
    let refusal = Refusal::new(ErrorCode::RateLimited, "slow down").about(cid).within(BACKEND);
    page.hears(&ServerMsg::Error(refusal.clone()));
    assert_eq!(page.messages(), [(true, "fast".into(), Status::Failed { cid, why: refusal })]);
    assert!(page.does(Action::Retry(cid)).iter().any(|effect| matches!(effect, Effect::Send(_))));
    page.does(Action::Discard(cid));
    assert_eq!(page.messages(), []);
}

#[test]
fn what_is_blank_or_too_long_is_not_sent_and_not_lost() {
    let mut page = Page::welcomed(0);
    for text in [" \n ".to_owned(), "x".repeat(BODY_CHARS + 1)] {
        let effects = page.writes(&text);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains("\"send\""))));
        assert_eq!(page.state.engine.own().draft(BACKEND), text);
    }
}

#[test]
fn what_is_half_caught_up_is_not_drawn_for_a_quarter_of_a_second() {
    let mut page = Page::welcomed(2);
    let at = |ms: f64| Now { precise: ms, ..Now::default() };
    assert!(page.state.is_catching_up(at(1_249.0), at(1_000.0)));
    assert!(!page.state.is_catching_up(at(1_250.0), at(1_000.0)), "then what is there is shown");
    page.says(BACKEND, 1, 4, "missed");
    assert!(page.state.is_catching_up(at(1_001.0), at(1_000.0)));
    page.says(BACKEND, 2, 4, "the last");
    assert!(!page.state.is_catching_up(at(1_001.0), at(1_000.0)));
}

#[test]
fn a_wait_is_counted_down_and_ends_with_a_try() {
    let mut page = Page::welcomed(0);
    page.closes(1012);
    assert!(matches!(banner(&page.state), Some(Banner::Counting { closed: Closed { code: 1012, .. }, .. })));
    assert!(matches!(page.does(Action::Connect).as_slice(), [Effect::Dial(_)]));
    assert!(matches!(banner(&page.state), Some(Banner::Dialing { attempt: 1, within: 1, .. })));
    page.opens(0);
    assert_eq!(banner(&page.state), None);
}

#[test]
fn some_codes_stay_closed_and_say_what_can_be_done() {
    for (code, offer) in
        [(1000, Some(Offer::Connect)), (4003, None), (4009, Some(Offer::UseHere)), (4010, Some(Offer::Reload))]
    {
        let mut page = Page::welcomed(0);
        page.closes(code);
        assert!(matches!(banner(&page.state), Some(Banner::Stopped { offer: found, .. }) if found == offer), "{code}");
    }
}

#[test]
fn a_closed_socket_has_said_what_a_person_chose() {
    let mut page = Page::welcomed(0);
    assert_eq!(page.does(Action::CloseSocket(4321, "lunch".into())), [Effect::HangUp(4321, "lunch".into())]);
}

#[test]
fn leaving_the_present_room_shows_another_one() {
    let mut page = Page::welcomed(0);
    let effects = page.hears(&ServerMsg::Left { room: BACKEND });
    assert_eq!(page.state.room, Some(GENERAL));
    assert!(effects.contains(&Effect::Address(Some(GENERAL), History::Replace)));
}

#[test]
fn the_arrows_go_round_the_rooms() {
    let mut page = Page::welcomed(0);
    page.does(Action::Step(1));
    assert_eq!(page.state.room, Some(GENERAL));
    page.does(Action::Step(-1));
    assert_eq!(page.state.room, Some(BACKEND));
}

#[test]
fn the_latest_button_counts_what_came_since_the_reader_scrolled_up() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "a");
    page.does(Action::AtLatest(false));
    page.says(BACKEND, 2, 4, "b");
    page.does(Action::AtLatest(false));
    let room = page.state.engine.rooms().get(&BACKEND).unwrap();
    assert_eq!(timeline::new_since(room, page.state.left_at.unwrap()), 1);
    page.does(Action::AtLatest(true));
    assert_eq!(page.state.left_at, None);
}

#[test]
fn a_look_at_an_unchanged_socket_draws_nothing() {
    let mut page = Page::welcomed(0);
    let reading = Reading { ready: crate::socket::ReadyState::Open, buffered: 0 };
    page.does(Action::Sampled(Some(reading.clone()), None));
    page.state.take_dirty();
    page.does(Action::Sampled(Some(reading.clone()), None));
    assert!(!page.state.take_dirty());
    page.state.take_stirred();
    page.does(Action::Sampled(Some(Reading { buffered: 1, ..reading }), None));
    assert!(!page.state.take_dirty() && page.state.take_stirred(), "the panel alone shows it");
}

#[test]
fn ones_own_writing_is_no_reason_to_draw_the_page() {
    let mut page = Page::welcomed(0);
    page.state.take_dirty();
    page.does(Action::Draft(BACKEND, "half".into()));
    page.now += 700;
    let sent = page.does(Action::Tick);
    assert!(sent.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains("half"))));
    let draft = |seq, text: &str| {
        let kind = UserEventKind::Draft { text: text.into() };
        ServerMsg::User(UserEvent { seq, room: BACKEND, kind })
    };
    page.hears(&draft(1, "half"));
    assert!(!page.state.take_dirty() && page.state.take_stirred(), "the frames are in the panel");
    page.hears(&draft(2, "of another device"));
    assert!(page.state.take_dirty());
}

#[test]
fn settings_are_kept() {
    let mut page = Page::welcomed(0);
    assert_eq!(page.does(Action::Theme(Theme::Dark)), [Effect::Keep(Setting::Theme, "dark")]);
    assert_eq!(page.does(Action::Language(Lang::Zh)), [Effect::Keep(Setting::Lang, "zh-CN")]);
    assert!(page.does(Action::Toggle(Overlay::Wire)).contains(&Effect::Keep(Setting::Wire, "closed")));
}

mod changes;
mod probes;
