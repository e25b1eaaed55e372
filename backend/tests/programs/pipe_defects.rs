//! What users of websocketd had to live with, seen from outside: none of it is so here.
//!
//! `PIPE_SERVER=/usr/bin/websocketd` holds it against these tests instead.

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::pipe::{Pipe, Socket, is_alive, script};
use crate::support::until;

fn ended_well() -> (u16, String) {
    (1000, String::new())
}

#[tokio::test]
async fn the_last_line_comes_without_a_line_break_too() {
    let pipe = Pipe::sh(&[], "printf 'one\\ntwo'").await;
    assert_eq!(pipe.open().await.rest().await, (vec!["one".to_owned(), "two".to_owned()], ended_well()));
}

#[tokio::test]
async fn the_close_tells_how_the_program_ended() {
    for (script, code, reason) in [
        ("exit 0", 1000, ""),
        ("exit 3", 1011, "exit 3"),
        ("exit 255", 1011, "exit 255"),
        ("kill -TERM $$; sleep 10", 1011, "signal 15"),
        ("kill -KILL $$; sleep 10", 1011, "signal 9"),
    ] {
        let pipe = Pipe::sh(&[], script).await;
        assert_eq!(pipe.open().await.end().await, (code, reason.to_owned()), "{script}");
    }
}

#[tokio::test]
async fn errors_are_drained_however_long_their_lines_are() {
    let pipe = Pipe::sh(&[], "head -c 1000000 /dev/zero | tr '\\0' e >&2; echo done").await;
    assert_eq!(pipe.open().await.rest().await, (vec!["done".to_owned()], ended_well()));
}

#[tokio::test]
async fn what_is_no_utf8_is_mended() {
    let pipe = Pipe::sh(&[], "printf 'a\\377b\\n\\342\\202\\nafter\\n'").await;
    let expected = ["a\u{fffd}b", "\u{fffd}", "after"].map(str::to_owned);
    assert_eq!(pipe.open().await.rest().await, (expected.to_vec(), ended_well()));
}

#[tokio::test]
async fn a_request_does_not_choose_the_programs_proxy() {
    let pipe = Pipe::sh(&[], "echo ${HTTP_PROXY-none} $HTTP_X_OTHER").await;
    let headers = [("proxy", "http://evil.example"), ("x-other", "yes")];
    let (mut socket, _) = pipe.open_at("/", &headers).await.unwrap();
    assert_eq!(socket.hear().await, "none yes");
}

#[tokio::test]
async fn what_a_program_has_started_ends_with_it() {
    let pipe = Pipe::sh(&[], "sleep 1000 & echo $!; wait").await;
    let mut socket = pipe.open().await;
    let grandchild = socket.hear_pid().await;
    assert!(is_alive(grandchild));
    socket.close().await;
    until("the grandchild is gone", || !is_alive(grandchild)).await;
}

#[tokio::test]
async fn what_a_program_leaves_behind_ends_when_it_does() {
    let pipe = Pipe::sh(&[], "sleep 1000 >/dev/null 2>&1 & echo $!").await;
    let mut socket = pipe.open().await;
    let grandchild = socket.hear_pid().await;
    assert_eq!(socket.end().await, ended_well());
    until("the grandchild is gone", || !is_alive(grandchild)).await;
}

#[tokio::test]
async fn what_has_left_the_group_ends_too_while_it_is_still_the_programs() {
    for script in ["setsid sleep 1000 & echo $!; cat", "setsid sleep 1000 & echo $!; trap '' INT; wait"] {
        let pipe = Pipe::sh(&[], script).await;
        let mut socket = pipe.open().await;
        let grandchild = socket.hear_pid().await;
        assert!(is_alive(grandchild));
        drop(socket);
        until(script, || !is_alive(grandchild)).await;
    }
    let mut pipe = Pipe::sh(&[], "sh -c 'setsid sleep 1000 & echo $!; wait'; cat").await;
    let mut socket = pipe.open().await;
    let grandchild = socket.hear_pid().await;
    pipe.signal("-TERM");
    assert_eq!(pipe.ended().await.code(), Some(0));
    assert!(!is_alive(grandchild));
}

#[tokio::test]
async fn what_has_made_itself_independent_stays() {
    // Who has started it has ended before anybody hears of it: that is how a daemon begins.
    let pipe = Pipe::sh(&[], "echo $(sh -c 'setsid sleep 1000 >/dev/null 2>&1 & echo $!'); cat").await;
    let mut socket = pipe.open().await;
    let daemon = socket.hear_pid().await;
    socket.close().await;
    socket.end().await;
    until("the program is gone", || pipe.programs().is_empty()).await;
    assert!(is_alive(daemon));
    assert!(std::process::Command::new("kill").args(["-KILL", &daemon.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn no_program_outlives_the_server() {
    for signal in ["-TERM", "-INT"] {
        let mut pipe = Pipe::sh(&[], "trap '' INT TERM HUP; echo $$; while :; do sleep 0.05; done").await;
        let mut sockets = [pipe.open().await, pipe.open().await];
        let programs = [sockets[0].hear_pid().await, sockets[1].hear_pid().await];
        pipe.signal(signal);
        for socket in &mut sockets {
            assert_eq!(socket.end().await.0, 1001, "{signal}");
        }
        assert_eq!(pipe.ended().await.code(), Some(0), "{signal}");
        assert!(!programs.into_iter().any(is_alive), "{signal}");
    }
}

#[tokio::test]
async fn no_program_outlives_a_server_that_is_killed() {
    let mut pipe = Pipe::sh(&[], "trap '' INT TERM HUP PIPE; echo $$; while :; do sleep 0.05; done").await;
    let program = pipe.open().await.hear_pid().await;
    let mut socket = pipe.open().await;
    let other = socket.hear_pid().await;
    pipe.signal("-KILL");
    pipe.ended().await;
    until("the programs are gone", || !is_alive(program) && !is_alive(other)).await;
}

/// Says lines until the other side has had enough.
async fn floods(
    mut sink: futures_util::stream::SplitSink<tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>, Message>,
) {
    while sink.send(Message::text("x".repeat(1_000))).await.is_ok() {}
}

#[tokio::test]
async fn nothing_is_lost_when_the_program_ends_while_the_client_still_sends() {
    let pipe = Pipe::sh(&[], "seq 1 20000").await;
    let (sink, stream) = futures_util::StreamExt::split(pipe.open().await.0);
    let lines = futures_util::StreamExt::filter_map(stream, |message| async move {
        match message {
            Ok(Message::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    });
    let heard = futures_util::StreamExt::collect::<Vec<String>>(lines);
    let (heard, ()) = crate::support::soon("the end", async { tokio::join!(heard, floods(sink)) }).await;
    assert!(
        heard.iter().map(String::as_str).eq((1..=20_000).map(|n| n.to_string()).collect::<Vec<_>>()),
        "{}",
        heard.len()
    );
}

#[tokio::test]
async fn a_program_that_closes_its_input_is_still_heard() {
    let pipe = Pipe::sh(&[], "exec <&-; for n in 1 2 3 4 5; do sleep 0.1; echo $n; done").await;
    let mut socket = pipe.open().await;
    for _ in 0..100 {
        socket.say("who hears this?").await;
    }
    assert_eq!(socket.rest().await, (["1", "2", "3", "4", "5"].map(str::to_owned).to_vec(), ended_well()));
}

#[tokio::test]
async fn a_program_that_waits_for_the_end_of_its_input_gets_it() {
    for (program, expected) in [("sort", &["a", "b", "c"][..]), ("wc -l", &["3"]), ("tac", &["b", "a", "c"])] {
        let pipe = Pipe::sh(&[], program).await;
        let mut socket = pipe.open().await;
        for line in ["c", "a", "b"] {
            socket.say(line).await;
        }
        socket.close().await;
        assert_eq!(socket.rest().await.0, expected, "{program}");
    }
}

#[tokio::test]
async fn a_program_that_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let script = script(&folder, "broken", "#!/there/is/no/interpreter\n");
    let pipe = Pipe::start(&[script.to_str().unwrap()]).await;
    let (code, reason) = pipe.open().await.end().await;
    assert_eq!(code, 1011);
    assert!(reason.contains("broken") && reason.contains("interpreter"), "{reason}");
}

#[tokio::test]
async fn one_too_many_is_told_so() {
    let pipe = Pipe::start(&["--maxforks=1", "cat"]).await;
    let mut first = pipe.open().await;
    first.say("a").await;
    assert_eq!(first.hear().await, "a");
    let (code, reason) = pipe.open().await.end().await;
    assert_eq!(code, 1013);
    assert!(!reason.is_empty());
    first.close().await;
    first.end().await;
    // The place is free again.
    until("there is room", || true).await;
    let mut next = pipe.open().await;
    next.say("b").await;
    assert_eq!(next.hear().await, "b");
}

#[tokio::test]
async fn a_subprotocol_is_agreed_on() {
    let offered = [("sec-websocket-protocol", "one, two")];
    let pipe = Pipe::start(&["cat"]).await;
    let (_, headers) = pipe.open_at("/", &offered).await.unwrap();
    assert!(headers.contains(&("sec-websocket-protocol".to_owned(), "one".to_owned())), "{headers:?}");
    let pipe = Pipe::start(&["--protocol=two", "cat"]).await;
    let (_, headers) = pipe.open_at("/", &offered).await.unwrap();
    assert!(headers.contains(&("sec-websocket-protocol".to_owned(), "two".to_owned())), "{headers:?}");
}

#[tokio::test]
async fn compression_is_agreed_on() {
    let pipe = Pipe::start(&["cat"]).await;
    let (_, headers) = pipe.open_at("/", &[("sec-websocket-extensions", "permessage-deflate")]).await.unwrap();
    let agreed = headers.iter().find(|(name, _)| name == "sec-websocket-extensions");
    assert!(agreed.is_some_and(|(_, value)| value.starts_with("permessage-deflate")), "{headers:?}");
}

#[tokio::test]
async fn a_program_that_buffers_for_a_pipe_speaks_at_once_on_a_terminal() {
    // Without a terminal, sed keeps what it has in a buffer until it ends.
    let pipe = Pipe::start(&["--pty", "sed", "s/^/heard /"]).await;
    let mut socket = pipe.open().await;
    for line in ["a", "b"] {
        socket.say(line).await;
        assert_eq!(socket.hear().await, format!("heard {line}"));
    }
    socket.close().await;
    assert_eq!(socket.end().await.0, 1000);
}

#[tokio::test]
async fn all_clients_may_share_one_process() {
    let pipe = Pipe::sh(&["--share", "--history=2"], "echo $$; exec cat").await;
    let mut first = pipe.open().await;
    let pid = first.hear_pid().await;
    for line in ["a", "b", "c"] {
        first.say(line).await;
        assert_eq!(first.hear().await, line);
    }
    let mut late = pipe.open().await;
    assert_eq!([late.hear().await, late.hear().await], ["b", "c"]);
    late.say("from the late one").await;
    for socket in [&mut first, &mut late] {
        assert_eq!(socket.hear().await, "from the late one");
    }
    assert!(is_alive(pid));
}

#[tokio::test]
async fn a_message_may_have_line_breaks_and_bytes_may_be_told_apart() {
    let pipe = Pipe::start(&["--frame=json", "cat"]).await;
    let mut socket = pipe.open().await;
    socket.say("two\nlines").await;
    assert_eq!(socket.hear().await, "two\nlines");
    let pipe = Pipe::start(&["--frame=length", "cat"]).await;
    let Socket(socket) = &mut pipe.open().await;
    for size in [0, 1, 100_000] {
        let said = Message::binary(vec![7; size]);
        socket.send(said.clone()).await.unwrap();
        let heard = crate::support::soon("a message", futures_util::StreamExt::next(socket)).await.unwrap().unwrap();
        assert_eq!(heard.into_data(), said.into_data(), "{size}");
    }
}
