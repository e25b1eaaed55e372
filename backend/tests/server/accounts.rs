//! Accounts: the first owner, sign-up, guests who become members, names, passwords, roles.

use common::api::account::{Me, ServerInfo};
use common::api::people::{PeopleList, Profile};
use common::model::{Person, Role};
use common::server::ServerMsg;
use readyroom::config::SignUp;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::client::Client;
use crate::support::people::{self, PASSWORD, account, ask, fault, invite, me, refusal, sign_in, sign_up};
use crate::support::process::{Process, command};
use crate::support::{Server, http, soon};

/// Starts the binary; gives the token of the one-time link, if it shows one.
async fn start(data: &std::path::Path) -> (Process, String) {
    let mut command = command(data, &[]);
    command.stderr(std::process::Stdio::piped());
    let mut process = Process::spawn(command).await;
    let mut lines = BufReader::new(process.child.stderr.take().unwrap()).lines();
    let line = soon("the link", lines.next_line()).await.unwrap().unwrap();
    let token = line.split_once("/setup#").unwrap_or_else(|| panic!("no link in {line}")).1;
    (process, token[..43].to_owned())
}

fn setup(token: &str, login: &str) -> serde_json::Value {
    json!({ "token": token, "login": login, "name": login, "password": PASSWORD })
}

#[tokio::test]
async fn the_one_time_link_makes_one_owner_and_is_of_one_start() {
    let data = tempfile::tempdir().unwrap();
    let (process, old) = start(data.path()).await;
    process.kill().await;
    let (process, token) = start(data.path()).await;
    let address = process.address;
    let line = "POST /api/v1/setup";
    assert!(http::get(address, "/api/v1/server", "").await.json::<ServerInfo>().unowned);
    for bad in [old.as_str(), "", "x"] {
        assert_eq!(refusal(&ask(address, line, "", &setup(bad, "olga")).await), (403, "bad_setup_token".to_owned()));
    }
    let bad = ask(address, line, "", &setup(&token, "o")).await;
    assert_eq!(fault(&bad), (422, "login: has 1 characters, 3 are needed".to_owned()), "and the link still holds");
    let made = ask(address, line, "", &setup(&token, "olga")).await;
    let cookie = made.cookie();
    assert_eq!(made.json::<Me>().role, Role::Owner);
    assert_eq!(me(address, &cookie).await.unwrap().login.as_deref(), Some("olga"));
    assert_eq!(refusal(&ask(address, line, "", &setup(&token, "eve")).await), (403, "bad_setup_token".to_owned()));
    assert!(!http::get(address, "/api/v1/server", "").await.json::<ServerInfo>().unowned);
    process.kill().await;
}

#[tokio::test]
async fn an_account_takes_an_invite_or_an_open_server() {
    let server = Server::start_in(people::folder(&[("olga", Role::Owner)]).await, |_| {}).await;
    let address = server.address;
    let line = "POST /api/v1/accounts";
    let closed = http::post(address, line, "", &account("maya")).await;
    assert_eq!(refusal(&closed), (403, "invite_only".to_owned()));
    let olga = sign_in(address, "olga").await;
    let token = invite(address, &olga, 1).await;
    let with = |login: &str| json!({ "invite": token, "login": login, "name": login, "password": PASSWORD });
    let taken = ask(address, line, "", &with("olga")).await;
    assert_eq!(fault(&taken), (409, "login: another one has it, or looks like it".to_owned()), "costs no use");
    let made = ask(address, line, "", &with("maya")).await;
    assert_eq!((made.status, made.json::<Me>().role), (201, Role::Member));
    let maya = made.cookie();
    assert!(Client::connect(address, "maya", &maya).await.rooms.iter().any(|room| room.name == "lobby"));
    assert_eq!(refusal(&ask(address, line, "", &with("jonas")).await), (403, "bad_invite".to_owned()), "one use");
    let data = server.stop().await;
    let server = Server::start_in(data, |config| config.sign_up = SignUp::Open).await;
    assert!(http::get(server.address, "/api/v1/server", "").await.json::<ServerInfo>().open);
    sign_up(server.address, "jonas").await;
    server.stop().await;
}

#[tokio::test]
async fn a_guest_who_makes_an_account_stays_who_they_are() {
    let server = people::open_server().await;
    let address = server.address;
    let mut guest = server.guest("Noor").await;
    let mut other = server.guest("Ben").await;
    let elsewhere = guest.cookie.clone();
    guest.says("before").await;
    let before = me(address, &guest.cookie).await.unwrap();
    assert_eq!((before.role, before.login), (Role::Guest, None));
    let body = json!({ "login": "noor", "name": "Noor Ali", "password": PASSWORD });
    let made = ask(address, "POST /api/v1/accounts", &guest.cookie, &body).await;
    let cookie = made.cookie();
    let after: Me = made.json();
    assert_eq!((after.id, after.role, after.login.as_deref()), (before.id, Role::Member, Some("noor")));
    assert_eq!(me(address, &elsewhere).await, None, "the guest's cookie is no good any more");
    // The socket that is open stays, and says what it says as the member.
    other.wait(|msg| matches!(msg, ServerMsg::Person(person) if person.name == "Noor Ali").then_some(())).await;
    guest.says("after").await;
    assert_eq!(other.sees("after").await.by, before.id);
    let mut again = Client::connect(address, "Noor Ali", &cookie).await;
    assert_eq!(again.me, Person { id: before.id, name: "Noor Ali".to_owned() });
    again.says("again").await;
    assert_ne!(sign_in(address, "noor").await, cookie);
    server.stop().await;
}

#[tokio::test]
async fn nobody_can_look_like_somebody_with_an_account() {
    let server = people::open_server().await;
    let address = server.address;
    let named = |login: &str, name: &str| json!({ "login": login, "name": name, "password": PASSWORD });
    let paul = ask(address, "POST /api/v1/accounts", "", &named("paul", "Paul Müller")).await.cookie();
    let looks_like = (409, "name: another one has it, or looks like it".to_owned());
    for name in [
        "Paul Müller",
        "paul müller",
        "PauI Müller",
        "Рaul Müller",
        "Paul Mu\u{308}ller",
        "Ｐaul Müller",
        "Readyroom",
        "Readyrооm",
    ] {
        let guest = ask(address, "POST /api/v1/guests", "", &json!({ "name": name })).await;
        assert_eq!(fault(&guest), looks_like, "{name}");
        let account = ask(address, "POST /api/v1/accounts", "", &named("other", name)).await;
        assert_eq!(fault(&account), looks_like, "{name}");
    }
    let guest = http::come_in(address, "Ann").await;
    http::come_in(address, "Ann").await;
    let renamed = ask(address, "PATCH /api/v1/me", &guest, &json!({ "name": "PauI Müller" })).await;
    assert_eq!(fault(&renamed), looks_like);
    let own = ask(address, "PATCH /api/v1/me", &paul, &json!({ "name": "PAUL Mu\u{308}ller" })).await;
    assert_eq!((own.status, own.json::<Me>().name), (200, "PAUL Müller".to_owned()), "one's own name, composed");
    for (name, status) in [
        ("a\u{202E}b".to_owned(), 422),
        (format!("a{}", "\u{301}".repeat(20)), 422),
        (format!("a{}", "\u{301}".repeat(300)), 422),
        ("x".repeat(33), 422),
        (" ".to_owned(), 422),
    ] {
        let answer = ask(address, "PATCH /api/v1/me", &paul, &json!({ "name": name })).await;
        assert!(answer.status == status && fault(&answer).1.starts_with("name: "), "{name:?} {}", answer.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_profile_says_what_somebody_says_of_themselves() {
    let server = people::open_server().await;
    let address = server.address;
    let maya = sign_up(address, "maya").await;
    let change = json!({ "status": "  at the   sea 🌊 ", "time_zone": "Pacific/Auckland" });
    let changed: Me = ask(address, "PATCH /api/v1/me", &maya, &change).await.json();
    assert_eq!(
        (changed.name.as_str(), changed.status.as_str(), changed.time_zone.as_str()),
        ("maya", "at the sea 🌊", "Pacific/Auckland")
    );
    for (body, field) in [
        (json!({ "status": "x".repeat(101) }), "status: "),
        (json!({ "status": "a\u{202E}b" }), "status: "),
        (json!({ "time_zone": "../../etc" }), "time_zone: "),
        (json!({ "time_zone": "x".repeat(300) }), "time_zone: "),
    ] {
        let refused = ask(address, "PATCH /api/v1/me", &maya, &body).await;
        assert!(refused.status == 422 && fault(&refused).1.starts_with(field), "{}", refused.body);
    }
    let olga = sign_in(address, "olga").await;
    let seen: Profile = http::get(address, &format!("/api/v1/people/{}", changed.id), &olga).await.json();
    assert_eq!(
        (seen.status.as_str(), seen.time_zone.as_str(), seen.role),
        ("at the sea 🌊", "Pacific/Auckland", Role::Member)
    );
    server.stop().await;
}

#[tokio::test]
async fn people_are_found_by_a_word_of_their_name_in_pages() {
    let server = people::open_server().await;
    let address = server.address;
    for login in ["maya", "marco", "jonas"] {
        sign_up(address, login).await;
    }
    let olga = sign_in(address, "olga").await;
    let list = async |query: &str| http::get(address, &format!("/api/v1/people?{query}"), &olga).await;
    let names = |list: &PeopleList| list.people.iter().map(|person| person.name.clone()).collect::<Vec<_>>();
    let found: PeopleList = list("q=MA").await.json();
    assert_eq!((names(&found), found.count), (vec!["marco".to_owned(), "maya".to_owned()], 2));
    let first: PeopleList = list("limit=3").await.json();
    assert_eq!((names(&first), first.count), (["jonas", "marco", "maya"].map(str::to_owned).to_vec(), 4));
    let rest: PeopleList = list(&format!("limit=3&after={}", first.people[2].id)).await.json();
    assert_eq!(names(&rest), ["olga"]);
    for bad in ["limit=0", "limit=101", "limit=x", "after=3", &format!("q={}", "x".repeat(201))] {
        assert!([400, 422].contains(&list(bad).await.status), "{bad}");
    }
    assert_eq!(http::get(address, "/api/v1/people", "").await.status, 401);
    assert_eq!(http::get(address, "/api/v1/people/u1", &olga).await.status, 404, "the server itself is nobody");
    // Who is in no room with anybody sees nobody but themselves. `olga` was made without the lobby.
    let guest = http::come_in(address, "Gus").await;
    let seen: PeopleList = http::get(address, "/api/v1/people", &guest).await.json();
    assert!(!names(&seen).contains(&"olga".to_owned()) && names(&seen).contains(&"maya".to_owned()), "{seen:?}");
    let id = me(address, &olga).await.unwrap().id;
    assert_eq!(http::get(address, &format!("/api/v1/people/{id}"), &guest).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn roles_are_given_by_those_above() {
    let data = people::folder(&[("olga", Role::Owner), ("adam", Role::Admin), ("maya", Role::Member)]).await;
    let server = Server::start_in(data, |_| {}).await;
    let address = server.address;
    let (mut id, mut cookie) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    for login in ["olga", "adam", "maya"] {
        let signed_in = sign_in(address, login).await;
        id.insert(login, me(address, &signed_in).await.unwrap().id);
        cookie.insert(login, signed_in);
    }
    let gives = async |by: &str, to: &str, role: &str| {
        let line = format!("PUT /api/v1/people/{}/role", id[to]);
        ask(address, &line, &cookie[by], &json!({ "role": role })).await.status
    };
    assert_eq!(gives("maya", "maya", "owner").await, 403);
    assert_eq!(gives("adam", "maya", "admin").await, 403);
    assert_eq!(gives("adam", "olga", "member").await, 403);
    assert_eq!(gives("adam", "adam", "owner").await, 403);
    assert_eq!(gives("olga", "maya", "bot").await, 403);
    assert_eq!(gives("olga", "olga", "member").await, 409, "the last owner");
    assert_eq!(gives("adam", "maya", "guest").await, 200);
    assert_eq!(gives("adam", "maya", "member").await, 200);
    assert_eq!(gives("olga", "adam", "owner").await, 200);
    assert_eq!(gives("olga", "olga", "member").await, 200, "there is another owner");
    assert_eq!(gives("olga", "maya", "admin").await, 403, "and it holds at once");
    let guest = http::come_in(address, "Gus").await;
    let line = format!("PUT /api/v1/people/{}/role", me(address, &guest).await.unwrap().id);
    assert_eq!(ask(address, &line, &cookie["adam"], &json!({ "role": "admin" })).await.status, 404, "has no account");
    server.stop().await;
}

#[tokio::test]
async fn a_password_is_taken_whole_and_hashed_as_it_should_be() {
    let server = people::open_server().await;
    let address = server.address;
    let long = "p".repeat(72) + "a" + &"q".repeat(100);
    let other = "p".repeat(72) + "b" + &"q".repeat(100);
    let body = |password: &str| json!({ "login": "maya", "name": "Maya", "password": password });
    for (password, status) in [("1234567", 422), ("", 422), (&"x".repeat(10_240), 400), (&"x".repeat(257), 400)] {
        let refused = ask(address, "POST /api/v1/accounts", "", &body(password)).await;
        assert!(refused.status == status && fault(&refused).1.starts_with("password: "), "{}", refused.body);
    }
    assert_eq!(ask(address, "POST /api/v1/accounts", "", &body(&long)).await.status, 201);
    assert_eq!(people::try_sign_in(address, "maya", &other, None).await.status, 401, "byte 73 counts");
    assert_eq!(people::try_sign_in(address, "MAYA", &long, None).await.status, 201);
    assert_eq!(people::try_sign_in(address, "maya", &"x".repeat(10_240), None).await.status, 400);
    let data = server.stop().await;
    let db = rusqlite::Connection::open(data.path().join("readyroom.db")).unwrap();
    let hash: String = db.query_row("SELECT password FROM account WHERE login = 'maya'", [], |row| row.get(0)).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let file = std::fs::read(data.path().join("readyroom.db")).unwrap();
    assert!(!file.windows(long.len()).any(|bytes| bytes == long.as_bytes()), "nothing in plain");
}
