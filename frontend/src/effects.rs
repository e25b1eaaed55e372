//! The rim of the page: carries out what the state decided, and brings in what the browser reports.
//!
//! [`Runner`] owns the socket, the timers and the listeners; dropping it ends all of them. In reading order: this file
//! runs effects, `parts` loads the other modules, `errands` does what messages and the wire need done, `browser` is what
//! is asked of the window, `http` asks the server, `notices` tells of messages outside of the page, `wireline` draws
//! passing frames, `worker` lets the page start without a network.
//! Deliberately absent: decisions.

pub(crate) mod browser;
pub(crate) mod errands;
mod http;
mod notices;
mod parts;
mod wireline;
mod worker;

use common::close;
use common::id::{RoomId, Seq, Timestamp};
use common::sync::Closed;
use common::sync::keep::Keep;
use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::Callback;

use crate::annex::port::{Context, Tell};
use crate::annex::post;
use crate::app::Msg;
use crate::device::{Device, name_of};
use crate::i18n::Lang;
use crate::lean::port::{self, Told};
use crate::socket::{Event, Facts, Reading, ReadyState, Socket};
use crate::state::{Action, Deed, Effect, Errand, Look, Setting, State, Theme, keys};
use wireline::Wireline;

/// Milliseconds between two looks at the socket.
const SAMPLE_MS: u32 = 250;

/// The longest that one timer runs; a longer wait is looked at again then.
const LONGEST_TIMER_MS: u64 = 60_000;

/// Milliseconds that a timer may be late. A hidden page's timers wait up to a second, and in the end a minute; to look
/// after the connection once more then does no harm.
const SLEPT_MS: u64 = 5_000;

/// Owns everything of the page that is not state.
pub(crate) struct Runner {
    tell: Callback<Msg>,
    socket: Option<Socket>,
    generation: u32,
    ready: Option<ReadyState>,
    timer: Option<(Timestamp, Timeout)>,
    sampler: Option<Interval>,
    wireline: Wireline,
    device: Option<Device>,
    shown: Option<(String, Lang, Theme)>,
    /// Whether the rest of the program has been sent for, and the annex.
    completed: bool,
    prepared: bool,
    /// What the annex was told last, while it shows something.
    told: Option<Box<Context>>,
    /// What the Workbench was told last.
    beside: Option<Told>,
    icon: Option<(Option<ReadyState>, u64)>,
    /// What has to wait until the change is drawn.
    after: Vec<Box<dyn FnOnce()>>,
    _listeners: Vec<EventListener>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Runner {
    pub(crate) fn new(tell: Callback<Msg>) -> Self {
        let listeners = listeners(&tell);
        worker::register();
        Self {
            tell,
            socket: None,
            generation: 0,
            ready: None,
            timer: None,
            sampler: None,
            wireline: Wireline::default(),
            device: None,
            shown: None,
            completed: false,
            prepared: false,
            told: None,
            beside: None,
            icon: None,
            after: Vec::new(),
            _listeners: listeners,
        }
    }

    /// Whether an event comes from the present socket.
    pub(crate) const fn is_present(&self, generation: u32) -> bool {
        self.generation == generation
    }

    /// What the socket says of itself now; its facts only when its `readyState` has changed.
    pub(crate) fn sample(&mut self) -> (Option<Reading>, Option<Facts>) {
        let Some(socket) = &self.socket else { return (None, None) };
        let reading = socket.read();
        let changed = self.ready.replace(reading.ready) != Some(reading.ready);
        (Some(reading), changed.then(|| socket.facts()))
    }

    pub(crate) fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Dial(protocol) => self.dial(protocol),
                Effect::Send(text) => self.send(&text),
                Effect::HangUp(code, reason) => self.hang_up(code, &reason),
                Effect::Device(deed) => self.device(deed),
                Effect::Ask(ask) => http::ask(ask, self.tell.clone()),
                Effect::Keep(setting, value) => browser::keep(setting, value),
                Effect::Address(room, history) => browser::set_address(room, history),
                Effect::FocusComposer => self.after.push(Box::new(|| browser::focus(".composer__input"))),
                Effect::FocusThread => self.after.push(Box::new(|| browser::focus(".thread .composer__input"))),
                Effect::ScrollToLatest => self.after.push(Box::new(browser::scroll_to_latest)),
                Effect::Pass { out } => self.wireline.pass(out),
                Effect::LoadAnnex => parts::load_annex(&self.tell),
                Effect::Load(module) => parts::load_beside(module, &self.tell),
                Effect::TellBeside => self.beside = None,
                Effect::Place(place) => browser::set_place(&place),
                Effect::Tell(tell) => {
                    self.told = None;
                    post::tell(&tell);
                }
                Effect::Reload => browser::reload(),
                Effect::Run(errand) => self.errand(errand),
            }
        }
        if let Some(device) = &self.device {
            device.settle();
        }
    }

    fn errand(&mut self, errand: Errand) {
        match errand {
            Errand::ShowMessage(seq) => self.after.push(Box::new(move || errands::show_message(seq))),
            Errand::ShowFrame(line) => self.after.push(Box::new(move || errands::show_frame(line))),
            Errand::FocusEditor => self.after.push(Box::new(errands::focus_editor)),
            Errand::Insert(text) => errands::insert(text),
            Errand::AskToNotify => notices::ask(self.tell.clone()),
            Errand::Notify { room, seq, title, text } => notices::show(room, seq, &title, &text, self.tell.clone()),
            Errand::Copy(text) => errands::copy(text, self.tell.clone()),
            Errand::CopyText(text) => errands::copy_text(text),
            Errand::CutSocket => {
                self.generation += 1;
                self.socket = None;
                self.ready = None;
            }
        }
    }

    fn device(&mut self, deed: Deed) {
        match (deed, &self.device) {
            (Deed::Open(person, room), _) => {
                browser::remember(Some(person));
                let tell = self.tell.reform(move |news| Msg::Ui(Action::Device(person, news)));
                self.device = Some(Device::open(name_of(person), room, tell));
            }
            (Deed::Close, device) => {
                browser::remember(None);
                device.iter().for_each(|device| device.keep(Keep::Nothing));
                self.device = None;
            }
            (Deed::Keep(keep), Some(device)) => device.keep(*keep),
            (Deed::Claim, Some(device)) => device.claim(),
            (Deed::Keep(_) | Deed::Claim, None) => {}
        }
    }

    /// The page has been drawn.
    pub(crate) fn drawn(&mut self) {
        for deed in std::mem::take(&mut self.after) {
            deed();
        }
    }

    /// Brings timers and the document in line with the state.
    pub(crate) fn follow(&mut self, state: &State) {
        self.follow_deadline(state);
        if state.wants_samples() != self.sampler.is_some() {
            let tell = self.tell.clone();
            self.sampler = state.wants_samples().then(|| Interval::new(SAMPLE_MS, move || tell.emit(Msg::Sample)));
        }
        let shown = (state.title(), state.lang(), state.theme());
        if self.shown.as_ref() != Some(&shown) {
            browser::dress(&shown.0, shown.1, shown.2);
            self.shown = Some(shown);
        }
        let icon = state.icon();
        if self.icon != Some(icon) {
            notices::set_icon(icon.0, icon.1);
            self.icon = Some(icon);
        }
        if state.is_usable() && !self.completed {
            self.completed = true;
            parts::load_rest(self.tell.clone());
        }
        self.follow_annex(state);
        let beside = state.told_beside();
        if self.beside.as_ref() != Some(&beside) && (beside.shown || self.beside.as_ref().is_some_and(|was| was.shown))
        {
            port::tell(&beside);
            self.beside = Some(beside);
        }
    }

    /// Loads the annex once there is time for it, and keeps it up to date while it shows something.
    fn follow_annex(&mut self, state: &State) {
        if state.is_ready() && !self.prepared {
            self.prepared = true;
            parts::prepare_annex(&self.tell);
        }
        if state.annex.shown().is_none() {
            self.told = None;
            return;
        }
        let context = Box::new(state.context());
        if self.told.as_ref() != Some(&context) {
            post::tell(&Tell::Updated(context.clone()));
            self.told = Some(context);
        }
    }

    fn follow_deadline(&mut self, state: &State) {
        let Some(at) = state.deadline() else {
            self.timer = None;
            return;
        };
        if self.timer.as_ref().is_some_and(|(set, _)| *set == at) {
            return;
        }
        let wait = at.since(browser::now().date).min(LONGEST_TIMER_MS);
        let tell = self.tell.clone();
        let timer = Timeout::new(u32::try_from(wait).unwrap_or_default(), move || tell.emit(Msg::Timer));
        self.timer = Some((at, timer));
    }

    /// The timer has fired, whether or not the deadline moves now. Returns whether it is so late that the device must
    /// have slept.
    pub(crate) fn timer_fired(&mut self) -> bool {
        self.timer.take().is_some_and(|(due, _)| browser::now().date.since(due) > SLEPT_MS)
    }

    fn dial(&mut self, protocol: Option<&str>) {
        self.generation += 1;
        self.ready = None;
        self.socket = None;
        let (tell, generation) = (self.tell.clone(), self.generation);
        let listen = move |event| tell.emit(Msg::Socket(generation, event));
        match Socket::dial(&browser::socket_url(), protocol, listen.clone()) {
            Ok(socket) => self.socket = Some(socket),
            Err(why) => {
                web_sys::console::error_1(&why.into());
                // The same that a browser reports for an address that leads nowhere, after this step is done.
                wasm_bindgen_futures::spawn_local(async move {
                    let closed = Closed { code: close::ABNORMAL, reason: String::new(), was_clean: false };
                    listen(Event::Error);
                    listen(Event::Close(closed));
                });
            }
        }
    }

    fn send(&self, text: &str) {
        // A frame that the socket no longer takes is sent again on the next one: the engine keeps it until its answer.
        let taken = self.socket.as_ref().is_some_and(|socket| socket.send(text));
        if !taken {
            web_sys::console::warn_1(&"a frame was not sent: the socket is not open".into());
        }
    }

    fn hang_up(&self, code: u16, reason: &str) {
        if let Some(socket) = &self.socket {
            socket.close(code, reason);
        }
    }
}

/// What the window and the document report.
fn listeners(tell: &Callback<Msg>) -> Vec<EventListener> {
    let (window, page) = (browser::window(), browser::page());
    let on = |name: &'static str, action: fn() -> Action| {
        let tell = tell.clone();
        EventListener::new(&window, name, move |_| tell.emit(Msg::Ui(action())))
    };
    let visibility = {
        let tell = tell.clone();
        EventListener::new(&page, "visibilitychange", move |_| {
            tell.emit(Msg::Ui(Action::Visible(browser::is_visible())))
        })
    };
    let keyboard = {
        let tell = tell.clone();
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&window, "keydown", options, move |event| {
            if let Some(action) = event.dyn_ref::<KeyboardEvent>().and_then(key) {
                // Escape goes on to whoever else wants it.
                if action != Action::Dismiss {
                    event.prevent_default();
                }
                tell.emit(Msg::Ui(action));
            }
        })
    };
    let said = {
        let tell = tell.clone();
        post::on_said(move |said| tell.emit(Msg::Ui(Action::Said(said))))
    };
    let beside = {
        let tell = tell.clone();
        port::on_said(move |said| tell.emit(Msg::Ui(Action::SaidBeside(said))))
    };
    vec![
        said,
        beside,
        on("online", || Action::Online(true)),
        on("offline", || Action::Online(false)),
        on("focus", || Action::Wake),
        on("pageshow", || Action::Wake),
        on("popstate", || Action::WentBeside(browser::beside_in_address())),
        on("popstate", || match (browser::beside_in_address(), browser::place_in_address()) {
            // The room that was looked at waits.
            (Some(_), _) => Action::Wake,
            (None, Some((room, seq))) => Look::Arrive(room, seq).into(),
            (None, None) => Action::Went(browser::room_in_address()),
        }),
        visibility,
        keyboard,
    ]
}

fn key(event: &KeyboardEvent) -> Option<Action> {
    let name = event.key();
    keys::meaning(keys::Press {
        key: &name,
        alt: event.alt_key(),
        shift: event.shift_key() && name != "?",
        other: event.ctrl_key() || event.meta_key(),
        single: browser::has_single_keys(),
        in_text: event.is_composing() || event.key_code() == 229 || browser::focus_is_in("input, textarea, select"),
        in_dialog: browser::focus_is_in("dialog"),
        beside: browser::beside_in_address().is_some(),
    })
}

/// The room that a path names: `/r/7`.
fn room_of_path(path: &str) -> Option<RoomId> {
    let number = path.strip_prefix("/r/")?.trim_end_matches('/');
    format!("r{number}").parse().ok()
}

/// The event that the part of an address behind the path names: `#1204`.
fn seq_of_hash(hash: &str) -> Option<Seq> {
    hash.strip_prefix('#')?.parse().ok().filter(|seq| *seq > 0).map(Seq)
}

/// The path that names a room.
fn path_of_room(room: Option<RoomId>) -> String {
    room.map_or_else(|| "/".to_owned(), |room| format!("/r/{}", room.0))
}

/// The name under which the store keeps who was here last.
const PERSON_KEY: &str = "readyroom.person";

/// The name under which the store keeps a setting.
const fn store_key(setting: Setting) -> &'static str {
    match setting {
        Setting::Theme => "readyroom.theme",
        Setting::Lang => "readyroom.lang",
        Setting::Wire => "readyroom.wire",
        Setting::Keys => "readyroom.keys",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_room_and_back() {
        assert_eq!(room_of_path("/r/7"), Some(RoomId(7)));
        assert_eq!(room_of_path("/r/7/"), Some(RoomId(7)));
        for path in ["/", "/r/", "/r/x", "/r/07", "/r/-1", "/rooms", "/r/7/8"] {
            assert_eq!(room_of_path(path), None, "{path}");
        }
        assert_eq!(path_of_room(Some(RoomId(7))), "/r/7");
        assert_eq!(path_of_room(None), "/");
    }

    #[test]
    fn what_stands_behind_the_path_names_an_event() {
        assert_eq!(seq_of_hash("#1204"), Some(Seq(1_204)));
        for hash in ["", "#", "#0", "#x", "#-1", "1204", "#12 04", "#99999999999999999999"] {
            assert_eq!(seq_of_hash(hash), None, "{hash}");
        }
    }
}
