//! Faults on purpose and the trace: each is seen, each is mended, and the trace tells no secrets.

use super::super::note::Note;
use super::super::probe::Trace;
use super::super::wire::What;
use super::*;

fn probes(page: &mut Page, probe: Probe) -> Vec<Effect> {
    page.does(Action::Probe(probe))
}

fn notes(page: &Page) -> Vec<Note> {
    let of = |line: &Rc<wire::Line>| match &line.what {
        What::Note(note) => Some(*note),
        What::Frame { .. }
        | What::Dial { .. }
        | What::Open { .. }
        | What::Said { .. }
        | What::Error
        | What::Closed(_) => None,
    };
    page.state.wire.lines.iter().filter_map(of).collect()
}

fn sent(effects: &[Effect], op: &str) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains(op)))
}

fn bodies(page: &mut Page) -> Vec<String> {
    page.messages().into_iter().map(|(_, body, _)| body).collect()
}

#[test]
fn a_dropped_socket_is_1006_at_once_and_dialled_again() {
    let mut page = Page::welcomed(0);
    let effects = probes(&mut page, Probe::Drop);
    assert!(effects.contains(&Effect::Run(Errand::CutSocket)));
    assert!(matches!(banner(&page.state), Some(Banner::Counting { closed: Closed { code: 1006, .. }, .. })));
    assert_eq!(page.state.wire.ready, Some(crate::socket::ReadyState::Closed));
    page.now += 300;
    assert!(matches!(page.does(Action::Tick).as_slice(), [Effect::Dial(_)]));
    assert!(!probes(&mut page, Probe::Drop).is_empty(), "one that is being dialled can be dropped as well");
    assert_eq!(probes(&mut page, Probe::Drop), [], "there is none to drop any more");
}

#[test]
fn a_frozen_reader_gets_everything_in_order_when_it_is_let_go() {
    let mut page = Page::welcomed(0);
    probes(&mut page, Probe::Freeze(true));
    page.says(BACKEND, 1, 4, "one");
    page.says(BACKEND, 2, 4, "two");
    assert_eq!((bodies(&mut page), page.state.probed.faults.waiting()), (vec![], 2));
    assert_eq!(page.state.wire.received, 3, "what waits has arrived, and the log says so");
    probes(&mut page, Probe::Freeze(false));
    assert_eq!(bodies(&mut page), ["one", "two"]);
}

#[test]
fn a_frozen_reader_is_read_again_on_the_next_connection() {
    let mut page = Page::welcomed(0);
    probes(&mut page, Probe::Freeze(true));
    page.says(BACKEND, 1, 4, "one");
    page.closes(1006);
    assert!(page.state.probed.faults.is_quiet());
    page.does(Action::Connect);
    page.opens(1);
    page.says(BACKEND, 1, 4, "one");
    assert_eq!(bodies(&mut page), ["one"]);
}

#[test]
fn a_lost_event_is_a_gap_that_is_asked_for_and_filled() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "one");
    probes(&mut page, Probe::Lose);
    page.says(BACKEND, 2, 4, "two");
    assert_eq!(bodies(&mut page), ["one"]);
    let three = RoomEvent {
        room: BACKEND,
        seq: Seq(3),
        at: Timestamp(page.now),
        by: UserId(4),
        name: "N4".into(),
        bot: false,
        cid: None,
        kind: EventKind::Message { n: 3, body: "three".into(), mentions: Vec::new(), everyone: None, reply: None },
    };
    let effects = page.hears(&ServerMsg::Event(three));
    assert!(sent(&effects, "sync"), "{effects:?}");
    page.says(BACKEND, 2, 4, "two");
    assert_eq!(bodies(&mut page), ["one", "two", "three"]);
    assert_eq!(notes(&page), [Note::Lose, Note::Lost, Note::Gap(BACKEND, Seq(2), Seq(2)), Note::Filled(BACKEND)]);
    assert_eq!(page.state.engine.tally().gaps_filled, 1);
}

#[test]
fn a_doubled_event_is_shown_once_and_counted() {
    let mut page = Page::welcomed(0);
    probes(&mut page, Probe::Double);
    page.says(BACKEND, 1, 4, "once");
    assert_eq!(bodies(&mut page), ["once"]);
    assert_eq!(notes(&page), [Note::Double, Note::Duplicate(BACKEND, Seq(1))]);
    assert_eq!(page.state.engine.tally().duplicates, 1);
}

#[test]
fn delayed_frames_come_when_they_are_due_and_the_page_wakes_for_them() {
    let mut page = Page::welcomed(0);
    probes(&mut page, Probe::Delay(500));
    page.says(BACKEND, 1, 4, "late");
    let due = page.state.deadline().unwrap();
    assert_eq!(due, Timestamp(page.now + 500));
    assert_eq!(bodies(&mut page), [""; 0]);
    page.now += 500;
    page.does(Action::Tick);
    assert_eq!(bodies(&mut page), ["late"]);
}

#[test]
fn a_forgotten_room_is_asked_for_from_its_beginning() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "one");
    let effects = probes(&mut page, Probe::Forget);
    assert!(sent(&effects, "\"from\":0"), "{effects:?}");
    assert_eq!(bodies(&mut page), [""; 0]);
    page.says(BACKEND, 1, 4, "one");
    assert_eq!(bodies(&mut page), ["one"]);
}

#[test]
fn a_cursor_from_the_future_is_reset_and_loses_nothing() {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "one");
    assert!(sent(&probes(&mut page, Probe::Reset), "\"from\":1000001"));
    page.hears(&ServerMsg::Reset { room: BACKEND, seq: Seq(1) });
    page.says(BACKEND, 1, 4, "one");
    assert_eq!(bodies(&mut page), ["one"]);
    assert!(notes(&page).contains(&Note::Reset(BACKEND, Seq(1))));
}

fn trace(page: &mut Page, open: bool) -> String {
    match probes(page, Probe::Trace { agent: "A \"browser\"".into(), open }).pop() {
        Some(Effect::Run(Errand::Copy(text))) => text,
        other => panic!("{other:?}"),
    }
}

/// A page that has heard and said secrets of every kind.
fn secretive() -> Page {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, 4, "secret \"body\": \\ 秘密");
    page.writes("secret of mine");
    page.hears(&ServerMsg::Person(Person { id: UserId(4), name: "secret name".into() }));
    let typing = vec![Person { id: UserId(5), name: "secret typist".into() }];
    page.hears(&ServerMsg::Typing { room: BACKEND, people: typing });
    let draft = common::model::UserEventKind::Draft { text: "secret draft".into() };
    page.hears(&ServerMsg::User(common::model::UserEvent { seq: 1, room: BACKEND, kind: draft }));
    page.does(Action::Socket(Event::Text("secret that is no JSON".into())));
    page.does(Action::Socket(Event::Text(r#"{"ev":"event","body":"secret with no end"#.into())));
    page.does(Action::Socket(Event::Text(
        r#"{"ev":"error","message": "secret spaced" , "name" :"secret key"}"#.into(),
    )));
    page
}

#[test]
fn the_trace_leaks_no_text_and_no_name() {
    let mut page = secretive();
    let trace = trace(&mut page, false);
    for secret in ["secret", "秘密", "Maya", "Okafor", "N4", "backend"] {
        assert!(!trace.contains(secret), "{secret} in {trace}");
    }
    assert!(trace.contains("‹14 characters›"), "{trace}");
}

#[test]
fn the_trace_is_json_that_says_where_the_page_stands() {
    for open in [false, true] {
        let mut page = secretive();
        probes(&mut page, Probe::Double);
        let trace: serde_json::Value = serde_json::from_str(&trace(&mut page, open)).unwrap();
        assert_eq!(
            (&trace["agent"], &trace["phase"], &trace["me"]),
            (&"A \"browser\"".into(), &"ready".into(), &"u3".into())
        );
        let room = trace["rooms"].as_array().unwrap().iter().find(|room| room["room"] == "r7").unwrap();
        assert_eq!((&room["held"], &room["head"]), (&1.into(), &1.into()));
        assert_eq!(trace["outbox"][0]["op"], "send");
        let log = trace["log"].as_array().unwrap();
        assert_eq!(log.len(), page.state.wire.lines.len());
        assert!(log.iter().any(|line| line["what"] == "double"));
        // Of every whole frame there is a frame that can be read, with its numbers in place.
        let event = log.iter().find(|line| line["in"] == "event").unwrap();
        let event: serde_json::Value = serde_json::from_str(event["frame"].as_str().unwrap()).unwrap();
        assert_eq!((&event["seq"], &event["by"]), (&1.into(), &"u4".into()));
        assert_eq!(event["body"] == "‹19 characters›", !open, "{event}");
    }
}

#[test]
fn an_open_trace_keeps_the_texts_and_a_refused_clipboard_shows_it() {
    let mut page = secretive();
    let text = trace(&mut page, true);
    assert!(text.contains("secret of mine") && text.contains("Maya Okafor"));
    probes(&mut page, Probe::Copied(Some(text.clone())));
    assert_eq!(page.state.probed.trace, Trace::Shown(text));
    probes(&mut page, Probe::Copied(None));
    assert_eq!(page.state.probed.trace, Trace::Copied);
}
