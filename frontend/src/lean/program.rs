//! The loop: messages change a state, the state is drawn, and what it wants done is done.
//!
//! Messages are taken one after the other, in the order in which they come. Drawing waits for the browser's next frame,
//! and each frame is a message itself, with what its [`Run`] has seen by then.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent};

use super::dom::Node;
use super::draw::Root;
use super::port::{self, Said, Told};
use crate::effects::browser;

/// Hands a message to the program.
pub type Tell<M> = Rc<dyn Fn(M)>;

/// A state, and how it moves and looks. Pure: time comes in, effects go out.
pub trait Program: 'static {
    /// Everything that can happen.
    type Msg: 'static;
    /// Everything that can be wanted.
    type Effect;

    /// Takes what happened at `now` (milliseconds since 1970, with fractions), and returns what is to be done.
    fn update(&mut self, now: f64, msg: Self::Msg) -> Vec<Self::Effect>;
    /// The page tells something.
    fn told(told: Told) -> Self::Msg;
    /// A key was pressed outside of texts: the message, where it means something.
    fn key(&self, key: &str) -> Option<Self::Msg>;
    /// Whether the next frame shall come though nothing happens: while something moves.
    fn wants_frames(&self) -> bool;
    /// What it looks like.
    fn view(&self) -> Node<Self::Msg>;
}

/// Does what a program wants done.
pub trait Run<P: Program>: 'static {
    /// Does one thing.
    fn run(&mut self, effect: P::Effect);
    /// A frame is about to be drawn.
    fn frame(&mut self) -> Option<P::Msg>;
}

struct App<P: Program, R> {
    queue: RefCell<VecDeque<P::Msg>>,
    inner: RefCell<Inner<P, R>>,
    /// Whether a frame has been asked for.
    asked: Cell<bool>,
    frame: RefCell<Option<Closure<dyn FnMut()>>>,
}

struct Inner<P: Program, R> {
    program: P,
    runner: R,
    root: Root<P::Msg>,
}

/// Mounts a program, lets it run for as long as the page does, and tells the page that it listens.
pub fn start<P: Program, R: Run<P>>(place: Element, program: P, runner: impl FnOnce(Tell<P::Msg>) -> R) {
    let app = Rc::new_cyclic(|app: &Weak<App<P, R>>| {
        let app = app.clone();
        let tell: Tell<P::Msg> = Rc::new(move |msg| {
            if let Some(app) = app.upgrade() {
                app.take(msg);
            }
        });
        let root = Root::new(place, browser::page(), Rc::clone(&tell));
        App {
            queue: RefCell::default(),
            inner: RefCell::new(Inner { program, runner: runner(tell), root }),
            asked: Cell::default(),
            frame: RefCell::default(),
        }
    });
    let framed = Rc::clone(&app);
    *app.frame.borrow_mut() = Some(Closure::new(move || framed.framed()));
    let told = Rc::clone(&app);
    let page = port::on_tell(move |tell| told.take(P::told(tell)));
    let keys = listen_to_keys(app);
    // For as long as the page lives.
    std::mem::forget((page, keys));
    port::say(&Said::Ready);
}

/// Milliseconds since 1970, with fractions.
fn now() -> f64 {
    browser::window().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin() + clock.now())
}

impl<P: Program, R: Run<P>> Inner<P, R> {
    fn update(&mut self, msg: P::Msg) {
        for effect in self.program.update(now(), msg) {
            self.runner.run(effect);
        }
    }
}

impl<P: Program, R: Run<P>> App<P, R> {
    fn take(&self, msg: P::Msg) {
        self.queue.borrow_mut().push_back(msg);
        // Somebody further up takes it: what happens while an effect is carried out comes after it.
        let Ok(mut inner) = self.inner.try_borrow_mut() else { return };
        while let Some(msg) = { self.queue.borrow_mut().pop_front() } {
            inner.update(msg);
        }
        self.ask();
    }

    fn ask(&self) {
        if !self.asked.replace(true)
            && let Some(frame) = &*self.frame.borrow()
        {
            drop(browser::window().request_animation_frame(frame.as_ref().unchecked_ref()));
        }
    }

    fn framed(&self) {
        self.asked.set(false);
        let Ok(mut inner) = self.inner.try_borrow_mut() else { return };
        if let Some(msg) = inner.runner.frame() {
            inner.update(msg);
        }
        while let Some(msg) = { self.queue.borrow_mut().pop_front() } {
            inner.update(msg);
        }
        let view = inner.program.view();
        inner.root.draw(view);
        let more = inner.program.wants_frames();
        drop(inner);
        if more || !self.queue.borrow().is_empty() {
            self.ask();
        }
    }
}

/// Keys that mean something outside of texts.
fn listen_to_keys<P: Program, R: Run<P>>(app: Rc<App<P, R>>) -> EventListener {
    let options = gloo_events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&browser::window(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || event.default_prevented() || browser::focus_is_in("input, textarea, select, dialog") {
            return;
        }
        let msg = app.inner.try_borrow().ok().and_then(|inner| inner.program.key(&event.key()));
        if let Some(msg) = msg {
            event.prevent_default();
            app.take(msg);
        }
    })
}
