//! Files of a folder.
