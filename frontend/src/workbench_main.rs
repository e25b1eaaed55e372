//! Mounts the Workbench into `#workbench`, beside the page.

fn main() {
    let page = web_sys::window().and_then(|window| window.document());
    match page.and_then(|page| page.get_element_by_id("workbench")) {
        Some(root) => frontend::workbench::start(root),
        None => web_sys::console::error_1(&"there is no element #workbench to mount the Workbench into".into()),
    }
}
