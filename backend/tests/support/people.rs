//! People with accounts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use common::api::account::{InviteMade, Me};
use common::api::{Problem, codes};
use common::model::Role;
use common::text::{Login, UserName};
use readyroom::config::SignUp;
use readyroom::passwords;
use readyroom::store::accounts::{self, NewAccount};
use readyroom::store::{Durability, Store};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use super::http::{self, Answer};
use super::{Server, soon};

/// A password that everybody has here.
pub const PASSWORD: &str = "correct horse battery";

/// A folder with accounts of these logins and roles. Their names are their logins; they are in the lobby once they have
/// signed in, for who makes an account over HTTP joins it.
pub async fn folder(people: &[(&str, Role)]) -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path(), Durability::Relaxed, || {}).unwrap();
    let hash = passwords::hash(PASSWORD).unwrap();
    for (login, role) in people {
        let (name, login) = (UserName::new(login).unwrap(), Login::new(login).unwrap());
        let new = NewAccount { login, name, password: hash.clone(), role: *role };
        store.write(move |db, now| accounts::create(db, None, &new, now)).await.unwrap().unwrap();
    }
    store.close().await;
    data
}

/// A server with an owner, `olga`, that lets everybody make an account.
pub async fn open_server() -> Server {
    Server::start_in(folder(&[("olga", Role::Owner)]).await, |config| config.sign_up = SignUp::Open).await
}

/// The body of a sign-up.
pub fn account(login: &str) -> String {
    serde_json::json!({ "login": login, "name": login, "password": PASSWORD }).to_string()
}

/// Makes an account; gives its cookie.
pub async fn sign_up(address: SocketAddr, login: &str) -> String {
    http::post(address, "POST /api/v1/accounts", "", &account(login)).await.cookie()
}

/// Tries to sign in.
pub async fn try_sign_in(address: SocketAddr, login: &str, password: &str, code: Option<&str>) -> Answer {
    let body = serde_json::json!({ "login": login, "password": password, "code": code }).to_string();
    http::post(address, "POST /api/v1/sessions", "", &body).await
}

/// The same from another address of this machine.
pub async fn try_sign_in_from(from: u8, address: SocketAddr, login: &str, password: &str) -> Answer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, from)), 0)).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let body = serde_json::json!({ "login": login, "password": password }).to_string();
    let text = http::text(address, "POST /api/v1/sessions", &["Content-Type: application/json"], &body);
    soon("an answer", Box::pin(http::ask(&mut stream, &text))).await
}

/// Signs in; gives the cookie.
pub async fn sign_in(address: SocketAddr, login: &str) -> String {
    try_sign_in(address, login, PASSWORD, None).await.cookie()
}

/// Sends JSON with a cookie.
pub async fn ask(address: SocketAddr, line: &str, cookie: &str, body: &serde_json::Value) -> Answer {
    http::post(address, line, cookie, &body.to_string()).await
}

/// The status and the code of a refusal.
pub fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json::<Problem>().code.unwrap_or_default())
}

/// The field that a refusal names, and what is wrong with it.
pub fn fault(answer: &Answer) -> (u16, String) {
    let text = answer.json::<Problem>().text.unwrap_or_else(|| panic!("no field in {}", answer.body));
    (answer.status, text.to_string())
}

/// Who a cookie belongs to; `None` for nobody.
pub async fn me(address: SocketAddr, cookie: &str) -> Option<Me> {
    let answer = http::get(address, "/api/v1/me", cookie).await;
    if answer.status == 401 {
        return None;
    }
    assert_eq!(answer.status, 200, "{}", answer.body);
    Some(answer.json())
}

/// The token of a new invite.
pub async fn invite(address: SocketAddr, admin: &str, uses: u32) -> String {
    let body = serde_json::json!({ "uses": uses, "hours": 1 });
    let answer = ask(address, "POST /api/v1/invites", admin, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let made: InviteMade = answer.json();
    made.url.split_once("/join#").unwrap().1.to_owned()
}

/// Whether a refusal is one of too many tries, and says when the next is looked at.
pub fn is_slowed(answer: &Answer) -> bool {
    let seconds: u64 = answer.header("retry-after").parse().unwrap_or(0);
    answer.status == 429 && seconds >= 1 && refusal(answer).1 == codes::TOO_MANY_TRIES
}
