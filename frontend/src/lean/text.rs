//! Numbers, times and bytes as people read them, without Rust's own formatting of fractions, which is large.

/// A number with so many digits behind the point.
#[must_use]
pub fn fixed(number: f64, digits: u8) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::Number::from(number).to_fixed(digits).map_or_else(|_range| String::new(), Into::into);
    #[cfg(not(target_arch = "wasm32"))]
    return format!("{number:.*}", usize::from(digits));
}

/// A whole number.
#[must_use]
pub fn whole(number: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "what people count is far below the limit")]
    fixed(number as f64, 0)
}

/// Milliseconds as `2.8 ms`, `480 ms`, `3.1 s`.
#[must_use]
pub fn lasting(ms: f64) -> String {
    match ms {
        ..100.0 => fixed(ms, 1) + " ms",
        100.0..10_000.0 => fixed(ms, 0) + " ms",
        _ => fixed(ms / 1_000.0, 1) + " s",
    }
}

/// Bytes as `19 B`, `1.2 KiB`, `63.9 MiB`.
#[must_use]
pub fn size(bytes: f64) -> String {
    const KIB: f64 = 1_024.0;
    match bytes {
        ..KIB => fixed(bytes, 0) + " B",
        KIB..1_048_576.0 => fixed(bytes / KIB, 1) + " KiB",
        _ => fixed(bytes / KIB / KIB, 1) + " MiB",
    }
}

/// The time of day in the reader's place, to the millisecond: `09:41:02.113`. `at` is in milliseconds since 1970.
#[must_use]
pub fn clock(at: f64) -> String {
    #[cfg(target_arch = "wasm32")]
    let west = js_sys::Date::new(&at.into()).get_timezone_offset();
    #[cfg(not(target_arch = "wasm32"))]
    let west = 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970")]
    let at = (at - west * 60_000.0) as u64 % 86_400_000;
    let mut text = String::new();
    for (unit, of, mark) in [(3_600_000, 24, ':'), (60_000, 60, ':'), (1_000, 60, '.')] {
        two(&mut text, at / unit % of);
        text.push(mark);
    }
    let ms = at % 1_000;
    text.push(digit(ms / 100));
    two(&mut text, ms % 100);
    text
}

fn two(text: &mut String, number: u64) {
    text.push(digit(number / 10));
    text.push(digit(number % 10));
}

/// The digit of a number below 16.
fn digit(number: u64) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number, 16)).unwrap_or('?')
}

fn two_of(text: &mut String, byte: u8) {
    text.push(digit(u64::from(byte >> 4)));
    text.push(digit(u64::from(byte & 15)));
}

/// Two digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| two_of(&mut text, *byte));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_few_digits() {
        assert_eq!([lasting(2.84), lasting(480.2), lasting(31_400.0)], ["2.8 ms", "480 ms", "31.4 s"]);
        assert_eq!([size(19.0), size(1_250.0), size(67_000_000.0)], ["19 B", "1.2 KiB", "63.9 MiB"]);
    }

    #[test]
    fn a_time_of_day_has_milliseconds() {
        assert_eq!(clock(34_862_113.4), "09:41:02.113");
    }

    #[test]
    fn bytes_have_two_digits_each() {
        assert_eq!(hex(&[0, 0x0f, 0xff]), "000fff");
    }
}
