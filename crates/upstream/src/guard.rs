//! Which addresses a target may have: public ones, and what the operator allowed besides.
//!
//! The special-purpose ranges follow the IANA registries for IPv4 and IPv6 (RFC 6890 and its updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Decides whether an address may be connected to.
#[derive(Clone, Debug, Default)]
pub struct AddressGuard {
    allowed: Vec<IpNet>,
}

impl AddressGuard {
    /// Returns a guard that lets public addresses pass and those in `allowed`.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Returns whether `address` is public or allowed.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allows(address)
    }

    /// Returns whether the operator allowed `address` by name of its network.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback, link-local (metadata services live here).
        [0 | 10 | 127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // Shared address space of carriers.
        [100, 64..=127, ..] => true,
        // Protocol assignments, documentation, 6to4 relays, benchmarking.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 and 6to4 carry an IPv4 address: that one decides.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // Local-use NAT64, discard-only, Teredo and other protocol assignments, documentation.
        [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, 0, ..] | [0x2001, 0..=0x1ff, ..] => false,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x5f00, ..] => false,
        // Everything else outside 2000::/3 is loopback, unspecified, mapped, ULA, link-local, multicast or unassigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_only_public_addresses_pass() {
        let guard = AddressGuard::default();
        for public in ["1.1.1.1", "104.18.7.192", "172.32.0.1", "2606:4700::6810:1", "64:ff9b::101:101"] {
            assert!(guard.permits(public.parse().unwrap()), "{public}");
        }
        let private = "0.0.0.0 10.0.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 \
                       100.64.0.1 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.7 224.0.0.1 240.0.0.1 \
                       255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 fc00::1 fd00:ec2::254 \
                       fe80::1 ff02::1 64:ff9b::a00:1 64:ff9b:1::1 2002:a00:1:: 2001:db8::1 2001::1 100::1";
        for private in private.split_whitespace() {
            assert!(!guard.permits(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn lets_pass_what_the_operator_allowed() {
        let guard = AddressGuard::new(vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()]);
        for allowed in ["10.1.2.3", "::ffff:10.1.2.3", "::1"] {
            assert!(guard.permits(allowed.parse().unwrap()), "{allowed}");
        }
        assert!(!guard.permits("10.2.0.1".parse().unwrap()));
    }
}
