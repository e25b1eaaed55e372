//! Connections over a stream in memory, in front of real programs.

use std::ffi::OsString;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Said;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role as End};
use wire::deflate::Inflater;
use wire::{Input, Message, encode};

use super::*;
use crate::pipe::env::Ids;
use crate::pipe::flags::{self, Wish};
use crate::pipe::own;
use crate::pipe::settings::Source;
use crate::program::Program;
use crate::program::spawn::Runner;

impl Reached for DuplexStream {}

/// Far more than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A server with a connection, as its command line says.
struct Served {
    site: Site,
    client: DuplexStream,
}

impl Served {
    fn new(words: &[&str]) -> Self {
        Self::with(words, None, 1024 * 1024)
    }

    /// `room` is what the stream holds each way.
    fn with(words: &[&str], deflate: Option<Params>, room: usize) -> Self {
        let words: Vec<OsString> = ["--port=0", "--loglevel=none"].iter().chain(words).map(Into::into).collect();
        let settings = match flags::read("pipe", &words) {
            Wish::Serve(settings) => settings,
            Wish::Say(text, _) | Wish::Complain(text, _) => panic!("{text}"),
        };
        let tasks = Tasks::new();
        let site = Site {
            log: Log::new(settings.loglevel),
            settings: Arc::new(*settings),
            runner: Runner::new(std::env::current_exe().unwrap(), tasks.clone()).unwrap(),
            counts: Arc::default(),
            connections: tasks.clone(),
            places: None,
            ids: Ids::default(),
            names: None,
            share: None,
            pool: None,
        };
        let program = match &site.settings.source {
            Source::Command(program) => Program::clone(program),
            Source::Folder(folder) => Program::new(folder.join("nothing")),
            Source::None => panic!("no program"),
        };
        let (client, server) = duplex(room);
        let mut log = site.log.clone();
        let far = own::start(&site, &program, None, &mut log, None);
        let shared = (Arc::clone(&site.settings), Arc::clone(&site.counts));
        let conn = Conn::new(Box::new(server), far, deflate, log, shared);
        let group = tasks.clone();
        tasks.spawn(async move { conn.run(&group).await });
        Self { site, client }
    }

    /// A shell's program.
    fn shell(script: &str) -> Self {
        Self::new(&["sh", "-c", script])
    }

    async fn socket(self) -> (WebSocketStream<DuplexStream>, Site) {
        (WebSocketStream::from_raw_socket(self.client, End::Client, None).await, self.site)
    }
}

/// What the server says next.
async fn next(socket: &mut WebSocketStream<DuplexStream>) -> Said {
    timeout(LONG, socket.next()).await.expect("something is said").expect("no end").expect("no error")
}

/// The texts up to the Close, and the Close.
async fn rest(socket: &mut WebSocketStream<DuplexStream>) -> (Vec<String>, u16, String) {
    let mut texts = Vec::new();
    loop {
        match next(socket).await {
            Said::Text(text) => texts.push(text.to_string()),
            Said::Close(Some(CloseFrame { code, reason })) => return (texts, code.into(), reason.to_string()),
            Said::Close(None) => return (texts, 1005, String::new()),
            other @ (Said::Binary(_) | Said::Ping(_) | Said::Pong(_) | Said::Frame(_)) => panic!("{other:?}"),
        }
    }
}

/// All of a script's output, and the Close, when nothing is said to it.
async fn output(words: &[&str]) -> (Vec<String>, u16, String) {
    let (mut socket, site) = Served::new(words).socket().await;
    let rest = rest(&mut socket).await;
    drop(socket);
    over(&site).await;
    rest
}

/// Waits until the connection and its program are gone.
async fn over(site: &Site) {
    timeout(LONG, site.connections.ended()).await.expect("all comes to an end");
    assert_eq!((site.counts.open.get(), site.counts.running.get()), (0, 0));
}

fn text(text: &str) -> Said {
    Said::Text(text.into())
}

#[tokio::test]
async fn the_last_line_needs_no_end_and_the_status_is_the_close() {
    let said = output(&["sh", "-c", "echo one; printf two; exit 3"]).await;
    assert_eq!(said, (vec!["one".to_owned(), "two".to_owned()], 1011, "exit 3".to_owned()));
    assert_eq!(output(&["true"]).await, (vec![], 1000, String::new()));
    assert_eq!(output(&["sh", "-c", "kill -9 $$"]).await, (vec![], 1011, "signal 9".to_owned()));
}

#[tokio::test]
async fn what_is_said_comes_back_and_goodbye_is_answered_with_its_code() {
    let (mut socket, site) = Served::new(&["cat"]).socket().await;
    for message in [text("hello"), text(""), text("a\nb"), Said::Binary(b"bytes".to_vec().into())] {
        socket.send(message).await.unwrap();
    }
    for expected in ["hello", "", "a", "b", "bytes"] {
        assert_eq!(next(&mut socket).await, text(expected));
    }
    socket.close(Some(CloseFrame { code: 4321.into(), reason: "done".into() })).await.unwrap();
    assert_eq!(rest(&mut socket).await, (vec![], 4321, String::new()));
    over(&site).await;
    assert_eq!((site.counts.heard.get(), site.counts.said.get(), site.counts.said_bytes.get()), (4, 5, 12));
}

#[tokio::test]
async fn what_a_program_says_at_the_end_of_its_input_is_heard() {
    let (mut socket, site) = Served::new(&["sort"]).socket().await;
    for word in ["pear", "apple", "fig"] {
        socket.send(text(word)).await.unwrap();
    }
    socket.send(Said::Close(None)).await.unwrap();
    let (texts, code, _) = rest(&mut socket).await;
    assert_eq!((texts, code), (["apple", "fig", "pear"].map(str::to_owned).to_vec(), 1005));
    over(&site).await;
}

#[tokio::test]
async fn a_word_ends_the_input_and_the_output_goes_on() {
    let (mut socket, site) = Served::new(&["--eof=.", "wc", "-l"]).socket().await;
    for word in ["a", "b", ".", "late"] {
        socket.send(text(word)).await.unwrap();
    }
    assert_eq!(rest(&mut socket).await, (vec!["2".to_owned()], 1000, String::new()));
    drop(socket);
    over(&site).await;
}

#[tokio::test]
async fn a_client_that_ends_its_stream_hears_the_program_to_its_end() {
    let Served { site, mut client } = Served::new(&["sort"]);
    let mut said = Vec::new();
    encode::frame(&mut said, encode::Header::new(wire::Opcode::Text).masked([0; 4]), b"b\na");
    client.write_all(&said).await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = Vec::new();
    timeout(LONG, client.read_to_end(&mut heard)).await.unwrap().unwrap();
    assert_eq!(heard, b"\x81\x01a\x81\x01b\x88\x02\x03\xe8");
    over(&site).await;
}

#[tokio::test]
async fn what_is_not_utf8_harms_nothing() {
    let (texts, code, _) = output(&["printf", "a\\377\\nb\\n"]).await;
    assert_eq!((texts, code), (vec!["a\u{fffd}".to_owned(), "b".to_owned()], 1000));
}

#[tokio::test]
async fn a_program_that_has_closed_its_input_is_heard_on() {
    let (mut socket, site) =
        Served::shell("read a; exec <&-; echo closed; read b <&3; for i in 1 2 3; do echo $i; done").socket().await;
    socket.send(text("go")).await.unwrap();
    assert_eq!(next(&mut socket).await, text("closed"));
    for _ in 0..100 {
        if socket.send(text("more")).await.is_err() {
            break;
        }
    }
    let (texts, code, _) = rest(&mut socket).await;
    assert_eq!((texts.len(), code), (3, 1000));
    drop(socket);
    over(&site).await;
}

#[tokio::test]
async fn nothing_is_lost_when_the_client_still_sends_at_the_end() {
    let (socket, site) = Served::shell("head -c 1000 >/dev/null; seq 20000; exit 7").socket().await;
    let (mut sink, mut stream) = socket.split();
    let sending = async { while sink.send(text(&"x".repeat(1000))).await.is_ok() {} };
    let reading = async {
        let mut count = 0_u32;
        loop {
            match timeout(LONG, stream.next()).await.unwrap() {
                Some(Ok(Said::Text(line))) => {
                    count += 1;
                    assert_eq!(line.as_str(), count.to_string());
                }
                Some(Ok(Said::Close(Some(frame)))) => return (count, u16::from(frame.code), frame.reason.to_string()),
                other => panic!("{other:?}"),
            }
        }
    };
    let ((), heard) = tokio::join!(sending, reading);
    assert_eq!(heard, (20_000, 1011, "exit 7".to_owned()));
    drop((sink, stream));
    over(&site).await;
}

#[tokio::test]
async fn who_ignores_the_end_and_signals_is_killed_and_goodbye_answered() {
    let begin = Instant::now();
    let (mut socket, site) = Served::shell("trap '' INT TERM; echo ready; while :; do sleep 0.01; done").socket().await;
    assert_eq!(next(&mut socket).await, text("ready"));
    socket.send(Said::Close(None)).await.unwrap();
    assert_eq!(rest(&mut socket).await.1, 1005);
    assert!(begin.elapsed() >= Duration::from_millis(850));
    over(&site).await;
}

#[tokio::test]
async fn output_that_flows_puts_the_signals_off() {
    // It says something every 20 ms, for a little longer than the 1.1 s after which it would be asked to end, and on a busy
    // machine for not nearly the two seconds that are the end of all patience; and then it ends well.
    let script = "trap 'exit 9' INT; cat >/dev/null; for i in $(seq 60); do echo $i; sleep 0.02; done";
    let (mut socket, site) = Served::new(&["--closems=1000", "sh", "-c", script]).socket().await;
    socket.send(text("x")).await.unwrap();
    socket.send(Said::Close(None)).await.unwrap();
    let (texts, code, _) = rest(&mut socket).await;
    assert_eq!((texts.len(), code), (60, 1005));
    over(&site).await;
}

#[tokio::test]
async fn a_program_that_takes_no_input_is_not_waited_for() {
    let (mut socket, site) = Served::shell("echo ready; exec sleep 1000").socket().await;
    assert_eq!(next(&mut socket).await, text("ready"));
    for _ in 0..12 {
        socket.send(text(&"x".repeat(10_000))).await.unwrap();
    }
    socket.send(Said::Close(None)).await.unwrap();
    assert_eq!(rest(&mut socket).await.1, 1005);
    over(&site).await;
}

#[tokio::test]
async fn who_closes_the_output_and_lives_on_is_seen_off() {
    let said = output(&["sh", "-c", "echo bye; exec >&- 2>&-; exec sleep 1000"]).await;
    assert_eq!(said, (vec!["bye".to_owned()], 1000, String::new()));
}

#[tokio::test]
async fn what_was_started_beside_ends_as_well() {
    let (mut socket, site) = Served::shell("sleep 1000 & (sleep 1000 >/dev/null &) ; echo $$; wait").socket().await;
    let group = next(&mut socket).await.into_text().unwrap().parse::<i32>().unwrap();
    drop(socket);
    over(&site).await;
    // Whoever takes up orphans reaps them when it gets to it.
    while lives_in(group) {
        tokio::task::yield_now().await;
    }
}

/// Whether a process of a group lives.
fn lives_in(group: i32) -> bool {
    let stats = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| std::fs::read_to_string(process.ok()?.path().join("stat")).ok());
    stats.into_iter().any(|stat| {
        let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let mut fields = behind_name.split_ascii_whitespace();
        fields.next() != Some("Z") && fields.nth(1) == Some(&group.to_string())
    })
}

#[tokio::test]
async fn a_line_without_end_is_not_held_for_ever() {
    let (texts, code, _) = output(&["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"]).await;
    assert_eq!((texts.concat().len(), code), (3_000_000, 1000));
    assert!(texts.len() >= 3 && texts.iter().all(|text| text.len() <= 1024 * 1024));
}

#[tokio::test]
async fn errors_never_stop_a_program_and_may_be_told() {
    let script = "head -c 300000 /dev/zero >&2; echo 'a \"b\"'; printf oops >&2; exit 2";
    let (texts, code, reason) = output(&["sh", "-c", script]).await;
    assert_eq!((texts, code, reason.as_str()), (vec!["a \"b\"".to_owned()], 1011, "exit 2"));
    let script = "echo 'a \"b\"'; printf oops >&2; exit 2";
    let (mut texts, code, _) = output(&["--passstderr", "sh", "-c", script]).await;
    texts.sort();
    let expected = [r#"{"stream":"stderr","data":"oops"}"#, r#"{"stream":"stdout","data":"a \"b\""}"#];
    assert_eq!((texts, code), (expected.map(str::to_owned).to_vec(), 1011));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_dropped() {
    let Served { site, client } = Served::with(&["--writems=100", "yes"], None, 1024);
    over(&site).await;
    assert_eq!(site.counts.stalled.get(), 1);
    drop(client);
}

#[tokio::test]
async fn who_gives_no_sign_of_life_is_dropped_and_who_does_is_not() {
    let Served { site, client } = Served::new(&["--pingms=50", "cat"]);
    over(&site).await;
    drop(client);
    let begin = Instant::now();
    let (mut socket, site) = Served::new(&["--pingms=50", "--eof=.", "cat"]).socket().await;
    for _ in 0..10 {
        // Answered as soon as more is read.
        assert_eq!(next(&mut socket).await, Said::Ping(Vec::new().into()));
    }
    assert!(begin.elapsed() >= Duration::from_millis(400));
    socket.send(text(".")).await.unwrap();
    while !matches!(next(&mut socket).await, Said::Close(_)) {}
    drop(socket);
    over(&site).await;
}

#[tokio::test]
async fn a_message_too_long_is_refused_and_all_rules_are_kept() {
    let (mut socket, site) = Served::new(&["--maxframesize=100", "cat"]).socket().await;
    socket.send(text(&"x".repeat(100))).await.unwrap();
    assert_eq!(next(&mut socket).await, text(&"x".repeat(100)));
    socket.send(text(&"x".repeat(101))).await.unwrap();
    assert_eq!(rest(&mut socket).await.1, 1009);
    drop(socket);
    over(&site).await;
    let Served { site, mut client } = Served::new(&["cat"]);
    // Not masked.
    client.write_all(b"\x81\x01a").await.unwrap();
    let mut heard = [0; 4];
    timeout(LONG, client.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!((heard[0], &heard[2..]), (0x88, &1002_u16.to_be_bytes()[..]));
    drop(client);
    over(&site).await;
}

#[tokio::test]
async fn bytes_come_through_as_they_are_and_as_they_come() {
    let (mut socket, site) = Served::new(&["--binary", "cat"]).socket().await;
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| n.wrapping_mul(0x9e37_79b9).to_be_bytes()[0]).collect();
    socket.send(Said::Binary(bytes.clone().into())).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < bytes.len() {
        let piece = next(&mut socket).await;
        assert!(piece.is_binary() && piece.len() <= 64 * 1024);
        heard.extend(piece.into_data());
    }
    assert!(heard == bytes);
    socket.send(text("text")).await.unwrap();
    assert_eq!(next(&mut socket).await, Said::Binary(b"text".to_vec().into()));
    drop(socket);
    over(&site).await;
}

#[tokio::test]
async fn a_message_may_have_its_length_in_front() {
    let (mut socket, site) = Served::new(&["--frame=length", "cat"]).socket().await;
    for message in [&b"a\nb"[..], b"", b"\xff"] {
        socket.send(Said::Binary(message.to_vec().into())).await.unwrap();
        assert_eq!(next(&mut socket).await, Said::Binary(message.to_vec().into()));
    }
    drop(socket);
    over(&site).await;
    let (mut socket, site) = Served::new(&["--frame=length", "printf", "\\377\\377\\377\\377"]).socket().await;
    let told = "a message of 4294967295 bytes is longer than 16777216".to_owned();
    assert_eq!(rest(&mut socket).await, (vec![], 1011, told));
    drop(socket);
    over(&site).await;
}

#[tokio::test]
async fn messages_worth_it_are_compressed_each_by_itself() {
    let deflate = Params { server_no_context_takeover: true, client_no_context_takeover: true, ..Params::default() };
    let Served { site, mut client } = Served::with(&["cat"], Some(deflate), 1024 * 1024);
    let mut deflater = wire::deflate::Deflater::new(15, 6);
    let long = "abc".repeat(1000);
    for message in ["short", &long, &long] {
        let (mut packed, mut frame) = (Vec::new(), Vec::new());
        deflater.message(message.as_bytes(), &mut packed);
        deflater.reset();
        let header = encode::Header::new(wire::Opcode::Text).masked([1, 2, 3, 4]).compressed();
        encode::frame(&mut frame, header, &packed);
        client.write_all(&frame).await.unwrap();
    }
    let (mut decoder, mut inflater) = (Decoder::default(), Inflater::new(15, false));
    let rules = Rules { role: Role::Client, max_message: 10_000, max_fragments: 1 };
    let (mut heard, mut bytes) = (Vec::new(), 0);
    while heard.len() < 3 {
        let mut piece = vec![0; 10_000];
        let came = timeout(LONG, client.read(&mut piece)).await.unwrap().unwrap();
        bytes += came;
        let mut input = Input::new(&mut piece[..came]);
        while let Some(Message::Text(text)) = decoder.next(&rules, &mut input, Some(&mut inflater)).unwrap() {
            heard.push(text.to_owned());
        }
    }
    assert_eq!(heard, ["short".to_owned(), long.clone(), long]);
    assert!(bytes < 200, "{bytes}");
    drop(client);
    over(&site).await;
}

#[tokio::test]
async fn when_the_server_stops_everybody_is_told_and_every_program_ends() {
    let (mut socket, site) = Served::shell("trap '' INT TERM; echo ready; while :; do sleep 0.01; done").socket().await;
    assert_eq!(next(&mut socket).await, text("ready"));
    site.connections.stop();
    assert_eq!(rest(&mut socket).await, (vec![], 1001, String::new()));
    over(&site).await;
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_a_close_with_words() {
    let (mut socket, site) = Served::new(&["--dir=/tmp"]).socket().await;
    assert_eq!(rest(&mut socket).await, (vec![], 1011, "cannot start nothing: no such file".to_owned()));
    assert_eq!(site.counts.unstarted.get(), 1);
    drop(socket);
    over(&site).await;
}
