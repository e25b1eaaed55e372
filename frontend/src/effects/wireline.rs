//! Frames that pass along the wireline.
//!
//! They are drawn past Yew: a frame is a node that is put back into the line, which starts its animation again, so
//! that traffic costs no rendering. At most eight start within a second, none where motion is unwelcome.

use web_sys::Element;

use super::browser;

/// Milliseconds between two frames: eight in a second.
const APART_MS: f64 = 125.0;

/// As many nodes as can be on their way at once: the journey takes 900 ms.
const NODES: usize = 8;

/// The nodes, and when the last one started.
#[derive(Default)]
pub(super) struct Wireline {
    nodes: Vec<Element>,
    next: usize,
    last: f64,
}

impl Wireline {
    /// Draws one frame, unless one has just started.
    pub(super) fn pass(&mut self, out: bool) {
        let now = browser::now().precise;
        if now - self.last < APART_MS || browser::matches("(prefers-reduced-motion: reduce)") {
            return;
        }
        let Ok(Some(line)) = browser::page().query_selector(".wireline") else { return };
        if self.nodes.len() < NODES {
            self.nodes.extend(browser::page().create_element("i"));
        }
        let Some(node) = self.nodes.get(self.next % self.nodes.len().max(1)) else { return };
        self.last = now;
        self.next = self.next.wrapping_add(1);
        node.set_class_name(if out { "" } else { "is-in" });
        drop(line.remove_child(node));
        drop(line.append_child(node));
    }
}
