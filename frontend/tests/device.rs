//! What outlives the page, against the browser's own database, locks and channels. Two devices of one name in this page
//! are what two tabs of one person are.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Level, RoomInfo};
use common::server::{ErrorCode, Refusal};
use common::sync::keep::{Keep, KeptDraft, KeptWishes, Me, Restored, Shared};
use common::sync::outbox::{Pending, Stage, What};
use common::text::{Body, Emoji, RoomName};
use frontend::device::Device;
use frontend::state::News;
use support::{ROOM, me, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::Callback;

wasm_bindgen_test_configure!(run_in_browser);

const OTHER: RoomId = RoomId(8);

/// A tab of somebody.
struct Tab {
    device: Device,
    heard: Rc<RefCell<Vec<News>>>,
}

impl Tab {
    /// Opens a tab and waits until it knows what is remembered.
    async fn open(name: &str) -> Self {
        let heard: Rc<RefCell<Vec<News>>> = Rc::default();
        let tell = {
            let heard = Rc::clone(&heard);
            Callback::from(move |news| heard.borrow_mut().push(news))
        };
        let tab = Self { device: Device::open(name.to_owned(), Some(ROOM), tell), heard };
        tab.until("everything is read", |news| *news == News::Ready).await;
        tab
    }

    async fn until(&self, what: &str, is: impl Fn(&News) -> bool) {
        until(what, || self.heard.borrow().iter().any(&is)).await;
    }

    async fn leads(&self) {
        self.until("the tab leads", |news| matches!(news, News::Lead(_))).await;
    }

    /// What the tab was told to send when it came to lead last.
    fn leads_with(&self) -> Vec<Cid> {
        let heard = self.heard.borrow();
        let led = heard.iter().rev().find_map(|news| if let News::Lead(list) = news { Some(list) } else { None });
        led.unwrap().iter().map(|pending| pending.cid).collect()
    }

    fn keeps(&self, keeps: impl IntoIterator<Item = Keep>) {
        keeps.into_iter().for_each(|keep| self.device.keep(keep));
        self.device.settle();
    }

    /// Everything that was remembered, as one.
    fn restored(&self) -> Restored {
        let mut all = Restored::default();
        for news in self.heard.borrow().iter() {
            let News::Restored(part) = news else { continue };
            let part = Restored::clone(part);
            all.me = all.me.or(part.me);
            all.rooms.extend(part.rooms);
            all.events.extend(part.events);
            all.outbox.extend(part.outbox);
            all.drafts.extend(part.drafts);
            all.wishes.extend(part.wishes);
        }
        all
    }

    fn close(self) {
        self.device.flush();
    }
}

/// A name that no other test and no other run uses.
fn name(test: &str) -> String {
    format!("{test}.{}", js_sys::Math::random())
}

fn who() -> Keep {
    Keep::Me(Me { epoch: Epoch("e".into()), person: me(), user_seq: 4 })
}

fn room(id: RoomId) -> Keep {
    let info = RoomInfo {
        id,
        name: "backend".into(),
        head: Seq(3),
        n: 3,
        members: 2,
        read_n: 1,
        mentions: 1,
        muted: true,
        ..RoomInfo::new(RoomId(1), "")
    };
    Keep::Room(Box::new(info))
}

fn event(room: RoomId, seq: u64, body: &str) -> Keep {
    let kind = EventKind::Message { n: seq, body: body.into(), mentions: vec![UserId(4)], everyone: None, reply: None };
    let at = Timestamp(1_763_370_000_000);
    Keep::Event(Arc::new(Event {
        room,
        seq: Seq(seq),
        at,
        by: UserId(4),
        name: "Jonas".into(),
        bot: false,
        cid: None,
        kind,
    }))
}

fn pending(n: u128) -> Pending {
    let cid: Cid = serde_json::from_str(&format!("\"0199f0a0-0000-7000-8000-{n:012}\"")).unwrap();
    let what = What::Say { room: ROOM, body: Body::new("on the train").unwrap(), reply_to: None };
    Pending { cid, what, after: None, at: Timestamp(1), stage: Stage::Waiting, retries: 0, trouble: None }
}

fn on_its_way(pending: Pending) -> Keep {
    Keep::Pending(Box::new(pending))
}

fn draft(text: &str) -> KeptDraft {
    KeptDraft { room: ROOM, text: text.into(), unsent: true }
}

fn seqs(restored: &Restored, room: RoomId) -> Vec<u64> {
    restored.events.iter().filter(|event| event.room == room).map(|event| event.seq.0).collect()
}

#[wasm_bindgen_test]
async fn a_browser_that_remembers_nothing_says_so_at_once() {
    let tab = Tab::open(&name("nothing")).await;
    assert_eq!(tab.restored(), Restored::default());
    tab.leads().await;
}

#[wasm_bindgen_test]
async fn what_is_kept_is_told_to_the_next_page_the_looked_at_room_first() {
    let name = name("kept");
    let tab = Tab::open(&name).await;
    tab.keeps([who(), room(OTHER), room(ROOM)]);
    tab.keeps([
        event(OTHER, 1, "elsewhere"),
        event(ROOM, 10, "b"),
        event(ROOM, 9, "a"),
        event(ROOM, 10, "edited away"),
    ]);
    tab.keeps([on_its_way(pending(1)), Keep::Draft(draft("half"))]);
    tab.close();
    let tab = Tab::open(&name).await;
    let parts = tab.heard.borrow().iter().filter(|news| matches!(news, News::Restored(_))).count();
    assert_eq!(parts, 2);
    let all = tab.restored();
    assert_eq!((all.me.unwrap().user_seq, all.rooms.len()), (4, 2));
    assert!(all.rooms.iter().all(|info| info.muted && info.mentions == 1 && info.read_n == 1));
    assert_eq!((&all.outbox, &all.drafts), (&vec![pending(1)], &vec![draft("half")]));
    let found: Vec<(u64, u64)> = all.events.iter().map(|event| (event.room.0, event.seq.0)).collect();
    assert_eq!(found, [(ROOM.0, 9), (ROOM.0, 10), (OTHER.0, 1)], "of each room in order");
    assert!(matches!(&all.events.get(1).unwrap().kind, EventKind::Message { body, .. } if body == "edited away"));
}

#[wasm_bindgen_test]
async fn what_the_server_does_not_know_of_a_room_is_kept_until_it_does() {
    let name = name("wishes");
    let none = KeptWishes { room: OTHER, read_n: None, back: false, muted: None, notify: None };
    let back = KeptWishes { read_n: Some(3), back: true, muted: Some(false), ..none };
    let level = KeptWishes { room: ROOM, notify: Some(Level::Nothing), ..none };
    let tab = Tab::open(&name).await;
    tab.keeps([who(), room(OTHER), room(ROOM), Keep::Wishes(back), Keep::Wishes(level)]);
    tab.close();
    let tab = Tab::open(&name).await;
    let mut found = tab.restored().wishes;
    found.sort_by_key(|kept| kept.notify.is_some());
    assert_eq!(found, [back, level]);
    assert_eq!(tab.restored().me.unwrap().user_seq, 4, "they stand beside who it is");
    tab.keeps([Keep::Wishes(none), Keep::NoRoom(ROOM)]);
    tab.close();
    assert_eq!(Tab::open(&name).await.restored().wishes, []);
}

#[wasm_bindgen_test]
async fn a_room_keeps_its_newest_five_hundred_events() {
    let name = name("trim");
    let tab = Tab::open(&name).await;
    tab.keeps([room(ROOM), room(OTHER), event(OTHER, 1, "stays")]);
    tab.keeps((1..=400).map(|seq| event(ROOM, seq, "x")));
    tab.device.flush();
    tab.keeps((401..=700).map(|seq| event(ROOM, seq, "x")));
    tab.close();
    let tab = Tab::open(&name).await;
    assert_eq!(seqs(&tab.restored(), ROOM), (201..=700).collect::<Vec<u64>>());
    assert_eq!(seqs(&tab.restored(), OTHER), [1]);
    tab.keeps([event(ROOM, 150, "scrolled back to"), event(ROOM, 701, "new")]);
    tab.close();
    let restored = Tab::open(&name).await.restored();
    assert_eq!(seqs(&restored, ROOM), (202..=701).collect::<Vec<u64>>());
}

#[wasm_bindgen_test]
async fn every_sort_of_command_comes_back_as_it_was() {
    let (room, target) = (ROOM, Seq(4));
    let (body, emoji) = (Body::new("second\nthoughts 再见").unwrap(), Emoji::new("🎉").unwrap());
    let whats = [
        What::Say { room, body: body.clone(), reply_to: None },
        What::Edit { room, target, body },
        What::Delete { room, target },
        What::React { room, target, emoji: emoji.clone(), on: true },
        What::React { room, target, emoji, on: false },
        What::Pin { room, target, on: true },
        What::Pin { room, target, on: false },
        What::Create { name: RoomName::new("tea").unwrap(), private: false },
        What::Join { room },
        What::Leave { room },
    ];
    let mut all: Vec<Pending> = whats.into_iter().zip(1..).map(|(what, n)| Pending { what, ..pending(n) }).collect();
    let refusal = Refusal::new(ErrorCode::RateLimited, "slow").about(pending(11).cid).within(ROOM).retry(800);
    all.push(Pending { stage: Stage::Failed(refusal), retries: 2, after: Some(pending(10).cid), ..pending(11) });
    let name = name("commands");
    let tab = Tab::open(&name).await;
    tab.keeps(all.iter().cloned().map(on_its_way));
    tab.close();
    assert_eq!(Tab::open(&name).await.restored().outbox, all);
}

#[wasm_bindgen_test]
async fn the_newest_page_of_the_looked_at_room_comes_before_everything_else() {
    let name = name("page");
    let tab = Tab::open(&name).await;
    let info = RoomInfo {
        id: ROOM,
        name: "b".into(),
        head: Seq(300),
        n: 300,
        members: 2,
        read_n: 1,
        mentions: 0,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    };
    tab.keeps([room(RoomId(1)), event(RoomId(1), 1, "x"), Keep::Room(Box::new(info))]);
    tab.keeps((1..=300).map(|seq| event(ROOM, seq, "x")));
    tab.close();
    let tab = Tab::open(&name).await;
    let parts: Vec<Vec<(u64, u64)>> = tab
        .heard
        .borrow()
        .iter()
        .filter_map(|news| if let News::Restored(part) = news { Some(part) } else { None })
        .map(|part| part.events.iter().map(|event| (event.room.0, event.seq.0)).collect())
        .collect();
    let of_room = |seqs: std::ops::RangeInclusive<u64>| seqs.map(|seq| (ROOM.0, seq)).collect::<Vec<_>>();
    assert_eq!(parts, [of_room(201..=300), of_room(1..=200), vec![(1, 1)]]);
}

#[wasm_bindgen_test]
async fn what_is_forgotten_does_not_come_back() {
    let name = name("forgotten");
    let tab = Tab::open(&name).await;
    tab.keeps([room(ROOM), room(OTHER), event(ROOM, 1, "x"), event(OTHER, 1, "y")]);
    tab.keeps([on_its_way(pending(1)), on_its_way(pending(2)), Keep::Draft(draft("half"))]);
    tab.device.flush();
    tab.keeps([Keep::NoPending(pending(1).cid), Keep::NoEvents(OTHER), Keep::NoRoom(ROOM)]);
    tab.close();
    let all = Tab::open(&name).await.restored();
    assert_eq!(all.rooms.iter().map(|info| info.id).collect::<Vec<_>>(), [OTHER]);
    assert_eq!((all.events.len(), all.drafts.len()), (0, 0));
    assert_eq!(all.outbox, [pending(2)]);
}

#[wasm_bindgen_test]
async fn a_person_who_is_signed_out_leaves_what_they_wrote_and_nothing_else() {
    let name = name("out");
    let tab = Tab::open(&name).await;
    tab.keeps([who(), room(ROOM), event(ROOM, 1, "x"), on_its_way(pending(1)), Keep::Draft(draft("half"))]);
    tab.keeps([Keep::Nothing]);
    tab.close();
    let all = Tab::open(&name).await.restored();
    assert_eq!((all.me, all.rooms, all.events), (None, vec![], vec![]));
    assert_eq!((all.outbox, all.drafts), (vec![pending(1)], vec![draft("half")]));
}

#[wasm_bindgen_test]
async fn a_device_that_is_turned_away_from_before_it_is_open_still_forgets() {
    let name = name("early");
    let tab = Tab::open(&name).await;
    tab.keeps([who(), room(ROOM), event(ROOM, 1, "x")]);
    tab.close();
    let device = Device::open(name.clone(), None, Callback::noop());
    device.keep(Keep::Nothing);
    drop(device);
    assert_eq!(Tab::open(&name).await.restored(), Restored::default());
}

#[wasm_bindgen_test]
async fn another_person_finds_nothing() {
    let tab = Tab::open(&name("maya")).await;
    tab.keeps([who(), room(ROOM), Keep::Draft(draft("half"))]);
    tab.close();
    assert_eq!(Tab::open(&name("jonas")).await.restored(), Restored::default());
}

#[wasm_bindgen_test]
async fn one_tab_leads_until_another_one_is_used() {
    let name = name("lead");
    let first = Tab::open(&name).await;
    first.leads().await;
    let second = Tab::open(&name).await;
    assert!(second.heard.borrow().contains(&News::Follow));
    first.heard.borrow_mut().clear();
    second.keeps([on_its_way(pending(1))]);
    second.device.claim();
    second.leads().await;
    assert_eq!(second.leads_with(), [pending(1).cid]);
    first.until("the other one follows", |news| *news == News::Follow).await;
    second.heard.borrow_mut().clear();
    first.device.claim();
    first.leads().await;
    second.until("and back again", |news| *news == News::Follow).await;
}

#[wasm_bindgen_test]
async fn when_the_tab_that_led_is_closed_the_next_one_sends_what_is_left() {
    let name = name("closed");
    let first = Tab::open(&name).await;
    first.leads().await;
    let second = Tab::open(&name).await;
    first.keeps([on_its_way(pending(1)), on_its_way(pending(2)), Keep::NoPending(pending(1).cid)]);
    first.close();
    second.leads().await;
    assert_eq!(second.leads_with(), [pending(2).cid]);
}

#[wasm_bindgen_test]
async fn other_tabs_learn_of_a_command_when_it_is_kept_and_when_it_is_done() {
    let name = name("shared");
    let first = Tab::open(&name).await;
    let second = Tab::open(&name).await;
    first.keeps([on_its_way(pending(1))]);
    second.until("the command", |news| *news == News::Shared(Box::new(Shared::Put(Box::new(pending(1)))))).await;
    first.keeps([Keep::NoPending(pending(1).cid)]);
    second.until("its end", |news| *news == News::Shared(Box::new(Shared::Drop(pending(1).cid)))).await;
    assert!(!first.heard.borrow().iter().any(|news| matches!(news, News::Shared(_))), "nobody tells themselves");
}
