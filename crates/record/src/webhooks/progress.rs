//! How far the journal has been dealt with, while deliveries end in any order.

use std::collections::BTreeMap;

use gatehouse_journal::Position;
use parking_lot::Mutex;

/// The records that have deliveries under way, and where reading goes on.
#[derive(Debug)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Debug)]
struct State {
    /// By the position of the record: how many of its deliveries are under way.
    under_way: BTreeMap<Position, usize>,
    /// Behind the last record that was read.
    read: Position,
}

impl Progress {
    /// Returns the progress of a reader that stands at `read`.
    pub(crate) fn at(read: Position) -> Self {
        Self(Mutex::new(State { under_way: BTreeMap::new(), read }))
    }

    /// Notes one more delivery of the record at `position`.
    pub(crate) fn begin(&self, position: Position) {
        *self.0.lock().under_way.entry(position).or_default() += 1;
    }

    /// Notes that a delivery of the record at `position` is handed over, for good.
    pub(crate) fn end(&self, position: Position) {
        let mut state = self.0.lock();
        if let Some(count) = state.under_way.get_mut(&position) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.under_way.remove(&position);
            }
        }
    }

    /// Notes that every record before `read` was read and its deliveries were begun.
    pub(crate) fn read(&self, read: Position) {
        self.0.lock().read = read;
    }

    /// Returns the position before which every delivery is handed over.
    pub(crate) fn settled(&self) -> Position {
        let state = self.0.lock();
        let oldest = state.under_way.keys().next().copied();
        oldest.map_or(state.read, |oldest| oldest.min(state.read))
    }

    /// Returns whether no delivery is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_record_under_way_holds_the_cursor() {
        let at = Position::from_u64;
        let progress = Progress::at(at(10));
        assert_eq!((progress.settled(), progress.is_idle()), (at(10), true));
        progress.begin(at(10));
        progress.begin(at(20));
        progress.begin(at(20));
        progress.read(at(30));
        assert_eq!(progress.settled(), at(10));
        progress.end(at(20));
        progress.end(at(10));
        assert_eq!((progress.settled(), progress.is_idle()), (at(20), false));
        progress.end(at(20));
        assert_eq!((progress.settled(), progress.is_idle()), (at(30), true));
        progress.end(at(20));
        assert_eq!(progress.settled(), at(30));
    }

    #[test]
    fn a_new_reader_starts_where_it_stands() {
        let at = Position::from_u64;
        let progress = Progress::at(at(0));
        progress.begin(at(50));
        progress.read(at(60));
        progress.read(at(10));
        assert_eq!(progress.settled(), at(10), "nothing is confirmed that this reader has not read");
    }
}
