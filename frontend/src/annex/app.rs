//! The annex's one component: it shows what the page asks for, and tells the page what people do there.
//!
//! [`Desk`] is what everything that can be shown gets: what may be known, and the ways to act.

use std::cell::Cell;
use std::rc::Rc;

use common::sync::outbox::What;
use gloo_events::EventListener;
use yew::{Callback, Component, Html, html};

use super::port::{Context, Open, Outcome, Said, Section, Tell};
use super::{auth, leave, panels, post, settings};
use crate::i18n::Lang;

/// What everything in the annex gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// What may be known.
    pub context: Rc<Context>,
    /// What became of commands, by their numbers.
    pub answers: Rc<Vec<(u32, Outcome)>>,
    /// Tells the page. [`Said::Dismissed`] closes what is shown, and so does signing in or out.
    pub say: Callback<Said>,
    /// Shows something else in the annex.
    pub open: Callback<Open>,
    numbers: Rc<Cell<u32>>,
}

impl Desk {
    /// A desk by itself, for tests.
    #[must_use]
    pub fn new(context: Context, say: Callback<Said>) -> Self {
        Self { context: Rc::new(context), answers: Rc::default(), say, open: Callback::noop(), numbers: Rc::default() }
    }

    /// The language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.context.lang
    }

    /// Puts a command into the outbox, and returns the number under which [`Desk::answer`] will be found.
    pub fn command(&self, what: What) -> u32 {
        let id = self.numbers.get() + 1;
        self.numbers.set(id);
        self.say.emit(Said::Command { id, what: Box::new(what) });
        id
    }

    /// What became of a command; none while it is on its way.
    #[must_use]
    pub fn answer(&self, id: u32) -> Option<&Outcome> {
        self.answers.iter().find(|(answered, _)| *answered == id).map(|(_, outcome)| outcome)
    }

    /// Closes what is shown.
    #[must_use]
    pub fn dismiss<E: 'static>(&self) -> Callback<E> {
        self.say.reform(|_| Said::Dismissed)
    }
}

/// Everything that happens to the annex.
#[derive(Debug)]
pub enum Msg {
    /// The page tells something.
    Told(Tell),
    /// Somebody did something here.
    Said(Said),
    /// Something here wants something else shown.
    Open(Open),
}

/// The annex.
#[derive(Debug)]
pub struct Annex {
    open: Option<Open>,
    desk: Desk,
    /// Counts what was shown, so that each starts anew.
    turn: u32,
    _heard: EventListener,
}

impl Component for Annex {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &yew::Context<Self>) -> Self {
        let told = ctx.link().callback(Msg::Told);
        Self {
            open: None,
            desk: Desk {
                open: ctx.link().callback(Msg::Open),
                ..Desk::new(Context::default(), ctx.link().callback(Msg::Said))
            },
            turn: 0,
            _heard: post::on_tell(move |tell| told.emit(tell)),
        }
    }

    fn update(&mut self, _ctx: &yew::Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Told(Tell::Open(open, context)) => {
                self.desk.context = Rc::from(context);
                self.show(Some(open));
            }
            Msg::Told(Tell::Updated(context)) => self.desk.context = Rc::from(context),
            Msg::Told(Tell::Answered { id, outcome }) => Rc::make_mut(&mut self.desk.answers).push((id, outcome)),
            Msg::Told(Tell::Close) => self.show(None),
            Msg::Open(open) => self.show(Some(open)),
            Msg::Said(said) => {
                if matches!(said, Said::Dismissed | Said::SignedIn | Said::SignedOut | Said::Try(_)) {
                    self.show(None);
                }
                post::say(&said);
            }
        }
        true
    }

    fn view(&self, _ctx: &yew::Context<Self>) -> Html {
        match &self.open {
            None => html! {},
            // No element around it: a dialog has to be closed while it is in the page, to give the focus back.
            Some(open) => html! { <key={self.turn}>{ view(open, &self.desk) }</> },
        }
    }
}

impl Annex {
    fn show(&mut self, open: Option<Open>) {
        self.turn = self.turn.wrapping_add(1);
        self.open = open;
        self.desk.answers = Rc::default();
    }
}

/// What is shown.
fn view(open: &Open, desk: &Desk) -> Html {
    match open {
        Open::Settings(section) => html! { <settings::Settings desk={desk.clone()} section={*section} /> },
        Open::Invites => html! { <settings::Settings desk={desk.clone()} section={Section::Invites} /> },
        Open::SignIn { ended, guests } => auth::sign_in(desk, *ended, *guests),
        Open::SetUp { token } => auth::set_up(desk, token),
        Open::Join { token } => auth::join(desk, token),
        Open::Rooms => html! { <panels::browse::Browse desk={desk.clone()} /> },
        Open::NewRoom => html! { <panels::new_room::NewRoom desk={desk.clone()} /> },
        Open::Leave(room) => leave::view(desk, *room),
        Open::RoomSettings(room) => {
            html! { <panels::room_settings::RoomSettings desk={desk.clone()} room={*room} /> }
        }
        Open::People(room) => html! { <panels::people::People desk={desk.clone()} room={*room} /> },
        Open::Person(user) => html! { <panels::person::Person desk={desk.clone()} user={*user} /> },
        Open::Switcher => html! { <panels::switcher::Switcher desk={desk.clone()} /> },
        Open::Search { query, room } => {
            html! { <panels::search::Search desk={desk.clone()} query={query.clone()} room={*room} /> }
        }
        Open::Emoji(what_for) => html! { <panels::emoji::EmojiPicker desk={desk.clone()} what_for={*what_for} /> },
        Open::Shortcuts => html! { <panels::shortcuts::Shortcuts desk={desk.clone()} /> },
        Open::DirectNew => html! { <panels::new_direct::NewDirect desk={desk.clone()} /> },
    }
}
