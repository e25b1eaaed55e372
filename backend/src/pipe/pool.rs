//! Processes that are started before anybody asks for them.

/// The processes that wait. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Pool {}
