//! The vocabulary: ids, units, the record of one exchange.
