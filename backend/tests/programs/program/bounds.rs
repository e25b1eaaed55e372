//! Bounds, and other users.

use std::os::unix::fs::PermissionsExt;

use readyroom::program::exit::Exit;
use readyroom::program::limits::Limits;
use readyroom::program::{Program, User, find};

use super::help::{run, runner, script};

fn bounded(text: &str, cpu_seconds: Option<u64>, memory: Option<u64>) -> Program {
    Program { limits: Limits { cpu_seconds, memory, output_per_second: None }, ..script(text) }
}

#[tokio::test]
async fn bounds_hold_for_the_program_and_what_it_starts() {
    let ask = "ulimit -t; ulimit -v; sh -c 'ulimit -t; ulimit -H -t'";
    assert_eq!(run(&bounded(ask, Some(7), Some(512 * 1024 * 1024)), b"").await.output, "7\n524288\n7\n8\n");
}

#[tokio::test]
async fn who_uses_up_the_processor_is_ended() {
    assert_eq!(run(&bounded("while :; do :; done", Some(1), None), b"").await.exit, Exit::Signal(24));
    let ignores = run(&bounded("trap '' XCPU; while :; do :; done", Some(1), None), b"").await;
    assert_eq!(ignores.exit, Exit::Signal(9));
}

#[tokio::test]
async fn who_wants_too_much_memory_gets_none() {
    let path = std::env::var_os("PATH").unwrap();
    if find("python3".as_ref(), Some(&path)).is_err() {
        eprintln!("python3 is missing: what becomes of too much memory is not tested");
        return;
    }
    let text = "exec python3 -c 'x = bytearray(400 << 20)'";
    let ended = run(&bounded(text, None, Some(256 << 20)), b"").await;
    assert!(ended.errors.contains("MemoryError"), "{ended:?}");
    assert_eq!(ended.exit, Exit::Code(1));
    assert_eq!(run(&bounded(text, None, Some(1 << 30)), b"").await.exit, Exit::Code(0));
}

#[tokio::test]
async fn another_user_has_no_rights_but_its_own() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("only root can be somebody else: not tested");
        return;
    }
    let user = Some(User { uid: 65_534, gid: 65_533 });
    let ask = "id -u; id -g; id -G; grep NoNewPrivs /proc/$$/status | tr -s '\\t' ' '";
    let ended = run(&Program { user, ..script(ask) }, b"").await;
    assert_eq!(ended.output, "65534\n65533\n65533\nNoNewPrivs: 1\n");
    let closed = tempfile::tempdir().unwrap();
    std::fs::set_permissions(closed.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let hidden = Program { user, folder: Some(closed.path().to_owned()), ..script("true") };
    assert_eq!(runner().start(&hidden).unwrap_err().to_string(), "cannot start sh: permission denied");
}

#[tokio::test]
async fn who_may_not_be_somebody_else_is_told() {
    if rustix::process::geteuid().is_root() {
        eprintln!("root may be anybody: not tested");
        return;
    }
    let program = Program { user: Some(User { uid: 0, gid: 0 }), ..script("true") };
    assert_eq!(runner().start(&program).unwrap_err().to_string(), "cannot start sh: permission denied");
}
