//! The API through real sockets, over a log store in memory.

mod auth;
mod client;
mod health;
mod memory_log;
mod openapi;
mod requests;
mod serving;
