//! The API through real sockets, over a log store in memory.

mod api_keys;
mod auth;
mod client;
mod conversation;
mod costs;
mod domains;
mod feedback;
mod handling;
mod health;
mod installation;
mod isolation;
mod manual;
mod memory_log;
mod openapi;
mod operations;
mod organizations;
mod permissions;
mod price_overrides;
mod rate_limits;
mod requests;
mod row_intake;
mod scores;
mod serving;
mod traces;
mod vault;
mod webhooks;
