//! Who may connect, by the Origin of the request.
