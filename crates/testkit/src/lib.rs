//! A provider double.
