//! Mounts the annex into `#annex`, beside the page.

use frontend::annex::app::Annex;

fn main() {
    let page = web_sys::window().and_then(|window| window.document());
    yew::set_custom_panic_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
    match page.and_then(|page| page.get_element_by_id("annex")) {
        Some(root) => drop(yew::Renderer::<Annex>::with_root(root).render()),
        None => web_sys::console::error_1(&"there is no element #annex to mount the annex into".into()),
    }
}
