//! The handshake: as the server has seen it, or what RFC 6455 fixes of it; and where its answer comes from.

use common::labs::{Handshake, Head};

use super::super::Node;
use super::super::bench::Bench;
use super::words::Words;
use super::{accept, small};
use crate::browser_text::lower;
use crate::lean::dom::{el, icon, with_class};
use crate::lean::text::hex;

/// The names of headers that RFC 6455 says all about.
const FIXED: [&str; 3] = ["upgrade", "connection", "sec-websocket-version"];

/// The code of the answer, where there was one.
pub(super) fn status(bench: &Bench) -> String {
    let told = bench.inspector.wire.handshake.as_ref();
    let code = told.and_then(|told| told.response.line.split(' ').nth(1));
    code.unwrap_or(if bench.inspector.opened { "101" } else { "" }).to_owned()
}

pub(super) fn view(bench: &Bench, words: &'static Words) -> Node {
    let told = bench.inspector.wire.handshake.as_ref();
    let fixed = told.is_none().then(|| fixed(bench, words));
    let Some(handshake) = told.or(fixed.as_ref().and_then(Option::as_ref)) else {
        return small(words.not_yet.to_owned());
    };
    let eye = |is: bool| if is { icon("eye") } else { Node::Nothing };
    let list = |name: &'static str, head: &Head| -> Node {
        let lines = head.headers.iter().map(|(name, value)| {
            let mark = told.is_some() && !FIXED.contains(&lower(name).as_str());
            line(name.clone() + ":", value, eye(mark))
        });
        with_class("ol", "head-list")
            .attr("aria-label", name)
            .child(el("li").child(el("span").text(head.line.clone())))
            .children(lines)
            .into()
    };
    let reported = told.map(|_| el("span").child(eye(true)).text(words.reported));
    vec![
        list(words.request, &handshake.request),
        if handshake.response.line.is_empty() { Node::Nothing } else { list(words.response, &handshake.response) },
        with_class("p", "legend").child(reported).child(el("span").text(words.fixed)).into(),
        told.and_then(|told| steps(told, words)).into(),
    ]
    .into()
}

fn line(name: String, value: &str, mark: Node) -> Node {
    let text = el("span").child(el("b").text(name)).text(" ".to_owned() + value);
    el("li").child(text).child(mark).into()
}

/// A header's value.
fn value<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    head.headers.iter().find(|header| lower(&header.0) == name).map(|header| header.1.as_str())
}

/// How the answer comes from the key.
fn steps(told: &Handshake, words: &'static Words) -> Option<Node> {
    let key = value(&told.request, "sec-websocket-key")?;
    let answer = value(&told.response, "sec-websocket-accept")?;
    let digest = accept::digest(key);
    let encoded = accept::base64(&digest);
    let same = encoded == answer;
    let check = with_class("span", if same { "is-s1" } else { "is-s3" })
        .child(with_class("span", "tone").text(if same { words.same } else { words.differs }));
    let step = |name: &'static str, value: &str| line(name.to_owned(), value, Node::Nothing);
    let steps = with_class("ol", "head-list")
        .attr("aria-label", words.accept)
        .child(el("li").child(el("span").text(words.accept)))
        .child(step("Key + GUID", &(key.to_owned() + accept::GUID)))
        .child(step("SHA-1", &hex(&digest)))
        .child(step("base64", &encoded))
        .child(el("li").child(icon(if same { "check" } else { "x" })).child(check));
    Some(steps.into())
}

/// What is certain of a handshake that nobody has told: what RFC 6455 fixes, and what the object says.
fn fixed(bench: &Bench, words: &'static Words) -> Option<Handshake> {
    let connection = &bench.connection;
    let live = &connection.reading;
    live.ready?;
    let rest = live.url.split_once("://")?.1;
    let (host, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut request = vec![
        header("Host", host),
        header("Upgrade", "websocket"),
        header("Connection", "Upgrade"),
        header("Sec-WebSocket-Version", "13"),
        header("Sec-WebSocket-Key", words.key_unknown),
    ];
    if !connection.protocols.is_empty() {
        request.push(header("Sec-WebSocket-Protocol", &connection.protocols.join(", ")));
    }
    let mut response = vec![
        header("Upgrade", "websocket"),
        header("Connection", "Upgrade"),
        header("Sec-WebSocket-Accept", words.accept_unknown),
    ];
    for (name, value) in [("Sec-WebSocket-Protocol", &live.protocol), ("Sec-WebSocket-Extensions", &live.extensions)] {
        if !value.is_empty() {
            response.push(header(name, value));
        }
    }
    let path = if path.starts_with('/') { path.to_owned() } else { "/".to_owned() + path };
    Some(Handshake {
        request: Head { line: "GET ".to_owned() + &path + " HTTP/1.1", headers: request },
        response: Head {
            line: if bench.inspector.opened { "HTTP/1.1 101 Switching Protocols".to_owned() } else { String::new() },
            headers: response,
        },
    })
}
