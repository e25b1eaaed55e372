//! Sessions: tokens, fixation, where somebody is signed in, and how a session ends with its sockets.

use std::time::{Duration, Instant};

use common::api::account::SessionList;
use common::model::Role;
use serde_json::json;

use crate::support::client::{Client, open};
use crate::support::people::{self, PASSWORD, ask, fault, me, refusal, sign_in, sign_up, try_sign_in};
use crate::support::{Server, http};

/// Long before a connection that nobody has told would be looked at again.
const WITHIN: Duration = Duration::from_secs(10);

async fn sessions(server: &Server, cookie: &str) -> SessionList {
    http::get(server.address, "/api/v1/sessions", cookie).await.json()
}

#[tokio::test]
async fn a_token_is_in_no_file_and_changes_when_somebody_signs_in() {
    let server = people::open_server().await;
    let address = server.address;
    let guest = http::come_in(address, "Gus").await;
    sign_up(address, "maya").await;
    // A cookie that was there before is not the one after: who planted it has nothing.
    let body = json!({ "login": "maya", "password": PASSWORD });
    let first = ask(address, "POST /api/v1/sessions", &guest, &body).await.cookie();
    assert_ne!(first, guest);
    assert_eq!(me(address, &guest).await, None);
    let second = ask(address, "POST /api/v1/sessions", &first, &body).await.cookie();
    assert_ne!(second, first);
    assert_eq!(me(address, &first).await, None, "the one before is no good any more");
    assert_eq!(me(address, &second).await.unwrap().name, "maya");
    let planted = "readyroom_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let third = ask(address, "POST /api/v1/sessions", planted, &body).await.cookie();
    assert_ne!(third, planted);
    assert_eq!(me(address, planted).await, None);

    let data = server.stop().await;
    let tokens = [&guest, &first, &second, &third].map(|cookie| cookie.split_once('=').unwrap().1.to_owned());
    assert!(tokens.iter().all(|token| token.len() == 43), "256 bits in base64url: {tokens:?}");
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for token in &tokens {
            assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "a token is in a file");
        }
    }
}

#[tokio::test]
async fn signing_out_elsewhere_ends_the_sockets_there_and_no_others() {
    let server = people::open_server().await;
    let address = server.address;
    sign_up(address, "maya").await;
    let mut ben = server.guest("Ben").await;
    let (here, there) = (sign_in(address, "maya").await, sign_in(address, "maya").await);
    let mut stays = Client::connect(address, "maya", &here).await;
    // Sockets go to the shards in turn: these are on more than one.
    let mut ends = [Client::connect(address, "maya", &there).await, Client::connect(address, "maya", &there).await];
    let list = sessions(&server, &here).await.sessions;
    assert_eq!(list.iter().filter(|session| session.current).count(), 1);
    let id = sessions(&server, &there).await.sessions.iter().find(|session| session.current).unwrap().id;

    let began = Instant::now();
    let line = format!("DELETE /api/v1/sessions/{id}");
    assert_eq!(http::post(address, &line, &ben.cookie.clone(), "").await.status, 404, "it is not theirs");
    assert_eq!(http::post(address, &line, &here, "").await.status, 204);
    // What is said now is not delivered there.
    ben.says("they have gone").await;
    for client in &mut ends {
        while let Some(msg) = client.try_next().await {
            assert!(!format!("{msg:?}").contains("they have gone"), "{msg:?}");
        }
    }
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());
    stays.sees("they have gone").await;
    assert_eq!(me(address, &there).await, None);
    assert!(open(address, &there).await.is_err(), "and it opens no other");
    assert_eq!(http::post(address, &line, &here, "").await.status, 404, "once");
    server.stop().await;
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let server = people::open_server().await;
    let address = server.address;
    sign_up(address, "maya").await;
    let (here, there) = (sign_in(address, "maya").await, sign_in(address, "maya").await);
    let mut stays = Client::connect(address, "maya", &here).await;
    let mut ends = Client::connect(address, "maya", &there).await;
    let line = "PUT /api/v1/me/password";
    let wrong = ask(address, line, &here, &json!({ "old": "not this one", "new": "another one" })).await;
    assert_eq!(fault(&wrong), (422, "password: does not match".to_owned()));
    let short = ask(address, line, &here, &json!({ "old": PASSWORD, "new": "short" })).await;
    assert_eq!(fault(&short), (422, "password: has 5 characters, 8 are needed".to_owned()));
    let changed = ask(address, line, &here, &json!({ "old": PASSWORD, "new": "another one" })).await;
    let began = Instant::now();
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!(ends.closed().await, (4001, String::new()));
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());
    stays.says("still here").await;
    assert_eq!(me(address, &there).await, None);
    assert_eq!(sessions(&server, &here).await.sessions.len(), 1);
    assert_eq!(refusal(&try_sign_in(address, "maya", PASSWORD, None).await), (401, "bad_credentials".to_owned()));
    assert_eq!(try_sign_in(address, "maya", "another one", None).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn signing_out_takes_the_cookie_and_the_sockets() {
    let server = people::open_server().await;
    let address = server.address;
    let (maya, jonas) = (sign_up(address, "maya").await, sign_up(address, "jonas").await);
    let (again, third) = (sign_in(address, "maya").await, sign_in(address, "maya").await);
    let mut client = Client::connect(address, "maya", &maya).await;
    let out = http::post(address, "DELETE /api/v1/sessions/current", &maya, "").await;
    assert_eq!(out.status, 204);
    assert!(
        out.header("set-cookie").starts_with("readyroom_session=;") && out.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(client.closed().await.0, 4001);
    assert_eq!(me(address, &maya).await, None);
    // All others at once.
    assert_eq!(http::post(address, "DELETE /api/v1/sessions", &again, "").await.status, 204);
    assert_eq!(me(address, &third).await, None);
    assert!(me(address, &again).await.is_some() && me(address, &jonas).await.is_some());
    for bad in ["0", "-1", "x", "99999999999999999999"] {
        assert_eq!(
            http::post(address, &format!("DELETE /api/v1/sessions/{bad}"), &again, "").await.status,
            404,
            "{bad}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn what_changes_something_is_asked_by_pages_of_this_site_alone() {
    let server = people::open_server().await;
    let maya = sign_up(server.address, "maya").await;
    let cookie = format!("Cookie: {maya}");
    for line in [
        "POST /api/v1/setup",
        "POST /api/v1/accounts",
        "POST /api/v1/guests",
        "POST /api/v1/sessions",
        "DELETE /api/v1/sessions",
        "DELETE /api/v1/sessions/current",
        "PATCH /api/v1/me",
        "PUT /api/v1/me/password",
        "POST /api/v1/me/two-factor",
        "PUT /api/v1/me/two-factor",
        "DELETE /api/v1/me/two-factor",
        "POST /api/v1/invites",
        "POST /api/v1/invites/check",
        "DELETE /api/v1/invites/1",
        "PUT /api/v1/people/u2/role",
    ] {
        for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Origin: null"] {
            let headers = [header, &cookie, "Content-Type: application/json"];
            let answer = http::request(server.address, line, &headers, "{}").await;
            assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{line} {header}");
        }
        if !line.starts_with("DELETE /api/v1/sessions") && !line.starts_with("DELETE /api/v1/invites") {
            let answer = http::request(server.address, line, &[&cookie, "Content-Type: text/plain"], "{}").await;
            assert!([403, 415].contains(&answer.status), "{line} {}", answer.status);
        }
    }
    assert!(me(server.address, &maya).await.is_some());
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let server = Server::start_in(people::folder(&[("olga", Role::Owner)]).await, |_| {}).await;
    let cookie = sign_in(server.address, "olga").await;
    let data = server.stop().await;
    let db = rusqlite::Connection::open(data.path().join("readyroom.db")).unwrap();
    let day = 24 * 60 * 60 * 1000;
    db.execute("UPDATE session SET seen_at = seen_at - ?", [89_i64 * day]).unwrap();
    let server = Server::start_in(data, |_| {}).await;
    assert!(me(server.address, &cookie).await.is_some(), "and it is noted that it is used");
    let data = server.stop().await;
    let day_old: i64 =
        db.query_row("SELECT (unixepoch() * 1000 - seen_at) / ?1 FROM session", [day], |row| row.get(0)).unwrap();
    assert_eq!(day_old, 0);
    db.execute("UPDATE session SET seen_at = seen_at - ?", [91_i64 * day]).unwrap();
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(me(server.address, &cookie).await, None);
    server.stop().await;
    assert_eq!(
        db.query_row("SELECT count(*) FROM session", [], |row| row.get::<_, i64>(0)).unwrap(),
        0,
        "it is forgotten"
    );
}
