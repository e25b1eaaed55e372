//! The annex: what is not needed to read and write, in a WebAssembly module of its own.
//!
//! Dialogs, panels, the settings and the pages of signing in would double what a visitor downloads before the first
//! word can be typed. So the program `readyroom-annex` holds them; the page loads it when it is idle, or when one of them is
//! asked for. Both modules are built from this crate, and each carries what it uses.
//!
//! In reading order: [`port`] is what the two modules say to each other, [`post`] carries it, [`app`] is the annex's one
//! component, which shows what was asked for, [`panels`] are the dialogs that find something, and the other modules are what it can show. [`words`] holds the words.
//!
//! ```text
//! page:  Action::Open ─▶ state ─▶ Effect::Annex ─▶ post ──Tell──▶ annex::app ─▶ a dialog, a panel, a page
//!        Action::Said ◀────────────────────────── post ◀──Said───────┘
//! ```
//!
//! Deliberately absent: the socket, the engine and what outlives the page. Commands go to the page, whose outbox carries
//! them; the annex itself asks the server only over HTTP.

pub mod app;
mod auth;
mod form;
mod http;
mod leave;
pub mod panels;
pub mod port;
pub mod post;
mod settings;
mod time;
pub(crate) mod words;
