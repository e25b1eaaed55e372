//! `readyroom pipe`: any program's standard input and output as a WebSocket endpoint, with websocketd's command line.
//!
//! The way of a connection: [`serve`] listens, [`route`] finds out what is asked for, [`origin`] who may, [`scripts`] and
//! [`mod@env`] what is to be run with which environment, [`conn`] is the WebSocket and a [`far::Far`] what it speaks with: a
//! program of its own ([`own`]) or one that is shared ([`share`]). Requests that are no WebSockets are answered in
//! [`web`]. [`settings`] are what the command line says ([`flags`]), [`log`] writes what happens.
//!
//! Programs are run by [`crate::program`], connections accepted by [`crate::listen`]. Deliberately absent: anything of the
//! chat.

pub mod counts;
pub mod flags;
pub mod log;
pub mod serve;
pub mod settings;

mod conn;
mod enter;
mod env;
mod far;
mod origin;
mod out;
mod own;
mod pool;
mod redirect;
mod remote;
mod route;
mod scratch;
mod scripts;
mod share;
mod tcp;
mod unix;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs `readyroom pipe` with what stands behind it on the command line; `name` is how the program was called. Returns
/// when the server has stopped, or could not start.
#[must_use]
pub fn main(name: &str, args: &[OsString]) -> ExitCode {
    match flags::read(name, args) {
        flags::Wish::Serve(settings) => serve::run(*settings),
        flags::Wish::Say(text, code) => {
            use std::io::Write;
            drop(std::io::stdout().lock().write_all(text.as_bytes()));
            ExitCode::from(code)
        }
        flags::Wish::Complain(text, code) => {
            use std::io::Write;
            drop(std::io::stderr().lock().write_all(text.as_bytes()));
            ExitCode::from(code)
        }
    }
}
