//! Rooms over HTTP: what programs do, with the rights that everybody has.

use common::api::messages::MessageView;
use common::api::people::PeopleList;
use common::api::rooms::RoomView;
use common::api::{Problem, RoomList};
use common::model::{EventKind, RoomKind, RoomRole};
use readyroom::session::throttle::Rate;

use crate::support::client::Client;
use crate::support::{Server, http};

/// A program that acts for somebody.
struct Program<'a>(&'a Server, String);

impl Program<'_> {
    async fn asks(&self, line: &str, body: &str) -> http::Answer {
        let (method, path) = line.split_once(' ').unwrap();
        http::post(self.0.address, &format!("{method} /api/v1{path}"), &self.1, body).await
    }

    /// The status and the code of a refusal.
    async fn refused(&self, line: &str, body: &str) -> (u16, String) {
        let answer = self.asks(line, body).await;
        let problem: Problem = answer.json();
        assert_eq!(problem.status, answer.status, "{}", answer.body);
        (answer.status, problem.code.unwrap_or_default())
    }
}

fn program<'a>(server: &'a Server, of: &Client) -> Program<'a> {
    Program(server, of.cookie.clone())
}

#[tokio::test]
async fn a_program_makes_a_room_changes_it_and_speaks_there() {
    let server = Server::start().await;
    let (maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let program = program(&server, &maya);
    let made = program.asks("POST /rooms", r#"{"name":"Builds","private":true,"topic":"what was built"}"#).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let room: RoomView = made.json();
    assert_eq!((room.name.as_str(), room.kind, room.topic.as_str()), ("builds", RoomKind::Private, "what was built"));
    let path = format!("/rooms/{}", room.id);
    assert_eq!(program.asks(&format!("PUT {path}/members/{}", lin.me.id), "{}").await.status, 204);
    lin.enters(room.id).await;
    let role = format!("PUT {path}/members/{}", lin.me.id);
    assert_eq!(program.asks(&role, r#"{"role":"moderator"}"#).await.status, 204);
    let people: PeopleList = program.asks(&format!("GET {path}/members?q=li&limit=1"), "").await.json();
    assert_eq!((people.count, people.people[0].room_role), (1, Some(RoomRole::Moderator)));
    let people: PeopleList = program.asks(&format!("GET {path}/members?after={}", lin.me.id), "").await.json();
    assert_eq!((people.count, people.people.len(), people.people[0].id), (2, 1, maya.me.id));

    let cid = "0199f0a0-0000-7000-8000-000000000001";
    let say = format!(r#"{{"body":"built @Lin","cid":"{cid}"}}"#);
    let said: MessageView = program.asks(&format!("POST {path}/messages"), &say).await.json();
    let again: MessageView = program.asks(&format!("POST {path}/messages"), &say).await.json();
    assert_eq!((said.n, said.mentions.as_slice(), &said), (1, [lin.me.id].as_slice(), &again));
    let reply = format!(r#"{{"body":"again","reply_to":{}}}"#, said.seq.0);
    let answer: MessageView = program.asks(&format!("POST {path}/messages"), &reply).await.json();
    assert_eq!((answer.reply_to, answer.root), (Some(said.seq), Some(said.seq)));
    lin.sees("built @Lin").await;
    lin.sees("again").await;

    let patch = r#"{"name":"releases","topic":"","archived":true,"announcements":true}"#;
    let changed: RoomView = program.asks(&format!("PATCH {path}"), patch).await.json();
    assert_eq!((changed.name.as_str(), changed.topic.as_str()), ("releases", ""));
    assert!(changed.archived && changed.announcements && changed.joined);
    lin.event(|event| event.kind == EventKind::Archived { archived: true }).await;
    assert_eq!(program.asks(&format!("DELETE {path}/members/{}", lin.me.id), "").await.status, 204);
    lin.is_out(room.id).await;
    assert_eq!(program.asks(&format!("DELETE {path}/members/{}", maya.me.id), "").await.status, 204);
    assert_eq!(program.refused(&format!("GET {path}"), "").await, (404, "no_such_room".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn a_program_changes_what_was_said() {
    let server = Server::start().await;
    let (mut maya, lin) = (server.member("Maya").await, server.member("Lin").await);
    let (hers, his) = (program(&server, &maya), program(&server, &lin));
    let said: MessageView = hers.asks("POST /rooms/r1/messages", r#"{"body":"hi"}"#).await.json();
    let path = format!("/rooms/r1/messages/{}", said.seq.0);
    let edited: MessageView = hers.asks(&format!("PATCH {path}"), r#"{"body":"ho"}"#).await.json();
    assert_eq!((edited.seq, edited.body.as_str()), (said.seq, "ho"));
    maya.event(|event| matches!(&event.kind, EventKind::Edited { body, .. } if body == "ho")).await;
    assert_eq!(his.refused(&format!("PATCH {path}"), r#"{"body":"no"}"#).await, (403, "not_author".to_owned()));
    let thumb = format!("{path}/reactions/%F0%9F%91%8D");
    assert_eq!(his.asks(&format!("PUT {thumb}"), "").await.status, 204);
    assert_eq!(his.asks(&format!("PUT {path}/reactions/x"), "").await.status, 422);
    maya.event(|event| matches!(&event.kind, EventKind::Reacted { emoji, .. } if emoji == "👍")).await;
    assert_eq!(his.asks(&format!("DELETE {thumb}"), "").await.status, 204);
    let pin = format!("/rooms/r1/pins/{}", said.seq.0);
    assert_eq!(his.asks(&format!("PUT {pin}"), "").await.status, 204);
    assert!(hers.asks("GET /rooms/r1/pins", "").await.body.contains("\"ho\""));
    assert_eq!(his.asks(&format!("DELETE {pin}"), "").await.status, 204);
    assert!(!hers.asks("GET /rooms/r1/pins", "").await.body.contains("\"ho\""));
    assert_eq!(his.refused(&format!("DELETE {path}"), "").await.0, 403);
    assert_eq!(hers.asks(&format!("DELETE {path}"), "").await.status, 204);
    assert_eq!(hers.asks(&format!("GET {path}"), "").await.json::<MessageView>().body, "");
    assert_eq!(hers.refused(&format!("PATCH {path}"), r#"{"body":"x"}"#).await, (409, "deleted".to_owned()));
    // A room that somebody may not see is none.
    let hidden = maya.makes("plans", true).await;
    for (method, end) in [
        ("PATCH", "messages/1"),
        ("DELETE", "messages/1"),
        ("PUT", "messages/1/reactions/%E2%9C%85"),
        ("PUT", "pins/1"),
    ] {
        for room in [hidden.to_string(), "r4711".to_owned()] {
            let line = format!("{method} /rooms/{room}/{end}");
            assert_eq!(his.refused(&line, r#"{"body":"x"}"#).await, (404, "no_such_room".to_owned()), "{line}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let server = Server::start().await;
    let maya = server.member("Maya").await;
    let program = program(&server, &maya);
    for (line, body, field, words) in [
        ("POST /rooms/r1/messages", r#"{"body":""}"#, "body", "is blank"),
        ("POST /rooms/r1/messages", r#"{"text":"x"}"#, "body", "is missing"),
        ("POST /rooms/r1/messages", r#"{"body":"x","reply_to":"y"}"#, "reply_to", "invalid type"),
        ("POST /rooms", r#"{"name":"lоbby"}"#, "name", "another room has it"),
        ("POST /rooms", r#"[]"#, "body", "invalid"),
        ("GET /rooms/r1/messages?limit=0", "", "limit", "1 to 200"),
        ("GET /search?q=%22", "", "q", "character 1"),
        ("PATCH /me", r#"{"status":5}"#, "status", "invalid type"),
    ] {
        let answer = program.asks(line, body).await;
        let problem: Problem = answer.json();
        assert_eq!(problem.field.as_deref(), Some(field), "{}", answer.body);
        assert!(problem.detail.starts_with(&format!("{field}: ")) && problem.detail.contains(words), "{}", answer.body);
    }
    let nothing: Problem = http::get(server.address, "/api/v1/me", "").await.json();
    assert_eq!((nothing.status, nothing.field), (401, None));
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_has_the_status_and_the_code_of_its_reason() {
    let server = Server::start().await;
    let (mut maya, lin, guest) = (server.member("Maya").await, server.member("Lin").await, server.guest("Gast").await);
    let (hers, his, guests) = (program(&server, &maya), program(&server, &lin), program(&server, &guest));
    let open = maya.makes("garden", false).await;
    let hidden = maya.makes("plans", true).await;
    let refused = |status: u16, code: &str| (status, code.to_owned());
    for (line, body, expected) in [
        (format!("PATCH /rooms/{hidden}"), r#"{"archived":true}"#, refused(404, "no_such_room")),
        (format!("PATCH /rooms/{open}"), r#"{"archived":true}"#, refused(403, "not_member")),
        (format!("POST /rooms/{open}/messages"), r#"{"body":"x"}"#, refused(403, "not_member")),
        (format!("PUT /rooms/{hidden}/members/{}", lin.me.id), "{}", refused(404, "no_such_room")),
        (format!("GET /rooms/{hidden}/members"), "", refused(404, "no_such_room")),
        ("POST /rooms".to_owned(), r#"{"name":"gаrden"}"#, refused(409, "name_taken")),
        ("POST /direct".to_owned(), r#"{"people":[]}"#, refused(422, "people_count")),
        ("POST /direct".to_owned(), r#"{"people":["u4711"]}"#, refused(404, "no_such_person")),
    ] {
        assert_eq!(his.refused(&line, body).await, expected, "{line}");
    }
    let answer = his.asks("POST /rooms", r#"{"name":"a b"}"#).await;
    assert_eq!(answer.status, 422);
    assert!(answer.json::<Problem>().text.is_some(), "it says which field");
    for bad in ["GET /rooms/r999999/members", "GET /rooms/nonsense", "PUT /rooms/r1/members/nonsense"] {
        assert_eq!(his.asks(bad, "{}").await.status, 404, "{bad}");
    }
    assert_eq!(his.asks(&format!("GET /rooms/{open}/members?limit=101"), "").await.status, 400);
    assert_eq!(his.asks(&format!("GET /rooms?q={}", "x".repeat(201)), "").await.status, 422);
    assert_eq!(hers.refused(&format!("PUT /rooms/{open}/members/u4711"), "{}").await, refused(404, "no_such_person"));
    hers.asks(&format!("PATCH /rooms/{open}"), r#"{"archived":true}"#).await;
    let say = format!("POST /rooms/{open}/messages");
    assert_eq!(hers.refused(&say, r#"{"body":"x"}"#).await, refused(409, "archived"));
    // Guests: no topic, not even with the room; and no list of people whom they do not know.
    assert_eq!(guests.refused("POST /rooms", r#"{"name":"mine","topic":"x"}"#).await, refused(403, "forbidden"));
    assert!(!guests.asks("GET /rooms", "").await.body.contains("mine"), "it was not made");
    assert_eq!(guests.refused(&format!("GET /rooms/{open}/members"), "").await, refused(403, "not_member"));
    assert_eq!(his.asks(&format!("GET /rooms/{open}/members"), "").await.json::<PeopleList>().count, 1);
    server.stop().await;
}

#[tokio::test]
async fn the_list_has_what_is_looked_for_and_nothing_hidden() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    maya.makes("garden", false).await;
    maya.makes("garden-plans", true).await;
    let program = program(&server, &maya);
    let other = program.asks("POST /rooms", r#"{"name":"kitchen","topic":"from the Garden"}"#).await.json::<RoomView>();
    let names = async |q: &str| {
        let list: RoomList = program.asks(&format!("GET /rooms?q={q}"), "").await.json();
        list.rooms.into_iter().map(|room| room.name).collect::<Vec<_>>()
    };
    assert_eq!(names("garden").await, ["garden", "kitchen"]);
    assert_eq!(names("GARD").await, ["garden", "kitchen"]);
    assert_eq!(names("%25").await, [""; 0], "it is no pattern");
    assert_eq!(names("").await.len(), 3);
    let found: RoomView = program.asks(&format!("GET /rooms/{}", other.id), "").await.json();
    assert_eq!(found, other);
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_over_http_is_the_one_of_the_socket() {
    let server = Server::start().await;
    let (maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let (hers, his) = (program(&server, &maya), program(&server, &lin));
    let made: RoomView = hers.asks("POST /direct", &format!(r#"{{"people":["{}"]}}"#, lin.me.id)).await.json();
    assert_eq!((made.kind, made.name.as_str(), made.members), (RoomKind::Direct, "", 2));
    lin.enters(made.id).await;
    let found: RoomView = his.asks("POST /direct", &format!(r#"{{"people":["{}"]}}"#, maya.me.id)).await.json();
    assert_eq!(found.id, made.id);
    let leave = format!("DELETE /rooms/{}/members/{}", made.id, lin.me.id);
    assert_eq!(his.refused(&leave, "").await, (403, "direct_room".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn who_asks_too_fast_is_slowed_and_others_are_not() {
    let rate = Rate { per_second: 1, burst: 3 };
    let server = Server::start_with(|config| config.rate = rate).await;
    let (maya, lin) = (http::come_in(server.address, "Maya").await, http::come_in(server.address, "Lin").await);
    let (hers, his) = (Program(&server, maya), Program(&server, lin));
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(hers.asks("POST /rooms/r1/messages", r#"{"body":"x"}"#).await.status);
    }
    assert!(answers.contains(&429) && answers.starts_with(&[201, 201, 201]), "{answers:?}");
    assert_eq!(his.asks("POST /rooms/r1/messages", r#"{"body":"x"}"#).await.status, 201);
    server.stop().await;
}
