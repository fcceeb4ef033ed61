//! Addresses, and that no way to write a forbidden one gets past.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::origin::Origin;

#[test]
fn lets_only_public_addresses_pass() {
    let guard = AddressGuard::default();
    let public = "1.1.1.1 104.18.7.192 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 169.253.0.1 \
                  168.63.129.15 168.63.129.17 192.0.1.1 192.31.196.1 192.52.193.1 192.175.48.1 223.255.255.255 \
                  2606:4700::6810:1 2a00:1450:4001::1 2001:4860:4860::8888 2001:200::1 2620:4f:8000::1 \
                  64:ff9b::101:101 ::ffff:1.1.1.1 2606:4700::1:5efe:a00:1";
    for public in public.split_whitespace() {
        assert!(guard.permits(public.parse().unwrap()), "{public}");
    }
    let special = "0.0.0.0 0.1.2.3 10.0.0.1 127.0.0.1 127.9.9.9 169.254.169.254 169.254.170.2 172.16.0.1 \
                   172.31.255.255 192.168.1.1 100.64.0.1 100.100.100.200 100.127.255.255 168.63.129.16 \
                   192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 \
                   203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255";
    for special in special.split_whitespace() {
        let v4: Ipv4Addr = special.parse().unwrap();
        assert!(!guard.permits(IpAddr::V4(v4)), "{v4}");
        for v6 in embeddings(v4) {
            assert!(!guard.permits(IpAddr::V6(v6)), "{v6} for {v4}");
        }
    }
    let special = ":: ::1 ::2 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 \
                   ff02::1 ff0e::1 64:ff9b:1::1 64:ff9b:1:ffff::1 64:ff9b:0:1::101:101 100::1 2001::1 2001:2::1 \
                   2001:10::1 2001:20::1 2001:db8::1 2002:101:101::1 3fff::1 5f00::1 4000::1 \
                   2606:4700::5efe:101:101 2606:4700::200:5efe:101:101 ::101:101 ::ffff:0:101:101";
    for special in special.split_whitespace() {
        assert!(!guard.permits(special.parse().unwrap()), "{special}");
    }
}

#[test]
fn lets_pass_what_the_operator_allowed() {
    let networks = ["10.1.0.0/16", "::1/128", "::ffff:192.168.7.0/120", "fd00:1::/32", "168.63.129.16/32"];
    let guard = AddressGuard::new(networks.iter().map(|network| network.parse().unwrap()).collect());
    let allowed = "10.1.2.3 ::ffff:10.1.2.3 ::1 192.168.7.1 ::ffff:192.168.7.1 fd00:1::9 168.63.129.16";
    for allowed in allowed.split_whitespace() {
        assert!(guard.permits(allowed.parse().unwrap()), "{allowed}");
        assert!(guard.allows(allowed.parse().unwrap()), "{allowed}");
    }
    let others =
        "10.2.0.1 ::ffff:10.2.0.1 192.168.8.1 ::2 127.0.0.1 fd00:2::9 64:ff9b::a01:203 2002:a01:203::";
    for other in others.split_whitespace() {
        assert!(!guard.permits(other.parse().unwrap()), "{other}");
    }
    assert!(!guard.allows("1.1.1.1".parse().unwrap()));
}

/// Returns the IPv6 addresses that carry `v4` by some convention.
fn embeddings(v4: Ipv4Addr) -> Vec<Ipv6Addr> {
    let bits = u32::from(v4);
    let [high, low] = [bits >> 16, bits & 0xffff].map(|half| u16::try_from(half).unwrap());
    [
        // Mapped, compatible, translated.
        [0, 0, 0, 0, 0, 0xffff, high, low],
        [0, 0, 0, 0, 0, 0, high, low],
        [0, 0, 0, 0, 0xffff, 0, high, low],
        // NAT64: well-known and local-use.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        [0x64, 0xff9b, 1, 0, 0, 0, high, low],
        // 6to4; Teredo, where it is inverted; ISATAP, both forms.
        [0x2002, high, low, 0, 0, 0, 0, 1],
        [0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, !high, !low],
        [0x2606, 0x4700, 0, 1, 0, 0x5efe, high, low],
        [0x2606, 0x4700, 0, 1, 0x200, 0x5efe, high, low],
    ]
    .into_iter()
    .map(Ipv6Addr::from)
    .collect()
}

/// An IPv4 address that is not public.
fn special_v4() -> impl Strategy<Value = Ipv4Addr> {
    let networks = "0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 \
                    192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 \
                    224.0.0.0/4 240.0.0.0/4 168.63.129.16/32 100.100.100.200/32 169.254.169.254/32";
    let networks: Vec<Ipv4Net> =
        networks.split_whitespace().map(|network| network.parse().unwrap()).collect();
    (select(networks), any::<u32>()).prop_map(|(network, bits)| {
        let mask = u32::from(network.hostmask());
        Ipv4Addr::from(u32::from(network.network()) | (bits & mask))
    })
}

/// How one number of an address is written.
#[derive(Debug, Clone, Copy)]
enum Radix {
    Decimal,
    Octal { zeros: usize },
    Hexadecimal { zeros: usize, upper: bool },
}

fn radix() -> impl Strategy<Value = Radix> {
    prop_oneof![
        Just(Radix::Decimal),
        (0_usize..6).prop_map(|zeros| Radix::Octal { zeros }),
        (0_usize..6, any::<bool>()).prop_map(|(zeros, upper)| Radix::Hexadecimal { zeros, upper }),
    ]
}

fn write_number(number: u32, radix: Radix) -> String {
    match radix {
        Radix::Decimal => number.to_string(),
        Radix::Octal { zeros } => format!("0{}{number:o}", "0".repeat(zeros)),
        Radix::Hexadecimal { zeros, upper: false } => format!("0x{}{number:x}", "0".repeat(zeros)),
        Radix::Hexadecimal { zeros, upper: true } => format!("0X{}{number:X}", "0".repeat(zeros)),
    }
}

/// Returns `v4` in `parts` numbers: the last one takes what is left, as in C's `inet_aton`.
fn write_numbers(v4: Ipv4Addr, parts: usize, radices: &[Radix]) -> String {
    let octets = v4.octets().map(u32::from);
    let (single, rest) = octets.split_at(parts - 1);
    let last = rest.iter().fold(0_u32, |number, octet| number << 8 | octet);
    let numbers = single.iter().copied().chain([last]);
    let texts = numbers.zip(radices).map(|(number, radix)| write_number(number, *radix));
    texts.collect::<Vec<_>>().join(".")
}

/// How one character of a host is written.
#[derive(Debug, Clone, Copy)]
enum Dress {
    Plain,
    Percent,
    PercentUpper,
    FullWidth,
    Circled,
    Mathematical,
    WithSoftHyphen,
}

fn dress(character: char, dress: Dress) -> String {
    let digit = character.to_digit(10);
    let code = u32::from(character);
    let other = match (dress, digit) {
        (Dress::Percent, _) => return format!("%{code:02x}"),
        (Dress::PercentUpper, _) => return format!("%{code:02X}"),
        (Dress::WithSoftHyphen, _) => return format!("{character}\u{ad}"),
        (Dress::FullWidth, _) if character == '.' => Some('。'),
        (Dress::FullWidth, _) => char::from_u32(code + 0xfee0),
        (Dress::Circled, Some(0)) => Some('⓪'),
        (Dress::Circled, Some(digit)) => char::from_u32(0x245f + digit),
        (Dress::Mathematical, Some(digit)) => char::from_u32(0x1d7d8 + digit),
        _ => None,
    };
    other.unwrap_or(character).to_string()
}

fn dresses() -> impl Strategy<Value = Vec<Dress>> {
    let dress = select(vec![
        Dress::Plain,
        Dress::Plain,
        Dress::Plain,
        Dress::Percent,
        Dress::PercentUpper,
        Dress::FullWidth,
        Dress::Circled,
        Dress::Mathematical,
        Dress::WithSoftHyphen,
    ]);
    proptest::collection::vec(dress, 64)
}

/// Fails where `host` is taken for something that may be connected to, or that a name server is asked about.
fn expect_forbidden(host: &str, tail: &str) -> Result<(), TestCaseError> {
    let text = format!("https://{host}{tail}");
    let Ok(origin) = Origin::parse(&text, true) else { return Ok(()) };
    let address = origin.address();
    prop_assert!(address.is_some(), "{text} is taken for the name {}", origin.host());
    let permitted = address.filter(|address| AddressGuard::default().permits(*address));
    prop_assert_eq!(permitted, None, "{} may be connected to", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_way_to_write_a_special_ipv4_address_gets_past(
        v4 in special_v4(),
        parts in 1_usize..=4,
        radices in proptest::collection::vec(radix(), 4),
        dresses in dresses(),
        tail in select(vec!["", ".", "/", ":8443/v1", "?x", "#@api.openai.com", "#.openai.com", "/@api.openai.com"]),
    ) {
        let plain = write_numbers(v4, parts, &radices);
        let host: String = plain.chars().zip(dresses).map(|(one, how)| dress(one, how)).collect();
        expect_forbidden(&host, tail)?;
        // Undressed it is that address, and nothing is refused for its form alone.
        let origin = Origin::parse(&format!("https://{plain}"), true).unwrap();
        prop_assert_eq!(origin.address(), Some(IpAddr::V4(v4)));
    }

    #[test]
    fn no_ipv6_address_that_carries_one_gets_past(v4 in special_v4(), upper in any::<bool>()) {
        for v6 in embeddings(v4) {
            let text = if upper { v6.to_string().to_uppercase() } else { v6.to_string() };
            expect_forbidden(&format!("[{text}]"), "")?;
            let full = v6.segments().map(|segment| format!("{segment:04x}")).join(":");
            expect_forbidden(&format!("[{full}]"), ":8443")?;
        }
    }
}
