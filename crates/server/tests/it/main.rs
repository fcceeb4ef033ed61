//! Scenarios: the real binary between a raw client and a scripted provider.
//!
//! One binary for all of them, one file for each promise; every test starts its own process on free ports.

mod accounts;
mod bedrock;
mod cache;
mod cli;
mod costs;
mod crash;
mod desk;
mod differential;
mod domains;
mod doors;
mod export;
mod features;
mod follow;
mod guards;
mod headers;
mod intake;
mod keys;
mod labels;
mod lifecycle;
mod load;
mod malformed;
mod mappers;
mod memory;
mod organizations;
mod outage;
mod prices;
mod protocols;
mod proxy_keys;
mod rate_limits;
mod refusals;
mod replays;
mod retries;
mod single_sign_on;
mod ssrf;
mod streams;
mod support;
mod tls;
mod unapproved;
mod uploads;
mod usage;
mod vault;
mod webhooks;
