//! How often somebody may try to sign in: after a few failures each further one has to wait twice as long.
//!
//! Failures are counted per account from one network, per account from everywhere, and per network, in memory and
//! bounded: what was tried longest ago is forgotten first. So whoever guesses at somebody's password from elsewhere
//! hardly keeps them out. A try counts as a failure until it is known to be none, so that many at once gain nothing.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use gatehouse_store::accounts::{TokenHash, hash_token};
use gatehouse_types::Timestamp;
use parking_lot::Mutex;

/// How many failures are free, and the longest wait after more, for one account from one network.
const OF_ACCOUNT_FROM_NETWORK: Patience = Patience { free: 5, longest: Duration::from_mins(1) };
/// The same for one account from everywhere.
const OF_ACCOUNT: Patience = Patience { free: 50, longest: Duration::from_mins(1) };
/// The same for one network, in which many people may be.
const OF_NETWORK: Patience = Patience { free: 30, longest: Duration::from_mins(15) };
/// After how long without a failure all is forgotten.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// How many accounts, and how many networks, are remembered.
const MAX_REMEMBERED: usize = 10_000;
/// How many leading segments of an IPv6 address are one network: a home or an office gets that many.
const NETWORK_SEGMENTS: usize = 4;

/// What has to be waited for.
struct Patience {
    free: u32,
    longest: Duration,
}

/// An account, from one network or from everywhere, by a hash: nobody's address is kept for having been tried.
type Account = TokenHash;

/// Who failed how often.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    accounts: HashMap<Account, Failures>,
    networks: HashMap<IpAddr, Failures>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// A try that was let through; it counts as a failure unless [`Throttle::succeeded`] is told.
pub(crate) struct Try {
    accounts: Vec<Account>,
    network: IpAddr,
    /// Whether another failure makes this account wait for the first time.
    pub(crate) is_last_free: bool,
}

impl Throttle {
    /// Lets somebody try `account` from `address`; without an account, which is how a link is tried, only the network
    /// counts, because nobody can guess what is in a link.
    ///
    /// # Errors
    /// Returns how long they have to wait.
    pub(crate) fn begin(
        &self,
        account: Option<&str>,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Try, Duration> {
        let network = network(address);
        let from_here =
            account.map(|account| (hash_token(&format!("{network} {account}")), OF_ACCOUNT_FROM_NETWORK));
        let accounts: Vec<(Account, Patience)> =
            from_here.into_iter().chain(account.map(|account| (hash_token(account), OF_ACCOUNT))).collect();
        let mut remembered = self.0.lock();
        let of_accounts =
            accounts.iter().map(|(key, patience)| patience.wait(remembered.accounts.get(key), now));
        let of_network = OF_NETWORK.wait(remembered.networks.get(&network), now);
        if let Some(wait) = of_accounts.chain([of_network]).flatten().max() {
            return Err(wait);
        }
        note(&mut remembered.networks, network, now);
        let reached: Vec<bool> = accounts
            .iter()
            .map(|(key, patience)| note(&mut remembered.accounts, *key, now) == patience.free)
            .collect();
        let is_last_free = reached.contains(&true);
        Ok(Try { accounts: accounts.into_iter().map(|(key, _)| key).collect(), network, is_last_free })
    }

    /// Takes a try back: it was no failure. What was wrong for the account before is forgotten, too.
    pub(crate) fn succeeded(&self, tried: &Try) {
        let mut remembered = self.0.lock();
        for account in &tried.accounts {
            remembered.accounts.remove(account);
        }
        if let Some(failures) = remembered.networks.get_mut(&tried.network) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

impl Patience {
    /// Returns how long is to be waited after failures, if at all.
    fn wait(&self, failures: Option<&Failures>, now: Timestamp) -> Option<Duration> {
        let failures = failures.filter(|failures| failures.last.plus(FORGOTTEN) > now)?;
        let excess = failures.count.checked_sub(self.free)?;
        let pause = Duration::from_secs(1 << excess.min(20)).min(self.longest);
        let end = failures.last.plus(pause);
        let left = u64::try_from(end.as_unix_micros().saturating_sub(now.as_unix_micros())).ok()?;
        (left > 0).then(|| Duration::from_micros(left))
    }
}

/// Notes a failure and returns how many there are.
fn note<K: Copy + Eq + Hash>(all: &mut HashMap<K, Failures>, key: K, now: Timestamp) -> u32 {
    if all.len() >= MAX_REMEMBERED && !all.contains_key(&key) {
        forget(all, now);
    }
    let failures = all.entry(key).or_insert(Failures { count: 0, last: now });
    if failures.last.plus(FORGOTTEN) <= now {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    failures.last = now;
    failures.count
}

/// Makes room: what is over goes, else the half that failed longest ago.
fn forget<K: Copy + Eq + Hash>(all: &mut HashMap<K, Failures>, now: Timestamp) {
    all.retain(|_, failures| failures.last.plus(FORGOTTEN) > now);
    if all.len() < MAX_REMEMBERED {
        return;
    }
    let mut times: Vec<_> = all.values().map(|failures| failures.last).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len() / 2).copied() else { return };
    all.retain(|_, failures| failures.last > middle);
    if all.len() >= MAX_REMEMBERED {
        all.clear();
    }
}

/// Returns the network that an address belongs to.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments.iter_mut().skip(NETWORK_SEGMENTS).for_each(|segment| *segment = 0);
            IpAddr::V6(Ipv6Addr::from(segments))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_micros(1_000_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn elsewhere(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    #[test]
    fn each_failure_after_the_free_ones_waits_twice_as_long() {
        let throttle = Throttle::default();
        for number in 0..5 {
            let tried = throttle.begin(Some("ada"), HERE, at(0)).unwrap_or_else(|_| panic!("{number}"));
            assert_eq!(tried.is_last_free, number == 4);
        }
        let mut now = 0;
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = throttle.begin(Some("ada"), HERE, at(now)).err();
            assert_eq!(wait, Some(Duration::from_secs(expected)));
            now += expected;
            assert!(throttle.begin(Some("ada"), HERE, at(now)).is_ok(), "after {now} s");
        }
        assert!(throttle.begin(Some("bob"), HERE, at(now)).is_ok(), "others don't wait");
        assert!(
            throttle.begin(Some("ada"), elsewhere(9), at(now)).is_ok(),
            "nor she herself, from elsewhere"
        );
        assert!(throttle.begin(Some("ada"), HERE, at(now + 3600)).is_ok(), "an hour later all is forgotten");
    }

    #[test]
    fn an_account_that_is_tried_from_everywhere_waits_everywhere() {
        let throttle = Throttle::default();
        for number in 0..50 {
            assert!(throttle.begin(Some("ada"), elsewhere(number), at(0)).is_ok(), "{number}");
        }
        assert_eq!(throttle.begin(Some("ada"), HERE, at(0)).err(), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_success_forgets_the_failures_of_the_account() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            let tried = throttle.begin(Some("ada"), HERE, at(0)).unwrap_or_else(|wait| panic!("{wait:?}"));
            throttle.succeeded(&tried);
        }
    }

    #[test]
    fn a_network_that_tries_many_accounts_or_links_waits() {
        let throttle = Throttle::default();
        let neighbour = |number: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 3, 4, 5, number));
        for number in 0..30 {
            let account = number.to_string();
            let account = Some(account.as_str()).filter(|_| number % 2 == 0);
            assert!(throttle.begin(account, neighbour(number), at(0)).is_ok(), "{number}");
        }
        assert_eq!(throttle.begin(None, neighbour(99), at(0)).err(), Some(Duration::from_secs(1)));
        let other = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 3, 0, 0, 0, 0));
        assert!(throttle.begin(None, other, at(0)).is_ok());
    }

    #[test]
    fn remembers_no_more_than_it_may() {
        let throttle = Throttle::default();
        for number in 0..30_000_u32 {
            let account = number.to_string();
            assert!(throttle.begin(Some(&account), elsewhere(number), at(u64::from(number))).is_ok());
        }
        let remembered = throttle.0.lock();
        assert!(remembered.accounts.len() <= MAX_REMEMBERED && remembered.networks.len() <= MAX_REMEMBERED);
        assert!(!remembered.accounts.is_empty());
    }
}
