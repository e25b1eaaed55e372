//! A part of the page that can be drawn by itself.
//!
//! The wire panel shows every frame, and the page need not be drawn for each: who has the state draws the panel alone by
//! [`Live::show`]. With the page it is drawn as every other part.

use std::cell::RefCell;
use std::rc::Rc;

use yew::{Callback, Component, Context, Html, Properties};

/// The way to the part, while it is there.
#[derive(Debug, Default, Clone)]
pub struct Live(Rc<RefCell<Option<Callback<Html>>>>);

impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Live {
    /// Draws the part anew, where it is to be seen.
    pub fn show(&self, html: impl FnOnce() -> Html) {
        let part = self.0.borrow().clone();
        if let Some(part) = part {
            part.emit(html());
        }
    }
}

#[derive(Debug, Clone, Properties)]
pub(super) struct PartProps {
    pub live: Live,
    pub html: Html,
}

impl PartialEq for PartProps {
    fn eq(&self, _other: &Self) -> bool {
        // To compare would take longer than to draw.
        false
    }
}

/// What is drawn by itself.
#[derive(Debug)]
pub(super) struct Part {
    html: Html,
}

impl Component for Part {
    type Message = Html;
    type Properties = PartProps;

    fn create(ctx: &Context<Self>) -> Self {
        let PartProps { live, html } = ctx.props();
        *live.0.borrow_mut() = Some(ctx.link().callback(|html| html));
        Self { html: html.clone() }
    }

    fn update(&mut self, _ctx: &Context<Self>, html: Html) -> bool {
        self.html = html;
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, _old: &PartProps) -> bool {
        self.html = ctx.props().html.clone();
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        self.html.clone()
    }

    fn destroy(&mut self, ctx: &Context<Self>) {
        *ctx.props().live.0.borrow_mut() = None;
    }
}
