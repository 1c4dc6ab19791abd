//! Looking for a part in all keys of a node at once.

use memchr::{memchr_iter, memmem::Finder};

use crate::packed::{END, Packed};

/// What is looked for in the keys of many nodes, one after the other.
pub(crate) struct Search<'a> {
    part: &'a [u8],
    finder: Finder<'a>,
    /// What finds the middles with some ending; nodes that follow each other mostly need the same.
    ending: Finder<'static>,
    pub(crate) rows: Vec<u64>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(part: &'a [u8]) -> Self {
        let ending = Finder::new(&[END]).into_owned();
        Self { part, finder: Finder::new(part), ending, rows: Vec::new() }
    }

    /// Adds the rows whose keys have the part, some more than once.
    pub(crate) fn containing(&mut self, packed: &Packed) {
        if self.part.is_empty() || self.within_pieces(packed) {
            self.rows.extend(packed.rows());
            return;
        }
        self.over_the_start(packed);
        self.over_the_ending(packed);
    }

    /// Adds the rows whose keys end with the part.
    pub(crate) fn ending(&mut self, packed: &Packed) {
        if packed.shared_ending().ends_with(self.part) {
            self.rows.extend(packed.rows());
        } else if let Some(head) = self.part.strip_suffix(packed.shared_ending()) {
            self.before_the_ending(packed, head);
        }
    }

    /// Adds the rows whose middles have the part; says whether what all keys share has it.
    fn within_pieces(&mut self, packed: &Packed) -> bool {
        let mut from = 0;
        while let Some(found) = packed.text.get(from..).and_then(|text| self.finder.find(text)) {
            let start = from.saturating_add(found);
            if start < packed.middles() {
                return true;
            }
            let Some((index, end)) = packed.behind(start) else { break };
            self.rows.extend(packed.rows().get(index));
            from = end;
        }
        false
    }

    /// Adds the rows in whose keys the part begins in the shared start and goes beyond it.
    fn over_the_start(&mut self, packed: &Packed) {
        let shared = packed.shared_start();
        let Some(last) = shared.last() else { return };
        let before_last = self.part.len().saturating_sub(1).min(shared.len());
        let heads = self.part.get(..before_last).unwrap_or_default();
        for place in memchr_iter(*last, heads) {
            let Some((head, rest)) = self.part.split_at_checked(place.saturating_add(1)) else {
                return;
            };
            if !shared.ends_with(head) {
                continue;
            }
            let start = [shared, rest].concat();
            let behind = (packed.rank((&start, 0))..packed.len()).filter_map(|it| packed.get(it));
            let found = behind.take_while(|at| at.starts_with(&start));
            self.rows.extend(found.map(|at| at.row));
        }
    }

    /// Adds the rows in whose keys the part ends in the shared ending and begins before it.
    fn over_the_ending(&mut self, packed: &Packed) {
        let shared = packed.shared_ending();
        let Some(first) = shared.first() else { return };
        let start = self.part.len().saturating_sub(shared.len()).max(1);
        let rests = self.part.get(start..).unwrap_or_default();
        for place in memchr_iter(*first, rests) {
            let split = start.saturating_add(place);
            let Some((head, rest)) = self.part.split_at_checked(split) else { return };
            if shared.starts_with(rest) {
                self.before_the_ending(packed, head);
            }
        }
    }

    /// Adds the rows whose keys have these bytes right before the shared ending.
    fn before_the_ending(&mut self, packed: &Packed, head: &[u8]) {
        let known = head.len().saturating_sub(packed.shortest);
        self.look_for_ending(head.get(known..).unwrap_or_default());
        let mut from = packed.middles();
        while let Some(found) = packed.text.get(from..).and_then(|text| self.ending.find(text)) {
            let Some((index, end)) = packed.behind(from.saturating_add(found)) else { return };
            let middle = packed.middle(index);
            let is_there = match head.strip_suffix(middle) {
                Some(start) => packed.shared_start().ends_with(start),
                None => middle.ends_with(head),
            };
            self.rows.extend(packed.rows().get(index).filter(|_| is_there));
            from = end.saturating_add(1);
        }
    }

    fn look_for_ending(&mut self, bytes: &[u8]) {
        if self.ending.needle().strip_suffix(&[END]) != Some(bytes) {
            self.ending = Finder::new(&[bytes, &[END]].concat()).into_owned();
        }
    }
}
