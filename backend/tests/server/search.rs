//! Search, over HTTP: what is found and how it is shown, by whom, and that the index follows the log.

use std::net::SocketAddr;
use std::path::Path;

use common::api::search::SearchPage;
use common::api::{Problem, codes};
use common::client::ClientMsg;
use common::id::{RoomId, Seq};

use crate::support::client::{Client, LOBBY};
use crate::support::http::{self, Answer};
use crate::support::process::{self, Process};
use crate::support::{Server, soon};

/// A text as it stands in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn ask(address: SocketAddr, cookie: &str, query: &str, more: &str) -> Answer {
    http::get(address, &format!("/api/v1/search?q={}{more}", escaped(query)), cookie).await
}

/// What is found once the index has come to everything.
async fn page(address: SocketAddr, cookie: &str, query: &str, more: &str) -> SearchPage {
    let found = async {
        loop {
            let answer = ask(address, cookie, query, more).await;
            assert_eq!(answer.status, 200, "{query}: {}", answer.body);
            let page: SearchPage = answer.json();
            if page.behind == 0 {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    soon("the index", found).await
}

async fn bodies(server: &Server, reader: &Client, query: &str) -> Vec<String> {
    let page = page(server.address, &reader.cookie, query, "").await;
    page.hits.into_iter().map(|hit| hit.message.body).collect()
}

async fn create(client: &mut Client, name: &str, private: bool) -> RoomId {
    client.does(|cid| ClientMsg::Create { cid, name: name.to_owned(), private }).await.unwrap().room
}

#[tokio::test]
async fn words_are_found_in_both_languages() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    for body in [
        "We deployed the new server on Friday",
        "the server was slow, deploy again",
        "重新部署服务器，请稍等",
        "请大家查看部门公告",
        "Ｆｕｌｌ width and Café",
        "use node.js 22 with `cargo build`",
    ] {
        alice.says(body).await;
    }
    for (query, wanted) in [
        ("server", vec![1, 0]),
        ("SERVER deploy", vec![1, 0]),
        ("dep", vec![1, 0]),
        ("\"the server\"", vec![1]),
        ("\"new server\"", vec![0]),
        ("“server new”", vec![]),
        ("server -slow", vec![0]),
        ("server -\"was slow\" -friday", vec![]),
        ("部署", vec![2]),
        ("服务器", vec![2]),
        ("务器", vec![2]),
        ("部", vec![3, 2]),
        ("重新部署 稍等", vec![2]),
        ("部署器", vec![]),
        ("full cafe", vec![4]),
        ("node.js", vec![5]),
        ("has:code", vec![5]),
        ("nothing-like-this", vec![]),
    ] {
        let all = ["We deployed", "the server", "重新部署", "请大家", "Ｆｕｌｌ", "use node"];
        let wanted: Vec<&str> = wanted.into_iter().map(|at: usize| all[at]).collect();
        let found = bodies(&server, &alice, query).await;
        assert_eq!(found.len(), wanted.len(), "{query}: {found:?}");
        assert!(found.iter().zip(&wanted).all(|(body, begin)| body.starts_with(begin)), "{query}: {found:?}");
    }
    let hit = &page(server.address, &alice.cookie, "重新 部署", "").await.hits[0];
    assert_eq!((hit.excerpt.as_str(), hit.room_name.as_str()), ("重新部署服务器，请稍等", "lobby"));
    assert_eq!(hit.marks, [(0, 4)]);
    let hit = &page(server.address, &alice.cookie, "cargo", "").await.hits[0];
    assert_eq!(
        (hit.excerpt.as_str(), hit.marks.as_slice()),
        ("use node.js 22 with cargo build", [(20, 25)].as_slice())
    );
    server.stop().await;
}

#[tokio::test]
async fn operators_narrow_it_down() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob Stone").await;
    let ops = create(&mut alice, "ops", false).await;
    alice.says("plan one").await;
    alice.says_in(ops, "plan two at https://x.example").await;
    bob.says("plan three for @Alice").await;
    for (query, wanted) in [
        ("plan", vec!["plan three", "plan two", "plan one"]),
        ("plan from:alice", vec!["plan two", "plan one"]),
        ("plan from:@Bob", vec!["plan three"]),
        ("from:stone", vec!["plan three"]),
        ("plan from:\"bob stone\" from:alice in:lobby", vec!["plan three", "plan one"]),
        ("plan -from:me", vec!["plan three"]),
        ("plan from:nobody", vec![]),
        ("in:#ops", vec!["plan two"]),
        ("in:r1 plan", vec!["plan three", "plan one"]),
        ("plan -in:lobby", vec!["plan two"]),
        ("plan in:elsewhere", vec![]),
        ("has:link", vec!["plan two"]),
        ("plan has:mention", vec!["plan three"]),
        ("plan -has:link -has:mention", vec!["plan one"]),
        ("after:2020-01-01", vec!["plan three", "plan two", "plan one"]),
        ("plan before:2020-01-01", vec![]),
        ("plan after:2099-01-01", vec![]),
        ("plan before:9999-12-31", vec!["plan three", "plan two", "plan one"]),
    ] {
        let found = bodies(&server, &alice, query).await;
        assert_eq!(found.len(), wanted.len(), "{query}: {found:?}");
        assert!(found.iter().zip(&wanted).all(|(body, begin)| body.starts_with(begin)), "{query}: {found:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_in_both_orders() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    for n in 0..25 {
        alice.says(&format!("number {n} {}", "number ".repeat(n % 5))).await;
    }
    for order in ["newest", "best"] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let more = format!("&order={order}&limit=10{cursor}");
            let page = page(server.address, &alice.cookie, "number", &more).await;
            found.extend(page.hits.iter().map(|hit| hit.message.n));
            let Some(next) = page.cursor else { break };
            assert_eq!(page.hits.len(), 10);
            cursor = format!("&cursor={next}");
        }
        if order == "newest" {
            assert_eq!(found, (1..=25).rev().collect::<Vec<_>>());
        } else {
            assert_ne!(found, (1..=25).rev().collect::<Vec<_>>());
            found.sort_unstable();
            assert_eq!(found, (1..=25).collect::<Vec<_>>());
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_see() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    let secret = create(&mut alice, "secret", true).await;
    let open = create(&mut alice, "open", false).await;
    alice.says_in(secret, "a hidden word").await;
    alice.says_in(open, "a hidden treasure").await;
    assert_eq!(bodies(&server, &alice, "hidden").await.len(), 2);
    for query in ["hidden", "hidden in:secret", &format!("hidden in:{secret}"), "hidden in:open", "hidden -in:lobby"] {
        assert_eq!(bodies(&server, &bob, query).await, [""; 0], "{query}");
    }
    bob.does(|cid| ClientMsg::Join { cid, room: open }).await.unwrap();
    assert_eq!(bodies(&server, &bob, "hidden").await, ["a hidden treasure"]);
    bob.does(|cid| ClientMsg::Leave { cid, room: open }).await.unwrap();
    assert_eq!(bodies(&server, &bob, "hidden").await, [""; 0], "membership ends, and finding with it");
    assert_eq!(ask(server.address, "", "hidden", "").await.status, 401);
    server.stop().await;
}

/// Whether a text stands in any file of a folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn edits_are_found_and_what_is_deleted_is_gone_from_the_files() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut kept = Vec::new();
    for n in 0..50 {
        kept.push(alice.says(&format!("zanzibar quokka{n:03} xylophone{n:03}")).await.seq);
    }
    let target = kept[20];
    alice.does(|cid| ClientMsg::Edit { cid, room: LOBBY, target, body: "wombat flugelhorn".into() }).await.unwrap();
    assert_eq!(bodies(&server, &alice, "wombat").await, ["wombat flugelhorn"]);
    assert_eq!(bodies(&server, &alice, "quokka020").await, [""; 0], "it does not say so any more");
    assert_eq!(bodies(&server, &alice, "quokka021").await.len(), 1);
    // One that was indexed, one that was edited, and one that the index may not have come to.
    let fresh = alice.says("vuvuzela").await.seq;
    for target in [kept[7], target, fresh] {
        alice.does(|cid| ClientMsg::Delete { cid, room: LOBBY, target }).await.unwrap();
    }
    for query in ["quokka007", "wombat", "vuvuzela", "xylophone020"] {
        assert_eq!(bodies(&server, &alice, query).await, [""; 0], "{query}");
    }
    assert_eq!(bodies(&server, &alice, "quokka008").await.len(), 1);
    let data = server.stop().await;
    assert!(stands_in(data.path(), "xylophone008"), "the test finds what is there");
    for gone in ["quokka007", "xylophone007", "wombat", "flugelhorn", "quokka020", "vuvuzela"] {
        assert!(!stands_in(data.path(), gone), "{gone}");
    }
    // The index leaves out what a term has in common with the one before it.
    for end in ["gelhorn", "uzela"] {
        assert!(!stands_in(data.path(), end), "{end}");
    }
    server_finds_the_rest(data).await;
}

async fn server_finds_the_rest(data: tempfile::TempDir) {
    let server = Server::start_in(data, |_| {}).await;
    let bob = server.guest("Bob").await;
    assert_eq!(bodies(&server, &bob, "zanzibar").await.len(), 20);
    assert_eq!(bodies(&server, &bob, "xylophone049").await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn an_index_that_is_lost_or_behind_catches_up() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path()).await;
    let cookie = http::come_in(process.address, "Alice").await;
    let mut alice = Client::connect(process.address, "Alice", &cookie).await;
    for n in 0..300 {
        alice.says(&format!("message {n} needle")).await;
    }
    // Whether the index had come to all of it nobody knows.
    process.kill().await;
    let newest = |page: &SearchPage| page.hits.first().map(|hit| hit.message.n);
    let process = Process::start(data.path()).await;
    assert_eq!(newest(&page(process.address, &cookie, "needle", "").await), Some(300));
    assert_eq!(page(process.address, &cookie, "17", "").await.hits.len(), 1);
    process.kill().await;
    // A file that is no index, and none at all.
    for damage in [Some("this is no database".repeat(500)), None] {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(data.path().join(format!("search.db{end}"))));
        }
        if let Some(damage) = damage {
            std::fs::write(data.path().join("search.db"), damage).unwrap();
        }
        let process = Process::start(data.path()).await;
        assert_eq!(page(process.address, &cookie, "needle 17", "&limit=50").await.hits.len(), 1);
        process.kill().await;
    }
    let misspelt = data.path().join("dta");
    let (code, said) = process::run(process::command(&misspelt, &["reindex"])).await;
    assert!(code == Some(1) && said.contains("there is no chat in the data folder"), "{said}");
    assert!(!misspelt.exists(), "nothing is made");
    let (code, said) = process::run(process::command(data.path(), &["reindex"])).await;
    assert_eq!(code, Some(0), "{said}");
    let process = Process::start(data.path()).await;
    assert_eq!(page(process.address, &cookie, "needle 17", "&limit=50").await.hits.len(), 1);
    let (code, said) = process::run(process::command(data.path(), &["reindex"])).await;
    assert_eq!(code, Some(1), "a server uses the folder");
    assert!(said.contains("another Readyroom server uses it"), "{said}");
    process.kill().await;
}

#[tokio::test]
async fn an_index_of_another_database_is_not_believed() {
    let one = Server::start().await;
    let mut alice = one.guest("Alice").await;
    alice.says("from the first database").await;
    assert_eq!(bodies(&one, &alice, "database").await.len(), 1);
    let one = one.stop().await;
    let other = Server::start().await;
    let mut bob = other.guest("Bob").await;
    bob.says("something else").await;
    let other = other.stop().await;
    std::fs::copy(one.path().join("search.db"), other.path().join("search.db")).unwrap();
    let other = Server::start_in(other, |_| {}).await;
    assert_eq!(bodies(&other, &bob, "first").await, [""; 0]);
    assert_eq!(bodies(&other, &bob, "else").await, ["something else"]);
    other.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_nothing_breaks() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    alice.says("a needle").await;
    for (query, at) in [("", "1"), ("needle \"open", "8"), ("x before:tomorrow", "3"), (&"x".repeat(201), "201")] {
        let answer = ask(server.address, &alice.cookie, query, "").await;
        let problem: Problem = answer.json();
        assert_eq!((answer.status, problem.code.as_deref()), (400, Some(codes::BAD_QUERY)), "{query}");
        assert!(problem.detail.contains(&format!("character {at}:")), "{query}: {}", problem.detail);
    }
    for (more, word) in [
        ("&limit=0", "limit"),
        ("&limit=51", "50"),
        ("&order=oldest", "order"),
        ("&cursor=x", "cursor"),
        ("&q=two", "twice"),
    ] {
        let answer = ask(server.address, &alice.cookie, "x", more).await;
        assert_eq!(answer.status, 400, "{more}");
        assert!(answer.json::<Problem>().detail.contains(word), "{more}");
    }
    for query in [
        "needle NEAR(a b)",
        "NEAR(",
        "a:*",
        "terms:needle",
        "{a b}",
        "^needle",
        "needle*",
        "') --",
        "'; DROP TABLE words; --",
        "AND OR NOT",
        "needle AND",
        "h:link",
        "r:1",
        "-",
        "- -",
        "\\",
        "%00",
        "\u{0}needle",
        "+a+b",
        "needle)",
        "((((((((",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "in:'x' from:%",
        "\u{202E}needle",
    ] {
        let status = ask(server.address, &alice.cookie, query, "").await.status;
        assert!([200, 400].contains(&status), "{query}: {status}");
        let best = ask(server.address, &alice.cookie, query, "&order=best").await.status;
        assert_eq!(best, status, "{query}");
    }
    assert_eq!(bodies(&server, &alice, "needle").await, ["a needle"]);
    assert_eq!(http::get(server.address, "/api/v1/search?q=%FF%FE", &alice.cookie).await.status, 400);
    let seq = alice.says("still here").await.seq;
    assert!(seq > Seq::ZERO);
    server.stop().await;
}
