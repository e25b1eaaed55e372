//! The environment of a program: what CGI/1.1 (RFC 3875) asks for, and what was let through of ours.
