//! The same-origin question: what the server is told of the page, and what the page is told of a refusal.

mod words;

use super::Node;
use super::handshake::header_of;
use super::parts::{Leads, bar, button, code, log, mono, primary, table, track};
use super::state::{Lessons, Msg};
use crate::lean::dom::with_class;
pub(super) use words::words;

const PATH: &str = "/labs/handshake";

/// Headers by which a server can tell whose page asks.
const HEADERS: [&str; 5] = ["Host", "Origin", "Cookie", "Sec-Fetch-Site", "User-Agent"];

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let (words, wire) = (words(lessons.lang()), lessons.wire(0));
    let text = wire.first_text();
    let rows = HEADERS.into_iter().zip(words.headers).map(|(name, meaning)| {
        let value = header_of(text, name).unwrap_or_else(|| "–".to_owned());
        vec![mono(name), mono(value), meaning.into()]
    });
    let open = primary(words.open, Msg::Open(0, PATH.to_owned(), Vec::new()));
    let deny = button("/labs/deny?status=403", Msg::Open(1, "/labs/deny?status=403".to_owned(), Vec::new()));
    let shared = super::words::words(lessons.lang());
    with_class("div", "live__body")
        .child(bar([open.into(), Leads::console(shared, PATH, "", "").into()]))
        .child(track(wire))
        .child(table(&words.heads, rows.collect()).class("table-scroll live__wraps"))
        .child(with_class("p", "lesson__lead").text(words.forge))
        .child(code(lessons, "curl", forged(&lessons.base)))
        .child(with_class("div", "live__bar").child(with_class("span", "").text(words.refused)).child(deny))
        .child(log(lessons, 1))
        .into()
}

/// A handshake with another page's origin, by a program that is no browser.
fn forged(base: &str) -> String {
    let mut line = "curl --include --no-buffer --http1.1 --max-time 3 \\\n".to_owned();
    for header in [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Origin: https://elsewhere.example",
    ] {
        line += "  --header '";
        line += header;
        line += "' \\\n";
    }
    line += "  ";
    line += &base.replacen("ws", "http", 1);
    line += PATH;
    line
}
