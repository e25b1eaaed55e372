//! Has the program built again when the page that it embeds has been.
//!
//! Deliberately absent: building the page. `cargo xtask` does, and without a page the server says how.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../target/page");
}
