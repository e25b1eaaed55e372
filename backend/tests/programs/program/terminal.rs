//! Programs that see a terminal.

use readyroom::program::exit::Exit;
use readyroom::program::spawn::Child;
use readyroom::program::{Program, find};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::help::{line, program, run, runner, script, within};

fn on_terminal(program: Program) -> Program {
    Program { terminal: true, ..program }
}

#[tokio::test]
async fn input_and_output_are_a_terminal_and_errors_are_not() {
    let look = "test -t 0 && test -t 1 && ! test -t 2 && stty size && echo err >&2 && : < /dev/tty && echo own";
    let ended = run(&on_terminal(script(look)), b"").await;
    assert_eq!((ended.output.as_str(), ended.errors.as_str()), ("24 80\nown\n", "err\n"));
    assert_eq!(ended.exit, Exit::Code(0));
}

#[tokio::test]
async fn bytes_pass_unchanged_both_ways() {
    let every: Vec<u8> = (0..=255).collect();
    let long = vec![b'x'; 300_000];
    let lines = "a line of text\r\n".repeat(20_000).into_bytes();
    let keys = [0xfd_u8, 0xfe, 0xfd, 0xfd, b'\n', 0xfe].repeat(5_000);
    let unfinished = b"no line break".to_vec();
    for input in [b"".to_vec(), every, long, lines, keys, unfinished] {
        let length = input.len();
        let mut encoded = script("od -An -v -tx1 | tr -d ' \\n'; echo .");
        encoded.terminal = true;
        let ended = run(&encoded, &input).await;
        let expected: String = input.iter().map(|byte| format!("{byte:02x}")).chain([".\n".to_owned()]).collect();
        assert!(ended.output == expected, "{length} bytes into a terminal are {} digits", ended.output.len());
        let back = run(&on_terminal(program("cat", &[])), &input).await;
        assert!(
            back.output == String::from_utf8_lossy(&input),
            "{length} bytes out of a terminal are {}",
            back.output.len()
        );
        assert_eq!(back.exit, Exit::Code(0));
    }
}

#[tokio::test]
async fn the_end_of_input_is_read_by_all_who_read_it() {
    let twice = run(&on_terminal(script("sort; cat; cat; echo done")), b"b\na\n").await;
    assert_eq!((twice.output.as_str(), twice.exit), ("a\nb\ndone\n", Exit::Code(0)));
    assert_eq!(run(&on_terminal(program("wc", &["-c"])), &[b'x'; 100_000]).await.output.trim(), "100000");
    assert_eq!(run(&on_terminal(program("sed", &["s/a/b/"])), b"cat").await.output.trim_end(), "cbt");
    assert_eq!(run(&on_terminal(program("awk", &["{ print $2 }"])), b"a b\nc d\n").await.output, "b\nd\n");
}

#[tokio::test]
async fn a_program_that_buffers_for_pipes_answers_each_line() {
    let runner = runner();
    for (name, args) in [("awk", vec!["{ print $1 }"]), ("sed", vec!["s/$/./"]), ("cat", vec![])] {
        let mut child = runner.start(&on_terminal(program(name, &args))).unwrap();
        for word in ["one", "two"] {
            let stdin = child.stdin.as_mut().unwrap();
            within(stdin.write_all(format!("{word}\n").as_bytes())).await.unwrap();
            assert!(line(&mut child).await.starts_with(word), "{name}");
        }
        drop(child.stdin.take());
        assert_eq!(within(child.exited()).await, Exit::Code(0));
    }
}

#[tokio::test]
async fn python_speaks_as_to_a_person() {
    let path = std::env::var_os("PATH").unwrap();
    if find("python3".as_ref(), Some(&path)).is_err() {
        eprintln!("python3 is missing: its buffers are not tested");
        return;
    }
    let text = "import sys\nprint('ready')\nfor line in sys.stdin: print(line.strip().upper())\nprint('bye')";
    let mut child = runner().start(&on_terminal(program("python3", &["-c", text]))).unwrap();
    assert_eq!(line(&mut child).await, "ready");
    within(child.stdin.as_mut().unwrap().write_all("grüß\n".as_bytes())).await.unwrap();
    assert_eq!(line(&mut child).await, "GRÜSS");
    drop(child.stdin.take());
    assert_eq!(line(&mut child).await, "bye");
    let mut child = runner().start(&on_terminal(program("python3", &["-i", "-q"]))).unwrap();
    until(&mut child, ">>> ").await;
    within(child.stdin.as_mut().unwrap().write_all(b"print(6 * 7)\n")).await.unwrap();
    until(&mut child, "42").await;
    until(&mut child, ">>> ").await;
    drop(child.stdin.take());
    assert_eq!(within(child.exited()).await, Exit::Code(0));
}

/// Reads until this was written.
async fn until(child: &mut Child, expected: &str) {
    let mut read = Vec::new();
    while !read.ends_with(expected.as_bytes()) {
        read.push(within(child.stdout.as_mut().unwrap().read_u8()).await.unwrap());
    }
}

#[tokio::test]
async fn the_end_of_the_program_is_the_end_of_its_terminal() {
    let mut child = runner().start(&on_terminal(script("echo last; exit 4"))).unwrap();
    assert_eq!(line(&mut child).await, "last");
    let mut rest = Vec::new();
    within(child.stdout.as_mut().unwrap().read_to_end(&mut rest)).await.unwrap();
    assert_eq!((rest, within(child.exited()).await), (vec![], Exit::Code(4)));
}
