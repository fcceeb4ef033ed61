//! How many files the process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the number of files that may be open to what the system allows: each call needs two.
pub(crate) fn raise_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "can't raise the limit of open files");
    }
}
