//! `readyroom user`: accounts from the command line.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::model::Role;

use crate::support::Server;
use crate::support::people::{me, try_sign_in};

/// Runs `readyroom user …` on a folder.
fn user(data: &Path, words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(["--data", data.to_str().unwrap(), "user"]).args(words).current_dir(data.parent().unwrap());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && stderr.contains(words) && output.stdout.is_empty(), "{stderr}");
}

fn shown(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("The password is ")).unwrap_or_else(|| panic!("none in {text}"))
}

#[tokio::test]
async fn accounts_are_made_changed_and_listed_while_nothing_is_served() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_owned();
    let misspelt = path.join("dta");
    for words in [&["list"][..], &["role", "olga", "admin"], &["reset", "olga"]] {
        refused(&user(&misspelt, words, ""), "there is no chat in the data folder");
        assert!(!misspelt.exists(), "nothing is made");
    }
    let made = done(&user(&path, &["add", "Olga", "--name", "Olga Björk", "--role", "owner"], ""));
    let password = shown(&made).to_owned();
    done(&user(&path, &["add", "maya", "--password-stdin"], "correct horse battery\n"));
    refused(&user(&path, &["add", "maya"], ""), "login: another one has it");
    refused(&user(&path, &["add", "other", "--name", "OIga Björk"], ""), "name: another one has it");
    refused(&user(&path, &["add", "x"], ""), "login: has 1 characters, 3 are needed");
    refused(&user(&path, &["add", "short", "--password-stdin"], "short\n"), "password: has 5 characters, 8 are needed");
    refused(&user(&path, &["role", "olga", "member"], ""), "the only owner");
    refused(&user(&path, &["role", "nobody", "member"], ""), "nobody signs in as nobody");
    refused(&user(&path, &["role", "maya", "bot"], ""), "is member, admin or owner");
    assert!(done(&user(&path, &["role", "maya", "admin"], "")).contains("maya is admin now"));
    let list = done(&user(&path, &["list"], ""));
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows, [vec!["maya", "admin", "maya"], vec!["olga", "owner", "Olga", "Björk"]]);

    let server = Server::start_in(data, |_| {}).await;
    let olga = try_sign_in(server.address, "olga", &password, None).await.cookie();
    let known = me(server.address, &olga).await.unwrap();
    assert_eq!((known.role, known.name.as_str()), (Role::Owner, "Olga Björk"));
    assert_eq!(try_sign_in(server.address, "maya", "correct horse battery", None).await.status, 201);
    refused(&user(&path, &["list"], ""), "another Readyroom server uses it");
    let data = server.stop().await;

    let again = done(&user(&path, &["reset", "olga"], ""));
    assert!(again.contains("(1 session ended)"), "{again}");
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(me(server.address, &olga).await, None);
    assert_eq!(try_sign_in(server.address, "olga", &password, None).await.status, 401);
    assert_eq!(try_sign_in(server.address, "olga", shown(&again), None).await.status, 201);
    server.stop().await;
}
