//! CGI scripts (RFC 3875).
