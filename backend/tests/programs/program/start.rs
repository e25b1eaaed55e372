//! What a program is started with, and why it may not start.

use readyroom::program::Program;
use readyroom::program::exit::Exit;
use readyroom::program::limits::Limits;
use readyroom::program::spawn::Runner;
use readyroom::tasks::Tasks;

use super::help::{Ended, program, run, runner, script};
use crate::support::process::file;

/// The same by the launcher, which sets a bound that nobody comes near.
fn launched(program: Program) -> Program {
    let limits = Limits { cpu_seconds: Some(1000), ..Limits::default() };
    Program { limits, ..program }
}

#[tokio::test]
async fn what_is_written_comes_back_and_the_end_of_input_ends() {
    for cat in [program("cat", &[]), launched(program("cat", &[]))] {
        let input = "one\ntwo".repeat(100_000);
        let ended = run(&cat, input.as_bytes()).await;
        assert!(ended.output == input);
        assert_eq!((ended.errors.as_str(), ended.exit), ("", Exit::Code(0)));
    }
}

#[tokio::test]
async fn output_and_errors_are_apart_and_the_status_is_told() {
    let ended = run(&script("echo out; echo err >&2; exit 3"), b"").await;
    assert_eq!(ended, Ended { output: "out\n".into(), errors: "err\n".into(), exit: Exit::Code(3) });
    assert_eq!(run(&script("kill -USR1 $$"), b"").await.exit, Exit::Signal(10));
}

#[tokio::test]
async fn environment_arguments_and_folder_are_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut env = program("env", &[]);
    env.env = vec![("A".into(), "1".into()), ("B".into(), "x y\nz=".into())];
    let mut shell = program("sh", &["-c", "pwd -P; printf '%s|' \"$@\"", "name", "", "a b", "ü"]);
    shell.folder = Some(folder.path().to_owned());
    let place = folder.path().canonicalize().unwrap();
    for ask in [|program| program, launched] {
        assert_eq!(run(&ask(env.clone()), b"").await.output, "A=1\nB=x y\nz=\n");
        assert_eq!(run(&ask(shell.clone()), b"").await.output, format!("{}\n|a b|ü|", place.display()));
    }
}

#[tokio::test]
async fn a_program_beside_us_needs_no_slash_and_none_is_looked_for() {
    let mut here = Program::new("no-such-program".into());
    assert_eq!(runner().start(&here).unwrap_err().to_string(), "cannot start no-such-program: no such file");
    here.path = "sh".into();
    assert_eq!(runner().start(&here).unwrap_err().to_string(), "cannot start sh: no such file");
}

#[tokio::test]
async fn no_signal_is_blocked_or_ignored_and_the_program_heads_its_group() {
    if !std::path::Path::new("/proc/self/status").exists() {
        eprintln!("without /proc there is nothing to be seen here");
        return;
    }
    for ask in [|program| program, launched] {
        let status = run(&ask(program("grep", &["-E", "^Sig(Blk|Ign)", "/proc/self/status"])), b"").await.output;
        let masks: Vec<u64> = status
            .lines()
            .map(|line| u64::from_str_radix(line.split_whitespace().last().unwrap(), 16).unwrap())
            .collect();
        // SIGPIPE, the thirteenth, is ignored by us; what is ignored besides was so when we were started.
        assert_eq!((masks[0], masks[1] & (1 << 12)), (0, 0), "{status}");
        let stat = run(&ask(program("cut", &["-d ", "-f1,5", "/proc/self/stat"])), b"").await.output;
        let (process, group) = stat.trim().split_once(' ').unwrap();
        assert_eq!(process, group);
    }
}

/// The launcher costs more than the program: what needs nothing special must not pay for it.
#[tokio::test]
async fn a_plain_program_needs_no_launcher() {
    let runner = Runner::new(program("false", &[]).path, Tasks::new()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let there = Program { folder: Some(folder.path().to_owned()), ..program("cat", &[]) };
    for plain in [program("cat", &[]), there] {
        let mut child = runner.start(&plain).unwrap();
        assert_eq!(super::help::finish(&mut child, b"a line").await.output, "a line");
    }
    assert!(runner.start(&launched(program("cat", &[]))).is_err());
}

#[tokio::test]
async fn a_program_gets_no_descriptor_of_ours() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (runner, look) = (runner(), script("ls -l /proc/$$/fd | grep -c socket: ; true"));
    for look in [launched(look.clone()), look] {
        let other = runner.start(&program("cat", &[])).unwrap();
        let mut child = runner.start(&look).unwrap();
        assert_eq!(super::help::finish(&mut child, b"").await.output.trim(), "0");
        drop(other);
    }
    drop(listener);
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("folder")).unwrap();
    file(&path("plain"), "#!/bin/sh\n", "644");
    file(&path("nonsense"), "\x01\x02 neither script nor binary", "755");
    file(&path("orphan"), "#!/no/such/interpreter\n", "755");
    let cases = [
        ("missing", "no such file"),
        ("folder", "not a file"),
        ("plain", "not executable"),
        ("plain/below", "no such file"),
        ("nonsense", "exec format error"),
        ("orphan", "its interpreter is missing"),
    ];
    let runner = runner();
    for (name, why) in cases {
        for program in [Program::new(path(name)), launched(Program::new(path(name)))] {
            let error = runner.start(&program).unwrap_err();
            let file = name.rsplit('/').next().unwrap();
            assert_eq!(error.to_string(), format!("cannot start {file}: {why}"));
            assert!(error.in_full().contains(&path(name).display().to_string()), "{}", error.in_full());
        }
    }
    let mut nowhere = script("true");
    nowhere.folder = Some(path("nowhere"));
    for program in [launched(nowhere.clone()), nowhere] {
        assert_eq!(runner.start(&program).unwrap_err().to_string(), "cannot start sh: no such folder to work in");
    }
}

#[tokio::test]
async fn too_much_and_zero_bytes_are_refused_with_a_reason() {
    let mut long = script("true");
    long.args.push("x".repeat(8 * 1024 * 1024).into());
    for program in [launched(long.clone()), long] {
        let error = runner().start(&program).unwrap_err();
        assert_eq!(error.to_string(), "cannot start sh: arguments and environment too long");
    }
    let mut zero = script("true");
    zero.env.push(("A".into(), "a\0b".into()));
    for program in [launched(zero.clone()), zero] {
        assert!(runner().start(&program).unwrap_err().to_string().contains("nul byte"));
    }
}

#[tokio::test]
async fn a_program_that_dies_at_once_was_started() {
    for dies in [script("exit 7"), launched(script("exit 7"))] {
        assert_eq!(run(&dies, &vec![b'x'; 1_000_000]).await.exit, Exit::Code(7));
    }
}
