//! What the tests speak.

use std::ffi::OsStr;
use std::future::Future;
use std::path::PathBuf;

use readyroom::program::exit::Exit;
use readyroom::program::spawn::{Child, Runner};
use readyroom::program::{Program, find};
use readyroom::tasks::Tasks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::soon;

/// A runner with a group of tasks of its own.
pub(crate) fn runner() -> Runner {
    Runner::new(PathBuf::from(env!("CARGO_BIN_EXE_readyroom")), Tasks::new()).unwrap()
}

/// A program of the system with arguments, and the PATH for what it starts.
pub(crate) fn program(name: &str, args: &[&str]) -> Program {
    let path = std::env::var_os("PATH").unwrap();
    let mut program = Program::new(find(OsStr::new(name), Some(&path)).unwrap());
    program.args = args.iter().map(Into::into).collect();
    program.env = vec![("PATH".into(), path)];
    program
}

/// A script of the shell.
pub(crate) fn script(text: &str) -> Program {
    program("sh", &["-c", text])
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    soon("something to happen", future).await
}

/// What a program wrote and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) output: String,
    pub(crate) errors: String,
    pub(crate) exit: Exit,
}

/// Gives a program its whole input, and waits until it has ended.
pub(crate) async fn run(program: &Program, input: &[u8]) -> Ended {
    let mut child = runner().start(program).unwrap();
    finish(&mut child, input).await
}

/// The same for one that runs.
pub(crate) async fn finish(child: &mut Child, input: &[u8]) -> Ended {
    let (mut stdin, mut stdout, mut stderr) =
        (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let write = async {
        // A program need not read.
        stdin.write_all(input).await.ok();
        stdin.shutdown().await.unwrap();
        drop(stdin);
    };
    let read = async { tokio::join!(write, stdout.read_to_end(&mut output), stderr.read_to_end(&mut errors)) };
    let ((), output_read, errors_read) = within(read).await;
    output_read.unwrap();
    errors_read.unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ended { output: text(&output), errors: text(&errors), exit: within(child.exited()).await }
}

/// Reads from a program until a line break.
pub(crate) async fn line(child: &mut Child) -> String {
    let stdout = child.stdout.as_mut().unwrap();
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let byte = within(stdout.read_u8()).await.unwrap();
        line.push(byte);
    }
    String::from_utf8(line).unwrap().trim_end().to_owned()
}
