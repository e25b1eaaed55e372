//! One process for all clients.

/// The process, and who is connected to it. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Share {}
