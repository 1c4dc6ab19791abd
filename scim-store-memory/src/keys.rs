//! A persistent ordered set of keys that knows the rank of each: a B+ tree whose nodes are shared
//! by all states that do not differ in them.
//!
//! Ranks make a page deep inside an order as near as the first one, and keys that lie packed can
//! be looked through about as fast as memory can be read.

use std::{hint::black_box, ops::Range, sync::Arc};

use crate::{
    packed::{At, Entry, Packed},
    search::Search,
};

/// The most entries of a leaf. Large leaves are fast to look through and slow to copy.
const LEAF: usize = 256;

/// The most children of a branch. A copy of it touches each of them.
const BRANCH: usize = 32;

/// How many bytes a processor goes on to fetch by itself where it finds one asked for.
const FETCHED: usize = 256;

/// Entries of key bytes and row numbers in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    root: Arc<Node>,
}

#[derive(Clone, Debug)]
enum Node {
    Leaf(Packed),
    Branch(Branch),
}

#[derive(Clone, Debug, Default)]
struct Branch {
    /// For each child an entry that none in it comes before, and all to its left do. That of the
    /// first child means nothing.
    ///
    /// Most changes leave it as it is.
    lowest: Arc<Packed>,
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    node: Arc<Node>,
    /// The number of entries below it.
    len: usize,
}

impl Default for Node {
    fn default() -> Self {
        Self::Leaf(Packed::default())
    }
}

impl KeySet {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.root.len()
    }

    /// Adds an entry and says whether it was absent.
    pub(crate) fn insert(&mut self, entry: Entry<'_>) -> bool {
        let (added, right) = Arc::make_mut(&mut self.root).insert(entry);
        if let Some((lowest, right)) = right {
            let left = Child::new(std::mem::take(&mut self.root));
            let lowest_of_left = Arc::new(Packed::of((&[], 0)));
            let mut branch = Branch { lowest: lowest_of_left, children: vec![left] };
            branch.insert_child(1, &lowest, right);
            self.root = Arc::new(Node::Branch(branch));
        }
        added
    }

    /// Removes an entry and says whether it was there.
    pub(crate) fn remove(&mut self, entry: Entry<'_>) -> bool {
        let removed = Arc::make_mut(&mut self.root).remove(entry);
        if self.len() == 0 {
            self.root = Arc::default();
        }
        removed
    }

    /// How many entries come before this one.
    pub(crate) fn rank(&self, entry: Entry<'_>) -> usize {
        let (_, _, rank) = self.seek(entry);
        rank
    }

    /// The entries of these ranks, from either end.
    pub(crate) fn range(&self, ranks: Range<usize>) -> Entries<'_> {
        let end = ranks.end.min(self.len());
        Entries { set: self, ranks: ranks.start.min(end)..end, front: None, back: None }
    }

    /// The entries from this one on, which need not be there.
    pub(crate) fn from(&self, entry: Entry<'_>) -> Entries<'_> {
        let (leaf, index, rank) = self.seek(entry);
        Entries { front: leaf.map(|leaf| (leaf, index)), ..self.range(rank..self.len()) }
    }

    /// The rows of all keys that have the part, in any order, some more than once.
    pub(crate) fn containing(&self, part: &[u8]) -> Vec<u64> {
        let mut search = Search::new(part);
        self.root.for_each_leaf(&mut |leaf| search.containing(leaf));
        search.rows
    }

    /// The rows of all keys that end with these bytes, in any order.
    pub(crate) fn ending(&self, ending: &[u8]) -> Vec<u64> {
        let mut search = Search::new(ending);
        self.root.for_each_leaf(&mut |leaf| search.ending(leaf));
        search.rows
    }

    /// Where an entry is or would be: in which leaf, at which index there, and at which rank.
    fn seek(&self, entry: Entry<'_>) -> (Option<&Packed>, usize, usize) {
        let (mut node, mut before) = (&*self.root, 0_usize);
        loop {
            match node {
                Node::Leaf(packed) => {
                    let index = packed.rank(entry);
                    return (Some(packed), index, before.saturating_add(index));
                }
                Node::Branch(branch) => {
                    let index = branch.index_of(entry);
                    before = before.saturating_add(branch.len_before(index));
                    let Some(child) = branch.children.get(index) else { return (None, 0, before) };
                    node = &child.node;
                }
            }
        }
    }

    /// The leaf with the entry of this rank, and its index there.
    fn leaf_at(&self, rank: usize) -> Option<(&Packed, usize)> {
        let (mut node, mut rest) = (&*self.root, rank);
        loop {
            match node {
                Node::Leaf(packed) => return Some((packed, rest)),
                Node::Branch(branch) => {
                    let child = branch.children.iter().find(|child| {
                        let is_in = rest < child.len;
                        rest = if is_in { rest } else { rest.saturating_sub(child.len) };
                        is_in
                    });
                    node = &child?.node;
                }
            }
        }
    }
}

/// The right half of a node that was split, and the lowest entry in it.
type Right = (Lowest, Node);

/// An entry of which a branch keeps a copy.
type Lowest = (Vec<u8>, u64);

impl Node {
    fn len(&self) -> usize {
        match self {
            Self::Leaf(packed) => packed.len(),
            Self::Branch(branch) => branch.len_before(branch.children.len()),
        }
    }

    fn insert(&mut self, entry: Entry<'_>) -> (bool, Option<Right>) {
        match self {
            Self::Leaf(packed) => {
                let index = packed.rank(entry);
                if packed.is_at(index, entry) {
                    return (false, None);
                }
                packed.insert(index, entry);
                (true, split_leaf(packed, index))
            }
            Self::Branch(branch) => branch.insert(entry),
        }
    }

    fn remove(&mut self, entry: Entry<'_>) -> bool {
        match self {
            Self::Leaf(packed) => {
                let index = packed.rank(entry);
                let is_there = packed.is_at(index, entry);
                if is_there {
                    packed.remove(index);
                }
                is_there
            }
            Self::Branch(branch) => branch.remove(entry),
        }
    }

    fn for_each_leaf<'a>(&'a self, visit: &mut impl FnMut(&'a Packed)) {
        match self {
            Self::Leaf(packed) => visit(packed),
            Self::Branch(branch) => {
                branch.children.iter().for_each(|child| child.node.fetch());
                branch.children.iter().for_each(|child| child.node.for_each_leaf(visit));
            }
        }
    }

    /// Reads a little of all that will be looked through. Memory answers such reads side by side,
    /// where a search waits for one before it asks for the next.
    fn fetch(&self) {
        if let Self::Leaf(packed) = self {
            packed.text.iter().step_by(FETCHED).for_each(|byte| {
                black_box(*byte);
            });
        }
    }
}

impl Branch {
    fn insert(&mut self, entry: Entry<'_>) -> (bool, Option<Right>) {
        let index = self.index_of(entry);
        let Some(child) = self.children.get_mut(index) else { return (false, None) };
        let (added, right) = Arc::make_mut(&mut child.node).insert(entry);
        child.len = child.len.saturating_add(usize::from(added));
        let Some((lowest, right)) = right else { return (added, None) };
        child.len = child.len.saturating_sub(right.len());
        let inserted = index.saturating_add(1);
        self.insert_child(inserted, &lowest, right);
        (added, self.split(inserted))
    }

    fn insert_child(&mut self, index: usize, (key, row): &Lowest, node: Node) {
        Arc::make_mut(&mut self.lowest).insert(index, (key, *row));
        self.children.insert(index, Child::new(Arc::new(node)));
    }

    /// A child that becomes empty goes; children that only become small stay, for rows that come
    /// and go mostly do so at the same places.
    fn remove(&mut self, entry: Entry<'_>) -> bool {
        let index = self.index_of(entry);
        let Some(child) = self.children.get_mut(index) else { return false };
        let removed = Arc::make_mut(&mut child.node).remove(entry);
        child.len = child.len.saturating_sub(usize::from(removed));
        if child.len == 0 {
            self.children.remove(index);
            Arc::make_mut(&mut self.lowest).remove(index);
        }
        removed
    }

    fn split(&mut self, inserted: usize) -> Option<Right> {
        let at = split_point(self.children.len(), BRANCH, inserted)?;
        let lowest = Arc::make_mut(&mut self.lowest).split_off(at);
        let children = self.children.split_off(at);
        self.children.shrink_to_fit();
        let first = lowest.get(0).map(|at| (at.key(), at.row))?;
        Some((first, Node::Branch(Self { lowest: Arc::new(lowest), children })))
    }

    /// The child in which an entry is, if it is anywhere.
    fn index_of(&self, entry: Entry<'_>) -> usize {
        // What stands for the first child means nothing, and may be above what follows since the
        // child before it went: a search looks at it only when the second is not below the entry.
        let index = self.lowest.rank(entry).max(1);
        if self.lowest.is_at(index, entry) { index } else { index.saturating_sub(1) }
    }

    fn len_before(&self, index: usize) -> usize {
        self.children.iter().take(index).map(|child| child.len).sum()
    }
}

impl Child {
    fn new(node: Arc<Node>) -> Self {
        Self { len: node.len(), node }
    }
}

fn split_leaf(packed: &mut Packed, inserted: usize) -> Option<Right> {
    let right = packed.split_off(split_point(packed.len(), LEAF, inserted)?);
    let first = right.get(0)?;
    Some(((first.key(), first.row), Node::Leaf(right)))
}

/// Where to split a node that is too large: in the middle, but at the end where entries come in
/// order, so that full nodes stay behind.
fn split_point(len: usize, width: usize, inserted: usize) -> Option<usize> {
    let is_last = inserted.saturating_add(1) == len;
    (len > width).then_some(if is_last { inserted } else { len / 2 })
}

/// Entries in order, or in reverse.
pub(crate) struct Entries<'a> {
    set: &'a KeySet,
    ranks: Range<usize>,
    /// Where the entries of the first and of the last rank are, once looked up.
    front: Option<(&'a Packed, usize)>,
    back: Option<(&'a Packed, usize)>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = At<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let rank = self.ranks.next()?;
        let (leaf, index) = match self.front {
            Some((leaf, index)) if index < leaf.len() => (leaf, index),
            _ => self.set.leaf_at(rank)?,
        };
        self.front = Some((leaf, index.saturating_add(1)));
        leaf.get(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ranks.size_hint()
    }

    /// Skips without a look at what is skipped.
    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        if skipped > 0 {
            self.ranks.start = self.ranks.start.saturating_add(skipped).min(self.ranks.end);
            self.front = None;
        }
        self.next()
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let rank = self.ranks.next_back()?;
        let (leaf, index) =
            match self.back.and_then(|(leaf, index)| Some((leaf, index.checked_sub(1)?))) {
                Some(found) => found,
                None => self.set.leaf_at(rank)?,
            };
        self.back = Some((leaf, index));
        leaf.get(index)
    }
}

#[cfg(test)]
mod tests;
