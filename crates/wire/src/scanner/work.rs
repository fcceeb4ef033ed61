//! How many bytes are looked at, counted in tests only: they prove that it is a constant number of times each.

#[cfg(not(test))]
pub(crate) const fn count(_: usize) {}

#[cfg(test)]
pub(crate) use counted::{count, counted};

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static BYTES: Cell<u64> = const { Cell::new(0) };
    }

    /// Counts bytes, and the step that looks at them.
    pub(crate) fn count(bytes: usize) {
        BYTES.set(BYTES.get() + bytes as u64 + 1);
    }

    /// Returns what `work` counts.
    pub(crate) fn counted(work: impl FnOnce()) -> u64 {
        let before = BYTES.get();
        work();
        BYTES.get() - before
    }
}
