//! The hidden command that becomes a program, after what only the new process can do for itself: bounds, a session with a
//! terminal, another user.
//!
//! The launcher is this program once more. It is started with an empty environment and one end of a socket as its standard
//! input, through which it gets what is to be run and the program's streams; when it has done its part it says so and
//! becomes the program (`exec`), which closes the socket. If it cannot, it says why, so that this is never mistaken for
//! an exit of the program. [`start`] waits for that: some milliseconds, in which the thread does nothing else.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use rustix::process::{Pid, Signal, ioctl_tiocsctty, setsid};

use super::limits::Limits;
use super::process::Process;
use super::{Program, User};

/// How this program is called to be a launcher.
pub const COMMAND: &str = "__launch";

/// What the launcher calls itself, whatever its file is called: by one name this program is nothing but a pipe.
const NAME: &str = "readyroom-launcher";

/// What the launcher says before it becomes the program.
const BECOMING: u8 = b'+';

/// What it says when it cannot; the number of the system's error follows (four bytes, big-endian).
const FAILED: u8 = b'-';

/// How long a launcher may take: it only reads a file system that may be slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// The status of a launcher that could not become the program, as shells have it.
const NOT_BECOME: u8 = 127;

/// A program's standard input, output and errors.
pub(super) type Streams = [OwnedFd; 3];

/// Starts a program by a launcher. Blocks until it is the program.
///
/// # Errors
/// Those of the system, here or there.
pub(super) fn start(exe: &Path, program: &Program, streams: Streams) -> io::Result<Pid> {
    let request = Request::of(program)?.encode()?;
    let (mut ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(exe);
    command
        .arg0(NAME)
        .arg(COMMAND)
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if !program.terminal {
        command.process_group(0);
    }
    let launched = command.spawn()?;
    // The command holds the other end of the socket, whose end is awaited.
    drop(command);
    let pid = pid(&launched)?;
    let became = hand_over(&mut ours, &request, &streams).and_then(|()| {
        // Whoever has the streams from now on is the program.
        drop(streams);
        hear(&mut ours)
    });
    became.map(|()| pid).inspect_err(|_| {
        let mut process = Process::new(pid);
        process.signal(Signal::KILL);
        process.reap_now();
    })
}

/// The number of a process that was started.
pub(super) fn pid(process: &Child) -> io::Result<Pid> {
    i32::try_from(process.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn hand_over(socket: &mut UnixStream, request: &[u8], streams: &Streams) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let rights = streams.each_ref().map(AsFd::as_fd);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&rights));
    sendmsg(&*socket, &[io::IoSlice::new(&[BECOMING])], &mut ancillary, SendFlags::empty())?;
    socket.write_all(request)?;
    socket.shutdown(Shutdown::Write)
}

/// Waits until the launcher is the program, or has said why not.
fn hear(socket: &mut UnixStream) -> io::Result<()> {
    let mut said = Vec::new();
    socket.read_to_end(&mut said)?;
    match said.as_slice() {
        [BECOMING] => Ok(()),
        [.., FAILED, a, b, c, d] => Err(io::Error::from_raw_os_error(i32::from_be_bytes([*a, *b, *c, *d]))),
        _ => Err(io::Error::other("the launcher has ended")),
    }
}

/// Becomes the program that standard input names. Returns only where it cannot.
#[must_use]
pub fn main(_args: &[OsString]) -> ExitCode {
    let Ok(channel) = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3) else {
        return ExitCode::from(NOT_BECOME);
    };
    let mut channel = UnixStream::from(channel);
    let error = become_program(&mut channel);
    let number = error.raw_os_error().unwrap_or_default().to_be_bytes();
    // Nobody listens where it was started by hand.
    channel.write_all(&[&[FAILED], number.as_slice()].concat()).ok();
    ExitCode::from(NOT_BECOME)
}

fn become_program(channel: &mut UnixStream) -> io::Error {
    match prepare(channel) {
        Ok((mut command, limits)) => {
            if let Err(error) = limits.set() {
                return error.into();
            }
            if let Err(error) = channel.write_all(&[BECOMING]) {
                return error;
            }
            command.exec()
        }
        Err(error) => error,
    }
}

/// Everything but the bounds, which are for the program and not for this.
fn prepare(channel: &mut UnixStream) -> io::Result<(Command, Limits)> {
    let [stdin, stdout, stderr] = receive_streams(channel)?;
    let mut bytes = Vec::new();
    channel.read_to_end(&mut bytes)?;
    let request = Request::decode(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    if is_of_no_format(&request.path) {
        return Err(Errno::NOEXEC.into());
    }
    if request.terminal {
        setsid()?;
        ioctl_tiocsctty(&stdin)?;
    }
    let mut command = Command::new(&request.path);
    if let Some(User { uid, gid }) = request.user {
        if request.terminal {
            // Who has a terminal may open it by its name.
            rustix::fs::fchown(&stdin, Some(rustix::fs::Uid::from_raw(uid)), None)?;
        }
        #[cfg(target_os = "linux")]
        rustix::thread::set_no_new_privs(true)?;
        // Other groups are given up with the user (setgroups).
        command.uid(uid).gid(gid);
    }
    if let Some(folder) = &request.folder {
        command.current_dir(folder);
    }
    command.args(&request.args).env_clear().envs(request.env).stdin(stdin).stdout(stdout).stderr(stderr);
    Ok((command, request.limits))
}

/// Whether the system cannot execute it: the library's `exec` would give it to a shell, where `posix_spawn` does not.
fn is_of_no_format(file: &Path) -> bool {
    let mut magic = Vec::new();
    if File::open(file).and_then(|file| file.take(4).read_to_end(&mut magic)).is_err() {
        // What may be executed need not be readable; the system will say.
        return false;
    }
    let is_usual = magic == b"\x7fELF" || magic.starts_with(b"#!");
    // Beside `register` and `status`, each entry is a format that somebody has told the system of.
    cfg!(target_os = "linux")
        && !is_usual
        && std::fs::read_dir("/proc/sys/fs/binfmt_misc").map_or(0, Iterator::count) <= 2
}

fn receive_streams(channel: &UnixStream) -> io::Result<Streams> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(channel, &mut [io::IoSliceMut::new(&mut byte)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    let mut streams = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            streams.extend(rights);
        }
    }
    streams.try_into().map_err(|_streams: Vec<_>| io::ErrorKind::InvalidData.into())
}

/// What the launcher is to do, but for the streams.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    path: PathBuf,
    folder: Option<PathBuf>,
    user: Option<User>,
    limits: Limits,
    terminal: bool,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Request {
    fn of(program: &Program) -> io::Result<Self> {
        Ok(Self {
            path: super::spawn::file(program)?,
            folder: program.folder.clone(),
            user: program.user,
            limits: program.limits,
            terminal: program.terminal,
            args: program.args.clone(),
            env: program.env.clone(),
        })
    }

    /// Fields, each ended by a zero byte, which no path, argument or variable has.
    fn encode(&self) -> io::Result<Vec<u8>> {
        let number = |number: Option<u64>| OsString::from(number.map(|n| n.to_string()).unwrap_or_default());
        let mut fields = vec![
            self.path.clone().into_os_string(),
            self.folder.clone().map(PathBuf::into_os_string).unwrap_or_default(),
            number(self.user.map(|user| user.uid.into())),
            number(self.user.map(|user| user.gid.into())),
            number(self.limits.cpu_seconds),
            number(self.limits.memory),
            number(self.terminal.then_some(1)),
            number(u64::try_from(self.args.len()).ok()),
        ];
        fields.extend(self.args.iter().cloned());
        fields.extend(self.env.iter().flat_map(|(name, value)| [name.clone(), value.clone()]));
        let mut bytes = Vec::new();
        for field in &fields {
            if field.as_bytes().contains(&0) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "nul byte found in provided data"));
            }
            bytes.extend_from_slice(field.as_bytes());
            bytes.push(0);
        }
        Ok(bytes)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = bytes.strip_suffix(&[0])?.split(|&byte| byte == 0);
        let path = PathBuf::from(text(fields.next()?));
        let folder = Some(PathBuf::from(text(fields.next()?))).filter(|folder| !folder.as_os_str().is_empty());
        let mut number = || -> Option<Option<u64>> {
            let text = std::str::from_utf8(fields.next()?).ok()?;
            if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
        };
        let (uid, gid, cpu_seconds, memory) = (number()?, number()?, number()?, number()?);
        let (terminal, count) = (number()?.is_some(), usize::try_from(number()??).ok()?);
        let user = match (uid, gid) {
            (Some(uid), Some(gid)) => Some(User { uid: u32::try_from(uid).ok()?, gid: u32::try_from(gid).ok()? }),
            _ => None,
        };
        let limits = Limits { cpu_seconds, memory, output_per_second: None };
        let args = fields.by_ref().take(count).map(text).collect::<Vec<_>>();
        let mut env = Vec::new();
        while let Some(name) = fields.next() {
            env.push((text(name), text(fields.next()?)));
        }
        (args.len() == count).then_some(Self { path, folder, user, limits, terminal, args, env })
    }
}

fn text(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            path: "/bin/cat".into(),
            folder: None,
            user: Some(User { uid: 1000, gid: 100 }),
            limits: Limits { cpu_seconds: Some(3), memory: None, output_per_second: None },
            terminal: true,
            args: vec!["-u".into(), "".into(), text(b"\xff")],
            env: vec![("A".into(), "".into()), ("B".into(), "x=y\n".into())],
        }
    }

    #[test]
    fn what_is_asked_arrives() {
        let plain = Request { user: None, terminal: false, args: vec![], env: vec![], ..request() };
        for request in [request(), plain, Request { folder: Some("/tmp".into()), ..request() }] {
            assert_eq!(Request::decode(&request.encode().unwrap()).as_ref(), Some(&request));
        }
    }

    #[test]
    fn half_a_request_is_none() {
        let whole = request().encode().unwrap();
        let cut = whole.len() - "B\0x=y\n\0".len();
        assert_eq!(Request::decode(&whole[..cut + 2]), None);
        assert_eq!(Request::decode(b""), None);
        assert_eq!(
            Request { args: vec!["a\0b".into()], ..request() }.encode().unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }
}
