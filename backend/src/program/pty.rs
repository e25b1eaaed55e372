//! A terminal for programs that keep in a buffer what they write where they see none.
