//! Bots: made, given tokens, taken away; and what a token lets in.

use std::path::Path;
use std::time::{Duration, Instant};

use common::api::account::SessionList;
use common::api::bots::{BotList, BotMade};
use common::api::messages::MessagePage;
use common::api::people::PeopleList;
use common::model::Role;
use readyroom::store::sessions::{self, IDLE_MS};
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::support::client::{Client, LOBBY, open};
use crate::support::people::{self, ask, fault, me, refusal, sign_in, sign_up, try_sign_in};
use crate::support::{Server, http, process};

/// What a closed session's sockets are told, and how soon: long before a connection that nobody has told would be looked at
/// again.
const SIGNED_OUT: u16 = common::close::SESSION_ENDED;
const WITHIN: Duration = Duration::from_secs(10);

fn bearer(made: &BotMade) -> String {
    format!("Bearer {}", made.token)
}

/// A server with the owner `olga`, her cookie, and a bot.
async fn with_bot(name: &str) -> (Server, String, BotMade) {
    let server = people::open_server().await;
    let olga = sign_in(server.address, "olga").await;
    let answer = ask(server.address, "POST /api/v1/bots", &olga, &json!({ "name": name })).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    (server, olga, answer.json())
}

async fn refused_socket(server: &Server, credential: &str) -> u16 {
    match open(server.address, credential).await {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_as_good_as_a_cookie_and_counts_where_both_come() {
    let (server, olga, made) = with_bot("Dice").await;
    let (address, token) = (server.address, bearer(&made));
    let dice = me(address, &token).await.unwrap();
    assert_eq!((dice.name.as_str(), dice.login.as_deref(), dice.role), ("Dice", Some("dice"), Role::Bot));

    let mut bot = Client::connect(address, "Dice", &token).await;
    assert!(bot.rooms.iter().any(|room| room.id == LOBBY), "it is in the lobby");
    let mut gus = server.guest("Gus").await;
    gus.says("roll").await;
    bot.sees("roll").await;
    bot.says("four").await;
    let four = gus.sees("four").await;
    assert!(four.name == "Dice" && four.bot, "nobody takes it for a person");
    gus.says("thanks").await;
    assert!(!bot.sees("thanks").await.bot);
    let path = format!("/api/v1/rooms/{LOBBY}/messages");
    let page: MessagePage = http::get(address, &path, &gus.cookie).await.json();
    let bots: Vec<_> = page.messages.iter().map(|message| (message.body.as_str(), message.bot)).collect();
    assert_eq!(bots, [("roll", false), ("four", true), ("thanks", false)]);
    let mut later = server.guest("Later").await;
    assert!(later.sees("four").await.bot, "and from the log too");
    let body = json!({ "body": "over HTTP" });
    let line = format!("POST /api/v1/rooms/{LOBBY}/messages");
    assert_eq!(ask(address, &line, &token, &body).await.status, 201);
    gus.sees("over HTTP").await;

    let both = |bearer: &str| [format!("Cookie: {olga}"), format!("Authorization: {bearer}")];
    for (named, status, says) in
        [(token.as_str(), 200, "Dice"), ("Bearer x", 401, "sign in"), ("Basic eDp5", 200, "olga")]
    {
        let headers = both(named);
        let headers = headers.each_ref().map(String::as_str);
        let answer = http::request(address, "GET /api/v1/me", &headers, "").await;
        assert!(answer.status == status && answer.body.contains(says), "{named}: {answer:?}");
        assert_eq!(answer.header("www-authenticate"), if status == 401 { "Bearer" } else { "" });
    }
    let twice = [format!("Authorization: {token}"), format!("Authorization: {token}")];
    let twice = http::request(address, "GET /api/v1/me", &twice.each_ref().map(String::as_str), "").await;
    assert!(twice.status == 400 && twice.body.contains("authorization: one token"), "{}", twice.body);
    let never = "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(me(address, never).await, None);
    assert_eq!(refused_socket(&server, never).await, 401);
    // A page of another site gains nothing by it.
    let foreign = [format!("Authorization: {token}"), "Origin: https://evil.example".to_owned()];
    let foreign = foreign.each_ref().map(String::as_str);
    let line = "POST /api/v1/rooms";
    assert_eq!(http::request(address, line, &foreign, "").await.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn another_token_ends_the_one_before_with_its_sockets() {
    let (server, olga, made) = with_bot("dice").await;
    let address = server.address;
    let mut bots = [
        Client::connect(address, "dice", &bearer(&made)).await,
        Client::connect(address, "dice", &bearer(&made)).await,
    ];
    let began = Instant::now();
    let line = format!("POST /api/v1/bots/{}/token", made.person.id);
    let next: BotMade = ask(address, &line, &olga, &json!({})).await.json();
    for bot in &mut bots {
        assert_eq!(bot.closed().await.0, SIGNED_OUT);
    }
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());
    assert_eq!(me(address, &bearer(&made)).await, None);
    assert_eq!(refused_socket(&server, &bearer(&made)).await, 401);
    Client::connect(address, "dice", &bearer(&next)).await;
    let list: SessionList = http::get(address, "/api/v1/sessions", &bearer(&next)).await.json();
    assert_eq!(list.sessions.len(), 1);
    assert_eq!(ask(address, "POST /api/v1/bots/u9999/token", &olga, &json!({})).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_bot_that_is_taken_away_leaves_and_what_it_said_stays() {
    let (server, olga, made) = with_bot("dice").await;
    let address = server.address;
    let mut bot = Client::connect(address, "dice", &bearer(&made)).await;
    let said = bot.says("four").await;
    let gus = http::come_in(address, "Gus").await;
    let line = format!("DELETE /api/v1/bots/{}", made.person.id);
    assert_eq!(http::post(address, &line, &olga, "").await.status, 204);
    assert_eq!(bot.closed().await.0, SIGNED_OUT);
    assert_eq!(me(address, &bearer(&made)).await, None);
    let members = http::get(address, &format!("/api/v1/rooms/{LOBBY}/members"), &olga).await;
    assert!(!members.json::<PeopleList>().people.iter().any(|person| person.id == made.person.id), "it has left");
    let message = format!("/api/v1/rooms/{LOBBY}/messages/{}", said.seq.0);
    let kept = http::get(address, &message, &gus).await;
    assert!(kept.body.contains("four"), "{message}: {kept:?}");
    assert_eq!(http::post(address, &line, &olga, "").await.status, 404, "there is none any more");
    assert!(http::get(address, "/api/v1/bots", &olga).await.json::<BotList>().bots.is_empty());

    // Nobody else gets its name; it comes back by it.
    let body = json!({ "name": "dice" });
    assert_eq!(fault(&ask(address, "POST /api/v1/guests", "", &body).await).0, 409);
    let again: BotMade = ask(address, "POST /api/v1/bots", &olga, &body).await.json();
    assert_eq!(again.person.id, made.person.id);
    assert!(Client::connect(address, "dice", &bearer(&again)).await.rooms.iter().any(|room| room.id == LOBBY));
    server.stop().await;
}

#[tokio::test]
async fn bots_are_made_by_admins_with_names_of_their_own() {
    let (server, olga, made) = with_bot("Dice").await;
    let address = server.address;
    let maya = sign_up(address, "maya").await;
    let make = async |who: &str, body: serde_json::Value| ask(address, "POST /api/v1/bots", who, &body).await;
    for who in [maya.as_str(), &bearer(&made)] {
        assert_eq!(refusal(&make(who, json!({ "name": "Other" })).await), (403, "forbidden".to_owned()));
        assert_eq!(http::get(address, "/api/v1/bots", who).await.status, 403);
        let line = format!("POST /api/v1/bots/{}/token", made.person.id);
        assert_eq!(ask(address, &line, who, &json!({})).await.status, 403);
        let line = format!("DELETE /api/v1/bots/{}", made.person.id);
        assert_eq!(http::post(address, &line, who, "").await.status, 403);
    }
    assert_eq!(make("", json!({ "name": "Other" })).await.status, 401);
    for (body, status, field) in [
        (json!({ "name": "maya" }), 409, "login: another one has it"),
        (json!({ "name": "Maya", "login": "other" }), 409, "name: another one has it"),
        (json!({ "name": "DIce" }), 409, "login: another one has it"),
        (json!({ "name": "Diсe", "login": "other" }), 409, "name: another one has it"),
        (json!({ "name": "", "login": "other" }), 422, "name: is blank"),
        (json!({ "name": "骰子" }), 422, "login: may not contain U+9AB0"),
        (json!({ "name": "ab" }), 422, "login: has 2 characters, 3 are needed"),
    ] {
        let (found, what) = fault(&make(&olga, body.clone()).await);
        assert!(found == status && what.starts_with(field), "{body}: {found} {what}");
    }
    assert_eq!(make(&olga, json!({ "login": "other" })).await.status, 400, "a name is wanted");
    let other: BotMade = make(&olga, json!({ "name": "骰子", "login": "other" })).await.json();
    let list: BotList = http::get(address, "/api/v1/bots", &olga).await.json();
    assert_eq!(list.bots.iter().map(|bot| bot.id).collect::<Vec<_>>(), [made.person.id, other.person.id]);
    assert!(list.bots.iter().all(|bot| bot.seen_at.is_some()));
    server.stop().await;
}

#[tokio::test]
async fn a_bot_signs_in_by_its_token_alone_and_does_nothing_of_an_admin() {
    let (server, olga, made) = with_bot("dice").await;
    let (address, token) = (server.address, bearer(&made));
    for password in ["", "correct horse battery", &made.token] {
        assert_eq!(try_sign_in(address, "dice", password, None).await.status, 401, "{password:?}");
    }
    let change = json!({ "old": "", "new": "correct horse battery" });
    assert_eq!(ask(address, "PUT /api/v1/me/password", &token, &change).await.status, 403);
    let password = json!({ "password": "" });
    assert_eq!(ask(address, "POST /api/v1/me/two-factor", &token, &password).await.status, 403);
    assert_eq!(ask(address, "PUT /api/v1/me/two-factor", &token, &json!({ "code": "1" })).await.status, 403);
    // Another account of its making would be somebody without a badge.
    let body: serde_json::Value = serde_json::from_str(&people::account("other")).unwrap();
    assert_eq!(ask(address, "POST /api/v1/accounts", &token, &body).await.status, 403);
    assert_eq!(ask(address, "POST /api/v1/guests", &token, &json!({ "name": "Other" })).await.status, 403);
    assert_eq!(ask(address, "POST /api/v1/invites", &token, &json!({ "uses": 1, "hours": 1 })).await.status, 403);
    assert!(me(address, &token).await.is_some(), "it is still signed in");
    let line = format!("PUT /api/v1/people/{}/role", made.person.id);
    for role in ["member", "admin", "guest"] {
        assert_eq!(ask(address, &line, &olga, &json!({ "role": role })).await.status, 403, "{role}");
    }
    sign_up(address, "maya").await;
    let maya = people::me(address, &sign_in(address, "maya").await).await.unwrap().id;
    let line = format!("PUT /api/v1/people/{maya}/role");
    assert_eq!(ask(address, &line, &olga, &json!({ "role": "bot" })).await.status, 403);

    // It joins what is public, and is invited to what is not.
    let mut owner = Client::connect(address, "olga", &olga).await;
    let (public, private) = (owner.makes("games", false).await, owner.makes("secret", true).await);
    let mut bot = Client::connect(address, "dice", &token).await;
    bot.joins(public).await.unwrap();
    assert!(bot.joins(private).await.is_err());
    owner.invites(private, made.person.id).await.unwrap();
    bot.enters(private).await;
    bot.says_in(private, "four").await;
    server.stop().await;
}

#[tokio::test]
async fn a_token_holds_however_long_it_was_not_used() {
    let (server, _olga, made) = with_bot("dice").await;
    let guest = http::come_in(server.address, "Gus").await;
    let data = server.stop().await;
    let age = |path: &Path| {
        let db = rusqlite::Connection::open(path.join("readyroom.db")).unwrap();
        let aged = db.execute("UPDATE session SET seen_at = seen_at - ?", [i64::try_from(2 * IDLE_MS).unwrap()]);
        assert!(aged.unwrap() >= 2);
        db
    };
    let db = age(data.path());
    let ended = sessions::prune(&db, readyroom::clock::now()).unwrap();
    assert!(!ended.is_empty() && ended.iter().all(|(user, _)| *user != made.person.id), "{ended:?}");
    drop(db);
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(me(server.address, &guest).await, None);
    assert!(me(server.address, &bearer(&made)).await.is_some());
    server.stop().await;
}

#[tokio::test]
async fn bots_are_made_from_the_command_line_while_nothing_is_served() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_owned();
    let user = async |words: &[&str]| {
        let mut command = process::command(&path, &["user"]);
        let output = command.args(words).output().await.unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
    };
    let token = |text: &str| {
        let token = text.lines().find_map(|line| line.strip_prefix("The token is "));
        format!("Bearer {}", token.unwrap_or_else(|| panic!("none in {text}")))
    };
    let (done, made) = user(&["add", "dice", "--name", "Dice", "--role", "bot"]).await;
    assert!(done, "{made}");
    user(&["add", "maya"]).await;
    for (words, why) in [
        (&["add", "other", "--role", "bot", "--password-stdin"][..], "--password-stdin: a bot has a token"),
        (&["add", "other", "--name", "Dice", "--role", "bot"], "name: another one has it"),
        (&["add", "dice", "--role", "bot"], "login: another one has it"),
        (&["add", "other", "--role", "guest"], "is bot, member, admin or owner"),
        (&["reset", "dice", "--password-stdin"], "--password-stdin: a bot has a token"),
        (&["role", "dice", "member"], "dice cannot be member"),
        (&["role", "maya", "bot"], "is member, admin or owner"),
    ] {
        let (done, text) = user(words).await;
        assert!(!done && text.contains(why), "{words:?}: {text}");
    }
    assert!(user(&["list"]).await.1.lines().any(|line| line.starts_with("dice ") && line.contains(" bot ")));

    let server = Server::start_in(data, |_| {}).await;
    let bot = Client::connect(server.address, "Dice", &token(&made)).await;
    assert_eq!(bot.rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [LOBBY]);
    let data = server.stop().await;
    let (done, again) = user(&["reset", "dice"]).await;
    assert!(done && again.contains("(1 session ended)"), "{again}");
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(me(server.address, &token(&made)).await, None);
    assert_eq!(me(server.address, &token(&again)).await.unwrap().role, Role::Bot);
    server.stop().await;
}
