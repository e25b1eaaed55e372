//! Fleets against servers in this process: sound ones, and some that do what a server must not.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::time::Duration;

use super::*;
use crate::load::body::{Bodies, Language};
use crate::load::dialect::plain::Plain;

const NOBODY: &str = "no port is free";

/// A server in a thread of this process, which ends with it.
fn serve(serve: impl FnOnce(TcpListener) + Send + 'static) -> SocketAddrV4 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect(NOBODY);
    let port = listener.local_addr().expect(NOBODY).port();
    std::thread::spawn(move || serve(listener));
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

fn fleets(to: SocketAddrV4, threads: usize, members: usize) -> Fleets {
    let plain = || Dialect::Plain(Plain::new(Bodies::new(Language::English, 200)));
    Fleets::new(to, threads, members, Clock::new(), plain).unwrap()
}

fn load(members: usize, per_second: u64, count: u64) -> Load {
    Load { per_second, count, senders: (0..members).map(|who| (who, 1)).collect(), reach: members, acked: false }
}

#[test]
fn all_that_a_sound_server_delivers_is_counted_once() {
    for threads in [1, 2] {
        let server = serve(|listener| crate::bare::serve(listener).unwrap());
        let mut fleets = fleets(server, threads, 11);
        fleets.open(11, 4).unwrap();
        fleets.settle(Duration::from_millis(20)).unwrap();
        for _run in 0..2 {
            let tally = fleets.run(&load(11, 1_000, 300)).unwrap();
            assert_eq!((tally.published, tally.delivered, tally.faults), (300, 3_300, 0), "{:?}", tally.fault);
            assert_eq!((tally.lost(11), tally.surplus(11), tally.latency.len()), (0, 0, 3_300));
            assert_eq!(tally.until_last(11).unwrap().len(), 300);
        }
    }
}

/// Accepts one, answers the handshake, and says these frames.
fn says(frames: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddrV4 {
    serve(move |listener| {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream.write_all(crate::bare::answer(&String::from_utf8_lossy(&head)).as_bytes()).unwrap();
        // Every message as it comes, and whatever is made of it.
        let (mut decoder, mut buffer) = (wire::Decoder::default(), vec![0; 4_096]);
        let rules = wire::Rules { role: wire::Role::Server, max_message: 4_096, max_fragments: 1 };
        loop {
            let read = stream.read(&mut buffer).unwrap();
            let mut input = wire::Input::new(&mut buffer[..read]);
            while let Some(wire::Message::Text(text)) = decoder.next(&rules, &mut input, None).unwrap() {
                if stream.write_all(&frames(text)).is_err() {
                    return;
                }
            }
        }
    })
}

fn framed(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    wire::encode::text(&mut out, text);
    out
}

fn run_against(server: SocketAddrV4) -> Tally {
    let mut fleets = fleets(server, 1, 1);
    fleets.open(1, 1).unwrap();
    fleets.run(&load(1, 500, 50)).unwrap()
}

#[test]
fn what_is_lost_or_repeated_is_seen() {
    // One in ten is not sent, another one twice: the tenths of a message's number are in its stamp.
    let tally = run_against(says(|text| match text.as_bytes().get(9) {
        Some(b'3') => Vec::new(),
        Some(b'7') => [framed(text), framed(text)].concat(),
        _ => framed(text),
    }));
    let (lost, twice) = (tally.lost(1), tally.surplus(1));
    assert_eq!(tally.delivered, 50 - lost + twice);
    assert!(tally.faults == 0 && lost > 0 && twice > 0, "{lost} lost, {twice} twice, {:?}", tally.fault);
}

#[test]
fn what_is_no_frame_and_what_nobody_said_are_faults() {
    let odd = run_against(says(|_text| vec![0x83, 0x00]));
    assert!(odd.faults > 0 && odd.delivered == 0, "{:?}", odd.fault);
    let invented = run_against(says(|_text| framed("hello")));
    assert!(invented.faults > 0 && invented.delivered == 0, "{:?}", invented.fault);
}

#[test]
fn frames_that_are_cut_anywhere_are_put_together() {
    // The beginning of the next message comes with the end of this one.
    let tally = run_against(says(|text| {
        let mut all = framed(text);
        all.rotate_left(60);
        all
    }));
    assert!(tally.faults > 0, "a stream that is turned around is no stream of frames");
    let server = says(|text| framed(&format!("{text} {}", "x".repeat(70_000))));
    let tally = run_against(server);
    assert_eq!((tally.delivered, tally.faults), (50, 0), "{:?}", tally.fault);
}
