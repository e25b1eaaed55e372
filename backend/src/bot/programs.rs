//! Programs of the server's configuration, each somebody in a room.
