//! REST API and dashboard.
