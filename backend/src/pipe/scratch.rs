//! Memory for bytes on their way, which each thread keeps: an idle connection holds none.

use std::cell::{Cell, RefCell};

/// Bytes that are read at once: as many as a pipe holds.
pub(super) const AT_ONCE: usize = 64 * 1024;

/// The largest buffer that is kept.
const LARGEST: usize = 4 * AT_ONCE;

/// How many buffers each thread keeps.
const MOST: usize = 4;

thread_local! {
    static READ: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Lends [`AT_ONCE`] bytes of memory to read into. What is in them is of no meaning.
pub(super) fn with<R>(read: impl FnOnce(&mut [u8]) -> R) -> R {
    let mut buffer = READ.take();
    buffer.resize(AT_ONCE, 0);
    let result = read(&mut buffer);
    READ.set(buffer);
    result
}

/// An empty buffer, which may have room already.
pub(super) fn take() -> Vec<u8> {
    SPARE.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Gives a buffer back. What is in it is forgotten.
pub(super) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > LARGEST {
        return;
    }
    buffer.clear();
    SPARE.with_borrow_mut(|spare| {
        if spare.len() < MOST {
            spare.push(buffer);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_taken_again_and_what_is_too_large_is_not_kept() {
        give(Vec::with_capacity(LARGEST + 1));
        give(vec![7; 100]);
        let taken = take();
        assert!(taken.is_empty() && taken.capacity() >= 100 && taken.capacity() <= LARGEST);
        assert_eq!(take().capacity(), 0);
        assert_eq!(with(|outer| outer.len() + with(|inner| inner.len())), 2 * AT_ONCE);
    }
}
