//! A program of a connection's own.
