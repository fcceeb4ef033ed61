//! Ports that belong to other protocols, whose servers could take a request for something else.

/// The ports that browsers refuse: "bad ports" in the WHATWG's Fetch standard, in order; and 0, which is none.
const BAD: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Returns whether a target may not have `port`.
pub(super) fn is_bad(port: u16) -> bool {
    BAD.binary_search(&port).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_other_protocols_are_bad() {
        assert!(BAD.is_sorted(), "a binary search needs order");
        for bad in BAD {
            assert!(is_bad(bad), "{bad}");
        }
        for good in [80, 443, 1234, 8000, 8080, 8443, 9443, 11434, 65535] {
            assert!(!is_bad(good), "{good}");
        }
    }
}
