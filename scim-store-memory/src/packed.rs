//! Sorted entries in a few contiguous arrays: what a node of [`KeySet`](crate::keys::KeySet) holds.

use std::cmp::Ordering;

/// The key bytes of a value, and the number of a row that has it.
pub(crate) type Entry<'a> = (&'a [u8], u64);

/// Ends each piece of the text. No UTF-8 has it, so that nothing that is looked for in keys of
/// text goes over the end of a piece.
pub(crate) const END: u8 = u8::MAX;

/// How much of what all keys have in common is taken out at most: what may begin or end in it is
/// looked for at each of its bytes.
const MOST_SHARED: usize = u8::MAX as usize;

/// Some entries in order. Of their keys, what all begin with and what all end with is kept once;
/// the middles lie behind each other in one text, which can be searched as a whole.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// The shared start, the shared ending, then all middles.
    pub(crate) text: Vec<u8>,
    /// Lengths of what is shared.
    start: usize,
    ending: usize,
    /// No middle is shorter.
    pub(crate) shortest: usize,
    /// Where in the text each middle ends.
    ends: Vec<u32>,
    rows: Vec<u64>,
}

/// An entry where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    packed: &'a Packed,
    index: usize,
    pub(crate) row: u64,
}

impl Packed {
    pub(crate) fn of((key, row): Entry<'_>) -> Self {
        Self::pack(&[(key.to_vec(), row)])
    }

    fn pack(entries: &[(Vec<u8>, u64)]) -> Self {
        let Some((first, _)) = entries.first() else { return Self::default() };
        // The first of what stands for children may be out of order, so that not only the last
        // counts.
        let start = entries
            .iter()
            .fold(MOST_SHARED, |most, (key, _)| common(first.iter(), key.iter(), most));
        let ending = entries.iter().fold(MOST_SHARED, |most, (key, _)| {
            let most = most.min(key.len().saturating_sub(start));
            common(first.iter().rev(), key.iter().rev(), most)
        });
        let mut packed = Self { start, ending, shortest: usize::MAX, ..Self::default() };
        let most = entries.iter().map(|(key, _)| key.len().saturating_add(1)).sum();
        packed.text = Vec::with_capacity(most);
        (packed.ends, packed.rows) =
            (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        let shared_ending = first.get(first.len().saturating_sub(ending)..).unwrap_or_default();
        packed.push(first.get(..start).unwrap_or_default());
        packed.push(shared_ending);
        for (key, row) in entries {
            let middle = key.get(start..key.len().saturating_sub(ending)).unwrap_or_default();
            packed.shortest = packed.shortest.min(middle.len());
            let end = packed.push(middle);
            packed.ends.push(end);
            packed.rows.push(*row);
        }
        packed.text.shrink_to_fit();
        packed
    }

    /// Adds a piece of text and says where it ends.
    fn push(&mut self, piece: &[u8]) -> u32 {
        self.text.extend_from_slice(piece);
        let end = length(self.text.len());
        self.text.push(END);
        end
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn rows(&self) -> &[u64] {
        &self.rows
    }

    pub(crate) fn get(&self, index: usize) -> Option<At<'_>> {
        Some(At { packed: self, index, row: *self.rows.get(index)? })
    }

    /// What all keys begin with.
    pub(crate) fn shared_start(&self) -> &[u8] {
        self.text.get(..self.start).unwrap_or_default()
    }

    /// What all keys end with, also without what they begin with.
    pub(crate) fn shared_ending(&self) -> &[u8] {
        let start = self.start.saturating_add(1);
        self.text.get(start..start.saturating_add(self.ending)).unwrap_or_default()
    }

    /// What is between the two.
    pub(crate) fn middle(&self, index: usize) -> &[u8] {
        let end = self.end(index).unwrap_or_default();
        self.text.get(self.start_of(index)..end).unwrap_or_default()
    }

    /// Where the middles begin in the text.
    pub(crate) fn middles(&self) -> usize {
        self.start.saturating_add(self.ending).saturating_add(2)
    }

    /// The first entry whose middle ends behind this place of the text, and where it ends.
    pub(crate) fn behind(&self, place: usize) -> Option<(usize, usize)> {
        let place = length(place);
        let index = self.ends.partition_point(|end| *end < place);
        Some((index, self.end(index)?))
    }

    /// How many of the entries come before this one.
    pub(crate) fn rank(&self, (key, row): Entry<'_>) -> usize {
        let Some(rest) = key.strip_prefix(self.shared_start()) else {
            return if key < self.shared_start() { 0 } else { self.len() };
        };
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let order =
                self.compare(middle, rest).then_with(|| self.rows.get(middle).cmp(&Some(&row)));
            if order.is_lt() {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        low
    }

    /// The key of an entry beside another, both without what all keys begin with.
    fn compare(&self, index: usize, rest: &[u8]) -> Ordering {
        let middle = self.middle(index);
        match rest.split_at_checked(middle.len()) {
            Some((head, tail)) => middle.cmp(head).then_with(|| self.shared_ending().cmp(tail)),
            None => middle.cmp(rest),
        }
    }

    /// Whether the entry at this index is this one.
    pub(crate) fn is_at(&self, index: usize, (key, row): Entry<'_>) -> bool {
        self.get(index).is_some_and(|at| at.row == row && at.has_key(key))
    }

    /// Puts an entry before the one at the index.
    pub(crate) fn insert(&mut self, index: usize, (key, row): Entry<'_>) {
        let rest = key.strip_prefix(self.shared_start());
        let Some(middle) = rest.and_then(|rest| rest.strip_suffix(self.shared_ending())) else {
            let mut entries = self.entries();
            entries.insert(index.min(entries.len()), (key.to_vec(), row));
            *self = Self::pack(&entries);
            return;
        };
        if self.rows.is_empty() {
            *self = Self::of((key, row));
            return;
        }
        let start = self.start_of(index);
        self.text.splice(start..start, middle.iter().copied().chain([END]));
        self.rows.insert(index, row);
        self.ends.insert(index, length(start));
        let grown = length(middle.len().saturating_add(1));
        self.shortest = self.shortest.min(middle.len());
        let ends = self.ends.iter_mut().skip(index);
        ends.for_each(|end| *end = end.saturating_add(grown));
        if let Some(end) = self.ends.get_mut(index) {
            *end = end.saturating_sub(1);
        }
    }

    /// Takes the entry at the index out.
    pub(crate) fn remove(&mut self, index: usize) {
        let Some(end) = self.end(index) else { return };
        let removed = self.start_of(index)..end.saturating_add(1);
        let shrunk = length(removed.len());
        self.text.drain(removed);
        self.rows.remove(index);
        self.ends.remove(index);
        self.ends.iter_mut().skip(index).for_each(|end| *end = end.saturating_sub(shrunk));
    }

    /// Keeps the entries before the index and answers with the others, both packed anew.
    pub(crate) fn split_off(&mut self, index: usize) -> Self {
        let entries = self.entries();
        let (kept, others) = entries.split_at_checked(index).unwrap_or((&entries, &[]));
        *self = Self::pack(kept);
        Self::pack(others)
    }

    fn entries(&self) -> Vec<(Vec<u8>, u64)> {
        (0..self.len()).filter_map(|index| self.get(index)).map(|at| (at.key(), at.row)).collect()
    }

    fn start_of(&self, index: usize) -> usize {
        let before = index.checked_sub(1).and_then(|before| self.end(before));
        before.map_or_else(|| self.middles(), |end| end.saturating_add(1))
    }

    fn end(&self, index: usize) -> Option<usize> {
        self.ends.get(index).and_then(|end| usize::try_from(*end).ok())
    }
}

impl Clone for Packed {
    /// A copy with room for one entry more: nodes are copied to be changed.
    fn clone(&self) -> Self {
        let more = self.text.len().checked_div(self.len()).unwrap_or_default().saturating_mul(2);
        Self {
            text: roomy(&self.text, more),
            ends: roomy(&self.ends, 1),
            rows: roomy(&self.rows, 1),
            ..*self
        }
    }
}

impl At<'_> {
    /// The whole key.
    pub(crate) fn key(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    pub(crate) fn has_key(&self, key: &[u8]) -> bool {
        let rest = key.strip_prefix(self.packed.shared_start());
        rest.is_some_and(|rest| self.packed.compare(self.index, rest).is_eq())
    }

    pub(crate) fn starts_with(&self, start: &[u8]) -> bool {
        let mut rest = start;
        for piece in self.pieces() {
            match rest.split_at_checked(piece.len()) {
                Some((head, tail)) if head == piece => rest = tail,
                Some(_) => return false,
                None => return piece.starts_with(rest),
            }
        }
        rest.is_empty()
    }

    fn pieces(&self) -> [&[u8]; 3] {
        let Self { packed, index, .. } = self;
        [packed.shared_start(), packed.middle(*index), packed.shared_ending()]
    }
}

fn roomy<T: Copy>(values: &[T], more: usize) -> Vec<T> {
    let mut copy = Vec::with_capacity(values.len().saturating_add(more));
    copy.extend_from_slice(values);
    copy
}

/// How many bytes two keys have in common from one end on.
fn common<'a>(
    one: impl Iterator<Item = &'a u8>,
    other: impl Iterator<Item = &'a u8>,
    most: usize,
) -> usize {
    one.zip(other).take(most).take_while(|(one, other)| one == other).count()
}

/// Keys come from one request's body, and nodes have few of them.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
