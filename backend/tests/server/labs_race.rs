//! Races against a real server: what is counted must be what a client has sent and received, to the byte.

use axum::http::Method;
use common::labs::{Race, Tally, Way};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::http2::Http2;
use crate::support::wire::{Wire, events};
use crate::support::{Server, http};

const RACE: &str = "/labs/race/00112233445566778899aabbccddeeff";

/// What a browser sends along, about.
const FIELDS: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\nCookie: a=b; c=d\r\n\
    Accept-Language: zh-CN,zh;q=0.9\r\nSec-Fetch-Site: same-origin\r\n";

fn request(server: &Server, rest: &str, fields: &str) -> String {
    format!("GET {RACE}{rest} HTTP/1.1\r\nHost: {}\r\n{FIELDS}{fields}\r\n", server.address)
}

async fn race(server: &Server) -> Race {
    http::request(server.address, &format!("GET {RACE}"), &[], "").await.json()
}

async fn tally(server: &Server, way: Way) -> Tally {
    race(server).await.ways.into_iter().find(|tally| tally.way == way).expect("a tally")
}

/// The numbers of some news, whose times must be there.
fn numbers(news: &[Value]) -> Vec<u64> {
    assert!(news.iter().all(|item| item["at"].as_u64().unwrap() >= 300_000), "{news:?}");
    news.iter().map(|item| item["n"].as_u64().unwrap()).collect()
}

fn costs(tally: &Tally) -> (u64, u64, u64) {
    (tally.requests, tally.bytes_in, tally.bytes_out)
}

/// Waits for the first piece of news.
async fn first_news(server: &Server, wire: &mut Wire) -> Vec<u64> {
    wire.send(request(server, "/long-poll?after=0", "")).await;
    numbers(&serde_json::from_str::<Vec<Value>>(&wire.answer().await).unwrap())
}

#[tokio::test]
async fn asking_is_counted_to_the_byte() {
    let server = Server::start().await;
    let mut poll = Wire::connect(server.address).await;
    poll.send(request(&server, "/poll", "")).await;
    assert_eq!(poll.answer().await, "[]", "nothing is new at the beginning");
    let mut long_poll = Wire::connect(server.address).await;
    let first = first_news(&server, &mut long_poll).await;
    assert_eq!(first[0], 1);
    poll.send(request(&server, "/poll?after=0", "")).await;
    let news = numbers(&serde_json::from_str::<Vec<Value>>(&poll.answer().await).unwrap());
    assert_eq!(news[0], 1);
    poll.send(request(&server, "/poll?after=1000", "Connection: close\r\n")).await;
    assert_eq!(poll.answer().await, "[]");

    let told = tally(&server, Way::Poll).await;
    assert_eq!(costs(&told), (3, poll.sent, poll.taken));
    assert_eq!(told.news, news.len() as u64);
    let told = tally(&server, Way::LongPoll).await;
    assert_eq!(costs(&told), (1, long_poll.sent, long_poll.taken));
    // It is one piece, unless more came while the machine was busy with others.
    assert_eq!(told.news, first.len() as u64);
    assert_eq!(told.age_sum == told.age_max, first.len() == 1, "{told:?}");
    assert!(race(&server).await.news >= 1);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_of_events_is_counted_to_the_byte() {
    let server = Server::start().await;
    let mut wire = Wire::connect(server.address).await;
    wire.send(request(&server, "/events", "Accept: text/event-stream\r\n")).await;
    wire.head().await;
    let piece = wire.chunk().await.unwrap();
    assert!(piece.starts_with("id: 1\ndata: {\"n\":1,\"at\":"), "{piece}");
    let told = tally(&server, Way::EventStream).await;
    // There may be more on its way.
    let mut news = events(&piece).len() as u64;
    while wire.taken < told.bytes_out {
        news += events(&wire.chunk().await.unwrap()).len() as u64;
    }
    assert_eq!((costs(&told), told.news), ((1, wire.sent, wire.taken), news));

    // A browser that comes back says where it was.
    let mut again = Wire::connect(server.address).await;
    again.send(request(&server, "/events?after=0", "Last-Event-ID: 1\r\n")).await;
    again.head().await;
    assert_eq!(numbers(&events(&again.chunk().await.unwrap()))[0], 2);
    server.begin_stop();
    while wire.chunk().await.is_some() {}
    while again.chunk().await.is_some() {}
    server.stop().await;
}

#[tokio::test]
async fn a_socket_is_counted_to_the_byte() {
    let server = Server::start().await;
    let mut wire = Wire::connect(server.address).await;
    let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    wire.send(request(&server, "/socket", upgrade)).await;
    assert_eq!(wire.head().await.0, "HTTP/1.1 101 Switching Protocols");
    let (header, text) = wire.frame().await;
    assert_eq!(header[0], 0x81);
    assert_eq!(numbers(&[serde_json::from_slice(&text).unwrap()]), [1]);
    // What is said to it means nothing, and costs.
    wire.send(b"\x81\x85\0\0\0\0hello\x88\x82\0\0\0\0\x03\xe8").await;
    let mut news = 1;
    loop {
        let (header, _) = wire.frame().await;
        if header[0] == 0x88 {
            break;
        }
        news += 1;
    }
    let told = tally(&server, Way::WebSocket).await;
    assert_eq!((costs(&told), told.news), ((1, wire.sent, wire.taken), news));
    server.stop().await;
}

#[tokio::test]
async fn all_ways_get_the_same_news() {
    let server = Server::start().await;
    let mut wire = Wire::connect(server.address).await;
    let first = first_news(&server, &mut wire).await;
    let mut poll = Wire::connect(server.address).await;
    poll.send(request(&server, "/poll", "")).await;
    let polled: Vec<Value> = serde_json::from_str(&poll.answer().await).unwrap();
    let mut stream = Wire::connect(server.address).await;
    stream.send(request(&server, "/events", "")).await;
    stream.head().await;
    let streamed = events(&stream.chunk().await.unwrap());
    assert_eq!((first[0], &polled[0]), (1, &streamed[0]), "what was before one came is told first");
    server.stop().await;
}

#[tokio::test]
async fn over_http_2_heads_are_counted_as_if_it_were_1() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut http2 = Http2::begin(stream, server.address, "http").await;
    let (answer, body) = http2.ask(Method::GET, &format!("{RACE}/poll?after=1000"), &[("accept", "*/*")], "").await;
    assert_eq!((answer.status().as_u16(), body.as_str()), (200, "[]"));
    assert_eq!(answer.headers()["content-length"], "2");

    let mut wire = Wire::connect(server.address).await;
    let line = format!("GET {RACE}/poll?after=1000 HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n", server.address);
    wire.send(line).await;
    wire.answer().await;
    assert_eq!(costs(&tally(&server, Way::Poll).await), (2, 2 * wire.sent, 2 * wire.taken));
    server.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    let server = Server::start().await;
    let get = async |path: &str| {
        let answer = http::request(server.address, &format!("GET {path}"), &["Accept: */*"], "").await;
        (answer.status, answer.json::<Value>()["detail"].clone())
    };
    assert_eq!(get("/labs/race/abc").await, (400, json!("name: 32 hexadecimal digits are expected")));
    assert_eq!(get(&format!("{RACE}/poll?after=-1")).await, (400, json!("after: a number is expected")));
    let foreign =
        http::request(server.address, &format!("GET {RACE}"), &["Origin: http://elsewhere.example"], "").await;
    assert_eq!(foreign.status, 403);
    assert_eq!(race(&server).await, Race { news: 0, ways: Vec::new() }, "what was refused costs nothing");
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut wire = Wire::connect(server.address).await;
        wire.send(request(&server, "/events", "")).await;
        wire.head().await;
        open.push(wire);
    }
    let (status, detail) = get(&format!("{RACE}/poll")).await;
    assert_eq!((status, detail), (400, json!("name: 8 requests of this race are open already")));
    server.stop().await;
}
