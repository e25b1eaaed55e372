//! The Workbench, opened on the address that was asked for.
