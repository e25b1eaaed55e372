//! Counts the work of reading a text, so that tests can hold it against the length.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A line or a character was looked at, or so many of them.
#[cfg(test)]
pub(super) fn step(by: usize) {
    STEPS.set(STEPS.get() + by);
}

/// Nothing is counted outside of tests.
#[cfg(not(test))]
pub(super) const fn step(_by: usize) {}

/// The steps that something takes.
#[cfg(test)]
pub(super) fn steps_of(work: impl FnOnce()) -> usize {
    STEPS.set(0);
    work();
    STEPS.get()
}
