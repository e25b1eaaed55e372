//! Takes out of a WebAssembly module what only a debugger reads: the names of functions, the list of producers.
//!
//! The compiler could strip them, but it would strip the list of the module's features with them, which
//! wasm-bindgen needs. So it is done after wasm-bindgen.

use anyhow::{Context, Result, ensure};

/// Custom sections that a browser ignores.
const UNREAD: &[&[u8]] = &[b"name", b"producers", b"target_features"];

/// The length of `\0asm` and the version.
const PREAMBLE: usize = 8;

/// One section of a module.
pub(super) struct Section<'a> {
    pub(super) id: u8,
    pub(super) body: &'a [u8],
}

/// The module without the sections that nobody reads.
pub(super) fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    map(module, |Section { id, body }| {
        let unread = *id == 0 && UNREAD.contains(&custom_name(body)?);
        Ok((!unread).then(|| body.to_vec()))
    })
}

/// The module with what becomes of the body of each section; `None` leaves the section out.
pub(super) fn map(module: &[u8], mut change: impl FnMut(&Section<'_>) -> Result<Option<Vec<u8>>>) -> Result<Vec<u8>> {
    ensure!(module.starts_with(b"\0asm"), "this is no WebAssembly module");
    let (preamble, mut rest) = module.split_at_checked(PREAMBLE).context("the module is cut short")?;
    let mut changed = preamble.to_vec();
    while let Some((id, after_id)) = rest.split_first() {
        let (size, body) = number(after_id)?;
        let (body, next) = body.split_at_checked(size).context("a section is cut short")?;
        if let Some(body) = change(&Section { id: *id, body })? {
            changed.push(*id);
            changed.extend(bytes_of(body.len()));
            changed.extend(body);
        }
        rest = next;
    }
    Ok(changed)
}

fn custom_name(body: &[u8]) -> Result<&[u8]> {
    let (length, name) = number(body)?;
    name.get(..length).context("a section's name is cut short")
}

/// Reads an unsigned LEB128 number.
pub(super) fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, bytes.split_at(index + 1).1));
        }
    }
    anyhow::bail!("a number in the module is cut short")
}

/// Writes an unsigned LEB128 number.
pub(super) fn bytes_of(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = value.to_le_bytes()[0];
        value >>= 7;
        if value == 0 {
            bytes.push(byte & 0x7f);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    fn custom(name: &[u8], body: &[u8]) -> Vec<u8> {
        let size = u8::try_from(1 + name.len() + body.len()).unwrap();
        [&[0, size, u8::try_from(name.len()).unwrap()], name, body].concat()
    }

    #[test]
    fn names_go_and_everything_else_stays() {
        let types = [1, 4, 1, 0x60, 0, 0];
        let own = custom(b"ours", b"kept");
        let module = [HEAD, &types, &custom(b"name", b"f g h"), &own, &custom(b"producers", b"")].concat();
        assert_eq!(without_names(&module).unwrap(), [HEAD, &types, &own].concat());
    }

    #[test]
    fn long_sections_have_long_numbers() {
        assert_eq!(number(&[0xe5, 0x8e, 0x26, 7]).unwrap(), (624_485, &[7_u8][..]));
        assert_eq!(bytes_of(624_485), [0xe5, 0x8e, 0x26]);
        let code = [&[10, 0x80, 0x01][..], &[7; 128]].concat();
        let module = [HEAD, &code].concat();
        assert_eq!(without_names(&module).unwrap(), module);
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        for module in [&b"GIF89a"[..], b"\0asm", &[HEAD, &[1, 9, 1]].concat(), &[HEAD, &[0, 0x80]].concat()] {
            assert!(without_names(module).is_err());
        }
    }
}
