//! The frame log: every frame in and out, and the life of the socket between them.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use web_sys::MouseEvent;
use yew::{
    Callback, Html, Properties, UseStateHandle, classes, component, hook, html, use_effect, use_mut_ref, use_state,
};

use crate::browser_text;
use crate::calendar::{Local, Zone};
use crate::i18n::{Catalogue, Lang, grouped, size_text};
use crate::json::pretty;
use crate::next_frame::NextFrame;
use crate::socket::ReadyState;
use crate::state::Action;
use crate::state::note::Note;
use crate::state::wire::{Line, What, Wire};
use crate::views::parts::{icon, icon_sm, input_value, sends, sig, tone};

/// Lines that are drawn at first, and that each wish for earlier ones adds: a thousand rows would make every frame that
/// passes cost tens of milliseconds.
const PAGE_LINES: usize = 120;

/// Lines that are compared together when one of them is new.
const BLOCK_LINES: u64 = 16;

/// Characters of a frame in its row.
const ROW_CHARS: usize = 160;

/// The log at one moment. Two are the same when they begin and end with the same lines, which spares a comparison of
/// a thousand.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    lines: VecDeque<Rc<Line>>,
    sent: u64,
    received: u64,
}

impl Lines {
    pub(super) fn of(wire: &Wire) -> Self {
        Self { lines: wire.lines.clone(), sent: wire.sent, received: wire.received }
    }

    fn ends(&self) -> (Option<u64>, Option<u64>) {
        (self.lines.front().map(|line| line.id), self.lines.back().map(|line| line.id))
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        self.ends() == other.ends() && (self.sent, self.received) == (other.sent, other.received)
    }
}

#[derive(Debug, Clone, Properties)]
pub(super) struct FramesProps {
    pub lang: Lang,
    pub zone: Zone,
    pub lines: Lines,
    pub act: Callback<Action>,
}

impl PartialEq for FramesProps {
    fn eq(&self, other: &Self) -> bool {
        // The zone never changes while the page lives.
        self.lang == other.lang && self.lines == other.lines && self.act == other.act
    }
}

/// The log with its tools: filter, pause, clear.
#[component]
pub(super) fn Frames(props: &FramesProps) -> Html {
    let words = props.lang.words();
    let filter = use_state(|| None::<String>);
    let paused = use_state(|| None::<Lines>);
    let latest = use_afterwards(&props.lines);
    let lines = (*paused).clone().unwrap_or(latest);
    html! {
        <section class="frames" aria-labelledby="wire-frames">
            <div class="frames__head">
                <h3 class="sec-title" id="wire-frames">{ words.frames }{ " " }
                    <span class="faint num plain">{ icon_sm("up") }{ " " }{ grouped(props.lines.sent) }{ "\u{2002}" }{ icon_sm("dn") }{ " " }{ grouped(props.lines.received) }</span>
                </h3>
                { tools(props, &filter, &paused) }
            </div>
            if let Some(text) = &*filter {
                <div class="frames__filter"><input class="input input--mono" type="search" placeholder={words.filter_frames} aria-label={words.filter_frames} value={text.clone()} oninput={
                    let filter = filter.clone();
                    Callback::from(move |event| filter.set(Some(input_value(&event))))
                } /></div>
            }
            <div class="frames__list" tabindex="0" role="log" aria-live="off" aria-label={words.frame_log}>
                <List lang={props.lang} zone={props.zone} act={props.act.clone()} {lines} wanted={(*filter).clone().unwrap_or_default()} />
            </div>
        </section>
    }
}

/// Lines as they were when the last animation frame began. The conversation is drawn first and the log behind it, so
/// that watching the wire costs no message its time.
#[hook]
fn use_afterwards(lines: &Lines) -> Lines {
    let drawn = use_state(|| lines.clone());
    let latest = use_mut_ref(|| lines.clone());
    let waiting = use_mut_ref(|| None::<(NextFrame, Rc<Cell<bool>>)>);
    latest.borrow_mut().clone_from(lines);
    let shown = (*drawn).clone();
    let behind = shown != *lines;
    use_effect(move || {
        let waits = waiting.borrow().as_ref().is_some_and(|(_, over)| !over.get());
        if behind && !waits {
            let over = Rc::new(Cell::new(false));
            let told = Rc::clone(&over);
            let tell = Callback::from(move |()| {
                told.set(true);
                drawn.set(latest.borrow().clone());
            });
            *waiting.borrow_mut() = Some((NextFrame::new(tell), over));
        }
    });
    shown
}

#[derive(Debug, Clone, Properties)]
struct ListProps {
    lang: Lang,
    zone: Zone,
    act: Callback<Action>,
    lines: Lines,
    /// What the lines must contain to be shown.
    wanted: String,
}

impl PartialEq for ListProps {
    fn eq(&self, other: &Self) -> bool {
        // Neither the zone nor where actions go changes while the page lives.
        self.lang == other.lang && self.lines == other.lines && self.wanted == other.wanted
    }
}

/// The lines themselves, in blocks: when a line comes, only the block that it joins is compared.
#[component]
fn List(props: &ListProps) -> Html {
    let words = props.lang.words();
    let limit = use_state(|| PAGE_LINES);
    let wanted = browser_text::lower(&props.wanted);
    let lines: Vec<&Rc<Line>> = props.lines.lines.iter().filter(|line| matches(line, &wanted)).collect();
    let same_block = |a: &&Rc<Line>, b: &&Rc<Line>| a.id / BLOCK_LINES == b.id / BLOCK_LINES;
    let mut drawn = 0;
    let mut blocks: Vec<Html> = lines
        .chunk_by(same_block)
        .rev()
        .take_while(|block| {
            let wanted = drawn < *limit;
            drawn += if wanted { block.len() } else { 0 };
            wanted
        })
        .map(|block| view_block(props, block))
        .collect();
    blocks.reverse();
    let earlier = (drawn < lines.len()).then(|| {
        let limit = limit.clone();
        Callback::from(move |_: MouseEvent| limit.set(*limit + PAGE_LINES))
    });
    html! {
        <div>
            if let Some(onclick) = earlier {
                <button key="earlier" type="button" class="btn btn--sm btn--ghost btn--wide" {onclick}>{ words.earlier }</button>
            }
            { for blocks }
            if props.lines.lines.is_empty() {
                <p class="frames__none faint small">{ words.no_frames }</p>
            }
        </div>
    }
}

fn view_block(props: &ListProps, block: &[&Rc<Line>]) -> Html {
    let key = block.first().map_or(0, |line| line.id / BLOCK_LINES);
    let lines: Vec<Rc<Line>> = block.iter().map(|line| Rc::clone(line)).collect();
    html! { <Block {key} lang={props.lang} zone={props.zone} act={props.act.clone()} {lines} /> }
}

#[derive(Debug, Clone, Properties)]
struct BlockProps {
    lang: Lang,
    zone: Zone,
    act: Callback<Action>,
    lines: Vec<Rc<Line>>,
}

impl PartialEq for BlockProps {
    fn eq(&self, other: &Self) -> bool {
        // Lines never change, and neither does the zone, nor where actions go, while the page lives.
        let ids = |props: &Self| props.lines.iter().map(|line| line.id).collect::<Vec<_>>();
        self.lang == other.lang && ids(self) == ids(other)
    }
}

#[component]
fn Block(props: &BlockProps) -> Html {
    html! { <>{ for props.lines.iter().map(|line| view_line(props, line)) }</> }
}

fn tools(props: &FramesProps, filter: &UseStateHandle<Option<String>>, paused: &UseStateHandle<Option<Lines>>) -> Html {
    let words = props.lang.words();
    let toggle_filter = {
        let filter = filter.clone();
        Callback::from(move |_: MouseEvent| filter.set(if filter.is_some() { None } else { Some(String::new()) }))
    };
    let toggle_pause = {
        let (paused, lines) = (paused.clone(), props.lines.clone());
        Callback::from(move |_: MouseEvent| paused.set(if paused.is_some() { None } else { Some(lines.clone()) }))
    };
    html! {
        <>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={words.filter} aria-pressed={filter.is_some().to_string()} onclick={toggle_filter}>{ icon_sm("filter") }</button>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={words.pause} aria-pressed={paused.is_some().to_string()} onclick={toggle_pause}>{ icon_sm(if paused.is_some() { "play" } else { "pause" }) }</button>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={words.clear} onclick={sends(&props.act, Action::ClearLog)}>{ icon_sm("trash") }</button>
        </>
    }
}

fn matches(line: &Line, wanted: &str) -> bool {
    match &line.what {
        _ if wanted.is_empty() => true,
        What::Frame { name, text, .. } => name.contains(wanted) || browser_text::lower(text).contains(wanted),
        What::Dial { .. } => "new websocket".contains(wanted),
        What::Open { protocol } => "open".contains(wanted) || protocol.contains(wanted),
        What::Said { code, reason } => browser_text::lower(&format!("close() {code} {reason}")).contains(wanted),
        What::Error => "error".contains(wanted),
        What::Note(note) => note.name().contains(wanted),
        What::Closed(closed) => {
            browser_text::lower(&format!("close {} {}", closed.code, closed.reason)).contains(wanted)
        }
    }
}

fn view_line(props: &BlockProps, line: &Rc<Line>) -> Html {
    let time = Local::at(line.at, props.zone).fine();
    match &line.what {
        What::Frame { .. } => {
            html! { <Frame key={line.id} lang={props.lang} act={props.act.clone()} {time} line={Rc::clone(line)} /> }
        }
        What::Note(note) => view_note(props.lang.words(), line.id, *note, &time),
        What::Dial { .. } | What::Open { .. } | What::Said { .. } | What::Error | What::Closed(_) => {
            view_life(props.lang.words(), line, &time)
        }
    }
}

/// A line of the socket's life.
fn view_life(words: &'static Catalogue, line: &Line, time: &str) -> Html {
    let (state, kind, data) = match &line.what {
        What::Dial { attempt: 0 } | What::Frame { .. } | What::Note(_) => {
            (ReadyState::Connecting, "new WebSocket", String::new())
        }
        What::Dial { attempt } => (ReadyState::Connecting, "new WebSocket", (words.attempt)(*attempt)),
        What::Open { protocol } => (ReadyState::Open, "open", format!("protocol \"{protocol}\"")),
        What::Said { code, reason } => (ReadyState::Closing, "close()", format!("{code} \"{reason}\"")),
        What::Error => (ReadyState::Closed, "error", words.no_detail.to_owned()),
        What::Closed(closed) => {
            let reason = if closed.reason.is_empty() { String::new() } else { format!(" \"{}\"", closed.reason) };
            let cause = (words.cause)(closed.code, "");
            (ReadyState::Closed, "close", format!("{}{reason} wasClean {} · {cause}", closed.code, closed.was_clean))
        }
    };
    html! {
        <div key={line.id} class={classes!("frame", "frame--ctl", tone(Some(state)))} title={format!("{kind} {data}")}>
            { sig(state) }
            <span class="frame__time">{ time.to_owned() }</span>
            <span class="frame__data"><span class="frame__kind tone">{ kind }</span>{ data }</span>
            <span class="frame__size"></span>
        </div>
    }
}

/// A line that tells what the page found out, or what was done on purpose.
fn view_note(words: &'static Catalogue, key: u64, note: Note, time: &str) -> Html {
    let (kind, data) = (note.name(), (words.changes.note)(note));
    html! {
        <div {key} class="frame frame--ctl frame--note" title={data.clone()}>
            { icon("info") }
            <span class="frame__time">{ time.to_owned() }</span>
            <span class="frame__data"><span class="frame__kind">{ kind }</span>{ data }</span>
            <span class="frame__size"></span>
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FrameProps {
    lang: Lang,
    act: Callback<Action>,
    time: String,
    line: Rc<Line>,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let words = props.lang.words();
    let open = use_state(|| false);
    let What::Frame { out, name, text, size, cut } = &props.line.what else { return html! {} };
    let toggle = {
        let open = open.clone();
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            open.set(!*open);
        })
    };
    let class =
        classes!("frame", if *out { "frame--out" } else { "frame--in" }, (*name == "error").then_some("frame--err"));
    let row: String = text.chars().take(ROW_CHARS).collect();
    html! {
        <details id={format!("f{}", props.line.id)} {class} open={*open}>
            <summary onclick={toggle}>
                { icon(if *out { "up" } else { "dn" }) }
                <span class="frame__time"><span class="sr-only">{ if *out { words.sent } else { words.received } }</span>{ &props.time }</span>
                <span class="frame__data"><span class="frame__kind">{ *name }</span>{ row }</span>
                <span class="frame__size">{ size_text(*size as u64) }</span>
            </summary>
            if *open {
                <pre>
                    { for pretty(text).into_iter().map(|(tone, text)| html! { <span class={tone.class().unwrap_or_default()}>{ text }</span> }) }
                    if *cut {
                        { "\n" }{ words.cut_short }
                    }
                </pre>
                if !*cut {
                    <button type="button" class="btn btn--sm frame__try" onclick={sends(&props.act, super::tried(text.clone()))}>{ icon_sm("plug") }{ words.open_in_workbench }</button>
                }
            }
        </details>
    }
}
