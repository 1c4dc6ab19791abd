use std::collections::BTreeSet;

use super::*;

/// Numbers that look random and are the same every time.
fn numbers(count: usize) -> impl Iterator<Item = u64> {
    let next = |it: &u64| Some(it.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695));
    std::iter::successors(Some(1), next).map(|it| it >> 40).take(count)
}

fn key(number: u64) -> Vec<u8> {
    format!("{:x}", number % 5_000).into_bytes()
}

/// Keys whose starts and endings are alike over long stretches.
fn address(number: u64) -> Vec<u8> {
    let domain = ["example.com", "ample.com", "x", ""].get(number as usize / 4096 % 4).unwrap();
    let number = number % 4096;
    let name = ["", "a", "ab", "abab"].get(number as usize / 64 % 4).unwrap();
    format!("{name}.{}{name}@{domain}", number / 300 * 1_000 + number % 7).into_bytes()
}

const PARTS: [&str; 20] = [
    "",
    "1",
    "ab",
    "7f3",
    "zz",
    ".1",
    "b.",
    "abab.7",
    "6ab@",
    "@",
    "@e",
    "@x",
    "5@example.com",
    "com",
    "am",
    "12001abab@ample.com",
    "00",
    "abab",
    "ab.4002ab@",
    "@ample.com",
];

fn check(set: &KeySet, model: &BTreeSet<(Vec<u8>, u64)>) {
    let entries: Vec<_> = set.range(0..set.len()).map(|at| (at.key(), at.row)).collect();
    let expected: Vec<_> = model.iter().cloned().collect();
    assert_eq!(entries, expected);
    let reversed: Vec<_> = set.range(0..set.len()).rev().map(|at| at.row).collect();
    assert_eq!(reversed, expected.iter().rev().map(|it| it.1).collect::<Vec<_>>());
    for (rank, (key, row)) in expected.iter().enumerate().step_by(97) {
        assert_eq!(set.rank((key, *row)), rank);
        let at = set.range(0..set.len()).nth(rank).map(|at| (at.key(), at.row));
        assert_eq!(at, Some((key.clone(), *row)));
        let first = set.from((key, *row)).next().map(|at| (at.key(), at.row));
        assert_eq!(first, at);
    }
    for part in PARTS {
        let part = part.as_bytes();
        let rows_where = |test: &dyn Fn(&[u8]) -> bool| -> BTreeSet<u64> {
            model.iter().filter(|(key, _)| test(key)).map(|it| it.1).collect()
        };
        let found: BTreeSet<u64> = set.containing(part).into_iter().collect();
        let has_part = |key: &[u8]| part.is_empty() || key.windows(part.len()).any(|it| it == part);
        assert_eq!(found, rows_where(&has_part), "{part:?}");
        let found: BTreeSet<u64> = set.ending(part).into_iter().collect();
        assert_eq!(found, rows_where(&|key| key.ends_with(part)), "{part:?}");
    }
}

fn compare(key: fn(u64) -> Vec<u8>) {
    let (mut set, mut model) = (KeySet::default(), BTreeSet::new());
    for number in numbers(20_000) {
        assert_eq!(set.insert((&key(number), number)), model.insert((key(number), number)));
    }
    check(&set, &model);
    let before = (set.clone(), model.clone());
    for number in numbers(20_000).step_by(3) {
        assert_eq!(set.remove((&key(number), number)), model.remove(&(key(number), number)));
        assert!(!set.remove((&key(number), number)));
    }
    check(&set, &model);
    check(&before.0, &before.1);
    for (key, row) in std::mem::take(&mut model) {
        assert!(set.remove((&key, row)));
    }
    check(&set, &model);
}

#[test]
fn a_set_is_as_an_ordered_set_is() {
    compare(key);
    compare(address);
}

#[test]
fn entries_are_found_below_a_first_leaf_that_went() {
    let user = |number: u64| format!("user{number:05}").into_bytes();
    let admin = |number: u64| format!("admin{number:05}").into_bytes();
    for filled in [600, 1_000, 9_000] {
        let (mut set, mut model) = (KeySet::default(), BTreeSet::new());
        let mut insert = |set: &mut KeySet, key: Vec<u8>, row| {
            assert!(set.insert((&key, row)) && model.insert((key, row)));
        };
        (0..filled).for_each(|it| insert(&mut set, user(it), it));
        (0..256).for_each(|it| assert!(set.remove((&user(it), it))));
        (filled..9_000).for_each(|it| insert(&mut set, user(it), it));
        (0..1_000).for_each(|it| insert(&mut set, admin(it), it));
        (0..256).for_each(|it| assert!(model.remove(&(user(it), it))));
        for (key, row) in &model {
            let found = set.from((key, *row)).next().map(|at| (at.key(), at.row));
            assert_eq!(found.as_ref(), Some(&(key.clone(), *row)), "{filled}");
        }
        check(&set, &model);
        for (key, row) in model {
            assert!(set.remove((&key, row)), "{filled}: {row}");
        }
    }
}

#[test]
fn parts_are_found_in_keys_that_come_in_order() {
    let (mut set, mut model) = (KeySet::default(), BTreeSet::new());
    let mut keys: Vec<_> = (0..9_000).map(address).collect();
    keys.sort();
    for (row, key) in (0..).zip(keys) {
        assert!(set.insert((&key, row)) && model.insert((key, row)));
    }
    check(&set, &model);
}

#[test]
fn entries_that_come_in_order_fill_their_leaves() {
    let mut set = KeySet::default();
    (0..10_000).for_each(|row| assert!(set.insert((&[], row))));
    let (mut leaves, mut entries) = (0, 0);
    set.root.for_each_leaf(&mut |leaf| (leaves, entries) = (leaves + 1, entries + leaf.len()));
    assert_eq!((leaves, entries), (10_000_usize.div_ceil(LEAF), 10_000));
}
