//! How long to wait before a program that has ended is started again.
