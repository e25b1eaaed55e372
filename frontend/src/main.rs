//! Mounts the page into `#app`.
//!
//! Yew installs a panic hook of its own that writes to the console; here the reader learns of it as well.

use frontend::app::App;

fn main() {
    let page = web_sys::window().and_then(|window| window.document());
    yew::set_custom_panic_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        let body = web_sys::window().and_then(|window| window.document()).and_then(|page| page.body());
        if let Some(body) = body {
            body.set_inner_text("Readyroom has met a fault of its own. Please load the page again. / Readyroom 遇到内部错误，请重新载入页面。");
        }
    }));
    match page.and_then(|page| page.get_element_by_id("app")) {
        Some(root) => drop(yew::Renderer::<App>::with_root(root).render()),
        None => web_sys::console::error_1(&"there is no element #app to mount the page into".into()),
    }
}
