//! The page: one component, [`app::App`], over a pure [`state::State`].
//!
//! In reading order: [`socket`] owns a WebSocket and tells what happens to it; [`state`] decides, purely; `effects`
//! carries out what was decided; [`device`] is what outlives the page; [`app`] joins the three; [`views`] draws the state and turns what people do into
//! [`state::Action`]s; [`i18n`] holds every word in every language, [`calendar`] the reader's days and hours, `links`
//! the addresses within a text, `next_frame` the browser's next moment to draw. [`annex`] is what a second module holds: dialogs,
//! panels, settings, signing in. [`workbench`] and [`lessons`] are a third and a fourth, drawn by [`lean`].
//!
//! ```text
//! browser events ─▶ app::Msg ─▶ state.reduce ─▶ Vec<Effect> ─▶ effects::Runner ─▶ socket, timers, HTTP, device
//!                      ▲              │
//!       views ─ Action ┘              └─▶ State ─▶ views::screen
//! ```
//!
//! Deliberately absent: the protocol and the rules of reconnecting, which are `common`'s.

pub mod annex;
pub mod app;
mod browser_text;
pub mod calendar;
pub mod device;
mod effects;
pub mod i18n;
mod json;
pub mod lean;
pub mod lessons;
mod next_frame;
pub mod socket;
pub mod state;
pub mod views;
pub mod workbench;

/// Where the page's memory comes from.
#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
