//! How much a program may say.
