//! Models and prices.
