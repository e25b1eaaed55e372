//! Everything that can go wrong, in virtual time: engines, sessions, rooms and tables of the product, driven one step at
//! a time by a story that grows from a seed.
//!
//! In reading order: [`story`] is what happens, `world` carries it out, `client` and `device` are its people's side,
//! `server` is the product's, `judge` says what must hold, [`shrink`] makes a failing story short.
//!
//! Deliberately absent: threads, sockets and disks, which lose power and tear frames in ways of their own; the binary is
//! put through those by `cargo xtask chaos`.

mod client;
mod device;
mod judge;
mod server;
pub mod shrink;
pub mod story;
mod template;
mod world;

use std::fmt;

use story::Story;
use world::World;

/// A promise that was broken, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(String);

impl Broken {
    fn new(what: String) -> Self {
        Self(what)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("SQLite: {error}"))
    }
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(what())) }
}

/// What happened in stories.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Stories.
    pub stories: u64,
    /// Messages written.
    pub said: u64,
    /// Connections opened.
    pub connections: u64,
    /// Gaps found.
    pub gaps: u64,
    /// Events that came twice.
    pub duplicates: u64,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.stories += other.stories;
        self.said += other.said;
        self.connections += other.connections;
        self.gaps += other.gaps;
        self.duplicates += other.duplicates;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { said, connections, gaps, duplicates, .. } = self;
        write!(f, "{said} messages, {connections} connections, {gaps} gaps found, {duplicates} duplicates dropped")
    }
}

/// Milliseconds after which everybody is seen to be there: a batch of presence, a missed one, and those who left before.
const PRESENCE_MS: u64 = common::limits::PRESENCE_GRACE_MS + 5_000;

/// Runs a story to its end and checks what must hold.
///
/// # Errors
/// What was broken.
pub fn run(story: &Story) -> Result<Tally, Broken> {
    let mut world = World::new(story)?;
    for act in &story.acts {
        world.act(act)?;
    }
    world.settle()?;
    world.linger(PRESENCE_MS)?;
    judge::check(&world)?;
    Ok(world.tally())
}
