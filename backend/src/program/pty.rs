//! A terminal for programs that keep in a buffer what they write where they see none, or that speak only with one.
//!
//! Input and output are the terminal, 80 columns by 24 lines, which is the program's controlling terminal; errors stay a
//! pipe, so that they can be told apart from what is meant for the client, and no program keeps errors in a buffer. Bytes
//! pass unchanged: nothing is echoed, no `\n` becomes `\r\n`, no byte is a signal.
//!
//! A terminal has no end of input, only a key for it, and only a terminal that gathers lines (canonical mode) knows that
//! key; closing our side instead would hang up, and lose what the program has yet to say. So it is canonical, and:
//!
//! - the key for the end is a byte that no UTF-8 has, as is the key that takes the meaning from the next one; bytes that
//!   equal either are sent behind the latter, so that everything can be sent;
//! - a gathered line holds no more than 4095 bytes; longer ones, and what ends without a line break, are handed over by
//!   the key for the end, which in the middle of a line means just that.
//!
//! A program that turns the gathering off, as an editor or a shell with line editing does, gets its bytes as they are.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
};

/// The key for the end of input, or of a piece of it.
const END: u8 = 0xfd;

/// The key that takes the meaning from the next byte.
const LITERAL: u8 = 0xfe;

/// What the key for the end is where a program has taken it off: Ctrl-D.
const USUAL_END: u8 = 0x04;

/// What stands for a key that there is not.
const NO_KEY: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

/// Bytes of the longest piece that is gathered; a terminal's buffer has 4096.
const LONGEST: usize = 4000;

/// Bytes of input that are prepared at once.
const PORTION: usize = 16 * 1024;

/// How often the end is said, since each is read but once: a program may read its end more than once, and so may the next
/// one of a script.
const ENDS: usize = 16;

/// The window that the program sees.
const WINDOW: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

/// Both sides of a terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) ours: OwnedFd,
    pub(super) theirs: OwnedFd,
}

impl Terminal {
    /// A new one.
    pub(super) fn open() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let theirs = other_side(&ours)?;
        let mut modes = tcgetattr(&theirs)?;
        set_modes(&mut modes);
        tcsetattr(&theirs, OptionalActions::Now, &modes)?;
        tcsetwinsize(&theirs, WINDOW)?;
        Ok(Self { ours, theirs })
    }
}

#[cfg(target_os = "linux")]
fn other_side(ours: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(rustix::pty::ioctl_tiocgptpeer(ours, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn other_side(ours: &OwnedFd) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    let name = rustix::pty::ptsname(ours, Vec::new())?;
    Ok(open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}

fn set_modes(modes: &mut Termios) {
    modes.make_raw();
    modes.input_modes = InputModes::empty();
    modes.local_modes |= LocalModes::ICANON | LocalModes::IEXTEN;
    for key in [
        SpecialCodeIndex::VERASE,
        SpecialCodeIndex::VKILL,
        SpecialCodeIndex::VEOL,
        SpecialCodeIndex::VEOL2,
        SpecialCodeIndex::VWERASE,
        SpecialCodeIndex::VREPRINT,
        SpecialCodeIndex::VDISCARD,
    ] {
        modes.special_codes[key] = NO_KEY;
    }
    modes.special_codes[SpecialCodeIndex::VEOF] = END;
    modes.special_codes[SpecialCodeIndex::VLNEXT] = LITERAL;
}

/// What is typed into a terminal: input on its way.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// What is to be written, and how much of it was.
    waiting: Vec<u8>,
    written: usize,
    /// Bytes of input that `waiting` stands for.
    taken: usize,
    has_ended: bool,
}

impl Typing {
    /// Takes what fits of the input, if nothing is on its way.
    pub(super) fn prepare(&mut self, terminal: &impl AsFd, bytes: &[u8]) {
        if self.waiting.is_empty() {
            let portion = bytes.get(..PORTION).unwrap_or(bytes);
            let gathers = tcgetattr(terminal).is_ok_and(|modes| modes.local_modes.contains(LocalModes::ICANON));
            if gathers {
                pieces(&mut self.waiting, portion)
            } else {
                self.waiting.extend_from_slice(portion)
            }
            self.taken = portion.len();
        }
    }

    /// Says the end behind what is on its way, once. True where there was something to say.
    pub(super) fn prepare_end(&mut self, terminal: &impl AsFd) {
        if !self.has_ended {
            self.has_ended = true;
            let key = tcgetattr(terminal).map_or(END, |modes| modes.special_codes[SpecialCodeIndex::VEOF]);
            self.waiting.extend([if key == NO_KEY { USUAL_END } else { key }; ENDS]);
        }
    }

    /// What is to be written.
    pub(super) fn rest(&self) -> &[u8] {
        self.waiting.get(self.written..).unwrap_or_default()
    }

    /// So much of it was written. When all was, nothing is kept, and the bytes of input are given that it stood for.
    pub(super) fn wrote(&mut self, bytes: usize) -> Option<usize> {
        self.written += bytes;
        (self.written >= self.waiting.len()).then(|| {
            self.waiting = Vec::new();
            self.written = 0;
            std::mem::take(&mut self.taken)
        })
    }

    /// The last chance to say the end, where nobody waits for room.
    pub(super) fn end_now(&mut self, terminal: &impl AsFd) {
        self.prepare_end(terminal);
        while !self.rest().is_empty() {
            match rustix::io::write(terminal, self.rest()) {
                Ok(n) => drop(self.wrote(n)),
                Err(Errno::INTR) => {}
                Err(error) => {
                    tracing::debug!(%error, "a program on a terminal was not told the end of its input");
                    return;
                }
            }
        }
    }
}

/// Adds bytes so that a terminal that gathers lines hands over all of them, unchanged.
fn pieces(typed: &mut Vec<u8>, bytes: &[u8]) {
    let mut gathered = 0;
    for &byte in bytes {
        if byte == END || byte == LITERAL {
            typed.push(LITERAL);
        }
        typed.push(byte);
        gathered = if byte == b'\n' { 0 } else { gathered + 1 };
        if gathered == LONGEST {
            typed.push(END);
            gathered = 0;
        }
    }
    if gathered > 0 {
        typed.push(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> Vec<u8> {
        let mut typed = Vec::new();
        pieces(&mut typed, bytes);
        typed
    }

    #[test]
    fn whole_lines_are_typed_as_they_are() {
        assert_eq!(typed(b"one\ntwo\n"), b"one\ntwo\n");
        assert_eq!(typed(b""), b"");
    }

    #[test]
    fn what_has_no_line_break_is_handed_over() {
        assert_eq!(typed(b"one\ntwo"), b"one\ntwo\xfd");
        let long = [b'x'; LONGEST + 1];
        let expected = [&long[..LONGEST], b"\xfd", b"x\xfd"].concat();
        assert_eq!(typed(&long), expected);
    }

    #[test]
    fn the_keys_themselves_can_be_typed() {
        assert_eq!(typed(b"\xfd\xfe\n"), b"\xfe\xfd\xfe\xfe\n");
    }

    #[test]
    fn nothing_is_kept_when_all_is_written() {
        let terminal = Terminal::open().unwrap();
        let mut typing = Typing::default();
        typing.prepare(&terminal.theirs, b"one");
        assert_eq!(typing.rest(), b"one\xfd");
        assert_eq!((typing.wrote(2), typing.wrote(2)), (None, Some(3)));
        assert_eq!(typing.waiting.capacity(), 0);
        typing.prepare_end(&terminal.theirs);
        assert_eq!(typing.rest(), [END; ENDS]);
    }
}
