//! People come in, talk, and see the same in the same order.

use common::api::{EventPage, RoomList};
use common::client::ClientMsg;
use common::id::{RoomId, Seq};
use common::model::{EventKind, Person};
use common::server::{ErrorCode, ServerMsg};

use crate::support::client::{LOBBY, seqs};
use crate::support::{Server, http};

fn create(name: &str) -> impl FnOnce(common::id::Cid) -> ClientMsg {
    let name = name.to_owned();
    move |cid| ClientMsg::Create { cid, name, private: false }
}

fn join(room: RoomId) -> impl FnOnce(common::id::Cid) -> ClientMsg {
    move |cid| ClientMsg::Join { cid, room }
}

fn leave(room: RoomId) -> impl FnOnce(common::id::Cid) -> ClientMsg {
    move |cid| ClientMsg::Leave { cid, room }
}

#[tokio::test]
async fn what_one_says_the_other_sees() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    alice.event(|event| event.by == bob.me.id && event.kind == EventKind::Joined).await;
    let acked = alice.says("hi").await;
    let seen = bob.sees("hi").await;
    assert_eq!((seen.seq, seen.by, seen.name.as_str()), (acked.seq, alice.me.id, "Alice"));
    assert_eq!((acked.n, acked.seq), (Some(1), Seq(4)));
    // The author sees it too, as everybody does.
    assert_eq!(alice.sees("hi").await, seen);
    server.stop().await;
}

#[tokio::test]
async fn everybody_sees_one_order() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for name in ["A", "B", "C", "D"] {
        clients.push(server.guest(name).await);
    }
    for round in 0..25 {
        for client in &mut clients {
            let cid = client.cid();
            let body = format!("{} {round}", client.name);
            client.tell(&ClientMsg::Send { cid, room: LOBBY, body, after: None, reply_to: None }).await;
        }
    }
    // created, four joined, a hundred messages.
    let mut logs = Vec::new();
    for client in &mut clients {
        let mut events = client.until(LOBBY, Seq(105)).await;
        events.retain(|msg| matches!(msg, ServerMsg::Event(event) if event.seq > Seq(5)));
        logs.push(events);
    }
    assert_eq!(seqs(&logs[0]), (6..=105).collect::<Vec<_>>());
    assert!(logs.iter().all(|log| *log == logs[0]));
    server.stop().await;
}

#[tokio::test]
async fn history_comes_in_pages() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    for i in 0..8 {
        alice.says(&i.to_string()).await;
    }
    let page = async |query: &str| {
        http::get(server.address, &format!("/api/v1/rooms/r1/events{query}"), &alice.cookie).await.json::<EventPage>()
    };
    let numbers = |page: &EventPage| page.events.iter().map(|event| event.seq.0).collect::<Vec<_>>();
    let (all, some) = (page("").await, page("?after=3&limit=4").await);
    assert_eq!((all.head, numbers(&all)), (Seq(10), (1..=10).collect()));
    assert_eq!(numbers(&some), [4, 5, 6, 7]);
    for bad in ["limit=0", "limit=501", "after=-1", "after=x", "limit", "after=1&after=2"] {
        let refused = http::get(server.address, &format!("/api/v1/rooms/r1/events?{bad}"), &alice.cookie).await;
        assert_eq!(refused.status, 400, "{bad}");
    }
    server.stop().await;
}

#[tokio::test]
async fn rooms_are_made_joined_and_left() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let made = alice.does(create("#Garden")).await.unwrap();
    assert_eq!((made.room, made.seq), (RoomId(2), Seq(1)));
    let list = http::get(server.address, "/api/v1/rooms", &bob.cookie).await.json::<RoomList>();
    let garden = list.rooms.iter().find(|room| room.name == "garden").unwrap();
    assert_eq!((garden.id, garden.members, garden.joined), (made.room, 1, false));

    assert_eq!(bob.does(create("garden")).await, Err(ErrorCode::NameTaken));
    assert_eq!(bob.does(create("no spaces")).await, Err(ErrorCode::BadText));
    let cid = bob.cid();
    assert_eq!(bob.sends(cid, made.room, "hello?").await, Err(ErrorCode::NotMember));
    let page = http::get(server.address, "/api/v1/rooms/r2/events", &bob.cookie).await;
    let missing = http::get(server.address, "/api/v1/rooms/r99/events", &bob.cookie).await;
    assert_eq!((page.status, &page.body), (404, &missing.body));

    alice.says_in(made.room, "first").await;
    assert_eq!(bob.does(join(made.room)).await.unwrap().seq, Seq(3));
    let entered = bob.everything().await;
    assert!(
        entered.iter().any(|msg| matches!(msg, ServerMsg::Room(info) if info.id == made.room && info.members == 2))
    );
    bob.says_in(made.room, "I am in").await;
    assert_eq!(alice.sees("I am in").await.seq, Seq(4));

    // Joining again changes nothing and names the event of the first time.
    assert_eq!(bob.does(join(made.room)).await.unwrap().seq, Seq(3));
    let left = bob.does(leave(made.room)).await.unwrap();
    bob.wait(|msg| matches!(msg, ServerMsg::Left { room } if *room == made.room).then_some(())).await;
    assert_eq!(left.seq, Seq(5));
    assert_eq!(bob.does(leave(made.room)).await.unwrap().seq, Seq(5));
    alice.says_in(made.room, "secret").await;
    bob.says("still here").await;
    assert!(
        !bob.everything()
            .await
            .iter()
            .any(|msg| matches!(msg, ServerMsg::Event(e) if e.room == made.room && e.seq >= left.seq))
    );
    assert_eq!(bob.does(join(RoomId(99))).await, Err(ErrorCode::NoSuchRoom));

    // And back again.
    assert_eq!(bob.does(join(made.room)).await.unwrap().seq, Seq(7));
    bob.sees("secret").await;
    server.stop().await;
}

#[tokio::test]
async fn every_tab_hears_of_rooms_and_names() {
    let server = Server::start().await;
    let mut one = server.guest("Alice").await;
    let mut two = one.again().await;
    let mut bob = server.guest("Bob").await;
    let room = one.does(create("garden")).await.unwrap().room;
    two.wait(|msg| matches!(msg, ServerMsg::Room(info) if info.id == room).then_some(())).await;
    one.says_in(room, "in both").await;
    two.sees("in both").await;
    two.does(leave(room)).await.unwrap();
    one.wait(|msg| matches!(msg, ServerMsg::Left { room: left } if *left == room).then_some(())).await;

    let renamed = http::post(server.address, "PATCH /api/v1/me", &one.cookie, r#"{"name":"Alice B."}"#).await;
    assert_eq!(renamed.json::<Person>().name, "Alice B.");
    for client in [&mut one, &mut two, &mut bob] {
        let person = client.wait(|msg| if let ServerMsg::Person(p) = msg { Some(p.clone()) } else { None }).await;
        assert_eq!((person.id, person.name.as_str()), (renamed.json::<Person>().id, "Alice B."));
    }
    one.says("it is me").await;
    assert_eq!(bob.sees("it is me").await.name, "Alice B.");
    server.stop().await;
}

#[tokio::test]
async fn a_repeat_changes_nothing_even_after_a_restart() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let cid = alice.cid();
    let first = alice.sends(cid, LOBBY, "once").await.unwrap();
    assert_eq!(alice.sends(cid, LOBBY, "once").await.unwrap(), first);
    assert_eq!(alice.sends(cid, LOBBY, "twice").await, Err(ErrorCode::CidReused));
    alice.tell(&ClientMsg::Leave { cid, room: LOBBY }).await;
    assert_eq!(alice.answer(cid).await, Err(ErrorCode::CidReused));
    let room_cid = alice.cid();
    alice.tell(&ClientMsg::Create { cid: room_cid, name: "garden".to_owned(), private: false }).await;
    let made = alice.answer(room_cid).await.unwrap();

    let (cookie, name) = (alice.cookie.clone(), alice.name.clone());
    let server = server.restart().await;
    let mut alice = crate::support::client::Client::connect(server.address, &name, &cookie).await;
    assert_eq!(alice.sends(cid, LOBBY, "once").await.unwrap(), first);
    alice.tell(&ClientMsg::Create { cid: room_cid, name: "garden".to_owned(), private: false }).await;
    assert_eq!(alice.answer(room_cid).await.unwrap(), made);
    alice.tell(&ClientMsg::Create { cid: room_cid, name: "yard".to_owned(), private: false }).await;
    assert_eq!(alice.answer(room_cid).await, Err(ErrorCode::CidReused));
    let page = http::get(server.address, "/api/v1/rooms/r1/events", &cookie).await.json::<EventPage>();
    assert_eq!(page.head, first.seq);
    server.stop().await;
}

#[tokio::test]
async fn more_commands_than_may_be_unanswered_are_all_answered() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut cids = Vec::new();
    for i in 0..500 {
        let cid = alice.cid();
        alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: i.to_string(), after: None, reply_to: None }).await;
        cids.push(cid);
    }
    for (i, cid) in (0..).zip(cids) {
        assert_eq!(alice.answer(cid).await.unwrap().n, Some(i + 1), "in the order they were sent");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_sends_too_fast_is_told_when_to_go_on() {
    let server = Server::start_with(|config| {
        config.rate = readyroom::session::throttle::Rate { per_second: 1, burst: 3 };
    })
    .await;
    let mut alice = server.guest("Alice").await;
    alice.says("one").await;
    alice.says("two").await;
    let cid = alice.cid();
    alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: "three".to_owned(), after: None, reply_to: None }).await;
    let refusal = alice.error().await;
    assert_eq!((refusal.code, refusal.cid, refusal.room), (ErrorCode::RateLimited, Some(cid), Some(LOBBY)));
    assert!(refusal.retry_ms.is_some_and(|ms| (1..=1000).contains(&ms)));
    server.stop().await;
}
