//! Which file of a folder a path names.
