//! The pipe's door: its command line, where it listens, who comes in, and what programs are told of them.

mod entry;
mod environment;
mod flags;
mod listening;
mod running;
mod tls;
