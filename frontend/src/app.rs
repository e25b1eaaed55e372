//! The root component: joins the state, the effects and the views.
//!
//! Everything that happens arrives as a [`Msg`], in order. The first change after a quiet frame is drawn at once;
//! whatever else happens within the same animation frame is drawn together in the next one, so that a burst costs a
//! frame and a single message no delay. What the wire panel alone shows is drawn there alone. While a room is being caught up, what is half there is not drawn again and again.

use yew::{Callback, Component, Context, Html};

use crate::effects::{Runner, browser};
use crate::next_frame::NextFrame;
use crate::socket::Event;
use crate::state::{Action, Look, Now, State};
use crate::views;
use crate::views::live::Live;

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
    live: Live,
    frame: Option<NextFrame>,
    stale: bool,
    /// Whether the wire panel waits to be drawn.
    stirred: bool,
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
            live: Live::default(),
            frame: None,
            stale: false,
            stirred: false,
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
                self.stirred |= self.state.take_stirred();
                return if std::mem::take(&mut self.stale) {
                    self.draw(ctx)
                } else {
                    self.draw_panel(ctx);
                    false
                };
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
        if self.state.take_dirty() {
            return self.draw(ctx);
        }
        self.stirred |= self.state.take_stirred();
        self.draw_panel(ctx);
        false
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        views::screen(&self.state, &self.act, &self.live)
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
        // The panel is drawn with the page.
        self.stirred = false;
        self.state.take_stirred();
        true
    }

    /// Draws the wire panel alone, once in a frame like the page.
    fn draw_panel(&mut self, ctx: &Context<Self>) {
        if self.stirred && self.frame.is_none() {
            self.stirred = false;
            self.wait_for_frame(ctx);
            views::stirred(&self.state, &self.act, &self.live);
        }
    }

    fn wait_for_frame(&mut self, ctx: &Context<Self>) {
        self.frame = Some(NextFrame::new(ctx.link().callback(|()| Msg::Frame)));
    }
}
