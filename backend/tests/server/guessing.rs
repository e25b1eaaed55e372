//! Guessing: slowed by account and by address, others unaffected, and nothing learnt from the answers.

use std::time::{Duration, Instant};

use common::model::Role;
use readyroom::config::{Origin, network};
use serde_json::json;

use crate::support::people::{self, PASSWORD, ask, is_slowed, refusal, sign_in, try_sign_in, try_sign_in_from};
use crate::support::{Server, http};

const WRONG: &str = "not this one";

async fn server(people: &[&str]) -> Server {
    let people: Vec<_> = people.iter().map(|login| (*login, Role::Member)).collect();
    Server::start_in(people::folder(&people).await, |_| {}).await
}

#[tokio::test]
async fn ten_guesses_at_an_account_are_slowed_wherever_they_come_from() {
    let server = server(&["maya", "jonas"]).await;
    let address = server.address;
    let mut slowed = 0;
    for from in 1..=10 {
        let answer = try_sign_in_from(from, address, "maya", WRONG).await;
        if is_slowed(&answer) {
            slowed += 1;
        } else {
            assert_eq!(refusal(&answer), (401, "bad_credentials".to_owned()));
            assert_eq!(slowed, 0, "those that are free come first");
        }
    }
    assert_eq!(slowed, 5);
    // Not even the right one is looked at before its time, or it would be told apart.
    assert!(is_slowed(&try_sign_in_from(20, address, "maya", PASSWORD).await));
    assert_eq!(try_sign_in_from(20, address, "jonas", PASSWORD).await.status, 201, "others are not slowed");
    assert_eq!(try_sign_in_from(1, address, "jonas", PASSWORD).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn ten_guesses_from_an_address_are_slowed_whatever_they_try() {
    let server = server(&["maya", "jonas"]).await;
    let address = server.address;
    let mut slowed = 0;
    for n in 0..10 {
        slowed += usize::from(is_slowed(&try_sign_in_from(1, address, &format!("nobody{n}"), WRONG).await));
    }
    assert_eq!(slowed, 2);
    assert!(is_slowed(&try_sign_in_from(1, address, "maya", PASSWORD).await));
    assert_eq!(try_sign_in_from(2, address, "maya", PASSWORD).await.status, 201, "others are not slowed");
    server.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_it_is_counted_by_account_alone() {
    let people = people::folder(&[("maya", Role::Member), ("jonas", Role::Member)]).await;
    let server = Server::start_in(people, |config| config.public_url = Origin::parse("http://chat.example").ok()).await;
    for n in 0..10 {
        assert_eq!(try_sign_in(server.address, &format!("nobody{n}"), WRONG, None).await.status, 401);
    }
    for _ in 0..5 {
        try_sign_in(server.address, "maya", WRONG, None).await;
    }
    assert!(is_slowed(&try_sign_in(server.address, "maya", PASSWORD, None).await));
    assert_eq!(try_sign_in(server.address, "jonas", PASSWORD, None).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_that_is_trusted_the_address_that_it_names_is_counted() {
    let people = people::folder(&[("maya", Role::Member), ("jonas", Role::Member)]).await;
    let server = Server::start_in(people, |config| {
        config.public_url = Origin::parse("http://chat.example").ok();
        config.trusted_proxies = vec![network("127.0.0.0/8").unwrap()];
    });
    let server = server.await;
    let guess = async |n: u32, client: &str| {
        let body = json!({ "login": format!("nobody{n}"), "password": WRONG }).to_string();
        // What the client itself wrote stands first, and is another one each time.
        let forwarded = format!("X-Forwarded-For: 198.51.100.{n}, {client}");
        let headers = ["Content-Type: application/json", forwarded.as_str()];
        http::request(server.address, "POST /api/v1/sessions", &headers, &body).await
    };
    let mut slowed = 0;
    for n in 0..10 {
        slowed += usize::from(is_slowed(&guess(n, "203.0.113.9").await));
    }
    assert_eq!(slowed, 2);
    assert_eq!(guess(10, "203.0.113.10").await.status, 401, "others are not slowed");
    assert_eq!(try_sign_in(server.address, "maya", PASSWORD, None).await.status, 201, "nor is the proxy itself");
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_that_is_trusted_says_that_it_was_asked_by_https() {
    let server = |trusted: &'static str| async move {
        let people = people::folder(&[("maya", Role::Member)]).await;
        Server::start_in(people, |config| config.trusted_proxies = vec![network(trusted).unwrap()]).await
    };
    let cookie = async |server: &Server, proto: &str| {
        let body = json!({ "login": "maya", "password": PASSWORD }).to_string();
        let proto = format!("X-Forwarded-Proto: {proto}");
        let headers = ["Content-Type: application/json", proto.as_str()];
        let answer = http::request(server.address, "POST /api/v1/sessions", &headers, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        (answer.header("set-cookie").to_owned(), answer.header("strict-transport-security").to_owned(), proto)
    };
    let trusting = server("127.0.0.1").await;
    let (secure, pinned, proto) = cookie(&trusting, "https").await;
    assert!(secure.starts_with("__Host-readyroom_session=") && secure.contains("Secure"), "{secure}");
    assert!(pinned.starts_with("max-age="), "{pinned}");
    let token = format!("Cookie: {}", secure.split(';').next().unwrap());
    assert_eq!(http::request(trusting.address, "GET /api/v1/me", &[&token, &proto], "").await.status, 200);
    assert_eq!(http::request(trusting.address, "GET /api/v1/me", &[&token], "").await.status, 401, "over http");
    assert!(cookie(&trusting, "http").await.0.starts_with("readyroom_session="));
    trusting.stop().await;
    let other = server("192.0.2.1").await;
    assert!(cookie(&other, "https").await.0.starts_with("readyroom_session="), "nobody else is believed");
    other.stop().await;
}

#[tokio::test]
async fn who_is_signed_in_guesses_no_faster() {
    let server = server(&["maya"]).await;
    let maya = sign_in(server.address, "maya").await;
    let body = json!({ "old": WRONG, "new": "another one" });
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(ask(server.address, "PUT /api/v1/me/password", &maya, &body).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    assert!(http::get(server.address, "/api/v1/me", &maya).await.status == 200, "and is still signed in");
    server.stop().await;
}

#[tokio::test]
async fn who_has_an_account_is_not_told() {
    let server = server(&["maya", "jonas", "noor"]).await;
    let address = server.address;
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut bodies = Vec::new();
    for n in 0..12_u8 {
        let known = ["maya", "jonas", "noor"][usize::from(n % 3)];
        let unknown = format!("nobody{n}");
        for (login, times) in [known, &unknown].into_iter().zip(&mut times) {
            let began = Instant::now();
            let answer = try_sign_in_from(10 + n, address, login, WRONG).await;
            times.push(began.elapsed());
            assert_eq!(answer.status, 401);
            bodies.push((answer.body.clone(), answer.header("set-cookie").to_owned()));
        }
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");
    // Hashing is most of it. A login that is not hashed for would be answered in a tenth of the time. What others do on the
    // machine makes times longer, and none shorter.
    let [known, unknown] = times.map(|times| times.into_iter().min().unwrap());
    assert!(unknown > known / 2 && known > unknown / 2, "known {known:?}, unknown {unknown:?}");
    server.stop().await;
}
