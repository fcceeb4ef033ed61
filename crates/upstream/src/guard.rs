//! Which addresses a target may have: public ones, and what the operator allowed besides.
//!
//! The special-purpose ranges follow the IANA registries for IPv4 and IPv6 (RFC 6890 and its updates). Ways to
//! write an IPv4 address into an IPv6 address are taken for that address where they are in use (mapped, NAT64)
//! and refused where they are not any more (compatible, translated, 6to4, Teredo, ISATAP). A NAT64 prefix of the
//! operator's own (RFC 6052 §2.2) looks like any other public network and is not recognised.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// How many bits of an IPv4-mapped address come before the IPv4 address.
const MAPPED_PREFIX: u8 = 96;

/// Decides whether an address may be connected to.
#[derive(Clone, Debug, Default)]
pub struct AddressGuard {
    allowed: Vec<IpNet>,
}

impl AddressGuard {
    /// Returns a guard that lets public addresses pass and those in `allowed`.
    ///
    /// An IPv4 network may be written as such or IPv4-mapped: either allows both forms of its addresses.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed: allowed.into_iter().map(unmapped).collect() }
    }

    /// Returns whether `address` is public or allowed.
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address.to_canonical()) || self.allows(address)
    }

    /// Returns whether the operator allowed `address` by name of its network.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(&address))
    }
}

/// Returns an IPv4-mapped network as the IPv4 network that it is, and any other as it is.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let bits = v6.prefix_len().checked_sub(MAPPED_PREFIX);
    let mapped = v6.network().to_ipv4_mapped().zip(bits);
    mapped.and_then(|(v4, bits)| Ipv4Net::new(v4, bits).ok()).map_or(network, IpNet::V4)
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
        // Azure's metadata and wire server, in public space.
        [168, 63, 129, 16] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 carries an IPv4 address: that one decides.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        // Teredo and other protocol assignments, documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x2002, ..] => false,
        // ISATAP: the interface's name is an IPv4 address (RFC 5214 §6.1).
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => false,
        // Everything outside 2000::/3 is loopback, unspecified, an embedded IPv4 address, local-use NAT64,
        // discard-only, ULA, link-local, site-local, multicast or unassigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests;
