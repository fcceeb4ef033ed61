//! `[mappers]`: how mappings of APIs are made that no reader knows.

use std::time::Duration;

use crate::definitions::Definition;
use crate::slot::Slot;

const DAY: Duration = Duration::from_hours(24);

/// `[mappers]`: how mappings of APIs are made that no reader knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappersConfig {
    /// How often mappings that are not in force yet are tried again.
    pub interval: Duration,
}

impl Default for MappersConfig {
    fn default() -> Self {
        Self { interval: DAY }
    }
}

pub(crate) static MAPPERS: [Definition; 1] = [Definition {
    path: "mappers.interval",
    doc: "How often mappings of unknown APIs that are not in force yet are tried again with the newest calls. \
          Besides, one is tried when an API was called five times.",
    example: "\"1h\"",
    slot: |config| Slot::Time(&mut config.mappers.interval, Duration::from_secs(1)..=30 * DAY),
}];
