//! How a program ended, and how that is told to who was connected to it.

use common::close;
use rustix::process::WaitIdStatus;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status: 0 to 255.
    Code(i32),
    /// By a signal of this number.
    Signal(i32),
}

impl From<&WaitIdStatus> for Exit {
    fn from(status: &WaitIdStatus) -> Self {
        match status.exit_status() {
            Some(code) => Self::Code(code),
            None => Self::Signal(status.terminating_signal().unwrap_or_default()),
        }
    }
}

impl Exit {
    /// The Close for it (RFC 6455, section 7.4): 1000 for success, otherwise 1011 with the reason in words. 1006 is never
    /// sent: it stands for a connection without a Close.
    #[must_use]
    pub fn close(self) -> (u16, String) {
        match self {
            Self::Code(0) => (close::NORMAL, String::new()),
            Self::Code(code) => (close::SERVER_FAULT, format!("exit {code}")),
            Self::Signal(signal) => (close::SERVER_FAULT, format!("signal {signal}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_closes_normally_and_failure_says_what_it_was() {
        assert_eq!(Exit::Code(0).close(), (1000, String::new()));
        assert_eq!(Exit::Code(3).close(), (1011, "exit 3".to_owned()));
        assert_eq!(Exit::Signal(9).close().0, 1011);
    }
}
