//! Letters as the browser knows them: its tables of cases are there already, Rust's would come with the page.
//!
//! Outside a browser, where the pure parts are tested, Rust's serve.

/// The text in lower case.
#[must_use]
pub(crate) fn lower(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_lowercase();
}

/// The text in upper case.
#[must_use]
pub(crate) fn upper(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    return text.to_uppercase();
}
