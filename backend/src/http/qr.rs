//! QR codes as pictures: black on white, for cameras, whatever the theme.

use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

/// Pixels of a side at least.
const SIDE: u32 = 200;

/// A QR code as an SVG; nothing for a text that is too long for one.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let picture = code.render::<Color<'_>>().min_dimensions(SIDE, SIDE).build();
    // What goes into a page is an element, not a document.
    Some(picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg).trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_picture_without_scripts() {
        let svg = svg("https://chat.example/join#abc").unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("script"), "{svg}");
        assert!(super::svg(&"x".repeat(10_000)).is_none());
    }
}
