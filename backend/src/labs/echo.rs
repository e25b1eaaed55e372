//! `echo`: sends back what comes, as it came, and nothing else. For conformance suites, and for people who learn.

use super::Lab;

/// The echo, which is what every lab does that is not told otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Echo;

impl Lab for Echo {}
