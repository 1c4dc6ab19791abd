//! Sorted entries in a few contiguous arrays: what a node of [`KeySet`](crate::keys::KeySet) holds.

use memchr::memmem::Finder;

/// The key bytes of a value, and the number of a row that has it.
pub(crate) type Entry<'a> = (&'a [u8], u64);

/// Some entries in order. Their keys lie behind each other in one text, which can be searched as
/// a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packed {
    text: Vec<u8>,
    /// Where in the text each key ends.
    ends: Vec<u32>,
    rows: Vec<u64>,
}

impl Packed {
    pub(crate) fn of(entry: Entry<'_>) -> Self {
        let mut packed = Self::default();
        packed.insert(0, entry);
        packed
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Entry<'_>> {
        let row = *self.rows.get(index)?;
        Some((self.text.get(self.start(index)..self.end(index)?)?, row))
    }

    /// How many of the entries come before this one.
    pub(crate) fn rank(&self, entry: Entry<'_>) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle) {
                Some(found) if found < entry => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        low
    }

    /// Whether the entry at this index is this one.
    pub(crate) fn is_at(&self, index: usize, entry: Entry<'_>) -> bool {
        self.get(index) == Some(entry)
    }

    /// Puts an entry before the one at the index.
    pub(crate) fn insert(&mut self, index: usize, (key, row): Entry<'_>) {
        let start = self.start(index);
        // Nodes are copied more often than they grow.
        self.text.reserve_exact(key.len());
        self.rows.reserve_exact(1);
        self.ends.reserve_exact(1);
        self.text.splice(start..start, key.iter().copied());
        self.rows.insert(index, row);
        self.ends.insert(index, length(start));
        let grown = length(key.len());
        self.ends.iter_mut().skip(index).for_each(|end| *end = end.saturating_add(grown));
    }

    /// Takes the entry at the index out.
    pub(crate) fn remove(&mut self, index: usize) {
        let Some(end) = self.end(index) else { return };
        let removed = self.start(index)..end;
        let shrunk = length(removed.len());
        self.text.drain(removed);
        self.rows.remove(index);
        self.ends.remove(index);
        self.ends.iter_mut().skip(index).for_each(|end| *end = end.saturating_sub(shrunk));
    }

    /// Keeps the entries before the index and answers with the others; neither has room to spare.
    pub(crate) fn split_off(&mut self, index: usize) -> Self {
        let start = self.start(index);
        let shift = length(start);
        let ends = self.ends.split_off(index).iter().map(|end| end.saturating_sub(shift)).collect();
        let (text, rows) = (self.text.split_off(start), self.rows.split_off(index));
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.rows.shrink_to_fit();
        Self { text, ends, rows }
    }

    /// Adds the rows whose keys have the part that is looked for.
    pub(crate) fn find(&self, part: &Finder<'_>, rows: &mut Vec<u64>) {
        let mut from = 0;
        while let Some(found) = self.text.get(from..).and_then(|text| part.find(text)) {
            let start = from.saturating_add(found);
            let end = start.saturating_add(part.needle().len());
            let index =
                self.ends.partition_point(|end| usize::try_from(*end).is_ok_and(|it| it <= start));
            // What reaches into the next key is no part of this one.
            match self.end(index) {
                Some(key_end) if end <= key_end => {
                    rows.extend(self.rows.get(index));
                    from = key_end;
                }
                Some(_) => from = start.saturating_add(1),
                None => return,
            }
        }
    }

    /// Adds the rows whose keys end with these bytes.
    pub(crate) fn find_ending(&self, ending: &[u8], rows: &mut Vec<u64>) {
        let mut start = 0;
        for (end, row) in self.ends.iter().zip(&self.rows) {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            if self.text.get(start..end).is_some_and(|key| key.ends_with(ending)) {
                rows.push(*row);
            }
            start = end;
        }
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.end(before)).unwrap_or(0)
    }

    fn end(&self, index: usize) -> Option<usize> {
        self.ends.get(index).and_then(|end| usize::try_from(*end).ok())
    }
}

/// Keys come from one request's body, and nodes have few of them.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
