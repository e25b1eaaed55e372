//! Who comes in, and what is agreed on at the door.

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

use super::running::{ask_at, handshake, status, values};
use crate::support::pipe::{Pipe, script};

#[tokio::test]
async fn origins_are_let_in_as_the_command_line_says() {
    const HERE: &str = "example.com:8080";
    for (flags, origin, expected) in [
        (&[][..], "", 101),
        (&[], "Origin: null\r\n", 101),
        (&[], "Origin: http://anywhere.example\r\n", 101),
        (&[], "Origin: nonsense\r\n", 403),
        (&["--sameorigin"], "Origin: http://example.com:8080\r\n", 101),
        (&["--sameorigin=true"], "Origin: http://example.com\r\n", 403),
        (&["--sameorigin"], "", 403),
        (&["--sameorigin"], "Origin: null\r\n", 403),
        (&["--origin=a.com,https://b.com:8443"], "Origin: https://a.com:99\r\n", 101),
        (&["--origin=a.com,https://b.com:8443"], "Origin: https://b.com:8443\r\n", 101),
        (&["--origin=a.com,https://b.com:8443"], "Origin: https://b.com\r\n", 403),
        (&["--origin=a.com,https://b.com:8443"], "Origin: http://b.com:8443\r\n", 403),
        (&["--origin=a.com"], "", 403),
        (&["--origin=a.com"], "Origin: null\r\n", 403),
        (&["--origin=file://"], "", 101),
        (&["--origin=a.com", "--sameorigin"], "Origin: http://a.com\r\n", 403),
    ] {
        let pipe = Pipe::start(&[flags, &["cat"]].concat()).await;
        let answer = ask_at(pipe.address.port(), &handshake("/", HERE, origin)).await;
        assert_eq!(status(&answer), expected, "{flags:?} {origin}");
    }
}

#[tokio::test]
async fn bad_handshakes_are_told_what_is_wrong() {
    let pipe = Pipe::start(&["cat"]).await;
    let good = handshake("/", "example.com", "");
    for (from, to, expected) in [
        ("Version: 13", "Version: 8", 426),
        ("Connection: Upgrade\r\n", "", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "short", 400),
        ("GET ", "POST ", 405),
        ("GET / ", "GET /%zz ", 400),
        ("GET / ", "GET /%00 ", 400),
        ("Upgrade: websocket\r\n", "", 404),
    ] {
        let answer = ask_at(pipe.address.port(), &good.replace(from, to)).await;
        assert_eq!(status(&answer), expected, "{to}: {answer}");
    }
    assert_eq!(status(&ask_at(pipe.address.port(), &good).await), 101);
}

#[tokio::test]
async fn subprotocols_are_agreed_on() {
    let offers = "Sec-WebSocket-Protocol: two, one\r\n";
    for (flags, offers, agreed) in [
        (&[][..], offers, &["two"][..]),
        (&[], "", &[]),
        (&["--protocol=one,two"], offers, &["one"]),
        (&["--protocol=two"], offers, &["two"]),
        (&["--protocol=three"], offers, &[]),
        (&["--header-ws=Sec-WebSocket-Protocol: own"], offers, &["own"]),
        (&["--header=Sec-WebSocket-Protocol: own"], offers, &["own"]),
    ] {
        let pipe = Pipe::start(&[flags, &["cat"]].concat()).await;
        let answer = ask_at(pipe.address.port(), &handshake("/", "x", offers)).await;
        assert_eq!(values(&answer, "sec-websocket-protocol"), agreed, "{flags:?}: {answer}");
    }
}

#[tokio::test]
async fn compression_is_agreed_on_without_context() {
    let offers = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    for (flags, agrees) in
        [(&[][..], true), (&["--deflate=false"], false), (&["--binary"], false), (&["--frame=json"], true)]
    {
        let pipe = Pipe::start(&[flags, &["cat"]].concat()).await;
        let answer = ask_at(pipe.address.port(), &handshake("/", "x", offers)).await;
        let agreed = values(&answer, "sec-websocket-extensions").concat();
        assert_eq!(!agreed.is_empty(), agrees, "{flags:?}: {answer}");
        for side in ["server", "client"] {
            assert_eq!(agreed.contains(&format!("{side}_no_context_takeover")), agrees, "{agreed}");
        }
    }
}

#[tokio::test]
async fn headers_are_for_their_answers() {
    let flags = ["--header=X-All: a", "--header=X-All: b", "--header-ws=X-Ws: c", "--header-http=X-Http:  d"];
    let pipe = Pipe::start(&[&flags[..], &["--header", "Server: mine/1", "cat"]].concat()).await;
    let port = pipe.address.port();
    for (request, ws, http) in [
        (handshake("/", "x", ""), &["c"][..], &[][..]),
        (handshake("/", "x", "Origin: nonsense\r\n"), &[], &["d"]),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), &[], &["d"]),
    ] {
        let answer = ask_at(port, &request).await;
        assert_eq!(values(&answer, "x-all"), ["a", "b"], "{answer}");
        assert_eq!((values(&answer, "x-ws"), values(&answer, "x-http")), (ws.to_vec(), http.to_vec()), "{answer}");
        assert_eq!(values(&answer, "server"), ["mine/1"], "{answer}");
    }
}

#[tokio::test]
async fn folders_have_programs_and_keep_the_rest_to_themselves() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("programs");
    std::fs::create_dir(&folder).unwrap();
    script(&above, "secret.sh", "#!/bin/sh\necho secret\n");
    script(&above, "programs/hello.sh", "#!/bin/sh\necho hello\n");
    std::fs::write(folder.join("plain.txt"), "text").unwrap();
    std::os::unix::fs::symlink("../secret.sh", folder.join("link.sh")).unwrap();
    let pipe = Pipe::start(&[&format!("--dir={}", folder.display())]).await;
    let heard = pipe.open_at("/hello.sh", &[]).await.unwrap().0.rest().await;
    assert_eq!(heard, (vec!["hello".to_owned()], (1000, String::new())));
    for path in ["/", "/none", "/link.sh", "/../secret.sh", "/%2e%2e/secret.sh", "/..%2fsecret.sh", "/hello.sh%00"] {
        let answer = ask_at(pipe.address.port(), &handshake(path, "x", "")).await;
        assert_eq!(status(&answer), if path.ends_with("%00") { 400 } else { 404 }, "{path}: {answer}");
    }
    let (heard, (code, reason)) = pipe.open_at("/plain.txt", &[]).await.unwrap().0.rest().await;
    assert!(heard.is_empty() && code == 1011 && reason.contains("plain.txt"), "{code} {reason}");
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_is_told_so() {
    let pipe = Pipe::start(&["--maxforks=2", "cat"]).await;
    let (mut one, mut other) = (pipe.open().await, pipe.open().await);
    for socket in [&mut one, &mut other] {
        socket.say("here").await;
        assert_eq!(socket.hear().await, "here");
    }
    let end = pipe.open().await.end().await;
    assert_eq!(end, (1013, "too many programs (--maxforks 2)".to_owned()));
    one.close().await;
    assert_eq!(one.end().await.0, 1000);
    // The place is free once the program has ended, which nobody else is told of.
    let mut again = tokio::time::interval(std::time::Duration::from_millis(5));
    let heard = loop {
        again.tick().await;
        let mut next = pipe.open().await;
        // It may be closed by then.
        drop(next.0.send(Message::text("here")).await);
        drop(next.0.send(Message::Close(None)).await);
        let (heard, (code, _)) = next.rest().await;
        if code != 1013 {
            break heard;
        }
    };
    assert_eq!(heard, ["here"]);
}

#[tokio::test]
async fn what_is_logged_of_a_connection_says_whose_it_is() {
    let pipe = Pipe::sh(&[], "echo $$; echo failing >&2").await;
    let (messages, _) = pipe.open_at("/a?b", &[("origin", "http://a.example")]).await.unwrap().0.rest().await;
    crate::support::until("the end is logged", || pipe.log().iter().any(|line| line.contains("| DISCONNECT"))).await;
    let log = pipe.log();
    let connected = log.iter().find(|line| line.ends_with("| CONNECT")).unwrap();
    let parts: Vec<&str> = connected.split(" | ").collect();
    assert_eq!(parts.get(1..3), Some(&["ACCESS", "session   "][..]), "{connected}");
    assert!(parts[0].ends_with(" +0000") && parts[0].contains(", "), "{connected}");
    let address = pipe.address;
    assert!(parts[3].starts_with(&format!("url:'http://{address}/a?b' id:'")), "{connected}");
    assert!(parts[3].contains("' remote:'127.0.0.1' command:'/"), "{connected}");
    assert!(parts[3].contains("' origin:'http://a.example' pid:'"), "{connected}");
    assert!(parts[3].ends_with(&format!("pid:'{}'", messages[0])), "{connected}");
    let failing = log.iter().find(|line| line.ends_with("| failing")).unwrap();
    assert!(failing.contains("| ERROR  | stderr     |"), "{failing}");
}
