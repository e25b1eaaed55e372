//! What is counted of a connection: messages, the time to their echo, and what waits to be sent.
//!
//! A page has no other measure of a round trip than its own messages: ping and pong are not for scripts.

mod buffered;

pub(super) use buffered::Buffered;

use super::words::Words;
use crate::lean::dom::{el, icon_sm, with_class};
use crate::lean::text;
use crate::workbench::socket::Payload;
use crate::workbench::{Element, Node};

/// How many messages may wait for their echo, and of how many times the middle is taken.
const MOST: usize = 64;

/// What was counted of the present connection, or of the last.
#[derive(Debug, Default)]
pub(super) struct Stats {
    sent: u32,
    received: u32,
    /// Bytes of the largest message that was sent.
    pub(super) largest: f64,
    /// When a message last passed, in milliseconds since 1970.
    pub(super) passed_at: Option<f64>,
    /// What was sent and not yet answered, the oldest first.
    waiting: Vec<(f64, Payload)>,
    /// Milliseconds, the latest last.
    trips: Vec<f64>,
    /// Whether a message came back as it was sent. Until then any message counts as the answer to the oldest.
    echoes: bool,
    pub(super) buffered: Buffered,
}

/// Whether one can be the echo of the other, as far as it is known without reading blobs.
fn is_echo(sent: &Payload, received: &Payload) -> bool {
    match (sent, received) {
        (Payload::Text(sent), Payload::Text(received)) => sent == received,
        (Payload::Text(_), _) | (_, Payload::Text(_)) => false,
        (Payload::Buffer { len, head, .. }, Payload::Buffer { len: other, head: begins, .. }) => {
            len == other && head == begins
        }
        (Payload::Buffer { .. } | Payload::Blob { .. }, Payload::Buffer { .. } | Payload::Blob { .. }) => {
            sent.len() == received.len()
        }
    }
}

impl Stats {
    /// A message was given to the socket.
    #[expect(clippy::cast_precision_loss, reason = "no message has 2^53 bytes")]
    pub(super) fn sent(&mut self, now: f64, payload: &Payload) {
        self.sent += 1;
        self.passed_at = Some(now);
        self.largest = self.largest.max(payload.len() as f64);
        if self.waiting.len() == MOST {
            self.waiting.remove(0);
        }
        self.waiting.push((now, payload.clone()));
    }

    /// A message has come.
    pub(super) fn received(&mut self, now: f64, payload: &Payload) {
        self.received += 1;
        self.passed_at = Some(now);
        let echo = self.waiting.iter().position(|(_, sent)| is_echo(sent, payload));
        if echo.is_some() && !self.echoes {
            self.echoes = true;
            self.trips.clear();
        }
        // Where nothing was ever echoed the oldest has been answered.
        let answered = echo.or((!self.echoes && !self.waiting.is_empty()).then_some(0));
        if let Some(at) = answered {
            if let Some((sent, _)) = self.waiting.drain(..=at).next_back() {
                self.trips.push(now - sent);
            }
            if self.trips.len() > MOST {
                self.trips.remove(0);
            }
        }
    }

    /// The middle of the last round trips, in milliseconds.
    fn middle(&self) -> Option<f64> {
        let mut sorted = Vec::with_capacity(self.trips.len());
        for trip in &self.trips {
            sorted.insert(sorted.partition_point(|other| other < trip), *trip);
        }
        sorted.get(sorted.len() / 2).copied()
    }

    pub(super) fn view(&self, amount: f64, words: &Words) -> Node {
        let count = |icon, count: u32| {
            let icon = el("small").child(icon_sm(icon));
            [icon.into(), Node::from("\u{a0}".to_owned() + &text::fixed(count.into(), 0) + " ")]
        };
        let messages =
            with_class("dd", "stat__value").children(count("up", self.sent)).children(count("dn", self.received));
        let trip = value(with_class("dd", "stat__value"), &self.middle().map_or("–".to_owned(), text::lasting));
        let meter = el("span")
            .attr("role", "meter")
            .attr("aria-label", "bufferedAmount")
            .attr("aria-valuemin", "0")
            .attr("aria-valuemax", text::fixed(self.buffered.peak().1.max(amount), 0))
            .attr("aria-valuenow", text::fixed(amount, 0));
        let waits = with_class("dd", "stat__value").child(value(meter, &text::size(amount)));
        let stat = |label: &'static str, value: Element| -> Node {
            with_class("div", "stat").child(with_class("dt", "stat__label").text(label)).child(value).into()
        };
        with_class("dl", if self.buffered.is_large() { "stats is-live" } else { "stats" })
            .child(stat(if self.echoes { words.echo } else { words.answer }, trip))
            .child(stat(words.messages, messages))
            .child(stat("bufferedAmount", waits))
            .child(self.buffered.view(words))
            .into()
    }
}

/// A number, and its unit smaller.
fn value(place: Element, text: &str) -> Element {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    place.text(number.to_owned() + " ").child(el("small").text(unit.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Payload {
        Payload::Text(text.into())
    }

    #[test]
    fn an_echo_is_found_among_other_messages() {
        let mut stats = Stats::default();
        stats.sent(0.0, &text("a"));
        stats.sent(10.0, &text("b"));
        stats.received(50.0, &text("welcome"));
        assert_eq!(stats.middle(), Some(50.0), "the answer to the first, as far as one knows");
        stats.received(13.0, &text("b"));
        assert_eq!((stats.middle(), stats.echoes), (Some(3.0), true));
        stats.received(99.0, &text("tick"));
        assert_eq!(stats.middle(), Some(3.0), "once there are echoes, nothing else counts");
        assert_eq!((stats.sent, stats.received), (2, 3));
    }

    #[test]
    fn bytes_are_compared_as_far_as_they_are_known() {
        let bytes = Payload::bytes(&[1, 2, 3]);
        let blob = Payload::Blob { len: 3, name: "".into(), data: wasm_bindgen::JsValue::UNDEFINED };
        assert!(is_echo(&bytes, &blob) && is_echo(&blob, &bytes) && is_echo(&bytes, &bytes));
        assert!(!is_echo(&bytes, &Payload::bytes(&[1, 2, 4])));
        assert!(!is_echo(&text("abc"), &blob) && !is_echo(&blob, &text("abc")));
    }

    #[test]
    fn the_middle_is_of_the_latest() {
        let mut stats = Stats::default();
        for n in 0..200 {
            stats.sent(0.0, &text("x"));
            stats.received(f64::from(n), &text("x"));
        }
        assert_eq!((stats.trips.len(), stats.middle()), (MOST, Some(168.0)));
        for _ in 0..200 {
            stats.sent(0.0, &text("never answered"));
        }
        assert_eq!(stats.waiting.len(), MOST);
    }
}
