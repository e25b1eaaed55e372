//! Mounts the lessons into `#lessons`, beside the page.

fn main() {
    let page = web_sys::window().and_then(|window| window.document());
    match page.and_then(|page| page.get_element_by_id("lessons")) {
        Some(root) => frontend::lessons::start(root),
        None => web_sys::console::error_1(&"there is no element #lessons to mount the lessons into".into()),
    }
}
