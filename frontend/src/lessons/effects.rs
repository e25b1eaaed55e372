//! What a lesson wants done, done.

use super::{Lessons, Msg};
use crate::lean::port::{self, Said};
use crate::lean::program::{Run, Tell};

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the page.
    Say(Said),
}

/// Does it.
pub struct Runner {
    _tell: Tell<Msg>,
}

impl Runner {
    /// Nothing is under way.
    #[must_use]
    pub fn new(tell: Tell<Msg>) -> Self {
        Self { _tell: tell }
    }
}

impl Run<Lessons> for Runner {
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Say(said) => port::say(&said),
        }
    }

    fn frame(&mut self) -> Option<Msg> {
        None
    }
}
