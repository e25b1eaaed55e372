//! The relay: other servers through this one, and every reason why not.

use std::net::SocketAddr;

use common::api::account::ServerInfo;
use common::labs::Side;
use common::relay::{BYTES, Cause, End, Failure, MOST_MESSAGE, MOST_OF_ONE, Order, Party, Stage, Told, Wish};
use futures_util::{SinkExt, StreamExt};
use readyroom::config::Config;
use readyroom::relay::allow::{AllowList, Entry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::task::TaskTracker;

use crate::support::{Server, http, soon};

/// A page's socket to `/relay`.
struct Page {
    ws: WebSocketStream<TcpStream>,
    /// The bytes of messages that came while something else was waited for.
    bytes: Vec<Vec<u8>>,
}

async fn connect(address: SocketAddr, cookie: &str, origin: Option<&str>) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut request = format!("ws://{address}/relay").into_client_request()?;
    if !cookie.is_empty() {
        request.headers_mut().insert("cookie", HeaderValue::from_str(cookie)?);
    }
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", HeaderValue::from_str(origin)?);
    }
    let stream = TcpStream::connect(address).await?;
    soon("a handshake", tokio_tungstenite::client_async(request, stream)).await.map(|(ws, _)| ws)
}

fn status(refused: Result<WebSocketStream<TcpStream>, Error>) -> u16 {
    match refused {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("no refusal but {:?}", other.map(|_| "a socket")),
    }
}

fn to(url: &str) -> Wish {
    Wish { url: url.to_owned(), ..Wish::default() }
}

impl Page {
    async fn begin(server: &Server, cookie: &str, wish: &Wish) -> Self {
        let ws = connect(server.address, cookie, None).await.unwrap();
        let mut page = Self { ws, bytes: Vec::new() };
        page.raw(&serde_json::to_string(wish).unwrap()).await;
        page
    }

    async fn raw(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.unwrap();
    }

    async fn orders(&mut self, order: &Order) {
        self.raw(&serde_json::to_string(order).unwrap()).await;
    }

    async fn sends_bytes(&mut self, bytes: &[u8]) {
        self.ws.send(Message::binary([&[BYTES], bytes].concat())).await.unwrap();
    }

    /// What the relay tells next.
    async fn told(&mut self) -> Told {
        loop {
            match soon("what the relay tells", self.ws.next()).await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Binary(bytes) => {
                    assert_eq!(bytes[0], BYTES);
                    self.bytes.push(bytes[1..].to_vec());
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The first thing told that is wanted; what comes before is dropped.
    async fn wait<T>(&mut self, mut wanted: impl FnMut(&Told) -> Option<T>) -> T {
        loop {
            let told = self.told().await;
            if let Some(found) = wanted(&told) {
                return found;
            }
            assert!(!matches!(told, Told::Failed(_) | Told::Closed { .. }), "{told:?}");
        }
    }

    async fn opened(&mut self) -> (String, String) {
        self.wait(|told| match told {
            Told::Open { protocol, extensions } => Some((protocol.clone(), extensions.clone())),
            _ => None,
        })
        .await
    }

    async fn failure(&mut self) -> Failure {
        self.wait(|told| match told {
            Told::Failed(failure) => Some(failure.clone()),
            _ => None,
        })
        .await
    }

    async fn text(&mut self) -> String {
        self.wait(|told| match told {
            Told::Message { text } => Some(text.clone()),
            _ => None,
        })
        .await
    }

    /// The next message of bytes.
    async fn next_bytes(&mut self) -> Vec<u8> {
        while self.bytes.is_empty() {
            match soon("bytes", self.ws.next()).await.unwrap().unwrap() {
                Message::Binary(bytes) => self.bytes.push(bytes[1..].to_vec()),
                Message::Text(_) => {}
                other => panic!("{other:?}"),
            }
        }
        self.bytes.remove(0)
    }

    /// The next frame of this side and opcode: the first byte of its header, and its payload.
    async fn frame(&mut self, side: Side, opcode: u8) -> (u8, String) {
        self.wait(|told| match told {
            Told::Frame { from, header, payload, .. } if *from == side => {
                let first = u8::from_str_radix(&header[..2], 16).unwrap();
                (first & 15 == opcode).then(|| (first, payload.clone()))
            }
            _ => None,
        })
        .await
    }

    async fn closed(&mut self) -> (u16, String, bool, Party, End) {
        self.wait(|told| match told {
            Told::Closed { code, reason, was_clean, by, end, .. } => {
                Some((*code, reason.clone(), *was_clean, *by, *end))
            }
            _ => None,
        })
        .await
    }

    /// The relay says Close after its last words, and nothing else.
    async fn ends(mut self) {
        let last = soon("the end", self.ws.next()).await.unwrap().unwrap();
        assert!(matches!(last, Message::Close(_)), "{last:?}");
    }
}

/// A server that relays to these.
async fn relaying(allow: &str) -> Server {
    let entries =
        allow.split(',').filter(|entry| !entry.is_empty()).map(|entry| Entry::parse(entry).unwrap()).collect();
    Server::start_with(|config: &mut Config| {
        (config.relay, config.relay_allow) = (true, AllowList(entries));
    })
    .await
}

/// One that relays to this machine, and a member's cookie.
async fn at_home() -> (Server, String) {
    let server = relaying("127.0.0.0/8").await;
    let cookie = server.member("Alice").await.cookie;
    (server, cookie)
}

/// Listens and serves one connection with `serve`, which is given the stream behind the request's head, and the head.
async fn peer<F>(serve: impl FnOnce(TcpStream, String) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    TaskTracker::new().spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_gone) => return,
            }
        }
        serve(stream, String::from_utf8(head).unwrap()).await;
    });
    address
}

/// One that answers with this.
async fn canned(answer: impl Into<String>) -> SocketAddr {
    let answer = answer.into();
    peer(move |mut stream, _| async move {
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await
}

/// One that accepts the handshake, says these bytes, and reads until the end.
async fn open_and_say(bytes: &'static [u8]) -> SocketAddr {
    peer(move |mut stream, head| async move {
        stream.write_all(accept(&head, "").as_bytes()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest).await);
    })
    .await
}

/// The answer that accepts a request.
fn accept(head: &str, more: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = wire::handshake::accept_key(key);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn it_is_off_unless_the_operator_turns_it_on() {
    let server = Server::start().await;
    let cookie = server.member("Alice").await.cookie;
    assert_eq!(status(connect(server.address, &cookie, None).await), 404);
    assert!(!http::get(server.address, "/api/v1/server", "").await.json::<ServerInfo>().relay);
    server.stop().await;
    let server = relaying("").await;
    assert!(http::get(server.address, "/api/v1/server", "").await.json::<ServerInfo>().relay);
    server.stop().await;
}

#[tokio::test]
async fn it_is_for_members() {
    let server = relaying("127.0.0.1").await;
    assert_eq!(status(connect(server.address, "", None).await), 401);
    let mut guest = server.guest("Gus").await;
    let echo = format!("ws://{}/labs/echo", server.address);
    let failure = Page::begin(&server, &guest.cookie, &to(&echo)).await.failure().await;
    assert_eq!((failure.stage, failure.cause), (Stage::Policy, Cause::NotAllowed));
    server.appoint(&guest, 2);
    assert_eq!(status(connect(server.address, &guest.cookie, Some("https://evil.example")).await), 403);
    let mut page = Page::begin(&server, &guest.cookie, &to(&echo)).await;
    page.opened().await;
    // The chat goes on beside it.
    guest.says("hi").await;
    server.stop().await;
}

#[tokio::test]
async fn messages_go_both_ways_and_every_frame_is_seen() {
    let (server, cookie) = at_home().await;
    let mut page = Page::begin(&server, &cookie, &to(&format!("ws://{}/labs/echo", server.address))).await;
    assert_eq!(page.told().await, Told::Resolved { address: server.address.to_string() });
    let Told::Handshake { request, response } = page.told().await else { panic!("no handshake") };
    assert_eq!(request.line, "GET /labs/echo HTTP/1.1");
    assert!(request.headers.contains(&("Host".to_owned(), server.address.to_string())));
    assert_eq!(response.line, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(page.opened().await, (String::new(), String::new()));

    page.orders(&Order::Send("Hello, \"世界\"".to_owned())).await;
    let Told::Frame { from: Side::Client, header, len: 15, .. } = page.told().await else { panic!("no frame") };
    assert!(header.starts_with("818f") && header.len() == 12, "{header}");
    let Told::Frame { from: Side::Server, header, len: 15, payload } = page.told().await else { panic!("no frame") };
    assert_eq!((header.as_str(), &payload[..10]), ("810f", "48656c6c6f"));
    assert_eq!(page.told().await, Told::Message { text: "Hello, \"世界\"".to_owned() });

    let long: Vec<u8> = (0..1_000_000_u32).map(|byte| byte as u8).collect();
    page.sends_bytes(&long).await;
    page.sends_bytes(&[]).await;
    assert!(page.next_bytes().await == long);
    assert!(page.next_bytes().await.is_empty());

    page.orders(&Order::Ping("are you there".to_owned())).await;
    page.frame(Side::Client, 9).await;
    let (_, pong) = page.frame(Side::Server, 10).await;
    assert_eq!(pong, "6172652079 6f75207468657265".replace(' ', ""));

    page.orders(&Order::Close { code: Some(3000), reason: "done".to_owned() }).await;
    let (code, _, was_clean, by, end) = page.closed().await;
    assert_eq!((code, was_clean, by, end), (3000, true, Party::Client, End::Close));
    page.ends().await;
    server.stop().await;
}

#[tokio::test]
async fn compression_is_offered_on_request() {
    let (server, cookie) = at_home().await;
    let wish = Wish { deflate: true, ..to(&format!("ws://{}/labs/echo", server.address)) };
    let mut page = Page::begin(&server, &cookie, &wish).await;
    assert!(page.opened().await.1.starts_with("permessage-deflate"));
    for text in ["tea ".repeat(500), "tea ".repeat(500), "and coffee".to_owned()] {
        page.orders(&Order::Send(text.clone())).await;
        let (first, _) = page.frame(Side::Client, 1).await;
        let (back, _) = page.frame(Side::Server, 1).await;
        assert_eq!((first, back), (0xc1, 0xc1));
        assert_eq!(page.text().await, text);
    }
    server.stop().await;
}

#[tokio::test]
async fn headers_and_subprotocols_arrive_as_they_were_wished_for() {
    let (server, cookie) = at_home().await;
    let address = peer(|mut stream, head| async move {
        stream.write_all(accept(&head, "Sec-WebSocket-Protocol: two\r\n").as_bytes()).await.unwrap();
        let mut text = Vec::new();
        wire::encode::text(&mut text, &head);
        stream.write_all(&text).await.unwrap();
        stream.read_u8().await.unwrap();
    })
    .await;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wish = Wish {
        protocols: vec!["one".to_owned(), "two".to_owned()],
        headers: vec![header("Origin", "https://a.example"), header("Host", "b.example"), header("X-Token", "a b")],
        ..to(&format!("ws://{address}/x?y=z"))
    };
    let mut page = Page::begin(&server, &cookie, &wish).await;
    assert_eq!(page.opened().await.0, "two");
    let head = page.text().await;
    assert!(head.starts_with("GET /x?y=z HTTP/1.1\r\nHost: b.example\r\n"), "{head}");
    for line in ["Origin: https://a.example", "X-Token: a b", "Sec-WebSocket-Protocol: one, two"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{head}");
    }
    let smuggled = Wish { headers: vec![header("A", "b\r\nC: d")], ..to(&format!("ws://{address}/")) };
    let failure = Page::begin(&server, &cookie, &smuggled).await.failure().await;
    assert_eq!((failure.stage, failure.cause), (Stage::Url, Cause::BadHeader));
    server.stop().await;
}

#[tokio::test]
async fn an_answer_other_than_101_is_told_as_it_is() {
    let (server, cookie) = at_home().await;
    let body = "x".repeat(3000);
    for (answer, cause, line, told) in [
        (
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Cause::Redirect,
            "HTTP/1.1 302 Found",
            "",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello".to_owned(), Cause::Status, "HTTP/1.1 200 OK", "Hello"),
        (format!("HTTP/1.1 403 Forbidden\r\n\r\n{body}"), Cause::Status, "HTTP/1.1 403 Forbidden", &body[..1024]),
    ] {
        let address = canned(answer).await;
        let failure = Page::begin(&server, &cookie, &to(&format!("ws://{address}/"))).await.failure().await;
        assert_eq!((failure.stage, failure.cause), (Stage::Http, cause), "{failure:?}");
        assert_eq!(failure.response.unwrap().line, line);
        assert_eq!(failure.body.unwrap(), told);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_wrong_is_named() {
    let (server, cookie) = at_home().await;
    let upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    for (answer, stage, cause) in [
        (format!("{upgraded}Sec-WebSocket-Accept: AAAA\r\n\r\n"), Stage::Handshake, Cause::WrongAccept),
        (format!("{upgraded}\r\n"), Stage::Handshake, Cause::WrongAccept),
        ("HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\n\r\n".to_owned(), Stage::Handshake, Cause::NoUpgrade),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), Stage::Http, Cause::NotHttp),
        (String::new(), Stage::Http, Cause::Ended),
        (format!("HTTP/1.1 101 Yes\r\nX: {}\r\n\r\n", "x".repeat(70_000)), Stage::Http, Cause::NotHttp),
    ] {
        let address = canned(answer.clone()).await;
        let failure = Page::begin(&server, &cookie, &to(&format!("ws://{address}/"))).await.failure().await;
        assert_eq!((failure.stage, failure.cause), (stage, cause), "{failure:?} to {answer:.80}");
    }
    for (more, cause) in [
        ("Sec-WebSocket-Protocol: other\r\n", Cause::WrongProtocol),
        ("Sec-WebSocket-Extensions: permessage-deflate\r\n", Cause::WrongExtension),
    ] {
        let address = peer(move |mut stream, head| async move {
            stream.write_all(accept(&head, more).as_bytes()).await.unwrap();
        })
        .await;
        let failure = Page::begin(&server, &cookie, &to(&format!("ws://{address}/"))).await.failure().await;
        assert_eq!((failure.stage, failure.cause), (Stage::Handshake, cause), "{failure:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_there_is_told_apart_from_no_such_name() {
    let (server, cookie) = at_home().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, stage, cause) in [
        (format!("ws://{free}/"), Stage::Tcp, Cause::Refused),
        ("ws://nobody.invalid/".to_owned(), Stage::Dns, Cause::NotFound),
        ("ws://127.0.0.1:25/".to_owned(), Stage::Policy, Cause::BadPort),
        ("ws://a:b@127.0.0.1/".to_owned(), Stage::Url, Cause::BadUrl),
        ("file:///etc/passwd".to_owned(), Stage::Url, Cause::BadUrl),
    ] {
        let failure = Page::begin(&server, &cookie, &to(&url)).await.failure().await;
        assert_eq!((failure.stage, failure.cause), (stage, cause), "{failure:?}");
    }
    let mut page = Page::begin(&server, &cookie, &to("")).await;
    assert_eq!(page.failure().await.cause, Cause::BadUrl);
    page.ends().await;
    server.stop().await;
}

#[tokio::test]
async fn nothing_but_public_addresses_is_called_unless_listed() {
    let server = relaying("192.0.2.7,*.inner.example").await;
    let cookie = server.member("Alice").await.cookie;
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = canary.local_addr().unwrap().port();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "192.0.2.8",
    ];
    for host in hosts {
        let failure = Page::begin(&server, &cookie, &to(&format!("ws://{host}:{port}/"))).await.failure().await;
        assert_eq!((failure.stage, failure.cause), (Stage::Policy, Cause::Private), "{host}: {failure:?}");
    }
    // Whoever was called by mistake has somebody waiting.
    let nobody = futures_util::FutureExt::now_or_never(canary.accept());
    assert!(nobody.is_none(), "somebody called");
    server.stop().await;
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_stands_for_or_listed_itself() {
    let server = relaying("localhost").await;
    let cookie = server.member("Alice").await.cookie;
    let port = server.address.port();
    let mut page = Page::begin(&server, &cookie, &to(&format!("ws://localhost:{port}/labs/echo"))).await;
    page.opened().await;
    let failure = Page::begin(&server, &cookie, &to(&format!("ws://127.0.0.1:{port}/"))).await.failure().await;
    assert_eq!(failure.cause, Cause::Private);
    server.stop().await;
}

#[tokio::test]
async fn pings_are_seen_and_answered_unless_they_shall_not_be() {
    let (server, cookie) = at_home().await;
    // A ping, and then a text that says that the ping was read before.
    let talk: &[u8] = b"\x89\x02hi\x81\x04then";
    let address = open_and_say(talk).await;
    let mut page = Page::begin(&server, &cookie, &to(&format!("ws://{address}/"))).await;
    assert_eq!(page.frame(Side::Server, 9).await.1, "6869");
    page.frame(Side::Client, 10).await;
    let address = open_and_say(talk).await;
    let wish = Wish { no_pong: true, ..to(&format!("ws://{address}/")) };
    let mut page = Page::begin(&server, &cookie, &wish).await;
    page.frame(Side::Server, 9).await;
    let mut pongs = 0;
    page.wait(|told| {
        pongs += i32::from(matches!(told, Told::Frame { from: Side::Client, .. }));
        matches!(told, Told::Message { .. }).then_some(())
    })
    .await;
    assert_eq!(pongs, 0);
    server.stop().await;
}

#[tokio::test]
async fn the_end_is_told_with_whose_doing_it_was() {
    let (server, cookie) = at_home().await;
    let rows: [(&'static [u8], _); 5] = [
        (b"", (1006, String::new(), false, Party::Server, End::Eof)),
        (b"\x81\x02h", (1006, String::new(), false, Party::Server, End::Eof)),
        (b"\x88\x05\x0f\xa0bye", (4000, "bye".to_owned(), true, Party::Server, End::Close)),
        (b"\x88\x00", (1005, String::new(), true, Party::Server, End::Close)),
        // A server's frame with a mask.
        (b"\x81\x82\0\0\0\0hi", (1006, String::new(), false, Party::Server, End::Violation)),
    ];
    for (bytes, expected) in rows {
        let address = open_and_say(bytes).await;
        let mut page = Page::begin(&server, &cookie, &to(&format!("ws://{address}/"))).await;
        page.opened().await;
        assert_eq!(page.closed().await, expected, "{bytes:x?}");
        page.ends().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn orders_that_are_none_end_it() {
    let (server, cookie) = at_home().await;
    let echo = to(&format!("ws://{}/labs/echo", server.address));
    for order in [
        "nonsense".to_owned(),
        r#"{"shout":"hi"}"#.to_owned(),
        r#"{"close":{"code":1006,"reason":""}}"#.to_owned(),
        r#"{"close":{"code":null,"reason":"why"}}"#.to_owned(),
        format!(r#"{{"ping":"{}"}}"#, "x".repeat(126)),
        format!(r#"{{"close":{{"code":1000,"reason":"{}"}}}}"#, "x".repeat(124)),
        format!(r#"{{"send":"{}"}}"#, "x".repeat(MOST_MESSAGE + 1)),
    ] {
        let mut page = Page::begin(&server, &cookie, &echo).await;
        page.opened().await;
        page.raw(&order).await;
        let (_, _, _, by, end) = page.closed().await;
        assert_eq!((by, end), (Party::Client, End::BadOrder), "{order:.60}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_person_has_a_few_at_a_time() {
    let (server, cookie) = at_home().await;
    let echo = to(&format!("ws://{}/labs/echo", server.address));
    let mut pages = Vec::new();
    for _ in 0..MOST_OF_ONE {
        let mut page = Page::begin(&server, &cookie, &echo).await;
        page.opened().await;
        pages.push(page);
    }
    let failure = Page::begin(&server, &cookie, &echo).await.failure().await;
    assert_eq!(failure.cause, Cause::TooMany);
    // Another's are another's.
    let other = server.member("Bob").await.cookie;
    Page::begin(&server, &other, &echo).await.opened().await;
    let mut page = pages.pop().unwrap();
    page.orders(&Order::Close { code: None, reason: String::new() }).await;
    page.closed().await;
    page.ends().await;
    Page::begin(&server, &cookie, &echo).await.opened().await;
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_ends_its_relays() {
    let (server, cookie) = at_home().await;
    let bob = server.member("Bob").await.cookie;
    let echo = to(&format!("ws://{}/labs/echo", server.address));
    let mut page = Page::begin(&server, &cookie, &echo).await;
    let mut other = Page::begin(&server, &bob, &echo).await;
    page.opened().await;
    other.opened().await;
    let answer =
        http::request(server.address, "DELETE /api/v1/sessions/current", &[&format!("Cookie: {cookie}")], "").await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let (_, _, _, by, end) = page.closed().await;
    assert_eq!((by, end), (Party::Relay, End::SignedOut));
    other.orders(&Order::Send("still here".to_owned())).await;
    assert_eq!(other.text().await, "still here");
    // And a server that is stopped says so.
    server.begin_stop();
    let (_, _, _, by, end) = other.closed().await;
    assert_eq!((by, end), (Party::Relay, End::Stopping));
    server.stop().await;
}
