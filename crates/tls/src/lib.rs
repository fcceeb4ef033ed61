//! Certificates and TLS for our own listeners: PEM files, read again when they change, and the handshake.
//!
//! An [`Acceptor`] is made from two [`Files`] at the start, by [`Acceptor::load`], with what follows them.
//! A listener opens every connection with [`Stream::open`], which is plain TCP without an acceptor.
//! How providers are reached is not decided here.

mod accept;
mod certificate;
mod stream;

pub use accept::{Acceptor, HANDSHAKE_TIMEOUT, HandshakeError};
pub use certificate::{CertificateError, Files};
pub use stream::Stream;
