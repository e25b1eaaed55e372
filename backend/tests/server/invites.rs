//! Invites: made, shown, checked, used, withdrawn.

use common::api::account::{InviteFound, InviteList, InviteMade};
use common::model::Role;
use readyroom::config::Origin;
use serde_json::json;

use crate::support::people::{self, PASSWORD, ask, invite, refusal, sign_in};
use crate::support::{Server, http};

#[tokio::test]
async fn an_invite_is_for_so_many_and_so_long() {
    let people = [("olga", Role::Owner), ("maya", Role::Member)];
    let server = Server::start_in(people::folder(&people).await, |config| {
        config.public_url = Origin::parse("http://chat.example").ok();
    })
    .await;
    let address = server.address;
    let (olga, maya) = (sign_in(address, "olga").await, sign_in(address, "maya").await);
    let line = "POST /api/v1/invites";
    assert_eq!(ask(address, line, &maya, &json!({ "uses": 1, "hours": 1 })).await.status, 403);
    assert_eq!(http::get(address, "/api/v1/invites", &maya).await.status, 403);
    assert_eq!(http::get(address, "/api/v1/invites", "").await.status, 401);
    for bad in [
        json!({ "uses": 0, "hours": 1 }),
        json!({ "uses": 1001, "hours": 1 }),
        json!({ "uses": 1, "hours": 0 }),
        json!({ "uses": 1, "hours": 8761 }),
        json!({ "uses": -1, "hours": 1 }),
        json!({ "uses": 1 }),
    ] {
        assert_eq!(ask(address, line, &olga, &bad).await.status, 400, "{bad}");
    }
    let made: InviteMade = ask(address, line, &olga, &json!({ "uses": 2, "hours": 24 })).await.json();
    let token = made.url.strip_prefix("http://chat.example/join#").unwrap_or_else(|| panic!("{}", made.url));
    assert!(made.qr.starts_with("<svg"));
    assert_eq!((made.invite.by.as_str(), made.invite.uses, made.invite.used), ("olga", 2, 0));
    let check = async |token: &str| ask(address, "POST /api/v1/invites/check", "", &json!({ "token": token })).await;
    assert_eq!(check(token).await.json::<InviteFound>().by, "olga");
    for bad in ["", "x", &token[1..]] {
        assert_eq!(refusal(&check(bad).await), (404, "bad_invite".to_owned()));
    }
    let uses = async |login: &str| {
        let body = json!({ "invite": token, "login": login, "name": login, "password": PASSWORD });
        ask(address, "POST /api/v1/accounts", "", &body).await.status
    };
    // Together they are no more than one after the other.
    let statuses = tokio::join!(uses("ann"), uses("ben"), uses("cat"));
    let mut statuses = [statuses.0, statuses.1, statuses.2];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 403]);
    assert_eq!(check(token).await.status, 404);
    assert_eq!(http::get(address, "/api/v1/invites", &olga).await.json::<InviteList>().invites, []);
    server.stop().await;
}

#[tokio::test]
async fn an_invite_can_be_withdrawn_and_runs_out() {
    let server = Server::start_in(people::folder(&[("olga", Role::Owner)]).await, |_| {}).await;
    let olga = sign_in(server.address, "olga").await;
    let (first, second) = (invite(server.address, &olga, 5).await, invite(server.address, &olga, 5).await);
    let list = http::get(server.address, "/api/v1/invites", &olga).await.json::<InviteList>().invites;
    assert_eq!(list.len(), 2);
    let check = async |address, token: &str| {
        ask(address, "POST /api/v1/invites/check", "", &json!({ "token": token })).await.status
    };
    let line = format!("DELETE /api/v1/invites/{}", list[1].id);
    assert_eq!(http::post(server.address, &line, &olga, "").await.status, 204);
    assert_eq!(http::post(server.address, &line, &olga, "").await.status, 404);
    assert_eq!((check(server.address, &first).await, check(server.address, &second).await), (404, 200));
    let data = server.stop().await;
    let db = rusqlite::Connection::open(data.path().join("readyroom.db")).unwrap();
    db.execute("UPDATE invite SET expires_at = 1", []).unwrap();
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(check(server.address, &second).await, 404);
    server.stop().await;
}
