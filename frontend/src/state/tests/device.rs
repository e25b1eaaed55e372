//! What outlives the page and what all devices of a person agree on, told to the reducer.

use common::client::ClientMsg;
use common::model::{UserEvent, UserEventKind};
use common::sync::keep::{Keep, KeptDraft, Me, Restored, Shared};
use common::sync::outbox::{Pending, Stage, What};
use common::text::Body;

use super::*;

const LIN: UserId = UserId(9);

fn room(id: RoomId, name: &str, n: u64, read_n: u64, mentions: u64) -> RoomInfo {
    RoomInfo {
        id,
        name: name.into(),
        head: Seq(n),
        n,
        members: 2,
        read_n,
        mentions,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    }
}

fn message(room: RoomId, seq: u64, by: u64, body: &str) -> RoomEvent {
    let kind = EventKind::Message { n: seq, body: body.into(), mentions: Vec::new(), everyone: None, reply: None };
    RoomEvent {
        room,
        seq: Seq(seq),
        at: Timestamp(START),
        by: UserId(by),
        name: format!("N{by}"),
        bot: false,
        cid: None,
        kind,
    }
}

fn pending(n: u128, body: &str) -> Pending {
    let cid: Cid = serde_json::from_str(&format!("\"0199f0a0-0000-7000-8000-{n:012}\"")).unwrap();
    let what = What::Say { room: BACKEND, body: Body::new(body).unwrap(), reply_to: None };
    Pending { cid, what, after: None, at: Timestamp(START), stage: Stage::Waiting, retries: 0, trouble: None }
}

fn remembered() -> Restored {
    Restored {
        me: Some(Me { epoch: Epoch("e".into()), person: me(), user_seq: 4 }),
        rooms: vec![room(GENERAL, "general", 3, 1, 0), room(BACKEND, "backend", 2, 2, 0)],
        events: vec![message(BACKEND, 1, 4, "one"), message(BACKEND, 2, 4, "two")],
        outbox: vec![pending(1, "written on the train")],
        drafts: vec![KeptDraft { room: BACKEND, text: "half a".into(), unsent: true }],
        wishes: Vec::new(),
    }
}

/// A page that has shown what it remembers, and has not heard of a server.
fn restored() -> Page {
    let mut page = Page::of(Some(ME));
    page.does(Action::Start);
    page.learns(News::Restored(Box::new(remembered())));
    page
}

fn frames(effects: &[Effect]) -> Vec<ClientMsg> {
    let sent =
        |effect: &Effect| if let Effect::Send(text) = effect { common::codec::decode_client(text).ok() } else { None };
    effects.iter().filter_map(sent).collect()
}

fn says(msg: &ClientMsg) -> bool {
    matches!(msg, ClientMsg::Send { .. })
}

impl Page {
    fn bodies(&mut self) -> Vec<String> {
        self.messages().into_iter().map(|(_, body, _)| body).collect()
    }

    fn room(&self, id: RoomId) -> &common::sync::Room {
        self.state.engine.rooms().get(&id).unwrap()
    }

    fn kept(&self, is: impl Fn(&Keep) -> bool) -> bool {
        self.deeds.iter().any(|deed| matches!(deed, Deed::Keep(keep) if is(keep)))
    }
}

#[test]
fn the_last_known_room_is_shown_before_anybody_answers() {
    let mut page = Page::of(Some(ME));
    assert_eq!(page.does(Action::Start), [Effect::Ask(Ask::Me)]);
    assert_eq!(page.deeds, [Deed::Open(ME, Some(BACKEND))]);
    page.learns(News::Restored(Box::new(remembered())));
    assert_eq!(page.state.session, Session::In);
    assert_eq!(page.bodies(), ["one", "two", "written on the train"]);
    assert_eq!(page.state.engine.own().draft(BACKEND), "half a");
    assert_eq!(page.state.title(), "(2) backend · Readyroom");
}

#[test]
fn the_page_connects_when_all_that_is_remembered_is_known_and_asks_for_the_rest() {
    let mut page = restored();
    assert_eq!(page.does(Action::Answer(Answer::Me(Ok(me())))), []);
    let general = (1..=3).map(|seq| message(GENERAL, seq, 4, "x")).collect();
    assert_eq!(page.learns(News::Restored(Box::new(Restored { events: general, ..Restored::default() }))), []);
    assert_eq!(page.learns(News::Ready), [Effect::Dial(Some("readyroom.v1"))]);
    let sent = frames(&page.does(Action::Socket(Event::Open)));
    let rooms = [(GENERAL, Seq(3)), (BACKEND, Seq(2))].into();
    assert_eq!(sent, [ClientMsg::Hello { epoch: Some(Epoch("e".into())), user_seq: 4, rooms }]);
}

#[test]
fn what_other_rooms_hold_is_not_drawn() {
    let mut page = restored();
    page.state.take_dirty();
    let events = vec![message(GENERAL, 1, 4, "x")];
    page.learns(News::Restored(Box::new(Restored { events, ..Restored::default() })));
    assert!(!page.state.take_dirty());
    let events = vec![message(BACKEND, 3, 4, "x")];
    page.learns(News::Restored(Box::new(Restored { events, ..Restored::default() })));
    assert!(page.state.take_dirty());
}

#[test]
fn without_a_network_the_page_goes_on_with_what_it_remembers() {
    let mut page = restored();
    page.does(Action::Answer(Answer::Me(Err(Failure::Network))));
    page.learns(News::Ready);
    page.closes(1006);
    page.writes("offline");
    assert_eq!(page.bodies(), ["one", "two", "written on the train", "offline"]);
    assert!(page.kept(|keep| matches!(keep, Keep::Pending(p) if Some(p.cid) == Some(page.last_cid()))));
}

#[test]
fn a_person_who_is_signed_out_leaves_no_rooms_behind() {
    let mut page = restored();
    page.does(Action::Answer(Answer::Me(Err(Failure::Status(401)))));
    assert!(matches!(page.state.session, Session::Out { ended: true, .. }));
    assert_eq!(page.deeds.last(), Some(&Deed::Close));
    assert_eq!(page.learns(News::Ready), [], "nobody connects for them");
    assert_eq!(page.state.title(), "Readyroom");
    page.does(Action::Enter("Maya".into()));
    page.does(Action::Answer(Answer::Entered(Ok(me()))));
    assert_eq!(page.deeds.last(), Some(&Deed::Open(ME, Some(BACKEND))));
    assert_eq!(page.state.engine.rooms().len(), 0);
    let drafts = vec![KeptDraft { room: BACKEND, text: "half a".into(), unsent: true }];
    page.learns(News::Restored(Box::new(Restored { drafts, ..Restored::default() })));
    assert!(matches!(page.learns(News::Ready).as_slice(), [Effect::Dial(_)]));
    assert_eq!(page.state.engine.own().draft(BACKEND), "half a");
}

#[test]
fn nothing_is_sent_in_the_name_of_somebody_else() {
    let mut page = restored();
    page.learns(News::Ready);
    page.does(Action::Socket(Event::Open));
    let lin = Person { id: LIN, name: "Lin".into() };
    let effects = page.hears(&ServerMsg::Welcome {
        epoch: Epoch("e".into()),
        me: lin,
        limits: Limits::default(),
        now: Timestamp(0),
        user_seq: 0,
        rooms: vec![room(BACKEND, "backend", 2, 2, 0)],
        role: common::model::Role::Member,
    });
    assert!(!frames(&effects).iter().any(says), "{effects:?}");
    assert!(effects.contains(&Effect::HangUp(1000, String::new())));
    assert!(
        page.deeds.ends_with(&[Deed::Keep(Box::new(Keep::Nothing)), Deed::Open(LIN, Some(BACKEND))]),
        "{:?}",
        page.deeds
    );
    assert_eq!(page.state.engine.outbox().iter().count(), 0);
    page.learns(News::Restored(Box::new(remembered())));
    assert_eq!(page.state.engine.rooms().len(), 0, "the memory of the one before is no longer heard");
}

#[test]
fn what_was_written_before_anybody_was_known_is_theirs() {
    let mut page = Page::new();
    page.does(Action::Start);
    page.does(Action::Answer(Answer::Me(Err(Failure::Network))));
    page.writes("early");
    page.does(Action::Draft(BACKEND, "and half a".into()));
    page.does(Action::Answer(Answer::Me(Ok(me()))));
    assert!(page.kept(|keep| matches!(keep, Keep::Pending(_))));
    assert!(page.kept(|keep| matches!(keep, Keep::Draft(draft) if draft.text == "and half a")));
    assert!(matches!(page.learns(News::Ready).as_slice(), [Effect::Dial(_)]));
    page.opens(0);
    assert_eq!((page.bodies(), page.state.engine.own().draft(BACKEND)), (vec!["early".into()], "and half a"));
}

#[test]
fn a_tab_that_follows_sends_nothing_until_it_leads() {
    let mut page = Page::welcomed(0);
    page.learns(News::Follow);
    let others = pending(1, "of another tab");
    page.learns(News::Shared(Box::new(Shared::Put(Box::new(others.clone())))));
    page.deeds.clear();
    assert!(!frames(&page.writes("one")).iter().any(says));
    assert!(page.deeds.contains(&Deed::Claim), "the tab in which somebody writes wants to lead");
    assert!(page.kept(|keep| matches!(keep, Keep::Pending(_))));
    let sent = frames(&page.learns(News::Lead(vec![others.clone()])));
    let said = |msg: &ClientMsg| {
        if let ClientMsg::Send { body, after, .. } = msg { Some((body.clone(), *after)) } else { None }
    };
    let said: Vec<_> = sent.iter().filter_map(said).collect();
    assert_eq!(said, [("of another tab".to_owned(), None), ("one".to_owned(), Some(others.cid))]);
}

#[test]
fn a_tab_that_leads_sends_what_another_one_wrote_and_shows_it() {
    let mut page = Page::welcomed(0);
    let shared = pending(1, "of another tab");
    assert!(frames(&page.learns(News::Shared(Box::new(Shared::Put(Box::new(shared.clone())))))).iter().any(says));
    assert_eq!(page.bodies(), ["of another tab"]);
    page.learns(News::Shared(Box::new(Shared::Drop(shared.cid))));
    assert_eq!(page.bodies(), Vec::<String>::new());
}

#[test]
fn a_tab_that_comes_into_sight_wants_to_lead() {
    let mut page = Page::welcomed(0);
    page.deeds.clear();
    page.does(Action::Visible(true));
    assert_eq!(page.deeds, [], "it does already");
    page.learns(News::Follow);
    page.does(Action::Visible(false));
    page.does(Action::Visible(true));
    assert_eq!(page.deeds, [Deed::Claim]);
}

#[test]
fn a_draft_is_kept_at_every_key_told_to_other_devices_and_gone_when_it_is_said() {
    let mut page = Page::welcomed(0);
    let sent = frames(&page.does(Action::Draft(BACKEND, "hel".into())));
    assert_eq!(sent, [ClientMsg::Typing { room: BACKEND }]);
    assert!(page.kept(|keep| matches!(keep, Keep::Draft(draft) if draft.text == "hel" && draft.unsent)));
    page.now += 1_000;
    assert_eq!(frames(&page.does(Action::Tick)), [ClientMsg::Draft { room: BACKEND, text: "hel".into() }]);
    page.does(Action::Say);
    assert_eq!(page.state.engine.own().draft(BACKEND), "");
    assert!(page.kept(|keep| matches!(keep, Keep::Draft(draft) if draft.text.is_empty() && draft.unsent)));
}

#[test]
fn what_another_device_writes_shows_unless_somebody_writes_here() {
    let mut page = Page::welcomed(0);
    let writes = |page: &mut Page, seq, text: &str| {
        let kind = UserEventKind::Draft { text: text.into() };
        page.hears(&ServerMsg::User(UserEvent { seq, room: BACKEND, kind }));
    };
    writes(&mut page, 1, "from the phone");
    assert_eq!(page.state.engine.own().draft(BACKEND), "from the phone");
    page.does(Action::Draft(BACKEND, "from the desk".into()));
    writes(&mut page, 2, "from the phone again");
    assert_eq!(page.state.engine.own().draft(BACKEND), "from the desk");
}

#[test]
fn what_nobody_looks_at_is_unread_and_what_is_looked_at_is_read() {
    let mut page = Page::welcomed(0);
    page.says(GENERAL, 1, 4, "over here");
    page.says(BACKEND, 1, 4, "seen");
    assert_eq!((page.room(GENERAL).unread(), page.room(BACKEND).unread()), (1, 0));
    assert_eq!(page.state.title(), "(1) backend · Readyroom");
    page.does(Action::Visible(false));
    page.says(BACKEND, 2, 4, "not seen");
    assert_eq!(page.state.unread(), 2);
    page.does(Action::Visible(true));
    page.does(Action::Visit(GENERAL));
    assert_eq!(page.state.title(), "general · Readyroom");
    page.now += 1_000;
    let read = frames(&page.does(Action::Tick));
    assert!(read.contains(&ClientMsg::Read { room: BACKEND, n: 2 }), "{read:?}");
    assert!(read.contains(&ClientMsg::Read { room: GENERAL, n: 1 }), "{read:?}");
}

#[test]
fn what_lies_below_the_window_is_not_read() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "a");
    page.does(Action::AtLatest(false));
    page.says(BACKEND, 2, 4, "b");
    assert_eq!(page.room(BACKEND).unread(), 1);
    page.does(Action::AtLatest(true));
    assert_eq!(page.room(BACKEND).unread(), 0);
}

#[test]
fn what_has_not_arrived_is_not_read() {
    let mut page = restored();
    page.learns(News::Ready);
    page.does(Action::Socket(Event::Open));
    page.hears(&ServerMsg::Welcome {
        epoch: Epoch("e".into()),
        me: me(),
        limits: Limits::default(),
        now: Timestamp(0),
        user_seq: 4,
        rooms: vec![room(BACKEND, "backend", 4, 2, 0)],
        role: common::model::Role::Member,
    });
    assert_eq!(page.room(BACKEND).unread(), 2);
    page.says(BACKEND, 3, 4, "three");
    assert_eq!(page.room(BACKEND).unread(), 2);
    page.says(BACKEND, 4, 4, "four");
    assert_eq!(page.room(BACKEND).unread(), 0);
}

#[test]
fn what_was_read_on_another_device_counts_here() {
    let mut page = Page::welcomed(0);
    page.says(GENERAL, 1, 4, "a");
    page.says(GENERAL, 2, 4, "b");
    let kind = UserEventKind::Read { n: 2, mentions: 0 };
    page.hears(&ServerMsg::User(UserEvent { seq: 1, room: GENERAL, kind }));
    assert_eq!(page.state.unread(), 0);
}

#[test]
fn a_muted_room_counts_its_mentions_alone() {
    let mut page = Page::welcomed(0);
    assert_eq!(frames(&page.does(Action::Mute(GENERAL, true))), [ClientMsg::Mute { room: GENERAL, muted: true }]);
    page.says(GENERAL, 1, 4, "a");
    assert_eq!((page.room(GENERAL).unread(), page.state.unread()), (1, 0));
    page.event(
        GENERAL,
        2,
        4,
        EventKind::Message { n: 2, body: "@Maya".into(), mentions: vec![ME], everyone: None, reply: None },
    );
    let kind = UserEventKind::Read { n: 0, mentions: 1 };
    page.hears(&ServerMsg::User(UserEvent { seq: 1, room: GENERAL, kind }));
    assert_eq!((page.room(GENERAL).unread(), page.state.unread()), (2, 1));
}

#[test]
fn a_rule_stands_above_what_was_unread_until_the_room_is_left() {
    let mut page = Page::welcomed(0);
    page.says(GENERAL, 1, 4, "read");
    page.does(Action::Visit(GENERAL));
    page.does(Action::Visit(BACKEND));
    page.says(GENERAL, 2, 4, "new");
    page.does(Action::Visit(GENERAL));
    let shown = |page: &mut Page| -> Vec<String> {
        let rows = page.rows();
        rows.into_iter()
            .filter_map(|row| match row {
                Row::Message(m) => Some(format!("{}{}", if m.first { "> " } else { "" }, m.body)),
                Row::New => Some("---".to_owned()),
                Row::Day { .. } | Row::Change { .. } | Row::Gap { .. } => None,
            })
            .collect()
    };
    assert_eq!(shown(&mut page), ["> read", "---", "> new"]);
    page.says(GENERAL, 3, 4, "newer");
    assert_eq!(shown(&mut page), ["> read", "---", "> new", "newer"]);
    page.does(Action::Visit(BACKEND));
    page.does(Action::Visit(GENERAL));
    assert_eq!(shown(&mut page), ["> read", "new", "newer"]);
}

#[test]
fn what_came_while_the_page_was_hidden_is_below_the_rule() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "seen");
    page.does(Action::Visible(false));
    page.says(BACKEND, 2, 4, "missed");
    page.does(Action::Visible(true));
    assert!(matches!(page.rows().as_slice(), [Row::Day { .. }, Row::Message(_), Row::New, Row::Message(_)]));
}
