//! Ways to close, well and badly: what comes back, in which order, and whose doing it was.

mod words;

use super::Node;
use super::parts::{Leads, bar, button, log, mono, primary, table};
use super::state::{Lessons, Msg as All};
use super::wire::Call;
use crate::lean::dom::{el, with_class};
use crate::workbench::socket::Event;
pub(super) use words::words;

/// The most bytes of UTF-8 in a reason: a control frame has 125, and the code takes two (RFC 6455, 5.5).
const REASON_MOST: usize = 123;

/// What happens in this lesson alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Msg {
    /// Run one of the experiments.
    Run(usize),
    /// Another code is written.
    Code(String),
    /// Another reason is written.
    Reason(String),
    /// Open a connection and close it with what is written.
    Own,
}

/// A way to end a connection.
struct Experiment {
    /// As one writes it, or what the server does.
    code: &'static str,
    path: &'static str,
    /// The code and the reason of our own `close()`, once it is open.
    ours: Option<(Option<u16>, &'static str)>,
}

/// 124 bytes in 62 characters.
const LONG: &str = "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé";

const fn ours(code: &'static str, close: Option<u16>, reason: &'static str) -> Experiment {
    Experiment { code, path: "/labs/echo", ours: Some((close, reason)) }
}

const fn theirs(path: &'static str) -> Experiment {
    Experiment { code: path, path, ours: None }
}

/// The number of the experiment that people write themselves.
const OWN: usize = 9;

const EXPERIMENTS: [Experiment; OWN] = [
    ours("close()", None, ""),
    ours("close(1000)", Some(1000), ""),
    ours("close(3001, \"bye\")", Some(3001), "bye"),
    ours("close(1001)", Some(1001), ""),
    ours("close(1000, \"é\".repeat(62))", Some(1000), LONG),
    theirs("/labs/close?code=4001&reason=too+late"),
    theirs("/labs/abort"),
    Experiment { code: "/labs/never-close, close()", path: "/labs/never-close", ours: Some((None, "")) },
    theirs("/labs/deny?status=403"),
];

/// How one of them went.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Outcome {
    /// The events, in their order.
    events: Vec<&'static str>,
    /// The name of the exception that `close()` threw.
    threw: String,
    closed: Option<(u16, String, bool)>,
}

/// What the lesson knows.
#[derive(Debug)]
pub(super) struct Closing {
    /// The experiment that runs or ran last.
    running: Option<usize>,
    outcomes: Vec<(usize, Outcome)>,
    code: String,
    reason: String,
}

impl Default for Closing {
    fn default() -> Self {
        Self { running: None, outcomes: Vec::new(), code: "4000".to_owned(), reason: "再见".to_owned() }
    }
}

impl Closing {
    fn outcome(&mut self) -> Option<&mut Outcome> {
        let running = self.running?;
        self.outcomes.iter_mut().find(|(of, _)| *of == running).map(|(_, outcome)| outcome)
    }
}

/// Takes what happened.
pub(super) fn update(lessons: &mut Lessons, msg: Msg) {
    let desk = &mut lessons.desks.closing;
    match msg {
        Msg::Run(number) => run(lessons, number),
        Msg::Own => run(lessons, OWN),
        Msg::Code(code) => desk.code = code,
        Msg::Reason(reason) => desk.reason = reason,
    }
}

fn run(lessons: &mut Lessons, number: usize) {
    let desk = &mut lessons.desks.closing;
    desk.running = Some(number);
    desk.outcomes.retain(|(of, _)| *of != number);
    desk.outcomes.push((number, Outcome::default()));
    lessons.open(0, EXPERIMENTS.get(number).map_or("/labs/echo", |experiment| experiment.path), Vec::new());
}

/// The socket has said something.
pub(super) fn heard(lessons: &mut Lessons, event: &Event) {
    let desk = &mut lessons.desks.closing;
    let running = desk.running;
    let Some(outcome) = desk.outcome() else { return };
    match event {
        Event::Open { .. } => {
            outcome.events.push("open");
            let ours = match running.and_then(|number| EXPERIMENTS.get(number)) {
                Some(experiment) => experiment.ours.map(|(code, reason)| (code, reason.to_owned())),
                None => Some((desk.code.parse().ok(), desk.reason.clone())),
            };
            if let Some((code, reason)) = ours {
                lessons.effects.push(super::effects::Effect::Close { slot: 0, code, reason });
            }
        }
        Event::Message(_) => outcome.events.push("message"),
        Event::Error => outcome.events.push("error"),
        Event::Close { code, reason, was_clean } => {
            outcome.events.push("close");
            outcome.closed = Some((*code, reason.clone(), *was_clean));
        }
        Event::Refused(..) | Event::Relay(_) => {}
    }
}

/// `close()` was called.
pub(super) fn called(lessons: &mut Lessons, call: &Call) {
    let Some(outcome) = lessons.desks.closing.outcome() else { return };
    if let (Some((name, _)), None) = (&call.threw, call.bytes) {
        outcome.threw.clone_from(name);
        // The connection is still open, and has served.
        lessons.effects.push(super::effects::Effect::Close { slot: 0, code: Some(1000), reason: String::new() });
    }
}

/// What is wrong with a code and a reason: 0 nothing, 1 the code, 2 the reason.
fn fault(code: &str, reason: &str) -> usize {
    let code_fits = match code.parse::<u16>() {
        Ok(code) => code == 1000 || (3000..5000).contains(&code),
        Err(_) => code.is_empty() && reason.is_empty(),
    };
    if code_fits { usize::from(reason.len() > REASON_MOST) * 2 } else { 1 }
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let desk = &lessons.desks.closing;
    let rows = EXPERIMENTS.iter().zip(0..).map(|(experiment, number)| {
        let mut cells = vec![button(experiment.code, All::Closing(Msg::Run(number))).class("btn btn--sm mono").into()];
        cells.extend(told(lessons, number));
        cells
    });
    let fault = fault(&desk.code, &desk.reason);
    let code = with_class("input", "input live__code")
        .attr("aria-label", words.code)
        .attr("inputmode", "numeric")
        .attr("value", desk.code.clone())
        .aria("aria-invalid", fault == 1)
        .on_input(|code| All::Closing(Msg::Code(code)));
    let reason = with_class("input", "input")
        .attr("aria-label", words.reason)
        .attr("value", desk.reason.clone())
        .aria("aria-invalid", fault == 2)
        .on_input(|reason| All::Closing(Msg::Reason(reason)));
    let count = desk.reason.len().to_string() + " / 123 B";
    let own = with_class("form", "call live__own")
        .on("submit", All::Closing(Msg::Own))
        .children([el("span").text("close(").into(), code.into(), el("span").text(",").into(), reason.into()])
        .child(el("span").text(")"))
        .child(with_class("span", "faint num nowrap").text(count))
        .child(with_class("button", "btn btn--primary").text(words.run));
    let rules = with_class("p", if fault == 0 { "small faint" } else { "small live__bad" })
        .attr("role", "status")
        .text(words.faults.get(fault).copied().unwrap_or_default());
    let mut table_rows: Vec<Vec<Node>> = rows.collect();
    let mut written = vec![mono(words.yours)];
    written.extend(told(lessons, OWN));
    table_rows.push(written);
    let all = (0..OWN).find(|number| !desk.outcomes.iter().any(|(of, _)| of == number));
    let next = all.map(|number| primary(words.next, All::Closing(Msg::Run(number))).into());
    let shared = super::words::words(lessons.lang());
    with_class("div", "live__body")
        .child(bar(next.into_iter().chain([Leads::console(shared, "/labs/echo", "", "").into()])))
        .child(table(&words.heads, table_rows))
        .child(own)
        .child(rules)
        .child(log(lessons, 0))
        .into()
}

/// What an experiment has shown.
fn told(lessons: &Lessons, number: usize) -> Vec<Node> {
    let words = words(lessons.lang());
    let found = lessons.desks.closing.outcomes.iter().find(|(of, _)| *of == number);
    let Some((_, outcome)) = found else { return vec!["–".into(), "".into(), "".into(), "".into(), "".into()] };
    let mut order = outcome.events.join(", ");
    if !outcome.threw.is_empty() {
        order = order.replacen("open", &("open, ⇒ ".to_owned() + &outcome.threw), 1);
    }
    let Some((code, reason, was_clean)) = &outcome.closed else {
        let waits = lessons.desks.closing.running == Some(number) && lessons.wire(0).ready == Some(2);
        let said = if waits { words.waits } else { "" };
        return vec![mono(order), "…".into(), "".into(), "".into(), said.into()];
    };
    let whose = whose(number, outcome);
    vec![
        mono(order),
        mono(code.to_string()),
        mono("\"".to_owned() + reason + "\""),
        mono(if *was_clean { "true" } else { "false" }),
        words.whose.get(whose).copied().unwrap_or_default().into(),
    ]
}

/// Whose doing it was, as a place in the words.
fn whose(number: usize, outcome: &Outcome) -> usize {
    let code = outcome.closed.as_ref().map_or(1006, |(code, ..)| *code);
    match (number, code) {
        _ if !outcome.threw.is_empty() => 1,
        (5, _) => 2,
        (7, 1006) => 4,
        (8, _) => 5,
        (_, 1006) => 3,
        (_, 1005) => 6,
        (_, _) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_a_reason_are_checked_as_the_browser_does() {
        assert_eq!(["1000", "3000", "4999", ""].map(|code| fault(code, "")), [0; 4]);
        assert_eq!(["999", "1001", "2999", "5000", "x", "70000"].map(|code| fault(code, "")), [1; 6]);
        assert_eq!(fault("", "why"), 1);
        let long = "é".repeat(61);
        assert_eq!([fault("1000", &(long.clone() + "a")), fault("1000", &(long + "é"))], [0, 2]);
        assert_eq!(LONG.len(), 124);
    }

    #[test]
    fn a_closed_connection_was_somebodys_doing() {
        let closed = |code| Outcome { closed: Some((code, String::new(), true)), ..Outcome::default() };
        assert_eq!([whose(1, &closed(1000)), whose(0, &closed(1005)), whose(6, &closed(1006))], [0, 6, 3]);
        let threw = Outcome { threw: "SyntaxError".into(), ..closed(1000) };
        assert_eq!(whose(4, &threw), 1);
    }
}
