//! The Workbench's log in a real browser: many events, filters, recordings.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use frontend::lean::draw::Root;
use frontend::lean::port::Told;
use frontend::lean::program::{Program, Run};
use frontend::workbench::bench::{Bench, Msg};
use frontend::workbench::effects::{Effect, Runner};
use frontend::workbench::events::{self, Fault, Part, Recording, Sight, Task, What};
use frontend::workbench::socket::{Event, Payload, Reading};
use js_sys::Array;
use support::{count, place, text, until};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

/// A Workbench whose log is drawn when the test says so, and whose socket is the test.
struct Log {
    bench: Bench,
    root: Root<Msg>,
    place: Element,
    now: f64,
    done: Vec<Effect>,
}

impl Log {
    fn new() -> Self {
        let place = place();
        let page = web_sys::window().unwrap().document().unwrap();
        let root = Root::new(place.clone(), page, Rc::new(|_msg| ()));
        let mut log = Self { bench: Bench::default(), root, place, now: 1_000_000.0, done: Vec::new() };
        log.take(Msg::Page(Told { shown: true, ..Told::default() }));
        log.done.clear();
        log
    }

    fn take(&mut self, msg: Msg) {
        let done = self.bench.update(self.now, msg);
        self.done.extend(done);
    }

    fn does(&mut self, msg: events::Msg) {
        self.take(Msg::Events(msg));
    }

    /// Writes down what the socket says, as the console does.
    fn hears(&mut self, said: &str) {
        self.take(Msg::Socket(self.bench.connection.number, Event::Message(Payload::Text(said.into()))));
    }

    fn sends(&mut self, payload: Payload) {
        self.bench.now = self.now;
        events::push(&mut self.bench, What::Sent(payload));
    }

    /// Draws frames until nothing moves by itself.
    fn draw(&mut self) {
        loop {
            let reading = Reading { ready: self.bench.connection.reading.ready, ..Reading::default() };
            self.take(Msg::Frame(reading));
            self.root.draw(events::view(&self.bench));
            if !events::wants_frames(&self.bench) {
                break;
            }
        }
    }

    fn rows(&self) -> u32 {
        count(&self.place, ".ev")
    }

    fn filters(&mut self, said: &str) {
        self.does(events::Msg::Filter(said.into()));
        self.draw();
    }

    fn text(&self, selector: &str) -> String {
        text(&self.place, selector)
    }
}

/// A file of a recording.
fn file(lines: &str) -> JsValue {
    let parts = Array::of1(&lines.into());
    let class = js_sys::Reflect::get(&js_sys::global(), &"File".into()).unwrap();
    js_sys::Reflect::construct(&class.into(), &Array::of2(&parts, &"a.jsonl".into())).unwrap()
}

/// Lets the Workbench's own runner read it.
async fn read(file: JsValue) -> Result<Rc<Recording>, Fault> {
    let heard = Rc::new(RefCell::new(None));
    let tell = {
        let heard = Rc::clone(&heard);
        Rc::new(move |msg| {
            if let Msg::Events(events::Msg::Loaded(read)) = msg {
                *heard.borrow_mut() = Some(read);
            }
        })
    };
    let mut runner = Runner::new(tell);
    runner.run(Effect::Events(Task::Load(file)));
    until("the file is read", || heard.borrow().is_some()).await;
    let read = heard.borrow_mut().take();
    read.unwrap()
}

/// What the log saves, where it is text alone.
fn saved(log: &mut Log, shown: bool) -> String {
    log.done.clear();
    log.does(events::Msg::Save(shown));
    let Some(Effect::Events(Task::Save(name, parts))) = log.done.pop() else { panic!("{:?}", log.done) };
    assert!(name.ends_with(".jsonl"), "{name}");
    let text = |part| match part {
        Part::Text(text) => text,
        Part::Bytes(_) => String::new(),
    };
    parts.into_iter().map(text).collect()
}

#[wasm_bindgen_test]
fn of_a_hundred_thousand_events_few_are_drawn() {
    let mut log = Log::new();
    for number in 0..100_000 {
        log.hears(&format!("message {number}"));
    }
    log.draw();
    assert!((20..150).contains(&log.rows()), "{}", log.rows());
    assert!(log.text(".events__list").contains("message 99999"));
    assert!(log.text(".log-tools__chips").contains("100000"));
    // Somewhere in the middle, and then at the very beginning.
    let sight = Sight { below: 50_000.0 * 27.0, high: 540.0, drawn: 540.0, row: 27.0 };
    log.does(events::Msg::Scrolled(sight));
    log.draw();
    assert!(log.text(".events__list").contains("message 49990"));
    log.hears("one more");
    log.draw();
    assert!(log.text(".events__list").contains("message 49990"), "what is read stays");
    assert!(log.text(".ev-latest").contains("+1"));
    log.does(events::Msg::Latest);
    log.draw();
    assert!(log.text(".events__list").contains("one more"));
}

#[wasm_bindgen_test]
fn filters_find_texts_bytes_and_expressions() {
    let mut log = Log::new();
    for number in 0..20_000 {
        log.hears(&format!("message {number}"));
    }
    log.sends(Payload::bytes(b"\x89PNG\r\n"));
    log.filters("MESSAGE 1999");
    assert_eq!(log.rows(), 11, "1999 and 19990 to 19999");
    log.filters("89 50 4e");
    assert_eq!(log.rows(), 1);
    assert!(log.text(".ev__data").contains("ArrayBuffer(6)"));
    log.does(events::Msg::Regex);
    log.filters("^message 1(2|3)$");
    assert_eq!(log.rows(), 2);
    log.filters("message (");
    assert!(log.text("#filter-error").contains("no regular expression"), "{}", log.text("#filter-error"));
    assert!(log.rows() > 20, "nothing is left out");
    log.filters("");
    log.does(events::Msg::Kinds(0b100));
    log.draw();
    assert_eq!(log.rows(), 1, "what was sent");
    log.filters("nowhere");
    assert!(log.text(".empty").contains("No event matches"));
    log.does(events::Msg::ShowAll);
    log.draw();
    assert!(log.rows() > 20);
}

#[wasm_bindgen_test]
fn rows_open_and_are_shown_in_three_ways() {
    let mut log = Log::new();
    log.hears("{\"op\":\"echo\",\"n\":[1,true]}");
    log.does(events::Msg::Choose(0));
    log.draw();
    assert_eq!(count(&log.place, ".ev .k"), 2);
    let lines = log.text(".ev-hex");
    assert!(lines.contains("\n  \"op\": \"echo\","), "{lines}");
    log.does(events::Msg::View(events::View::Hex));
    log.draw();
    assert!(log.text(".ev-hex").contains("0000  7b 22 6f 70 22 3a 22 65  63 68"), "{}", log.text(".ev-hex"));
    log.does(events::Msg::View(events::View::Text));
    log.draw();
    assert_eq!((count(&log.place, ".ev-hex"), count(&log.place, ".ev .k")), (0, 0));
    // A blob's bytes have to be asked for.
    let blob = web_sys::Blob::new().unwrap();
    log.take(Msg::Socket(0, Event::Message(Payload::Blob { len: 2, name: "".into(), data: blob.into() })));
    log.does(events::Msg::Choose(1));
    log.draw();
    assert!(log.done.iter().any(|effect| matches!(effect, Effect::Read { id: 1, .. })));
    log.take(Msg::Read(frontend::workbench::bench::Reader::Events, 1, [0x41, 0x42].into()));
    log.draw();
    assert!(log.text(".ev-hex").contains("41 42") && log.text(".events").contains("Blob(2)"));
}

#[wasm_bindgen_test]
fn a_pause_hides_what_comes_and_loses_nothing() {
    let mut log = Log::new();
    log.hears("before");
    log.draw();
    log.does(events::Msg::Pause);
    log.hears("during");
    log.draw();
    assert_eq!(log.rows(), 1);
    assert!(log.text(".ev-latest").contains("+1"));
    log.does(events::Msg::Pause);
    log.draw();
    assert_eq!(log.rows(), 2);
}

#[wasm_bindgen_test]
async fn what_is_saved_is_loaded_and_sent_again() {
    let mut log = Log::new();
    let url = "ws://127.0.0.1/labs/echo".into();
    log.bench.now = log.now;
    events::push(&mut log.bench, What::Begun { url, protocols: vec!["echo.v1".into()] });
    log.take(Msg::Socket(0, Event::Open { protocol: "echo.v1".into(), extensions: String::new() }));
    log.now += 100.0;
    log.sends(Payload::Text("first \"茶\"\n".into()));
    log.now += 20.0;
    log.hears("an answer");
    log.now += 180.0;
    log.sends(Payload::Text("second".into()));
    log.take(Msg::Socket(0, Event::Close { code: 4001, reason: "over".into(), was_clean: true }));
    let lines = saved(&mut log, false);
    assert_eq!(lines.lines().count(), 6, "{lines}");

    let recording = read(file(&lines)).await.unwrap();
    let times: Vec<_> = recording.events.iter().map(|event| event.t).collect();
    assert_eq!(times, [0.0, 0.0, 100.0, 120.0, 300.0, 300.0]);
    let said: Vec<_> = recording.events.iter().map(|event| event.what.clone()).collect();
    let logged: Vec<_> = log.bench.events.entries.iter().map(|entry| entry.what.clone()).collect();
    assert_eq!(said, logged);

    log.does(events::Msg::Loaded(Ok(recording)));
    log.draw();
    assert!(log.text(".events__list").contains("Recording · a.jsonl"));
    log.does(events::Msg::Speed(0));
    log.take(Msg::Frame(Reading { ready: Some(1), ..Reading::default() }));
    log.done.clear();
    log.does(events::Msg::Play(0));
    log.now += 200.0;
    let Some(Effect::After(200, tick)) = log.done.pop() else { panic!("{:?}", log.done) };
    log.take(*tick);
    let sent = log.done.iter().filter_map(|effect| {
        let Effect::Send(Payload::Text(said)) = effect else { return None };
        Some(said.to_string())
    });
    assert_eq!(sent.collect::<Vec<_>>(), ["first \"茶\"\n", "second"]);
}

#[wasm_bindgen_test]
async fn bytes_come_back_from_a_file_and_faults_name_the_line() {
    let line = |rest: &str| format!("{{\"v\":1,\"t\":0,\"connection\":1,{rest}}}\n");
    let good = line("\"kind\":\"received\",\"type\":\"Blob\",\"size\":3,\"base64\":\"AAH/\"");
    let recording = read(file(&good)).await.unwrap();
    let Some(What::Heard(Event::Message(Payload::Buffer { len: 3, head, .. }))) =
        recording.events.first().map(|event| event.what.clone())
    else {
        panic!("{recording:?}")
    };
    assert_eq!(&*head, [0, 1, 255]);

    let faults = [
        (String::new(), Fault::Empty),
        (good.clone() + "no JSON", Fault::Json(2)),
        (good.clone() + "\n" + &line("\"kind\":\"walked\""), Fault::Field(3, "kind")),
        (line("\"kind\":\"close\",\"code\":70000,\"reason\":\"\",\"clean\":true"), Fault::Field(1, "code")),
        (line("\"kind\":\"sent\",\"base64\":\"%\""), Fault::Field(1, "base64")),
        (line("\"kind\":\"sent\""), Fault::Field(1, "text")),
        ("{\"v\":2}".to_owned(), Fault::Field(1, "v")),
    ];
    let mut log = Log::new();
    log.does(events::Msg::Shelf);
    for (lines, fault) in faults {
        let said = read(file(&lines)).await;
        assert_eq!(said, Err(fault.clone()), "{lines}");
        log.does(events::Msg::Loaded(said));
        log.draw();
        assert!(log.text(".field__error").starts_with("Nothing was loaded."), "{fault:?}");
    }
    assert_eq!(log.rows(), 0, "nothing is half loaded");
}

#[wasm_bindgen_test]
async fn two_recordings_are_held_against_each_other() {
    let mut log = Log::new();
    let lines = |said: [&str; 4]| -> String {
        let line = |(at, said): (usize, &&str)| {
            format!("{{\"v\":1,\"t\":{at},\"connection\":1,\"kind\":\"received\",\"text\":\"{said}\"}}\n")
        };
        said.iter().enumerate().map(line).collect()
    };
    for said in [["one", "two", "three", "four"], ["one", "2", "four", "five"]] {
        let recording = read(file(&lines(said))).await;
        log.does(events::Msg::Loaded(recording));
    }
    log.does(events::Msg::Compare(0, Some(1)));
    log.draw();
    let marks = [".is-changed", ".is-a", ".is-b"].map(|mark| count(&log.place, mark));
    assert_eq!((log.rows(), marks), (5, [1, 1, 1]));
    assert!(log.text(".is-changed").contains("two → 2"));
    log.does(events::Msg::ShutDiff);
    log.draw();
    assert_eq!(log.rows(), 8);
}
