//! How much memory the process has.

/// Returns it in bytes, where the system tells.
pub(super) fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn grows_by_what_is_taken() {
        let before = resident().unwrap();
        let taken = vec![1_u8; 64 << 20];
        let after = resident().unwrap();
        assert!(after >= before + (48 << 20), "{before} and then {after}, with {}", taken.len());
    }
}
