//! Tests of the testkit itself: what other tests rely on.

mod answers;
mod damage;
mod dns;
mod http2;
mod process;
mod recording;
mod scripts;
mod support;
