//! How far a program has read, and what it has said that is not yet on the server's disk: a file, so that both outlast it.
