//! The root component: joins the state, the effects and the views.
//!
//! Everything that happens arrives as a [`Msg`], in order. The first change after a quiet frame is drawn at once;
//! whatever else happens within the same animation frame is drawn together in the next one, so that a burst costs a
//! frame and a single message no delay. While a room is being caught up, what is half there is not drawn again and again.

use yew::{Callback, Component, Context, Html};

use crate::effects::{Runner, browser};
use crate::next_frame::NextFrame;
use crate::socket::Event;
use crate::state::{Action, Look, Now, State};
use crate::views;

/// Everything that happens to the page.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a message is moved once, from who tells it to the state")]
pub enum Msg {
    /// The socket of this generation said something.
    Socket(u32, Event),
    /// A person did something, or the browser reports something.
    Ui(Action),
    /// The engine's deadline has passed.
    Timer,
    /// Time to look at the socket.
    Sample,
    /// The frame in which something was drawn is over.
    Frame,
}

/// The page.
#[derive(Debug)]
pub struct App {
    state: State,
    runner: Runner,
    act: Callback<Action>,
    frame: Option<NextFrame>,
    stale: bool,
    drawn_at: Now,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        link.send_message(Msg::Ui(Action::Start));
        link.send_message(Msg::Ui(Look::MayNotify(browser::may_notify()).into()));
        if let Some((room, seq)) = browser::place_in_address() {
            link.send_message(Msg::Ui(Look::Arrive(room, seq).into()));
        }
        Self {
            state: State::new(&browser::setup()),
            runner: Runner::new(link.callback(|msg| msg)),
            act: link.callback(Msg::Ui),
            frame: None,
            stale: false,
            drawn_at: Now::default(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Socket(generation, _) if !self.runner.is_present(generation) => return false,
            Msg::Frame => {
                self.frame = None;
                if self.stale && self.state.is_catching_up(browser::now(), self.drawn_at) {
                    self.wait_for_frame(ctx);
                    return false;
                }
                return std::mem::take(&mut self.stale) && self.draw(ctx);
            }
            Msg::Sample => {}
            Msg::Socket(_, event) => {
                // `protocol` and `extensions` are settled by now, and the log wants them beside the event.
                self.sample();
                self.reduce(Action::Socket(event));
            }
            Msg::Ui(action) => self.reduce(action),
            Msg::Timer => {
                let slept = self.runner.timer_fired();
                self.reduce(Action::Tick);
                if slept {
                    self.reduce(Action::Wake);
                }
            }
        }
        self.sample();
        self.runner.follow(&self.state);
        self.state.take_dirty() && self.draw(ctx)
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        views::screen(&self.state, &self.act)
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        self.runner.drawn();
    }
}

impl App {
    fn reduce(&mut self, action: Action) {
        let effects = self.state.reduce(browser::now(), action);
        self.runner.run(effects);
    }

    fn sample(&mut self) {
        let (reading, facts) = self.runner.sample();
        self.reduce(Action::Sampled(reading, facts));
    }

    /// Whether to draw now. Within a frame that has already drawn, what changes waits for the next one.
    fn draw(&mut self, ctx: &Context<Self>) -> bool {
        if self.frame.is_some() {
            self.stale = true;
            return false;
        }
        self.wait_for_frame(ctx);
        self.state.settle();
        self.drawn_at = self.state.now();
        true
    }

    fn wait_for_frame(&mut self, ctx: &Context<Self>) {
        self.frame = Some(NextFrame::new(ctx.link().callback(|()| Msg::Frame)));
    }
}
