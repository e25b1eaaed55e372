//! Messages as lines for a program, and its lines as messages.
