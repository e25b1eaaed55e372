//! Which lesson is open, and what has happened in it.

use super::Effect;
use crate::lean::dom::{Node, with_class};
use crate::lean::port::{Said, Told};
use crate::lean::program::Program;

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The page tells something.
    Page(Told),
    /// Back to the console.
    Leave,
}

/// The lessons.
#[derive(Debug, Default)]
pub struct Lessons {
    /// What the page has told.
    pub page: Told,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
}

impl Program for Lessons {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, _now: f64, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Page(told) => self.page = told,
            Msg::Leave => self.effects.push(Effect::Say(Said::Place(String::new()))),
        }
        std::mem::take(&mut self.effects)
    }

    fn told(told: Told) -> Msg {
        Msg::Page(told)
    }

    fn key(&self, _key: &str) -> Option<Msg> {
        None
    }

    fn wants_frames(&self) -> bool {
        false
    }

    fn view(&self) -> Node<Msg> {
        if !self.page.shown || !self.page.place.starts_with("lessons") {
            return Node::Nothing;
        }
        with_class("div", "app app--wb").child(with_class("main", "lesson").text(self.page.place.clone())).into()
    }
}
