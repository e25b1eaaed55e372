//! A page without Yew, for modules that must stay small: a tree, its drawing, and the loop around them.
//!
//! The Workbench and the lessons are WebAssembly modules of their own, loaded when somebody opens them. Yew's runtime
//! alone is more than half of what each of them may weigh (`ARCHITECTURE.md`), so that they are drawn by these few hundred
//! lines. The shape is the page's: messages in, a pure state, effects out, views of the state.
//!
//! In reading order: [`dom`] is what is drawn, [`draw`] makes the document like it, [`program`] is the loop, [`port`] what
//! these modules and the page say to each other, [`text`] writes numbers, [`json`] reads what the
//! browser has read.

pub mod dom;
pub mod draw;
pub mod json;
pub mod port;
pub mod program;
pub mod text;
