//! The page and its annex in a real browser: what one says, the other hears as it was said.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

use std::cell::RefCell;
use std::rc::Rc;

use common::id::{RoomId, Seq, UserId};
use common::model::{Level, RoomInfo, RoomRole};
use common::server::{ErrorCode, Refusal};
use common::sync::outbox::{RoomChange, What};
use common::text::{RoomName, Topic};
use frontend::annex::port::{Context, EmojiFor, Open, Outcome, Prefer, RoomLine, Said, Section, Tell};
use frontend::annex::post;
use frontend::i18n::Lang;
use frontend::state::Theme;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_page_hears_what_was_said_in_the_annex() {
    let (room, seq, user) = (RoomId(7), Seq(1_204), UserId(3));
    let command = |what| Said::Command { id: 5, what: Box::new(what) };
    let all = [
        Said::Dismissed,
        Said::Visit(room, None),
        Said::Visit(room, Some(seq)),
        command(What::Create { name: RoomName::new("tea").unwrap(), private: true }),
        command(What::Direct { people: vec![user, UserId(4)] }),
        command(What::Room { room, change: RoomChange::Topic(Topic::new("Tea, and 茶").unwrap()) }),
        command(What::Room { room, change: RoomChange::Appoint(user, RoomRole::Moderator) }),
        command(What::Leave { room }),
        Said::Insert("👋🏽".into()),
        Said::React(room, seq, "👀".into()),
        Said::Mute(room, true),
        Said::Level(room, Level::Nothing),
        Said::Prefer(Prefer::Theme(Theme::Dark)),
        Said::Prefer(Prefer::Lang(Lang::Zh)),
        Said::Prefer(Prefer::Wire(false)),
        Said::Prefer(Prefer::Keys(false)),
        Said::SignedIn,
        Said::SignedOut,
    ];
    let heard = Rc::new(RefCell::new(Vec::new()));
    let listener = {
        let heard = heard.clone();
        post::on_said(move |said| heard.borrow_mut().push(said))
    };
    all.iter().for_each(post::say);
    drop(listener);
    post::say(&Said::Dismissed);
    assert_eq!(*heard.borrow(), all);
}

#[wasm_bindgen_test]
fn the_annex_hears_what_the_page_tells() {
    let line = RoomLine { info: RoomInfo::new(RoomId(7), "tea"), unread: 2, last: common::id::Timestamp(9) };
    let context = Context { lang: Lang::Zh, theme: Theme::Light, rooms: vec![line], ..Context::default() };
    let opens = [
        Open::Settings(Section::TwoFactor),
        Open::SetUp { token: "a#b\"".into() },
        Open::Search { query: "茶 from:林".into(), room: Some(RoomId(7)) },
        Open::Emoji(EmojiFor::Message(RoomId(7), Seq(3))),
    ];
    let mut all: Vec<Tell> = opens.into_iter().map(|open| Tell::Open(open, Box::new(context.clone()))).collect();
    let refusal = Refusal::new(ErrorCode::NameTaken, "name: taken");
    all.extend([
        Tell::Updated(Box::new(context)),
        Tell::Answered { id: 5, outcome: Outcome::Done(RoomId(9)) },
        Tell::Answered { id: 6, outcome: Outcome::Refused(refusal) },
        Tell::Close,
    ]);
    let heard = Rc::new(RefCell::new(Vec::new()));
    let _listener = {
        let heard = heard.clone();
        post::on_tell(move |tell| heard.borrow_mut().push(tell))
    };
    all.iter().for_each(post::tell);
    assert_eq!(*heard.borrow(), all);
}
