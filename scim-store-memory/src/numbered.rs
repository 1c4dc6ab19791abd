//! A persistent map from numbers that are given in order: a trie whose nodes are shared by all
//! states that do not differ in them, and which knows the rank of each number.

use std::{iter, sync::Arc};

/// Bits of a number that choose a child.
const BITS: u32 = 4;

/// Children of a branch, and values of a leaf. A copy of a node touches each of them.
const WIDTH: usize = 1 << BITS;

/// Values by number, in the order of the numbers.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<T> {
    root: Tree<T>,
    /// Levels of branches.
    height: u32,
    len: usize,
}

#[derive(Clone, Debug)]
enum Tree<T> {
    Leaf(Arc<Leaf<T>>),
    Branch(Arc<Branch<T>>),
}

type Leaf<T> = [Option<T>; WIDTH];

#[derive(Clone, Debug)]
struct Branch<T> {
    children: [Option<Tree<T>>; WIDTH],
    /// How many values are below each child.
    lens: [usize; WIDTH],
}

impl<T: Clone> Default for Numbered<T> {
    fn default() -> Self {
        Self { root: Tree::empty(0), height: 0, len: 0 }
    }
}

impl<T: Clone> Numbered<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        let (mut tree, mut height) = (&self.root, self.height);
        if !self.spans(number) {
            return None;
        }
        loop {
            match tree {
                Tree::Leaf(values) => return values.get(digit(number, 0))?.as_ref(),
                Tree::Branch(branch) => tree = branch.child(digit(number, height))?,
            }
            height = height.saturating_sub(1);
        }
    }

    /// Puts a value in the place of the one with its number, if there is one.
    pub(crate) fn insert(&mut self, number: u64, value: T) -> Option<T> {
        while !self.spans(number) {
            self.grow();
        }
        let replaced = self.root.insert((number, self.height), value);
        self.len = self.len.saturating_add(usize::from(replaced.is_none()));
        replaced
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        self.get(number)?;
        self.len = self.len.saturating_sub(1);
        self.root.remove((number, self.height))
    }

    /// Numbers and values from a number on.
    pub(crate) fn from(&self, number: u64) -> impl Iterator<Item = (u64, &T)> {
        let mut next = Some(number);
        let leaves = iter::from_fn(move || {
            let number = next.filter(|it| self.spans(*it))?;
            let (first, values) = self.root.leaf_from((number, self.height))?;
            next = first.checked_add(WIDTH as u64);
            let numbers = (0..).map(move |digit| first | digit);
            Some(numbers.zip(values).filter(move |(it, _)| *it >= number))
        });
        leaves.flatten().filter_map(|(number, value)| Some((number, value.as_ref()?)))
    }

    /// How many numbers come before this one.
    pub(crate) fn rank(&self, number: u64) -> usize {
        if !self.spans(number) {
            return self.len;
        }
        let (mut tree, mut height, mut before) = (&self.root, self.height, 0_usize);
        loop {
            let place = digit(number, height);
            match tree {
                Tree::Leaf(values) => {
                    let earlier = values.iter().take(place).flatten().count();
                    return before.saturating_add(earlier);
                }
                Tree::Branch(branch) => {
                    let earlier: usize = branch.lens.iter().take(place).sum();
                    before = before.saturating_add(earlier);
                    let Some(child) = branch.child(place) else { return before };
                    tree = child;
                }
            }
            height = height.saturating_sub(1);
        }
    }

    /// The number of this rank.
    pub(crate) fn number_at(&self, rank: usize) -> Option<u64> {
        let (mut tree, mut rest, mut number) = (&self.root, rank, 0_u64);
        loop {
            let place = match tree {
                Tree::Leaf(values) => {
                    let is_there = |(_, value): &(usize, &Option<T>)| value.is_some();
                    let (place, _) = values.iter().enumerate().filter(is_there).nth(rest)?;
                    return Some(joined(number, place));
                }
                Tree::Branch(branch) => branch.lens.iter().position(|len| {
                    let is_below = rest < *len;
                    rest = if is_below { rest } else { rest.saturating_sub(*len) };
                    is_below
                })?,
            };
            let Tree::Branch(branch) = tree else { return None };
            (tree, number) = (branch.child(place)?, joined(number, place));
        }
    }

    /// Whether the tree is high enough for a number.
    fn spans(&self, number: u64) -> bool {
        let bits = BITS.saturating_mul(self.height.saturating_add(1));
        number.checked_shr(bits).unwrap_or(0) == 0
    }

    fn grow(&mut self) {
        self.height = self.height.saturating_add(1);
        if self.len == 0 {
            self.root = Tree::empty(self.height);
            return;
        }
        let mut branch = Branch::default();
        let lower = std::mem::replace(&mut self.root, Tree::empty(0));
        if let (Some(child), Some(len)) = (branch.children.first_mut(), branch.lens.first_mut()) {
            (*child, *len) = (Some(lower), self.len);
        }
        self.root = Tree::Branch(Arc::new(branch));
    }
}

/// A number and the levels of branches of the tree in which it is.
type Way = (u64, u32);

impl<T: Clone> Tree<T> {
    fn empty(height: u32) -> Self {
        match height {
            0 => Self::Leaf(Arc::new([const { None }; WIDTH])),
            _ => Self::Branch(Arc::default()),
        }
    }

    fn insert(&mut self, (number, height): Way, value: T) -> Option<T> {
        let place = digit(number, height);
        match self {
            Self::Leaf(values) => Arc::make_mut(values).get_mut(place)?.replace(value),
            Self::Branch(branch) => {
                let branch = Arc::make_mut(branch);
                let below = height.saturating_sub(1);
                let child = branch.children.get_mut(place)?;
                let child = child.get_or_insert_with(|| Self::empty(below));
                let replaced = child.insert((number, below), value);
                let len = branch.lens.get_mut(place)?;
                *len = len.saturating_add(usize::from(replaced.is_none()));
                replaced
            }
        }
    }

    /// Takes out a value that is there.
    fn remove(&mut self, (number, height): Way) -> Option<T> {
        let place = digit(number, height);
        match self {
            Self::Leaf(values) => Arc::make_mut(values).get_mut(place)?.take(),
            Self::Branch(branch) => {
                let branch = Arc::make_mut(branch);
                let (child, len) = (branch.children.get_mut(place)?, branch.lens.get_mut(place)?);
                *len = len.saturating_sub(1);
                let removed = child.as_mut()?.remove((number, height.saturating_sub(1)));
                if *len == 0 {
                    *child = None;
                }
                removed
            }
        }
    }

    /// The first leaf with numbers from this one on, and its first number.
    fn leaf_from(&self, (number, height): Way) -> Option<(u64, &Leaf<T>)> {
        let branch = match self {
            Self::Leaf(values) => {
                return Some((number & !(WIDTH as u64).saturating_sub(1), values));
            }
            Self::Branch(branch) => branch,
        };
        let below = height.saturating_sub(1);
        let shift = BITS.saturating_mul(height);
        let start = number.checked_shr(shift)?;
        let places = (digit(number, height)..WIDTH).zip(start..);
        let mut leaves = places.filter_map(|(place, prefix)| {
            let first = number.max(prefix.checked_shl(shift)?);
            branch.child(place)?.leaf_from((first, below))
        });
        leaves.next()
    }
}

impl<T> Branch<T> {
    fn child(&self, place: usize) -> Option<&Tree<T>> {
        self.children.get(place)?.as_ref()
    }
}

impl<T> Default for Branch<T> {
    fn default() -> Self {
        Self { children: [const { None }; WIDTH], lens: [0; WIDTH] }
    }
}

/// Which child of a tree of this height a number is below.
fn digit(number: u64, height: u32) -> usize {
    let shifted = number.checked_shr(BITS.saturating_mul(height)).unwrap_or(0);
    let digit = shifted & (WIDTH as u64).saturating_sub(1);
    // It is below the width.
    usize::try_from(digit).unwrap_or_default()
}

fn joined(number: u64, digit: usize) -> u64 {
    number << BITS | digit as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(map: &Numbered<u64>, model: &BTreeMap<u64, u64>) {
        assert_eq!(map.len(), model.len());
        for number in (0..70_000).step_by(113).chain([u64::MAX]) {
            assert_eq!(map.get(number), model.get(&number), "{number}");
            assert_eq!(map.rank(number), model.range(..number).count(), "{number}");
            let some = map.from(number).take(20).map(|(number, value)| (number, *value));
            let expected = model.range(number..).take(20).map(|(number, value)| (*number, *value));
            assert!(some.eq(expected), "{number}");
        }
        for (rank, number) in model.keys().enumerate().step_by(101) {
            assert_eq!(map.number_at(rank), Some(*number));
        }
        assert_eq!(map.number_at(model.len()), None);
        assert!(map.from(0).map(|(number, _)| number).eq(model.keys().copied()));
    }

    #[test]
    fn a_map_is_as_an_ordered_map_is() {
        let (mut map, mut model) = (Numbered::default(), BTreeMap::new());
        check(&map, &model);
        for number in (0..20_000).chain(50_000..50_100).chain([u64::MAX]) {
            assert_eq!(map.insert(number, number), model.insert(number, number));
        }
        check(&map, &model);
        let before = (map.clone(), model.clone());
        for number in (0..70_000).filter(|it| it % 5_000 > 30) {
            assert_eq!(map.remove(number), model.remove(&number));
        }
        for number in (0..70_000).step_by(7_001) {
            assert_eq!(map.insert(number, 1), model.insert(number, 1));
        }
        check(&map, &model);
        check(&before.0, &before.1);
        for number in std::mem::take(&mut model).into_keys() {
            assert!(map.remove(number).is_some());
        }
        check(&map, &model);
    }

    #[test]
    fn digits_of_large_numbers_are_those_of_their_bits() {
        let number = 0x1234_5678_9abc_def0;
        let digits: Vec<_> = (0..16).rev().map(|height| digit(number, height)).collect();
        assert_eq!(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0]);
        assert_eq!((digit(u64::MAX, 15), digit(u64::MAX, 16)), (15, 0));
    }

    #[test]
    fn a_map_may_begin_anywhere() {
        let (mut map, mut model) = (Numbered::default(), BTreeMap::new());
        for number in [65_000, 3, 64_999] {
            assert_eq!(map.insert(number, number), model.insert(number, number));
            check(&map, &model);
        }
    }
}
