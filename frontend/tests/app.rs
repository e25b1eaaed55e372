//! The whole page, mounted: without a server it says so and goes on trying.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "clippy.toml allows these in tests, and clippy does not know wasm_bindgen_test"
)]

mod support;

use frontend::app::App;
use support::{count, find, place, text, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn without_a_server_the_page_dials_and_shows_it() {
    let place = place();
    let page = yew::Renderer::<App>::with_root(place.clone()).render();
    // The test runner's own server answers 404 to everything of ours.
    until("the banner", || count(&place, ".banner") == 1).await;
    if count(&place, ".frames__list") == 0 {
        // The panel has no column of its own in a narrow window.
        find(&place, ".side__foot .pill").unwrap().click();
    }
    let log = || text(&place, ".frames__list");
    until("a try that failed", || log().contains("new WebSocket") && log().contains("1006")).await;
    until("another try", || log().matches("new WebSocket").count() >= 2).await;
    page.destroy();
    until("an empty place", || place.child_element_count() == 0).await;
}
