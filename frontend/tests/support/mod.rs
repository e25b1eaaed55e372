//! What the browser tests share: a place in the document, and waiting for it to change.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::cell::RefCell;
use std::rc::Rc;

use common::id::{Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event as RoomEvent, EventKind, Person, RoomInfo};
use common::server::{Limits, ServerMsg};
use frontend::i18n::Lang;
use frontend::socket::Event;
use frontend::state::{Action, Answer, Effect, News, Now, Setup, State, Theme};
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::{Callback, Component, Context, Html};

/// Where the scripted peer listens: `cargo run --example ws_peer` in `backend`. Where its port is another's,
/// `cargo xtask test` says which it has instead.
pub(crate) const PEER: &str = match option_env!("READYROOM_PEER") {
    Some(elsewhere) => elsewhere,
    None => "ws://127.0.0.1:4517/",
};

/// Milliseconds after which a test gives up.
const PATIENCE_MS: u32 = 60_000;

pub(crate) const ROOM: RoomId = RoomId(7);

/// A fresh place in the document.
pub(crate) fn place() -> Element {
    let page = web_sys::window().unwrap().document().unwrap();
    let place = page.create_element("div").unwrap();
    page.body().unwrap().append_child(&place).unwrap();
    place
}

/// Comes back when `done` is true of the document; it is asked again after each animation frame.
pub(crate) async fn until(what: &str, done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            frame().await;
        }
    };
    match select(Box::pin(wait), TimeoutFuture::new(PATIENCE_MS)).await {
        Either::Left(_) => {}
        Either::Right(_) => panic!(
            "waited in vain: {what}\n{}",
            web_sys::window().unwrap().document().unwrap().body().unwrap().inner_text()
        ),
    }
}

/// Comes back when what happened so far has been drawn, and what that leads to as well.
pub(crate) async fn settled() {
    for _ in 0..3 {
        frame().await;
    }
}

async fn frame() {
    let mut drawn = |resolve: js_sys::Function, _reject: js_sys::Function| {
        web_sys::window().unwrap().request_animation_frame(&resolve).unwrap();
    };
    let promise = js_sys::Promise::new(&mut drawn);
    wasm_bindgen_futures::JsFuture::from(promise).map(drop).await;
}

pub(crate) fn find(place: &Element, selector: &str) -> Option<HtmlElement> {
    place.query_selector(selector).unwrap().map(|element| element.dyn_into().unwrap())
}

pub(crate) fn count(place: &Element, selector: &str) -> u32 {
    place.query_selector_all(selector).unwrap().length()
}

pub(crate) fn text(place: &Element, selector: &str) -> String {
    find(place, selector).map(|element| element.inner_text()).unwrap_or_default()
}

pub(crate) fn me() -> Person {
    Person { id: UserId(3), name: "Maya Okafor".into() }
}

pub(crate) fn setup() -> Setup {
    Setup {
        seed: 7,
        zone: |_| 0,
        lang: Lang::En,
        theme: Theme::Auto,
        keys: true,
        entrance: None,
        beside: None,
        wide: true,
        wire_open: true,
        person: None,
        room: Some(ROOM),
        offer: true,
        split: false,
    }
}

/// A page without effects: what it wants done is written down, and what happens to it is told.
pub(crate) struct Stage {
    state: State,
    live: frontend::views::live::Live,
    script: Script,
}

/// What a test shares with the page on its stage.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) effects: Rc<RefCell<Vec<Effect>>>,
    link: Rc<RefCell<Option<Callback<Action>>>>,
    clock: Rc<RefCell<u64>>,
    drawings: Rc<RefCell<u32>>,
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.effects, &other.effects)
    }
}

#[derive(PartialEq, yew::Properties)]
pub(crate) struct StageProps {
    pub(crate) script: Script,
}

impl Component for Stage {
    type Message = Action;
    type Properties = StageProps;

    fn create(ctx: &Context<Self>) -> Self {
        let script = ctx.props().script.clone();
        *script.link.borrow_mut() = Some(ctx.link().callback(|action| action));
        Self { state: State::new(&setup()), live: frontend::views::live::Live::default(), script }
    }

    fn update(&mut self, ctx: &Context<Self>, action: Action) -> bool {
        *self.script.clock.borrow_mut() += 1;
        let date = Timestamp(1_763_370_000_000 + *self.script.clock.borrow());
        #[expect(clippy::cast_precision_loss, reason = "a test is short")]
        let precise = *self.script.clock.borrow() as f64;
        let effects = self.state.reduce(Now { date, precise }, action);
        self.script.effects.borrow_mut().extend(effects);
        self.state.settle();
        if self.state.take_stirred() {
            let act = ctx.link().callback(|action| action);
            frontend::views::stirred(&self.state, &act, &self.live);
        }
        self.state.take_dirty()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        *self.script.drawings.borrow_mut() += 1;
        frontend::views::screen(&self.state, &ctx.link().callback(|action| action), &self.live)
    }
}

impl Script {
    /// Puts a page on its stage.
    pub(crate) fn open() -> (Self, Element) {
        let script =
            Self { effects: Rc::default(), link: Rc::default(), clock: Rc::default(), drawings: Rc::default() };
        let place = place();
        yew::Renderer::<Stage>::with_root_and_props(place.clone(), StageProps { script: script.clone() }).render();
        (script, place)
    }

    pub(crate) fn does(&self, action: Action) {
        self.link.borrow().as_ref().expect("the page is drawn").emit(action);
    }

    pub(crate) fn hears(&self, msg: &ServerMsg) {
        self.does(Action::Socket(Event::Text(common::codec::encode_server(msg))));
    }

    /// Welcomes the page into one room.
    pub(crate) async fn welcome(&self) {
        until("the page is drawn", || self.link.borrow().is_some()).await;
        self.does(Action::Start);
        self.does(Action::Answer(Answer::Me(Ok(me()))));
        self.does(Action::Device(me().id, News::Ready));
        self.does(Action::Socket(Event::Open));
        self.hears(&ServerMsg::Welcome {
            epoch: Epoch("e".into()),
            me: me(),
            role: common::model::Role::Member,
            limits: Limits::default(),
            now: Timestamp(0),
            user_seq: 0,
            rooms: vec![RoomInfo {
                id: ROOM,
                name: "backend".into(),
                head: Seq(0),
                n: 0,
                members: 2,
                read_n: 0,
                mentions: 0,
                muted: false,
                ..RoomInfo::new(RoomId(1), "")
            }],
        });
    }

    pub(crate) fn says(&self, seq: u64, by: u64, body: &str) {
        let kind = EventKind::Message { n: seq, body: body.into(), mentions: Vec::new(), everyone: None, reply: None };
        let at = Timestamp(1_763_370_000_000);
        let event = RoomEvent {
            room: ROOM,
            seq: Seq(seq),
            at,
            by: UserId(by),
            name: format!("Person {by}"),
            bot: false,
            cid: None,
            kind,
        };
        self.hears(&ServerMsg::Event(event));
    }

    /// How often the page as a whole has been drawn.
    pub(crate) fn drawings(&self) -> u32 {
        *self.drawings.borrow()
    }

    /// Whether the page wanted this done.
    pub(crate) fn wanted(&self, is: impl Fn(&Effect) -> bool) -> bool {
        self.effects.borrow().iter().any(is)
    }
}
