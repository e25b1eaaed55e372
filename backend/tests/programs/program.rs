//! Programs: real ones, started, fed, listened to and ended.
//!
//! What has ended is seen by what it held open: the end of a pipe comes when nobody holds its other side any more.

mod bounds;
mod end;
mod help;
mod keeper;
mod start;
mod terminal;
