//! Programs of the server's configuration: they answer, come back, go with the server, and have only the rights they are given.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::api::bots::BotList;
use common::api::people::PeopleList;
use common::close;
use common::model::{EventKind, Role};
use nix::unistd::{Uid, User};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStderr, Command};

use crate::support::client::{Client, LOBBY};
use crate::support::people::{PASSWORD, sign_in};
use crate::support::pipe::is_alive;
use crate::support::process::{self, Process};
use crate::support::{http, soon, until};

/// Says who and where it is, then what it hears, and a last word.
const SCRIPT: &str = "#!/bin/sh\n\
    echo \"up $$ $(id -un) $HOME $(pwd) $SIDES $(env | wc -l)\"\n\
    echo \"to whom it may concern\" >&2\n\
    while read -r line; do echo \"heard $line\"; done\n\
    echo bye\n";

/// A folder that anybody may enter, with the script.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let place = Self(folder);
        place.write("hear.sh", SCRIPT, "755");
        std::fs::create_dir(place.path().join("data")).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str, mode: &str) {
        let file = self.path().join(name);
        process::file(&file, text, mode);
    }

    /// The server with these settings for the program `dice`; what it logs can be read.
    fn command(&self, settings: &str) -> Command {
        let text = format!("[[programs]]\nname = \"Dice\"\nplain = true\n{settings}\n");
        self.write("readyroom.toml", &text, "600");
        let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
        command.args(["--listen", "127.0.0.1:0", "--data", "data", "--config", "readyroom.toml"]);
        command.current_dir(self.path()).env("READYROOM_TEST", "secret");
        command.kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::piped());
        command
    }

    async fn start(&self, settings: &str) -> (Process, Lines<BufReader<ChildStderr>>) {
        let mut process = Process::spawn(self.command(settings)).await;
        let log = BufReader::new(process.child.stderr.take().unwrap()).lines();
        (process, log)
    }
}

/// What a program of a server that runs as this user has to name.
fn whoever() -> String {
    let name = User::from_uid(Uid::effective()).unwrap().unwrap().name;
    format!("user = \"{name}\"\n")
}

async fn guest(process: &Process) -> Client {
    let cookie = http::come_in(process.address, "Gus").await;
    Client::connect(process.address, "Gus", &cookie).await
}

/// Waits for what the program says when it has begun: its number, and who and where it is.
async fn up(client: &mut Client) -> Vec<String> {
    let event = client.event(|event| matches!(&event.kind, EventKind::Message { body, .. } if body.starts_with("up ")));
    match event.await.kind {
        EventKind::Message { body, .. } => body.split(' ').skip(1).map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}

fn signal(pid: &str, signal: &str) {
    assert!(std::process::Command::new("kill").args([signal, pid]).status().unwrap().success());
}

async fn logs(log: &mut Lines<BufReader<ChildStderr>>, words: &[&str]) {
    loop {
        let line = soon("a line of the log", log.next_line()).await.unwrap().expect("the server logs on");
        if words.iter().all(|word| line.contains(word)) {
            return;
        }
    }
}

#[tokio::test]
async fn a_program_answers_comes_back_and_goes_with_the_server() {
    let place = Place::new();
    let settings = format!("command = [\"./hear.sh\"]\n{}env = {{ SIDES = \"6\" }}", whoever());
    let (mut server, mut log) = place.start(&settings).await;
    let mut gus = guest(&server).await;
    let first = up(&mut gus).await;
    let home = place.path().join("data/programs/dice/home");
    let home = home.to_str().unwrap();
    assert_eq!((first[2].as_str(), first[3].as_str(), first[4].as_str()), (home, home, "6"));
    logs(&mut log, &["Dice", "to whom it may concern"]).await;
    gus.says("roll").await;
    assert_eq!(gus.sees("heard roll").await.name, "Dice");
    let members = http::get(server.address, &format!("/api/v1/rooms/{LOBBY}/members"), &gus.cookie).await;
    let members: PeopleList = members.json();
    assert!(members.people.iter().any(|person| person.name == "Dice" && person.role == Role::Bot));

    // A message that was given is given once, whatever becomes of the program.
    signal(&first[0], "-9");
    let second = up(&mut gus).await;
    assert_ne!(first[0], second[0]);
    gus.says("again").await;
    gus.sees("heard again").await;

    signal(&server.child.id().unwrap().to_string(), "-TERM");
    gus.sees("bye").await;
    assert_eq!(gus.closed().await.0, close::GOING_AWAY);
    assert!(soon("the end", server.child.wait()).await.unwrap().success());
    gone(&second[0]).await;
    logs(&mut log, &["stopped"]).await;

    // What was said while it was away is given to it, and what it had read is not.
    let (server, _log) = place.start(&settings).await;
    let mut gus = guest(&server).await;
    up(&mut gus).await;
    gus.says("third").await;
    gus.sees("heard third").await;
    let page = http::get(server.address, &format!("/api/v1/rooms/{LOBBY}/messages"), &gus.cookie).await;
    for word in ["heard roll", "heard again", "heard third"] {
        assert_eq!(page.body.matches(&format!("\"{word}\"")).count(), 1, "{word} in {}", page.body);
    }
    server.kill().await;
}

#[tokio::test]
async fn a_program_has_the_rights_of_its_user_and_nothing_of_the_servers() {
    if !Uid::effective().is_root() {
        eprintln!("left out: only root can give a program another user");
        return;
    }
    let place = Place::new();
    let (work, nobody) = (place.path().join("work"), User::from_name("nobody").unwrap().unwrap());
    std::fs::create_dir(&work).unwrap();
    std::os::unix::fs::chown(&work, Some(nobody.uid.as_raw()), None).unwrap();
    let probe = "#!/bin/sh\necho \"up $$ $(id -un) $HOME $(pwd) $(id -G) ${READYROOM_TEST:-none} $(umask)\"\n\
                 cat ../data/readyroom.db >/dev/null 2>&1 && echo \"read it\" || echo \"may not\"\ntouch mine\n\
                 grep -s NoNewPrivs /proc/self/status\ncat >/dev/null\n";
    place.write("probe.sh", probe, "755");
    set_permissions(place.path().join("data"), Permissions::from_mode(0o700)).unwrap();
    let settings =
        "command = [\"./probe.sh\"]\nuser = \"nobody\"\ndirectory = \"work\"\ncpu_seconds = 60\nmemory_mb = 512";
    let (server, _log) = place.start(settings).await;
    let mut gus = guest(&server).await;
    let told = up(&mut gus).await;
    let folder = work.to_str().unwrap();
    let group = nobody.gid.to_string();
    assert_eq!(told[1..6], ["nobody", folder, folder, &group, "none"]);
    gus.sees("may not").await;
    let found = gus
        .event(|event| matches!(&event.kind, EventKind::Message { body, .. } if body.starts_with("NoNewPrivs")))
        .await;
    assert!(matches!(&found.kind, EventKind::Message { body, .. } if body.ends_with('1')), "{found:?}");
    assert_eq!(work.join("mine").metadata().unwrap().uid(), nobody.uid.as_raw());
    server.kill().await;
}

#[tokio::test]
async fn a_user_of_its_own_needs_no_folder_that_is_named() {
    if !Uid::effective().is_root() {
        eprintln!("left out: only root can give a program another user");
        return;
    }
    let place = Place::new();
    place.write("probe.sh", "#!/bin/sh\necho \"up $$ $(id -un) $HOME $(pwd)\"\ncat >/dev/null\n", "755");
    // The server makes one that it alone may enter.
    std::fs::remove_dir(place.path().join("data")).unwrap();
    let settings = "command = [\"./probe.sh\"]\nuser = \"nobody\"";
    for _start in 0..2 {
        let (mut server, _log) = place.start(settings).await;
        let mut gus = guest(&server).await;
        let home = place.path().join("data-programs/dice");
        let folder = home.to_str().unwrap();
        assert_eq!(up(&mut gus).await[1..], ["nobody", folder, folder]);
        let nobody = User::from_name("nobody").unwrap().unwrap().uid.as_raw();
        let metadata = home.metadata().unwrap();
        assert_eq!((metadata.uid(), metadata.permissions().mode() & 0o777), (nobody, 0o700));
        assert_eq!(place.path().join("data").metadata().unwrap().permissions().mode() & 0o777, 0o700);
        signal(&server.child.id().unwrap().to_string(), "-TERM");
        soon("the end", server.child.wait()).await.unwrap();
    }
}

#[tokio::test]
async fn a_room_that_is_not_public_has_to_have_invited_it() {
    let place = Place::new();
    let settings = format!("command = [\"./hear.sh\"]\n{}", whoever());
    let (mut server, _log) = place.start(&settings).await;
    let mut gus = guest(&server).await;
    up(&mut gus).await;
    gus.says("you").await;
    let dice = gus.sees("heard you").await.by;
    let mut owner = Client::connect(server.address, "Gus", &gus.cookie).await;
    let room = owner.makes("secret", true).await;
    signal(&server.child.id().unwrap().to_string(), "-TERM");
    soon("the end", server.child.wait()).await.unwrap();

    let settings = format!("{settings}rooms = [\"secret\"]");
    let (mut server, mut log) = place.start(&settings).await;
    logs(&mut log, &["Dice", "secret", "trying again"]).await;
    let mut owner = Client::connect(server.address, "Gus", &gus.cookie).await;
    appoint_member(&place, &owner);
    owner.invites(room, dice).await.unwrap();
    signal(&server.child.id().unwrap().to_string(), "-TERM");
    soon("the end", server.child.wait()).await.unwrap();

    let (server, _log) = place.start(&settings).await;
    let mut owner = Client::connect(server.address, "Gus", &gus.cookie).await;
    up(&mut owner).await;
    owner.says_in(room, "hush").await;
    owner.sees("heard hush").await;
    server.kill().await;
}

/// Guests invite nobody.
fn appoint_member(place: &Place, who: &Client) {
    let db = rusqlite::Connection::open(place.path().join("data/readyroom.db")).unwrap();
    db.busy_timeout(crate::support::PATIENCE).unwrap();
    db.execute("UPDATE user SET role = 2 WHERE id = ?", [i64::try_from(who.me.id.0).unwrap()]).unwrap();
}

#[tokio::test]
async fn who_takes_the_account_away_ends_the_program() {
    let place = Place::new();
    let mut add =
        process::command(&place.path().join("data"), &["user", "add", "olga", "--role", "owner", "--password-stdin"]);
    let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).await.unwrap();
    assert!(soon("an account", add.wait()).await.unwrap().success());
    let (server, mut log) = place.start(&format!("command = [\"./hear.sh\"]\n{}", whoever())).await;
    let mut gus = guest(&server).await;
    let pid = up(&mut gus).await.remove(0);
    let olga = sign_in(server.address, "olga").await;
    let list = http::get(server.address, "/api/v1/bots", &olga).await.json::<BotList>();
    let [dice] = list.bots.as_slice() else { panic!("{list:?}") };
    // Another token is for others: the program has none, and stays.
    let line = format!("POST /api/v1/bots/{}/token", dice.id);
    assert_eq!(http::post(server.address, &line, &olga, "{}").await.status, 201);
    gus.says("still there?").await;
    gus.sees("heard still there?").await;
    assert_eq!(http::post(server.address, &format!("DELETE /api/v1/bots/{}", dice.id), &olga, "").await.status, 204);
    logs(&mut log, &["Dice", "taken away", "until the server is started anew"]).await;
    gone(&pid).await;
    server.kill().await;
}

#[tokio::test]
async fn no_program_outlives_its_server() {
    let place = Place::new();
    place.write("deaf.sh", "#!/bin/sh\ntrap '' INT TERM\nsleep 1000 <&- &\necho \"up $$ $!\"\nwait\n", "755");
    let settings = format!("command = [\"./deaf.sh\"]\n{}", whoever());
    let (server, _log) = place.start(&settings).await;
    let pids = up(&mut guest(&server).await).await;
    server.kill().await;
    gone(&pids[0]).await;
    gone(&pids[1]).await;

    // Nor one that is stopped, which sees to it before it ends.
    let (mut server, _log) = place.start(&settings).await;
    let pids = up(&mut guest(&server).await).await;
    signal(&server.child.id().unwrap().to_string(), "-TERM");
    assert!(soon("the end", server.child.wait()).await.unwrap().success());
    assert!(!lives(&pids[0]) && !lives(&pids[1]), "{pids:?}");
}

#[tokio::test]
async fn a_program_that_takes_too_much_is_ended_and_started_again() {
    let place = Place::new();
    place.write("burn.sh", "#!/bin/sh\necho \"up $$\"\nwhile :; do :; done\n", "755");
    let (server, mut log) = place.start(&format!("command = [\"./burn.sh\"]\n{}cpu_seconds = 1", whoever())).await;
    let mut gus = guest(&server).await;
    let first = up(&mut gus).await;
    logs(&mut log, &["Dice", "signal 24"]).await;
    gone(&first[0]).await;
    assert_ne!(up(&mut gus).await, first);
    server.kill().await;
}

#[tokio::test]
async fn a_program_that_writes_too_fast_is_read_more_slowly() {
    let place = Place::new();
    place.write(
        "loud.sh",
        "#!/bin/sh\nread -r line\nprintf '%03000d\\n' 7\nread -r line\necho \"heard $line\"\ncat\n",
        "755",
    );
    let settings = format!("command = [\"./loud.sh\"]\n{}output_kb_per_second = 1", whoever());
    let (server, mut log) = place.start(&settings).await;
    logs(&mut log, &["Dice", "is in #lobby"]).await;
    let mut gus = guest(&server).await;
    let began = Instant::now();
    gus.says("speak").await;
    gus.event(|event| matches!(&event.kind, EventKind::Message { body, .. } if body.ends_with("07"))).await;
    gus.says("more").await;
    gus.sees("heard more").await;
    // 3,001 bytes are three seconds' worth.
    assert!(began.elapsed() > Duration::from_secs(2), "{:?}", began.elapsed());
    server.kill().await;
}

fn lives(pid: &str) -> bool {
    is_alive(pid.parse().unwrap())
}

/// Waits until a process has ended: whoever gets its children may not have looked yet.
async fn gone(pid: &str) {
    until("the end of a program", || !lives(pid)).await;
}

#[tokio::test]
async fn a_server_with_a_program_that_cannot_run_does_not_start() {
    let place = Place::new();
    place.write("text", "no program", "644");
    let own = whoever();
    let hear = "command = [\"./hear.sh\"]\n";
    for (settings, words) in [
        (format!("{hear}{own}comand = 1"), "programs: Dice: unknown field `comand`"),
        (
            format!("{hear}{own}[[programs]]\nname = \"dice\"\n{hear}{own}"),
            "programs: dice: login: dice is that of Dice already",
        ),
        (format!("{hear}user = \"no-such-user\""), "programs: Dice: user: there is no user no-such-user"),
        (format!("{hear}{own}directory = \"missing\""), "programs: Dice: directory: there is no "),
        (format!("{hear}{own}directory = \"text\""), "programs: Dice: directory: "),
        (format!("command = [\"./missing\"]\n{own}"), "programs: Dice: command: there is no program './missing'"),
        (
            format!("command = [\"no-such-program\"]\n{own}"),
            "programs: Dice: command: there is no program 'no-such-program'",
        ),
        (format!("command = [\"./text\"]\n{own}"), "programs: Dice: command: './text' is not executable"),
        (format!("command = [\".\"]\n{own}"), "programs: Dice: command: "),
    ] {
        let (code, stderr) = process::run(place.command(&settings)).await;
        assert!(code == Some(1) && stderr.contains(&format!("readyroom: {words}")), "{settings}: {code:?} {stderr}");
    }
    // Its login is somebody's.
    let mut add = process::command(&place.path().join("data"), &["user", "add", "dice"]);
    assert!(add.output().await.unwrap().status.success());
    let (code, stderr) = process::run(place.command(&format!("{hear}{own}"))).await;
    assert!(code == Some(1) && stderr.contains("programs: Dice: login: dice is a person's"), "{stderr}");
    let other = format!("{hear}{own}login = \"other\"");
    let (code, stderr) = process::run(place.command(&other)).await;
    assert!(code == Some(1) && stderr.contains("name: another one has it"), "{stderr}");

    // None of it comes from a flag or the environment, and what is in effect can be read again.
    let mut config = process::command(place.path(), &["--programs", "x", "config"]);
    assert_eq!(config.output().await.unwrap().status.code(), Some(2));
    let mut config = place.command(&format!("{hear}{own}cpu_seconds = 3\nenv = {{ A = \"b c\" }}"));
    let first = config.arg("config").output().await.unwrap();
    let first = String::from_utf8(first.stdout).unwrap();
    assert!(first.contains("[[programs]]") && first.contains("cpu_seconds = 3"), "{first}");
    place.write("again.toml", &first, "600");
    let file = place.path().join("again.toml");
    let mut again = process::command(place.path(), &["--config", file.to_str().unwrap(), "config"]);
    let again = String::from_utf8(again.output().await.unwrap().stdout).unwrap();
    let programs = |text: &str| text.split_once("[[programs]]").map(|(_, programs)| programs.to_owned());
    assert_eq!(programs(&first), programs(&again));
}
