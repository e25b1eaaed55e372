//! The timeline in a real browser: a long room, older messages that load above, the focus, a place to go to, a thread.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use common::api::messages::{MessageView, Thread};
use common::id::{Seq, Timestamp, UserId};
use common::model::{Event as RoomEvent, EventKind, Reply};
use common::server::ServerMsg;
use frontend::state::{Action, Answer, Ask, Chain, Effect, Errand, Look, Touch};
use support::{ROOM, Script, count, find, text, until};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

const LIN: u64 = 4;

/// The page's own sheets: without them nothing scrolls.
const SHEETS: [&str; 4] = [
    include_str!("../style/tokens.css"),
    include_str!("../style/base.css"),
    include_str!("../style/chat.css"),
    include_str!("../style/app.css"),
];

/// A page that looks as it does, in whose room these messages have been said.
async fn page(messages: std::ops::RangeInclusive<u64>) -> (Script, Element) {
    let (script, place) = Script::open();
    let document = web_sys::window().unwrap().document().unwrap();
    let style = document.create_element("style").unwrap();
    style.set_text_content(Some(&SHEETS.concat()));
    place.before_with_node_1(&style).unwrap();
    script.welcome().await;
    let last = *messages.end();
    for seq in messages {
        script.says(seq, LIN + seq % 3, &words(seq));
    }
    until("the newest message", || find(&place, &format!("#m{last}")).is_some()).await;
    support::settled().await;
    (script, place)
}

fn words(seq: u64) -> String {
    // Rows of different heights, so that no guess is right.
    format!("message {seq} {}", "and some more words to fill a line or two ".repeat(usize::try_from(seq % 7).unwrap()))
}

fn timeline(place: &Element) -> HtmlElement {
    find(place, ".timeline").unwrap()
}

fn top_of(place: &Element, seq: u64) -> Option<f64> {
    find(place, &format!("#m{seq}")).map(|row| row.get_bounding_client_rect().top())
}

/// The message in the middle of what is in sight.
fn in_the_middle(place: &Element) -> Option<(u64, f64)> {
    let view = timeline(place).get_bounding_client_rect();
    let middle = f64::midpoint(view.top(), view.bottom());
    let rows = place.query_selector_all(".msg[id]").unwrap();
    (0..rows.length()).find_map(|at| {
        let row: Element = rows.get(at)?.unchecked_into();
        let rect = row.get_bounding_client_rect();
        let holds = rect.top() < view.bottom() && rect.bottom() > middle;
        holds.then(|| (row.id().strip_prefix('m').unwrap().parse().unwrap(), rect.top()))
    })
}

/// Scrolls, and comes back when there is a message in the middle again.
async fn scroll(place: &Element, by: i32) {
    let view = timeline(place);
    view.set_scroll_top(view.scroll_top() + by);
    support::settled().await;
    until("a message in sight", || in_the_middle(place).is_some()).await;
}

fn asked(script: &Script, is: impl Fn(&Ask) -> bool) -> bool {
    script.wanted(|effect| matches!(effect, Effect::Ask(ask) if is(ask)))
}

fn sent(script: &Script, op: &str) -> bool {
    script.wanted(|effect| matches!(effect, Effect::Send(text) if text.contains(op)))
}

fn press(element: &HtmlElement, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

fn focused() -> Option<Element> {
    web_sys::window().unwrap().document().unwrap().active_element()
}

fn answers(script: &Script, seq: u64, to: u64, words: &str) {
    let reply = Some(Reply { to: Seq(to), root: Seq(to) });
    let kind = EventKind::Message { n: seq, body: words.into(), mentions: Vec::new(), everyone: None, reply };
    let (at, name) = (Timestamp(1_763_370_000_000), "Lin".to_owned());
    script.hears(&ServerMsg::Event(RoomEvent {
        room: ROOM,
        seq: Seq(seq),
        at,
        by: UserId(LIN),
        name,
        bot: false,
        cid: None,
        kind,
    }));
}

#[wasm_bindgen_test]
async fn a_long_room_draws_what_is_near_and_stays_at_its_end() {
    let (script, place) = page(1..=1_000).await;
    assert!(count(&place, "article.msg") <= 100, "{}", count(&place, "article.msg"));
    assert_eq!(timeline(&place).scroll_top(), 0);
    script.says(1_001, LIN, "one more");
    until("one more", || find(&place, "#m1001").is_some()).await;
    let (view, row) = (timeline(&place).get_bounding_client_rect(), find(&place, "#m1001").unwrap());
    assert!(row.get_bounding_client_rect().bottom() <= view.bottom() + 1.0, "the newest message is in sight");
    place.remove();
}

#[wasm_bindgen_test]
async fn scrolling_up_and_down_shows_every_message_and_nothing_jumps() {
    let (_script, place) = page(1..=400).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut last = None;
    for _ in 0..400 {
        let before = in_the_middle(&place);
        scroll(&place, -160).await;
        if let (Some((seq, at)), Some(now)) = (before, before.and_then(|(seq, _)| top_of(&place, seq))) {
            assert!((now - at - 160.0).abs() <= 2.0 || top_of(&place, 1).is_some(), "{seq} moved by {}", now - at);
        }
        let here = in_the_middle(&place).unwrap().0;
        seen.insert(here);
        if last == Some(here) && top_of(&place, 1).is_some() {
            break;
        }
        last = Some(here);
        assert!(count(&place, "article.msg") <= 130);
    }
    assert!(top_of(&place, 1).is_some(), "the first message: {seen:?}");
    for _ in 0..400 {
        scroll(&place, 160).await;
        if timeline(&place).scroll_top() == 0 && find(&place, "#m400").is_some() {
            break;
        }
    }
    until("the newest message", || find(&place, "#m400").is_some() && timeline(&place).scroll_top() == 0).await;
    assert_eq!(count(&place, ".latest.is-shown"), 0);
    place.remove();
}

#[wasm_bindgen_test]
async fn older_messages_load_above_without_a_jump() {
    let (script, place) = page(301..=400).await;
    scroll(&place, -100_000).await;
    until("a wish for older ones", || sent(&script, "\"sync\"")).await;
    let (seq, at) = in_the_middle(&place).unwrap();
    for older in 201..=300 {
        script.says(older, LIN, &words(older));
    }
    until("older ones above", || find(&place, "#m290").is_some()).await;
    support::settled().await;
    let now = top_of(&place, seq).unwrap();
    assert!((now - at).abs() <= 2.0, "{seq} was at {at} and is at {now}");
    place.remove();
}

#[wasm_bindgen_test]
async fn what_comes_while_the_reader_is_elsewhere_moves_nothing() {
    let (script, place) = page(1..=200).await;
    scroll(&place, -900).await;
    let (seq, at) = in_the_middle(&place).unwrap();
    for new in 201..=520 {
        script.says(new, LIN, &words(new));
    }
    until("the count", || text(&place, ".latest.is-shown .badge") == "320").await;
    support::settled().await;
    let now = top_of(&place, seq).unwrap();
    assert!((now - at).abs() <= 2.0, "{seq} was at {at} and is at {now}");
    assert!(count(&place, "article.msg") < 320, "what is far below is not drawn");
    find(&place, ".latest").unwrap().click();
    timeline(&place).set_scroll_top(0);
    until("the newest message", || find(&place, "#m520").is_some() && count(&place, ".latest.is-shown") == 0).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn a_jump_far_away_lands_among_messages() {
    let (_script, place) = page(1..=2_000).await;
    let view = timeline(&place);
    view.set_scroll_top(-view.scroll_height() / 2);
    support::settled().await;
    until("a message in sight", || in_the_middle(&place).is_some()).await;
    let (seq, _) = in_the_middle(&place).unwrap();
    assert!((500..1_500).contains(&seq), "half way is {seq}");
    view.set_scroll_top(-view.scroll_height());
    until("the first message", || top_of(&place, 1).is_some()).await;
    view.set_scroll_top(0);
    until("the newest message", || top_of(&place, 2_000).is_some()).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn the_focus_survives_its_row() {
    let (script, place) = page(1..=500).await;
    find(&place, "#m480").unwrap().focus().unwrap();
    script.does(Look::Slide(frontend::state::Spot::Seq(Seq(100))).into());
    until("a far window", || find(&place, "#m480").is_none() && find(&place, "#m100").is_some()).await;
    until("the focus on the timeline", || focused().is_some_and(|has| has.matches(".log").unwrap())).await;
    press(&find(&place, ".log").unwrap(), "ArrowUp");
    until("the row again", || focused().is_some_and(|has| has.id() == "m480")).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn a_place_that_is_not_held_is_loaded_and_shown() {
    let (script, place) = page(901..=1_000).await;
    script.does(Look::Arrive(ROOM, Seq(204)).into());
    until("a wish for what is around", || sent(&script, "\"from\":153")).await;
    assert!(!script.wanted(|effect| matches!(effect, Effect::Run(Errand::ShowMessage(_)))));
    for seq in 154..=254 {
        script.says(seq, LIN, &words(seq));
    }
    until("the place", || script.wanted(|effect| *effect == Effect::Run(Errand::ShowMessage(Seq(204))))).await;
    until("its row", || find(&place, "#m204").is_some()).await;
    let link = find(&place, "#m204 a[href$='#204']").unwrap();
    assert_eq!(link.get_attribute("href").as_deref(), Some("/r/7#204"));
    script.does(Action::ToLatest);
    until("the newest message", || find(&place, "#m1000").is_some()).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn an_answer_shows_what_it_answers_and_opens_the_thread() {
    let (script, place) = page(1..=3).await;
    answers(&script, 4, 2, "indeed");
    until("the quote", || text(&place, "#m4 .quote").contains("message 2")).await;
    assert_eq!(text(&place, "#m2 .msg__replies"), "1 reply");
    find(&place, "#m4 .quote").unwrap().click();
    until("the way there", || script.wanted(|effect| *effect == Effect::Run(Errand::ShowMessage(Seq(2))))).await;
    find(&place, "#m2 .msg__replies").unwrap().click();
    until("the thread", || count(&place, ".thread article") == 2).await;
    assert!(asked(&script, |ask| matches!(ask, Ask::Thread(ROOM, Seq(2), None))));
    let view = |seq: u64, body: &str| MessageView {
        room: ROOM,
        seq: Seq(seq),
        n: seq,
        at: Timestamp(1_763_370_000_000),
        by: UserId(LIN),
        name: "Lin".into(),
        bot: seq == 900,
        body: body.into(),
        edited_at: None,
        deleted: false,
        pinned: false,
        mentions: Vec::new(),
        everyone: None,
        reply_to: None,
        root: None,
        replies: 0,
        reactions: Vec::new(),
    };
    let thread = Thread { root: view(2, "message 2"), messages: vec![view(4, "indeed"), view(900, "much later")] };
    script.does(Action::Answer(Answer::Thread(ROOM, Seq(2), Ok(thread))));
    until("what is not held", || text(&place, ".thread article:last-child .msg__text") == "much later").await;
    assert_eq!(
        (count(&place, ".thread .badge"), text(&place, ".thread article:last-child .badge").as_str()),
        (1, "bot")
    );
    let field: HtmlTextAreaElement = find(&place, ".thread textarea").unwrap().unchecked_into();
    script.does(Action::Chain(Chain::Write("and so on".into())));
    until("the text", || field.value() == "and so on").await;
    press(&field, "Enter");
    until("it is on its way", || sent(&script, "\"reply_to\":2")).await;
    until("it is shown", || text(&place, ".thread article:last-child .msg__text") == "and so on").await;
    script.does(Action::Dismiss);
    until("no thread", || count(&place, ".thread") == 0).await;
    place.remove();
}

#[wasm_bindgen_test]
async fn a_quote_that_is_not_held_is_asked_for() {
    let (script, place) = page(901..=910).await;
    answers(&script, 911, 5, "that was long ago");
    until("the quote", || count(&place, "#m911 .quote") == 1).await;
    script.does(Action::Tick);
    until("a wish for its words", || asked(&script, |ask| *ask == Ask::Message(ROOM, Seq(5)))).await;
    script.does(Action::Touch(Touch::GoTo(Seq(5))));
    until("a wish for what is around", || sent(&script, "\"from\":0")).await;
    place.remove();
}
