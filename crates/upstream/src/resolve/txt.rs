//! TXT records, looked up afresh each time.

use std::io;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;
use url::Host;

use crate::origin::is_host_name;

/// How long a look-up may take, all tries and aliases included.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there are no TXT records to be had.
///
/// [`TxtError::is_permanent`] tells the answers "there is none" from "nobody answered". The texts are fit for users.
#[derive(Debug, thiserror::Error)]
pub enum TxtError {
    /// The text is no domain name.
    #[error("this is not a domain name")]
    InvalidName,
    /// The name does not exist (NXDOMAIN).
    #[error("the name does not exist")]
    NoSuchName,
    /// The name exists and has no TXT record.
    #[error("there is no TXT record")]
    NoRecord,
    /// No name server answered in time.
    #[error("the name servers did not answer in time")]
    Timeout,
    /// No name server could be asked, or none could say.
    #[error("the name servers could not say")]
    Failed(#[source] io::Error),
}

impl TxtError {
    /// Returns whether the record is known not to be there; otherwise nothing is known, and asking again may help.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::InvalidName | Self::NoSuchName | Self::NoRecord => true,
            Self::Timeout | Self::Failed(_) => false,
        }
    }
}

impl From<NetError> for TxtError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Timeout => Self::Timeout,
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NXDomain => Self::NoSuchName,
                // A referral is no answer: a server was asked that only knows who else to ask.
                ResponseCode::NoError if none.ns.is_none() || none.soa.is_some() => Self::NoRecord,
                code => Self::Failed(io::Error::other(code.to_str())),
            },
            other => Self::Failed(io::Error::other(other)),
        }
    }
}

/// Returns `name` in ASCII with a final dot, which keeps the machine's search domains out of it.
///
/// # Errors
/// Fails with [`TxtError::InvalidName`].
pub(super) fn absolute(name: &str) -> Result<String, TxtError> {
    // In a URL a name may be percent-encoded, here it may not.
    let parsed = if name.contains('%') { None } else { Host::parse(name).ok() };
    let Some(Host::Domain(name)) = parsed else { return Err(TxtError::InvalidName) };
    let name = name.strip_suffix('.').unwrap_or(&name);
    if is_host_name(name) { Ok(format!("{name}.")) } else { Err(TxtError::InvalidName) }
}

/// Asks for the records of an absolute name; aliases are followed.
pub(super) async fn look_up(dns: &TokioResolver, name: String) -> Result<Vec<String>, TxtError> {
    let answer = timeout(PATIENCE, dns.txt_lookup(name)).await.map_err(|_| TxtError::Timeout)??;
    let texts: Vec<String> = answer.answers().iter().filter_map(|record| joined(&record.data)).collect();
    if texts.is_empty() { Err(TxtError::NoRecord) } else { Ok(texts) }
}

/// Returns the strings of a TXT record as one text.
fn joined(data: &RData) -> Option<String> {
    let RData::TXT(record) = data else { return None };
    Some(String::from_utf8_lossy(&record.txt_data.concat()).into_owned())
}

#[cfg(test)]
mod tests;
