//! Tests of the testkit itself: what other tests rely on.

mod answers;
mod bedrock;
mod cohere;
mod damage;
mod dns;
mod frames;
mod google;
mod hosts;
mod http2;
mod process;
mod recording;
mod scripts;
mod support;
