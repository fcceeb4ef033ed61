use super::*;

#[test]
fn ranks_correlate_from_minus_one_to_one() {
    let check = |pairs: &[(u64, u64)], expected: f64| {
        let found = spearman(pairs);
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    };
    check(&[(1, 10), (2, 100), (3, 1000)], 1.0);
    check(&[(1, 3), (2, 2), (3, 1)], -1.0);
    check(&[(1, 5), (2, 5), (3, 5)], 0.0);
    check(&[(1, 1), (2, 2)], 0.0);
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 over the root of 4.5 × 5.
    check(&[(1, 1), (2, 2), (2, 3), (3, 4)], 4.5 / (4.5_f64 * 5.0).sqrt());
}

#[test]
fn spread_is_relative() {
    assert!((variation(&[1.0, 3.0]) - 0.5).abs() < 1e-9);
    assert!((variation(&[10.0, 30.0]) - 0.5).abs() < 1e-9);
    assert!(variation(&[]).abs() < 1e-9);
}
