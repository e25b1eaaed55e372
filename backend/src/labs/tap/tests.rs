//! Taps from both ends, over a stream in memory: what is told, kept, dropped and forgotten.

use axum::http::Request;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use wire::encode;

use super::*;

fn name(n: usize) -> String {
    format!("{n:032x}")
}

fn listen(taps: &Taps, n: usize) -> Result<Listener, Refused> {
    taps.listen(Name::read(&name(n)).unwrap())
}

fn handshake(status: u16) -> (Parts, Response<()>) {
    let (request, ()) = Request::get("/labs/echo").header("cookie", "a=b").body(()).unwrap().into_parts();
    (request, Response::builder().status(status).body(()).unwrap())
}

fn begin(taps: &Taps, n: usize) -> Option<Tap> {
    let (request, response) = handshake(101);
    taps.begin(&name(n), &request, &response)
}

/// Has a record be alone for longer than it may.
fn abandon(record: &Record) {
    record.lock().unheard -= ALONE * 2;
}

/// All that is told until the end.
async fn all(listener: &mut Listener) -> Vec<Value> {
    let mut told = Vec::new();
    while let Some(some) = listener.next().await {
        told.extend(some.iter().map(|text| serde_json::from_str(text).unwrap()));
    }
    told
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|record| record["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_connection_is_told_from_handshake_to_end() {
    let taps = Taps::default();
    let mut listener = listen(&taps, 1).unwrap();
    let (near, mut far) = duplex(1024);
    let mut near = Watched::new(near, begin(&taps, 1).unwrap());
    far.write_all(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").await.unwrap();
    near.read_exact(&mut [0; 11]).await.unwrap();
    let mut close = Vec::new();
    encode::close(&mut close, Some(4001), "bye");
    near.write_all(&close).await.unwrap();
    drop(near);
    let told = all(&mut listener).await;
    assert_eq!(kinds(&told), ["handshake", "frame", "frame", "end"]);
    assert_eq!(
        told[1],
        json!({"type": "frame", "from": "client", "n": 0, "at": told[1]["at"], "header": "818537fa213d", "len": 5,
               "payload": "7f9f4d5158"})
    );
    assert_eq!(told[2]["from"], "server");
    assert_eq!(told[3], json!({"type": "end", "by": "server", "why": "close frame, code 4001, \"bye\", not answered"}));
}

#[tokio::test]
async fn who_comes_late_hears_what_was_kept() {
    let taps = Taps::default();
    let (near, _far) = duplex(1024);
    let mut near = Watched::new(near, begin(&taps, 1).unwrap());
    near.write_all(b"\x89\x00").await.unwrap();
    let mut listener = listen(&taps, 1).unwrap();
    assert_eq!(listener.next().await.unwrap().len(), 2);
    assert_eq!(listen(&taps, 1).unwrap_err(), Refused::Taken);
    let record = Arc::clone(&listener.record);
    drop(listener);
    abandon(&record);
    near.write_all(b"\x89\x00").await.unwrap();
    assert!(near.watch.is_none(), "nobody has listened for too long");
    let mut listener = listen(&taps, 1).unwrap();
    assert!(!Arc::ptr_eq(&listener.record, &record));
    listener.until = Instant::now();
    assert_eq!(listener.next().await, None, "the name is free again, and nobody came");
}

#[tokio::test]
async fn a_slow_listener_is_told_what_it_missed() {
    let taps = Taps::default();
    let mut listener = listen(&taps, 1).unwrap();
    let (near, _far) = duplex(1 << 20);
    let mut near = Watched::new(near, begin(&taps, 1).unwrap());
    for _ in 0..MOST_RECORDS + 10 {
        near.write_all(b"\x89\x00").await.unwrap();
    }
    let state = |listener: &Listener| {
        let state = listener.record.lock();
        (state.waiting.len(), state.bytes)
    };
    assert_eq!(state(&listener).0, MOST_RECORDS);
    let mut long = Vec::new();
    encode::binary(&mut long, &[7; 256]);
    for _ in 0..MOST_RECORDS {
        near.write_all(&long).await.unwrap();
    }
    assert!(state(&listener).0 < MOST_RECORDS && state(&listener).1 <= MOST_BYTES);
    drop(near);
    let told = all(&mut listener).await;
    assert_eq!(kinds(&told)[..2], ["handshake", "dropped"]);
    let frames: Vec<u64> = told.iter().filter_map(|record| record["n"].as_u64()).collect();
    assert_eq!(told[1]["records"], frames[0], "the first that is told comes after those that are not");
    assert_eq!(frames.last(), Some(&(2 * MOST_RECORDS as u64 + 9)));
    assert_eq!(kinds(&told).last(), Some(&"end"));
    assert_eq!(state(&listener), (0, 0));
}

#[tokio::test]
async fn a_refusal_is_told_although_a_page_hears_nothing_of_it() {
    let taps = Taps::default();
    let mut listener = listen(&taps, 1).unwrap();
    let (request, response) = handshake(403);
    taps.refuse(&name(1), &request, &response);
    taps.refuse(&name(2), &request, &response);
    let told = all(&mut listener).await;
    assert_eq!(kinds(&told), ["handshake", "end"]);
    assert_eq!(told[1]["why"], "the handshake was answered with 403");
    assert_eq!(told[0]["response"]["line"], "HTTP/1.1 403 Forbidden");
    assert!(begin(&taps, 1).is_none(), "a name is for one connection");
    assert_eq!(taps.lock().len(), 1, "nobody waits for the other");
}

#[tokio::test]
async fn taps_are_few_and_come_back() {
    let taps = Taps::default();
    let mut listeners: Vec<Listener> = (0..MOST_TAPS).map(|n| listen(&taps, n).unwrap()).collect();
    assert_eq!(listen(&taps, MOST_TAPS).unwrap_err(), Refused::Full);
    assert!(begin(&taps, MOST_TAPS).is_none());
    listeners.pop();
    let tap = begin(&taps, MOST_TAPS).expect("who has waited for nothing leaves nothing");
    assert_eq!(listen(&taps, MOST_TAPS - 1).unwrap_err(), Refused::Full);
    abandon(&tap.0);
    assert!(listen(&taps, MOST_TAPS - 1).is_ok(), "what nobody has listened to is forgotten");
}

#[tokio::test]
async fn a_length_that_is_none_is_told_and_ends_the_reading_of_one_side() {
    let taps = Taps::default();
    let mut listener = listen(&taps, 1).unwrap();
    let (near, mut far) = duplex(1024);
    let mut near = Watched::new(near, begin(&taps, 1).unwrap());
    far.write_all(b"\x82\x7f\xff\0\0\0\0\0\0\0\x81\x00").await.unwrap();
    drop(far);
    near.read_to_end(&mut Vec::new()).await.unwrap();
    near.write_all(b"\x8a\x00").await.unwrap_err();
    drop(near);
    let told = all(&mut listener).await;
    assert_eq!(kinds(&told), ["handshake", "unreadable", "end"]);
    assert_eq!(told[1]["header"], "827fff00000000000000");
    assert_eq!(told[2], json!({"type": "end", "by": "client", "why": "TCP ended, without a close frame"}));
}
