//! Messages as they stand, over HTTP: pages by number and by time, what became of each, and who may read.

use common::api::Problem;
use common::api::messages::{EditList, MessagePage, MessageView, PinList, Place};
use common::client::ClientMsg;
use common::id::Seq;

use crate::support::client::{Client, LOBBY};
use crate::support::http::{self, Answer};
use crate::support::{Server, soon};

async fn get(server: &Server, reader: &Client, path: &str) -> Answer {
    http::get(server.address, &format!("/api/v1/rooms/{path}"), &reader.cookie).await
}

async fn page(server: &Server, reader: &Client, query: &str) -> MessagePage {
    let answer = get(server, reader, &format!("r1/messages?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

async fn numbers(server: &Server, reader: &Client, query: &str) -> Vec<u64> {
    let page = page(server, reader, query).await;
    for message in &page.messages {
        assert_eq!(message.body, format!("message {}", message.n));
    }
    page.messages.iter().map(|message| message.n).collect()
}

/// A room where a hundred things were said, with events between them that are no messages.
async fn talk(server: &Server) -> (Client, Client) {
    let mut alice = server.guest("Alice").await;
    let bob = server.guest("Bob").await;
    for n in 1..=100 {
        let target = alice.says(&format!("message {n}")).await.seq;
        for emoji in ["👍", "🎉"].into_iter().take(n % 3) {
            let react = |cid| ClientMsg::React { cid, room: LOBBY, target, emoji: emoji.to_owned() };
            alice.does(react).await.unwrap();
        }
    }
    (alice, bob)
}

#[tokio::test]
async fn pages_go_both_ways_and_end_where_the_room_ends() {
    let server = Server::start().await;
    let (alice, bob) = talk(&server).await;
    let range = |from: u64, to: u64| (from..=to).collect::<Vec<_>>();
    for (query, wanted) in [
        ("", range(51, 100)),
        ("limit=3", range(98, 100)),
        ("limit=200", range(1, 100)),
        ("before=51&limit=10", range(41, 50)),
        ("before=4&limit=10", range(1, 3)),
        ("after=95&limit=3", range(96, 98)),
        ("after=98", range(99, 100)),
        ("after=100", Vec::new()),
        ("after=9223372036854775807", Vec::new()),
        ("before=1", Vec::new()),
        ("before=0", Vec::new()),
        ("around=40&limit=5", range(38, 42)),
        ("around=1&limit=4", range(1, 4)),
        ("around=100&limit=4", range(97, 100)),
        ("around=500", Vec::new()),
        ("around=0", Vec::new()),
        ("at=0&limit=2", range(1, 2)),
        ("at=9999999999999", Vec::new()),
    ] {
        assert_eq!(numbers(&server, &alice, query).await, wanted, "{query}");
    }
    // Alice has read what she said; Bob has read nothing.
    assert_eq!(page(&server, &alice, "limit=1").await.read_n, 100);
    assert_eq!(page(&server, &bob, "limit=1").await.read_n, 0);
    assert_eq!(numbers(&server, &bob, "around=unread&limit=2").await, [1, 2]);
    assert_eq!(numbers(&server, &alice, "around=unread&limit=2").await, [99, 100]);
    server.stop().await;
}

#[tokio::test]
async fn a_moment_is_found_and_so_is_the_place_of_a_number() {
    let server = Server::start().await;
    let (alice, bob) = talk(&server).await;
    let all = page(&server, &alice, "limit=200").await.messages;
    for n in [1, 40, 100_usize] {
        let at = all[n - 1].at;
        let first = all.iter().find(|message| message.at >= at).unwrap();
        let found = page(&server, &alice, &format!("at={}&limit=1", at.0)).await.messages;
        assert_eq!(found.first(), Some(first));
        let place: Place = get(&server, &alice, &format!("r1/place?at={}", at.0)).await.json();
        assert_eq!((place.seq, place.n), (first.seq, first.n));
    }
    for (query, n) in [("n=7", 7), ("n=0", 1), ("n=100000", 100), ("unread", 1), ("at=9999999999999", 100)] {
        let place: Place = get(&server, &bob, &format!("r1/place?{query}")).await.json();
        assert_eq!((place.n, place.seq), (n, all[usize::try_from(n).unwrap() - 1].seq), "{query}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_room_without_messages_has_no_place() {
    let server = Server::start().await;
    let alice = server.guest("Alice").await;
    assert_eq!(page(&server, &alice, "").await, MessagePage { n: 0, read_n: 0, messages: Vec::new() });
    let place: Place = get(&server, &alice, "r1/place?unread").await.json();
    assert_eq!(place, Place { seq: Seq(0), n: 0 });
    server.stop().await;
}

#[tokio::test]
async fn a_message_is_shown_as_it_stands() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    let target = alice.says("@Bob one").await.seq;
    let other = alice.says("two").await.seq;
    for body in ["uno", "eins"] {
        alice.does(|cid| ClientMsg::Edit { cid, room: LOBBY, target, body: body.to_owned() }).await.unwrap();
    }
    for (who, emoji) in [(&mut bob, "🎉"), (&mut alice, "👍")] {
        who.does(|cid| ClientMsg::React { cid, room: LOBBY, target, emoji: emoji.to_owned() }).await.unwrap();
    }
    bob.does(|cid| ClientMsg::Pin { cid, room: LOBBY, target }).await.unwrap();
    alice.does(|cid| ClientMsg::Delete { cid, room: LOBBY, target: other }).await.unwrap();

    let messages = page(&server, &bob, "").await.messages;
    let [first, second] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!((first.body.as_str(), first.pinned, first.deleted), ("eins", true, false));
    assert_eq!((first.name.as_str(), &first.mentions), ("Alice", &vec![bob.me.id]));
    assert!(first.edited_at.is_some());
    let reactions: Vec<_> = first.reactions.iter().map(|r| (r.emoji.as_str(), r.by.clone())).collect();
    assert_eq!(reactions, [("🎉", vec![bob.me.id]), ("👍", vec![alice.me.id])]);
    assert_eq!((second.body.as_str(), second.deleted, second.edited_at), ("", true, None));

    let one: MessageView = get(&server, &bob, &format!("r1/messages/{}", target.0)).await.json();
    assert_eq!(one, *first);
    let pins: PinList = get(&server, &bob, "r1/pins").await.json();
    assert_eq!(pins.messages, std::slice::from_ref(first));

    let edits = format!("r1/messages/{}/edits", target.0);
    let texts: EditList = get(&server, &alice, &edits).await.json();
    assert_eq!(texts.edits.iter().map(|edit| edit.body.as_str()).collect::<Vec<_>>(), ["@Bob one", "uno", "eins"]);
    assert_eq!(get(&server, &bob, &edits).await.status, 403, "Bob is neither author nor moderator");
    let gone: EditList = get(&server, &alice, &format!("r1/messages/{}/edits", other.0)).await.json();
    assert!(gone.edits.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn who_is_no_member_finds_no_room() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let bob = server.guest("Bob").await;
    let room = alice.does(|cid| ClientMsg::Create { cid, name: "plans".into(), private: true }).await.unwrap().room;
    let said = alice.says_in(room, "a secret").await.seq.0;
    for path in ["messages", &format!("messages/{said}"), &format!("messages/{said}/edits"), "pins", "place?n=1"] {
        let theirs = get(&server, &bob, &format!("{room}/{path}")).await;
        let missing = get(&server, &bob, &format!("r999/{path}")).await;
        assert_eq!((theirs.status, missing.status), (404, 404), "{path}");
        assert_eq!(theirs.body, missing.body, "a private room looks like a missing one");
        assert_eq!(get(&server, &alice, &format!("{room}/{path}")).await.status, 200, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_bad_request_is_told_what_is_wrong() {
    let server = Server::start().await;
    let alice = server.guest("Alice").await;
    for (path, status, word) in [
        ("messages?limit=0", 400, "limit"),
        ("messages?limit=201", 400, "200"),
        ("messages?before=x", 400, "before"),
        ("messages?before=-1", 400, "before"),
        ("messages?after=9223372036854775808", 400, "after"),
        ("messages?around=here", 400, "around"),
        ("messages?before=1&after=2", 400, "at most one"),
        ("messages?at=1&at=2", 400, "twice"),
        ("place", 400, "one of"),
        ("place?n=1&unread", 400, "one of"),
        ("messages/0", 404, "no such message"),
        ("messages/x", 404, "no such message"),
        ("messages/1", 404, "no such message"),
        ("messages/1/thread", 404, "no such message"),
    ] {
        let answer = soon("an answer", get(&server, &alice, &format!("r1/{path}"))).await;
        assert_eq!(answer.status, status, "{path}");
        let problem: Problem = answer.json();
        assert!(problem.detail.contains(word), "{path}: {}", problem.detail);
    }
    for room in ["r0", "x", "r", "r18446744073709551616", "%F0"] {
        assert!([400, 404].contains(&get(&server, &alice, &format!("{room}/messages")).await.status), "{room}");
    }
    server.stop().await;
}
