//! The part of the page that scrolls: it draws the rows of a window, and keeps the reader's place while the window moves.
//!
//! The timeline is a reversed column, as the design has it: the newest row is at 0 and older ones are at negative places,
//! so that it stays at the newest row by itself and nothing moves while older messages load above. What lies outside of
//! the window is two empty boxes of a guessed height. Whenever rows come or go, the row that the reader sees is measured
//! before and after, and the lower box takes the difference up: where the reader is, nothing jumps, and a scroll that is
//! under way is not disturbed. Only at the newest end, where there is no lower box, the place itself is corrected.
//! (The browser's own anchoring is off: not all have it, and two would work against each other.)
//!
//! Neighbours: `timeline` draws a row, [`crate::state::window`] is what is asked here. Deliberately absent: how a row looks.

use std::cell::RefCell;
use std::rc::Rc;

use common::id::{RoomId, Seq};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, FocusEvent, FocusOptions, HtmlElement, KeyboardEvent, MouseEvent, MutationObserver, MutationObserverInit,
};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, classes, html};

use super::parts::{sends, whole};
use super::{timeline, tools};
use crate::effects::browser;
use crate::i18n::Lang;
use crate::state::timeline::Row;
use crate::state::{Action, Look, Spot};

/// Pixels from the newest row within which the reader counts as being there.
const NEAR_LATEST: i32 = 48;

/// Pixels outside of what is in sight that are kept drawn: a turn of the wheel is about 100, a page about 800.
const REACH: f64 = 700.0;

/// Pixels of a row before any was measured.
const ROW: f64 = 40.0;

/// The tallest that a box gets; browsers stop at 17 million pixels and more.
const TALLEST: f64 = 8_000_000.0;

/// Rows that are remembered as anchors: those in sight.
const ANCHORS: usize = 24;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ScrollProps {
    pub lang: Lang,
    pub room_id: RoomId,
    pub rows: Rc<[Row]>,
    pub room: String,
    /// Whether anybody may join it.
    pub open: bool,
    /// Events held outside of the rows.
    pub above: usize,
    pub below: usize,
    /// Whether there are older events than are held.
    pub older: bool,
    pub loading: bool,
    pub empty: bool,
    /// Whether the reader has left the newest row.
    pub away: bool,
    /// Whether something was unread when the room was opened, and whether it is known to begin above.
    pub unread: bool,
    pub new_above: bool,
    /// Whether the reader may delete the messages of others.
    pub moderates: bool,
    pub act: Callback<Action>,
}

/// Where the reader is among the messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub room: RoomId,
    /// The message that was pointed at last.
    pub pointed: Option<Seq>,
    /// The message that had the focus last.
    pub focused: Option<Seq>,
    /// The message at which the keyboard enters: the one that had the focus last, else the newest.
    pub entry: Option<Seq>,
    pub moderates: bool,
}

#[derive(Debug)]
pub(super) enum Msg {
    Pointed(Option<Seq>),
    Focused(Option<Seq>),
    Scrolled,
}

/// The timeline that scrolls.
#[derive(Debug)]
pub(super) struct Scroll {
    node: NodeRef,
    pointed: Option<Seq>,
    focused: Option<Seq>,
    /// Whether the focus was on a row that is no longer drawn.
    astray: bool,
    keeper: Rc<RefCell<Keeper>>,
    /// Hears of new rows before the browser paints them; Yew may paint first and tell of it later.
    watch: Option<(MutationObserver, Closure<dyn FnMut()>)>,
}

/// Keeps the place of what is in sight.
#[derive(Debug, Default)]
struct Keeper {
    node: NodeRef,
    above: usize,
    below: usize,
    away: bool,
    /// Rows in sight before the last change, and where they were.
    anchors: Option<Vec<(Element, f64)>>,
    /// Whether the window was asked to slide on from what was in sight.
    slides: bool,
    /// Pixels of the lower box, and of an event on average.
    lower: f64,
    each: f64,
}

impl Component for Scroll {
    type Message = Msg;
    type Properties = ScrollProps;

    fn create(ctx: &Context<Self>) -> Self {
        let node = NodeRef::default();
        let keeper = Keeper { node: node.clone(), each: ROW, anchors: Some(Vec::new()), ..Keeper::default() };
        let keeper = Rc::new(RefCell::new(keeper));
        keeper.borrow_mut().expect_rows(ctx.props());
        Self { node, pointed: None, focused: None, astray: false, keeper, watch: None }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Pointed(seq) => {
                seq.is_some() && self.pointed != seq && {
                    self.pointed = seq;
                    true
                }
            }
            Msg::Focused(seq) => {
                let moved = seq.is_some() && self.focused != seq;
                self.focused = seq.or(self.focused);
                moved
            }
            Msg::Scrolled => {
                self.look(ctx.props());
                false
            }
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &ScrollProps) -> bool {
        if !Rc::ptr_eq(&ctx.props().rows, &old.rows) || ctx.props().loading != old.loading {
            self.keeper.borrow_mut().mark();
            self.astray |= browser::focus_is_in(".log > .msg[tabindex]");
        }
        self.keeper.borrow_mut().expect_rows(ctx.props());
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let ScrollProps { lang, room_id, rows, room, open, older, loading, empty, away, moderates, act, .. } =
            ctx.props();
        let words = lang.words();
        let (link, keys) = (ctx.link(), act.clone());
        let onmouseover = link.callback(|event: MouseEvent| Msg::Pointed(tools::message_at(event.target())));
        let onfocusin = link.callback(|event: FocusEvent| Msg::Focused(tools::message_at(event.target())));
        let (focused, single) = (self.focused, browser::has_single_keys());
        let onkeydown = Callback::from(move |event: KeyboardEvent| tools::press(&event, focused, single, &keys));
        let entry = entry(rows, self.focused);
        let place =
            Place { room: *room_id, pointed: self.pointed, focused: self.focused, entry, moderates: *moderates };
        html! {
            <div class="timeline" ref={self.node.clone()} onscroll={link.callback(|_| Msg::Scrolled)}>
                <div class="log" role="log" tabindex="-1" aria-live={if *away { "off" } else { "polite" }} aria-relevant="additions" aria-label={(words.messages_in)(room)} aria-busy={loading.to_string()} {onmouseover} {onfocusin} {onkeydown}>
                    <div key="above">
                        if *older {
                            <div class={classes!("older", loading.then_some("is-loading"))}>
                                if *loading {
                                    <span class="faint small">{ words.loading }</span>
                                } else {
                                    <button type="button" class="btn btn--sm btn--ghost" onclick={sends(act, Action::LoadOlder)}>{ words.gap_load }</button>
                                }
                            </div>
                        }
                        if *empty {
                            <div class="empty">
                                <i class="i i-hash i--xl" aria-hidden="true"></i>
                                <h2 class="empty__title">{ (words.empty_title)(room) }</h2>
                                <p class="empty__text">{ if *open { words.empty_text } else { words.talk.empty_closed } }</p>
                            </div>
                        }
                        <div class="log__box"></div>
                    </div>
                    { for rows.iter().map(|row| timeline::row(row, place, *lang, act)) }
                    <div key="below" class="log__box"></div>
                </div>
            </div>
        }
    }

    fn destroy(&mut self, _ctx: &Context<Self>) {
        if let Some((observer, _)) = &self.watch {
            observer.disconnect();
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            self.watch = self.watch();
        }
        self.keeper.borrow_mut().settle();
        self.keep_focus();
        self.look(ctx.props());
    }
}

impl Keeper {
    fn expect_rows(&mut self, props: &ScrollProps) {
        (self.above, self.below, self.away) = (props.above, props.below, props.away);
    }

    /// Notes where the rows in sight are, before they change.
    fn mark(&mut self) {
        let seen = self.in_sight();
        self.anchors.get_or_insert(seen);
    }

    /// The rows in sight, and where they are.
    fn in_sight(&self) -> Vec<(Element, f64)> {
        let Some((view, log)) = log_of(&self.node) else { return Vec::new() };
        let (top, bottom) = edges(&view);
        let rows = Rows::of(&log);
        let mut seen = Vec::new();
        for at in rows.first_below(top)..rows.len() {
            let Some(row) = rows.get(at) else { break };
            let (upper, _) = edges(&row);
            if upper > bottom || seen.len() >= ANCHORS {
                break;
            }
            seen.push((row, upper));
        }
        seen
    }

    /// Gives the boxes their heights, so that what was in sight stays where it was.
    fn settle(&mut self) {
        let Some((view, log)) = log_of(&self.node) else { return };
        let rows = Rows::of(&log);
        let (upper, lower) = (log.query_selector(".log__box"), rows.last_box());
        let (Ok(Some(upper)), Some(lower)) = (upper, lower) else { return };
        if let (Some(first), Some(last)) = (rows.get(0), rows.get(rows.len().saturating_sub(1))) {
            let height = edges(&last).1 - edges(&first).0;
            self.each = (self.each * 3.0 + (height / count(rows.len())).max(16.0)) / 4.0;
        }
        set_height(&upper, self.each * count(self.above));
        let was = if self.below == 0 { 0.0 } else { self.lower };
        if self.below == 0 {
            set_height(&lower, 0.0);
        }
        // Nothing came or went: the toolbar of another row, say.
        let Some(anchors) = self.anchors.take() else { return };
        let slides = std::mem::take(&mut self.slides);
        let anchor = anchors.into_iter().find(|(row, _)| row.is_connected());
        let guess = (self.each * count(self.below)).min(TALLEST);
        let Some((row, before)) = anchor else {
            if slides && self.below > 0 {
                // The reader has gone far away meanwhile, and asks anew from there.
                return;
            }
            // Nothing that was in sight is drawn: the window has jumped, and lies around the middle of what is in sight.
            let middle = f64::from(-view.scroll_top()) + f64::from(view.client_height()) / 2.0;
            let screen = f64::from(view.client_height()) / 2.0;
            // Who went to the very top sees the oldest row first.
            let half = if self.above == 0 { rows.height() - screen } else { rows.height() / 2.0 };
            self.lower = if self.below == 0 { 0.0 } else { (middle - half).max(1.0) };
            set_height(&lower, self.lower);
            return;
        };
        let moved = edges(&row).0 - before;
        if self.below == 0 {
            self.lower = 0.0;
            // At the newest row it stays there by itself.
            if self.away && moved.abs() >= 1.0 {
                scroll_by(&view, moved);
            }
            return;
        }
        let wanted = was + moved;
        // A guess that has gone far wrong is given up, and the place corrected.
        self.lower = if wanted < guess / 4.0 || wanted > guess * 4.0 + REACH { guess } else { wanted };
        set_height(&lower, self.lower);
        if (self.lower - wanted).abs() >= 1.0 {
            scroll_by(&view, wanted - self.lower);
        }
    }
}

impl Scroll {
    /// Lets the place be kept as soon as rows have come or gone, before anybody sees it.
    fn watch(&self) -> Option<(MutationObserver, Closure<dyn FnMut()>)> {
        let (_, log) = log_of(&self.node)?;
        let keeper = Rc::clone(&self.keeper);
        let heard = Closure::<dyn FnMut()>::new(move || keeper.borrow_mut().settle());
        let observer = MutationObserver::new(heard.as_ref().unchecked_ref()).ok()?;
        let children = MutationObserverInit::new();
        children.set_child_list(true);
        observer.observe_with_options(&log, &children).ok()?;
        Some((observer, heard))
    }

    /// The focus of a row that is no longer drawn waits on the timeline, and goes back when the row is drawn again.
    fn keep_focus(&mut self) {
        let Some((_, log)) = log_of(&self.node).filter(|_| self.astray) else { return };
        let has = browser::page().active_element();
        if has.as_ref().is_some_and(|has| *has != log && !has.matches("body").unwrap_or_default()) {
            // It is still there, or somebody has gone elsewhere.
            self.astray = false;
            return;
        }
        let row = self.focused.and_then(|seq| browser::page().get_element_by_id(&format!("m{}", seq.0)));
        let calm = FocusOptions::new();
        calm.set_prevent_scroll(true);
        if let Some(target) = row.as_ref().unwrap_or(&log).dyn_ref::<HtmlElement>() {
            drop(target.focus_with_options(&calm));
        }
        self.astray = row.is_none();
    }

    /// Looks where the reader is, and asks for what comes into sight.
    fn look(&self, props: &ScrollProps) {
        let Some((view, log)) = log_of(&self.node) else { return };
        let (at, rows, each) = (view.scroll_top(), Rows::of(&log), self.keeper.borrow().each);
        let latest = at >= -NEAR_LATEST && props.below == 0;
        if latest == props.away {
            props.act.emit(Action::AtLatest(latest));
        }
        let (top, bottom) = edges(&view);
        let (Some(first), Some(last)) = (rows.get(0), rows.get(rows.len().saturating_sub(1))) else { return };
        let (upper, lower) = (edges(&first).0, edges(&last).1);
        self.look_for_new(props, &rows, top);
        if props.above > 0 && upper > top - REACH || props.below > 0 && lower < bottom + REACH {
            let spot = if props.below > 0 && at >= -NEAR_LATEST {
                // Who went to the very end wants the newest row, wherever the guess of the heights would lead.
                Some(Spot::Nth(usize::MAX))
            } else if upper > bottom || lower < top {
                let events = count(props.above) - (upper - (top + bottom) / 2.0) / each.max(1.0);
                let beyond = (top + bottom) / 2.0 - lower;
                let held = count(props.above + rows.len());
                Some(Spot::Nth(place(if beyond > 0.0 { held + beyond / each.max(1.0) } else { events })))
            } else {
                let middle = rows.first_below((top + bottom) / 2.0);
                let near = props.rows.iter().skip(middle).find_map(Row::seq);
                near.or_else(|| props.rows.iter().take(middle).rev().find_map(Row::seq)).map(Spot::Seq)
            };
            self.keeper.borrow_mut().slides = matches!(spot, Some(Spot::Seq(_)));
            spot.into_iter().for_each(|spot| props.act.emit(Look::Slide(spot).into()));
        } else if props.older && !props.loading && at < 0 && props.above == 0 && upper > top - REACH {
            props.act.emit(Action::LoadOlder);
        }
        self.look_for_gaps(props, &rows, (top, bottom));
    }

    /// Whether what was unread begins above what is in sight.
    fn look_for_new(&self, props: &ScrollProps, rows: &Rows, top: f64) {
        let new = props.rows.iter().position(|row| matches!(row, Row::New));
        let above = props.unread && new.and_then(|at| rows.get(at)).is_none_or(|row| edges(&row).1 < top);
        if above != props.new_above {
            props.act.emit(Look::NewAbove(above).into());
        }
    }

    /// Loads what is missing from the side on which the reader comes.
    fn look_for_gaps(&self, props: &ScrollProps, rows: &Rows, (top, bottom): (f64, f64)) {
        for (at, row) in props.rows.iter().enumerate() {
            let Row::Gap { upto, count, loading: false, .. } = row else { continue };
            let Some((upper, lower)) = rows.get(at).map(|row| edges(&row)) else { continue };
            if !props.away || lower < top - REACH || upper > bottom + REACH {
                continue;
            }
            let from_below = upper < (top + bottom) / 2.0;
            let after = Seq(upto.0.saturating_sub(*count));
            props.act.emit(if from_below { Action::FillGap(*upto) } else { Look::LoadNewer(after).into() });
            return;
        }
    }
}

/// What scrolls, and the log within it.
fn log_of(node: &NodeRef) -> Option<(Element, Element)> {
    let view = node.cast::<Element>()?;
    let log = view.first_element_child()?;
    Some((view, log))
}

/// The elements of the rows: all children of the log but the two that hold the boxes.
struct Rows {
    children: web_sys::HtmlCollection,
}

impl Rows {
    fn of(log: &Element) -> Self {
        Self { children: log.children() }
    }

    fn len(&self) -> usize {
        (self.children.length() as usize).saturating_sub(2)
    }

    fn get(&self, at: usize) -> Option<Element> {
        (at < self.len()).then(|| self.children.item(u32::try_from(at + 1).unwrap_or_default())).flatten()
    }

    fn last_box(&self) -> Option<Element> {
        self.children.item(self.children.length().checked_sub(1)?)
    }

    /// The first row that ends below a place; the rows stand in order.
    fn first_below(&self, place: f64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(|row| edges(&row).1 > place) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    fn height(&self) -> f64 {
        match (self.get(0), self.get(self.len().saturating_sub(1))) {
            (Some(first), Some(last)) => edges(&last).1 - edges(&first).0,
            _ => 0.0,
        }
    }
}

/// Upper and lower edge on the screen.
fn edges(element: &Element) -> (f64, f64) {
    let rect = element.get_bounding_client_rect();
    (rect.top(), rect.bottom())
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn place(at: f64) -> usize {
    usize::try_from(whole(at)).unwrap_or_default()
}

fn set_height(element: &Element, pixels: f64) {
    let Some(style) = element.dyn_ref::<HtmlElement>().map(HtmlElement::style) else { return };
    drop(if pixels < 1.0 {
        style.remove_property("height").map(drop)
    } else {
        style.set_property("height", &format!("{}px", whole(pixels.min(TALLEST))))
    });
}

fn scroll_by(view: &Element, pixels: f64) {
    view.set_scroll_top(view.scroll_top() + i32::try_from(whole(pixels)).unwrap_or_default());
}

fn entry(rows: &[Row], focused: Option<Seq>) -> Option<Seq> {
    let open = |row: &Row| row.message().filter(|message| !message.is_gone()).and_then(|message| message.seq);
    let there = |seq: &Seq| rows.iter().any(|row| open(row) == Some(*seq));
    focused.filter(there).or_else(|| rows.iter().rev().find_map(open))
}
