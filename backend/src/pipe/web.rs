//! Answers to requests that are no WebSockets.

mod cgi;
mod console;
mod statics;
mod status;
