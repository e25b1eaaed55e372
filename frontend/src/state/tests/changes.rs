//! Messages that change: how they stand, what is on its way, what was refused.

use common::sync::outbox::What;

use super::super::messages::QUICK;
use super::super::outlook::Kind;
use super::super::timeline::{Message, Status};
use super::*;

const MINE: u64 = 3;
const LIN: u64 = 4;
const FIRST: Seq = Seq(1);

/// A page in whose present room the reader said “hello”, and Lin “hi” after it.
fn page() -> Page {
    let mut page = Page::welcomed(0);
    page.says(BACKEND, 1, MINE, "hello");
    page.says(BACKEND, 2, LIN, "hi");
    page
}

fn message(page: &mut Page, seq: Seq) -> Rc<Message> {
    page.rows().iter().filter_map(Row::message).find(|message| message.seq == Some(seq)).cloned().unwrap()
}

fn touches(page: &mut Page, touch: Touch) -> Vec<Effect> {
    page.does(Action::Touch(touch))
}

fn reactions(page: &mut Page, seq: Seq) -> Vec<(String, usize, bool)> {
    message(page, seq).reactions.iter().map(|tally| (tally.emoji.clone(), tally.count, tally.mine)).collect()
}

fn edited(body: &str) -> EventKind {
    EventKind::Edited { target: FIRST, body: body.into() }
}

fn refuses(page: &mut Page, code: ErrorCode) -> Refusal {
    let refusal = Refusal::new(code, "no").about(page.last_cid()).within(BACKEND);
    page.hears(&ServerMsg::Error(refusal.clone()));
    refusal
}

#[test]
fn an_edited_message_shows_its_last_text_and_when() {
    let mut page = page();
    assert_eq!(message(&mut page, FIRST).edited, None);
    page.event(BACKEND, 3, MINE, edited("hello all"));
    page.event(BACKEND, 4, MINE, edited("hello everybody"));
    let message = message(&mut page, FIRST);
    assert_eq!((message.body.as_str(), message.edited.as_deref()), ("hello everybody", Some("09:00")));
    assert_eq!(page.messages().len(), 2, "a change has no row of its own");
}

#[test]
fn a_deleted_message_keeps_its_place_and_nothing_else() {
    let mut page = page();
    page.event(BACKEND, 3, LIN, EventKind::Reacted { target: FIRST, emoji: "👍".into() });
    page.event(BACKEND, 4, MINE, EventKind::Deleted { target: FIRST });
    let message = message(&mut page, FIRST);
    assert!(message.deleted && message.is_gone());
    assert_eq!((message.body.as_str(), message.reactions.len()), ("", 0));
    assert_eq!(touches(&mut page, Touch::Edit(FIRST)), []);
    assert_eq!(page.state.editing(), None, "what is gone is not edited");
}

#[test]
fn an_edit_on_its_way_shows_the_new_text_and_its_status() {
    let mut page = page();
    assert_eq!(touches(&mut page, Touch::Edit(FIRST)), [Effect::Run(Errand::FocusEditor)]);
    assert_eq!(page.state.editing().unwrap().text, "hello");
    touches(&mut page, Touch::Write("hello!".into()));
    let effects = touches(&mut page, Touch::Save);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Send(text) if text.contains("\"edit\""))),
        "{effects:?}"
    );
    assert_eq!(page.state.editing(), None);
    let message = message(&mut page, FIRST);
    assert_eq!((message.body.as_str(), &message.status), ("hello!", &Status::Sending));
    page.closes(1006);
    assert_eq!(super::changes::message(&mut page, FIRST).status, Status::Later);
}

#[test]
fn a_refused_edit_says_why_and_keeps_its_text_until_somebody_decides() {
    let mut page = page();
    touches(&mut page, Touch::Edit(FIRST));
    touches(&mut page, Touch::Write("better".into()));
    touches(&mut page, Touch::Save);
    let cid = page.last_cid();
    let why = refuses(&mut page, ErrorCode::NotAuthor);
    let held = message(&mut page, FIRST);
    assert_eq!((held.body.as_str(), held.refused.len()), ("better", 1));
    assert_eq!((held.refused[0].what, &held.refused[0].why), (Kind::Edit, &why));
    assert!(page.does(Action::Retry(cid)).iter().any(|effect| matches!(effect, Effect::Send(_))));
    assert_eq!(message(&mut page, FIRST).refused, []);
    page.does(Action::Discard(cid));
    assert_eq!(message(&mut page, FIRST).body, "hello");
}

#[test]
fn an_unchanged_text_is_no_edit_and_a_blank_one_asks_to_delete() {
    let mut page = page();
    touches(&mut page, Touch::EditLast);
    assert_eq!(page.state.editing().unwrap().target, FIRST, "the last message of one's own");
    touches(&mut page, Touch::Save);
    assert_eq!(page.state.engine.outbox().iter().count(), 0);
    touches(&mut page, Touch::EditLast);
    touches(&mut page, Touch::Write("  \n".into()));
    touches(&mut page, Touch::Save);
    assert_eq!(page.state.dialog, Some(Dialog::Over(Over::Delete(FIRST))));
    touches(&mut page, Touch::Delete(FIRST));
    assert_eq!((page.state.editing(), &page.state.dialog), (None, &None));
    assert!(message(&mut page, FIRST).leaving);
}

#[test]
fn what_is_too_long_stays_in_the_editor() {
    let mut page = page();
    touches(&mut page, Touch::Edit(FIRST));
    touches(&mut page, Touch::Write("x".repeat(BODY_CHARS + 1)));
    touches(&mut page, Touch::Save);
    assert_eq!(page.state.editing().unwrap().text.len(), BODY_CHARS + 1);
}

#[test]
fn the_draft_comes_back_when_an_edit_ends() {
    let mut page = page();
    page.does(Action::Draft(BACKEND, "half a".into()));
    touches(&mut page, Touch::Edit(FIRST));
    touches(&mut page, Touch::Write("other words".into()));
    page.does(Action::Dismiss);
    assert_eq!(page.state.editing(), None);
    assert_eq!(page.state.engine.own().draft(BACKEND), "half a");
    assert!(page.state.wire_open, "Escape gave up the edit and nothing else");
}

#[test]
fn an_edit_belongs_to_its_room() {
    let mut page = page();
    touches(&mut page, Touch::Edit(FIRST));
    page.does(Action::Visit(GENERAL));
    assert_eq!(page.state.editing(), None);
    page.does(Action::Visit(BACKEND));
    assert_eq!(page.state.editing().unwrap().target, FIRST);
}

#[test]
fn only_ones_own_message_is_edited_or_deleted() {
    let mut page = page();
    touches(&mut page, Touch::Edit(Seq(2)));
    assert_eq!(page.state.editing(), None);
    touches(&mut page, Touch::Open(Over::Delete(Seq(2))));
    assert_eq!(page.state.dialog, None);
    touches(&mut page, Touch::Delete(Seq(2)));
    assert_eq!(page.state.engine.outbox().iter().count(), 0);
}

#[test]
fn a_deletion_on_its_way_greys_the_message_and_a_refused_one_brings_it_back() {
    let mut page = page();
    touches(&mut page, Touch::Open(Over::Delete(FIRST)));
    touches(&mut page, Touch::Delete(FIRST));
    let leaving = message(&mut page, FIRST);
    assert_eq!((leaving.leaving, leaving.body.as_str(), &leaving.status), (true, "hello", &Status::Sending));
    refuses(&mut page, ErrorCode::NotAuthor);
    let back = message(&mut page, FIRST);
    assert_eq!((back.leaving, back.refused[0].what), (false, Kind::Delete));
}

#[test]
fn a_reaction_counts_at_once_and_a_second_press_takes_it_back() {
    let mut page = page();
    page.event(BACKEND, 3, LIN, EventKind::Reacted { target: FIRST, emoji: "👍".into() });
    assert_eq!(reactions(&mut page, FIRST), [("👍".into(), 1, false)]);
    assert_eq!(message(&mut page, FIRST).reactions[0].who, "N4");
    touches(&mut page, Touch::React(FIRST, "👍".into()));
    assert_eq!(reactions(&mut page, FIRST), [("👍".into(), 2, true)]);
    touches(&mut page, Touch::React(FIRST, "👍".into()));
    assert_eq!(reactions(&mut page, FIRST), [("👍".into(), 1, false)]);
    let asked: Vec<bool> =
        page.state.engine.outbox().iter().map(|pending| matches!(pending.what, What::React { on: true, .. })).collect();
    assert_eq!(asked, [true, false]);
}

#[test]
fn a_refused_reaction_does_not_count_and_says_why() {
    let mut page = page();
    touches(&mut page, Touch::React(FIRST, "🎉".into()));
    refuses(&mut page, ErrorCode::TooManyReactions);
    assert_eq!(reactions(&mut page, FIRST), []);
    assert_eq!(message(&mut page, FIRST).refused[0].what, Kind::React);
}

#[test]
fn every_emoji_on_offer_is_an_emoji() {
    for emoji in &QUICK {
        assert!(common::text::Emoji::new(emoji).is_ok(), "{emoji}");
    }
}

#[test]
fn pins_are_listed_newest_first_and_taken_off() {
    let mut page = page();
    page.event(BACKEND, 3, LIN, EventKind::Pinned { target: FIRST });
    page.event(BACKEND, 4, MINE, EventKind::Pinned { target: Seq(2) });
    let pins = |page: &Page| page.state.pins().iter().map(|message| message.body.clone()).collect::<Vec<_>>();
    assert_eq!(pins(&page), ["hi", "hello"]);
    touches(&mut page, Touch::Pin(FIRST));
    assert_eq!(pins(&page), ["hi"]);
    assert!(!message(&mut page, FIRST).pinned);
}

#[test]
fn a_message_that_mentions_the_reader_is_told_apart() {
    let mut page = page();
    page.event(
        BACKEND,
        3,
        LIN,
        EventKind::Message { n: 3, body: "@Maya Okafor?".into(), mentions: vec![ME], everyone: None, reply: None },
    );
    assert!(message(&mut page, Seq(3)).calls_me);
    assert!(!message(&mut page, Seq(2)).calls_me);
}

#[test]
fn a_full_disk_is_told_on_the_message_that_waits() {
    let mut page = page();
    page.writes("stays");
    let full = Refusal::new(ErrorCode::Storage, "disk").about(page.last_cid()).retry(1_000);
    page.hears(&ServerMsg::Error(full.clone()));
    assert_eq!(page.messages()[2], (true, "stays".into(), Status::Troubled { why: full.clone() }));
    let said = Lang::En.words().troubled(&full);
    assert_eq!(said, "The server cannot write to its disk. Nothing was stored. It goes out again by itself.");
}

#[test]
fn a_refusal_without_a_form_is_told_in_a_notice() {
    let mut page = page();
    page.does(Action::Leave(GENERAL));
    let why = refuses(&mut page, ErrorCode::NotMember);
    assert_eq!(page.state.touched.notice, Some(why));
    assert_eq!(page.state.engine.outbox().iter().count(), 0, "nobody could decide about it");
    touches(&mut page, Touch::HideNotice);
    assert_eq!(page.state.touched.notice, None);
}
