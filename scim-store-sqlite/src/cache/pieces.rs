//! Keys one behind the other, each with its end, and what is found in them.

use std::{collections::BTreeSet, sync::Arc};

use memchr::{memchr, memmem::Finder, memrchr};

/// What a key ends with: no octet of a text.
const END: u8 = 0xff;

/// Octets from which on a piece is whole.
pub(super) const PIECE: usize = 256 << 10;

/// More keys than this are not named one by one.
const FOUND: usize = 500;

/// Keys with their ends.
pub(crate) type Piece = Arc<Vec<u8>>;

/// Keys, of which the last piece grows while nobody looks through it.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    ended: Vec<Piece>,
    last: Piece,
    octets: usize,
}

impl Pieces {
    /// Octets of all keys, with their ends.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// All pieces. Nothing is copied: whoever asks holds up those who commit.
    pub(super) fn all(&self) -> Vec<Piece> {
        self.ended.iter().chain([&self.last]).cloned().collect()
    }

    /// Adds a key.
    pub(super) fn push(&mut self, key: &[u8]) {
        if Arc::get_mut(&mut self.last).is_none_or(|it| it.len() >= PIECE) {
            self.end_last();
        }
        // Nobody else has it.
        let last = Arc::make_mut(&mut self.last);
        last.extend_from_slice(key);
        last.push(END);
        if last.len() >= PIECE {
            last.shrink_to_fit();
        }
        self.octets = self.octets.saturating_add(key.len()).saturating_add(1);
    }

    /// Adds what came meanwhile.
    pub(super) fn append(&mut self, other: Self) {
        self.octets = self.octets.saturating_add(other.octets);
        self.ended.push(std::mem::replace(&mut self.last, other.last));
        self.ended.extend(other.ended);
    }

    /// Ends the last piece. Each is more than twice as long as the next one, unless it is whole:
    /// there are few of them however often somebody looks, and no key is copied often.
    fn end_last(&mut self) {
        self.ended.push(std::mem::take(&mut self.last));
        while let [rest @ .., one, next] = self.ended.as_slice()
            && one.len() < PIECE
            && one.len() <= next.len().saturating_mul(2)
        {
            let both = [one.as_slice(), next].concat();
            self.ended.truncate(rest.len());
            self.ended.push(both.into());
        }
    }
}

/// The keys that contain this text, or end with it; `None` if they are too many.
pub(crate) fn found_in(pieces: &[Piece], text: &[u8], place: Place) -> Option<Vec<Vec<u8>>> {
    let mut sought = text.to_vec();
    if place == Place::End {
        sought.push(END);
    }
    let finder = Finder::new(&sought);
    let mut found = BTreeSet::new();
    for piece in pieces {
        let mut rest = piece.as_slice();
        while let Some(at) = finder.find(rest) {
            let (before, after) = rest.split_at_checked(at)?;
            let start = memrchr(END, before).map_or(0, |end| end.saturating_add(1));
            let end = at.saturating_add(memchr(END, after)?);
            found.insert(rest.get(start..end)?);
            if found.len() > FOUND {
                return None;
            }
            rest = rest.get(end..)?;
        }
    }
    Some(found.into_iter().map(<[u8]>::to_vec).collect())
}

/// Where in a key a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Anywhere,
    End,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(keys: &[&[u8]]) -> Vec<Piece> {
        let mut pieces = Pieces::default();
        keys.iter().for_each(|key| pieces.push(key));
        pieces.all()
    }

    /// All keys, in order.
    fn contents(pieces: &[Piece]) -> Vec<Vec<u8>> {
        let ended = |piece: &Piece| piece.strip_suffix(&[END]).map(<[u8]>::to_vec);
        let whole = pieces.iter().filter_map(ended);
        let keys = |it: Vec<u8>| it.split(|octet| *octet == END).map(<[u8]>::to_vec).collect();
        let mut all: Vec<_> = whole.flat_map::<Vec<_>, _>(keys).collect();
        all.sort();
        all
    }

    #[test]
    fn nothing_is_copied_for_those_who_look() {
        let mut pieces = Pieces::default();
        pieces.push(&[b'x'; PIECE / 2]);
        let (one, other) = (pieces.all(), pieces.all());
        assert!(Arc::ptr_eq(&one[0], &other[0]));
        drop((one, other));
        pieces.push(b"y");
        assert_eq!(pieces.all().len(), 1, "it grows once nobody looks any more");
    }

    #[test]
    fn those_who_look_all_the_time_leave_few_pieces() {
        let mut pieces = Pieces::default();
        for number in 0..10_000_u32 {
            let seen = pieces.all();
            pieces.push(&number.to_be_bytes().map(|octet| octet & 0x7f));
            assert!(seen.len() <= 20, "{} after {number}", seen.len());
        }
        let octets: usize = pieces.all().iter().map(|piece| piece.len()).sum();
        assert_eq!((octets, pieces.octets()), (50_000, 50_000));
    }

    proptest! {
        #[test]
        fn keys_are_found_as_by_looking_at_each(
            keys in proptest::collection::btree_set("[ab]{0,4}", 0..12),
            text in "[ab]{1,3}",
        ) {
            let texts: Vec<_> = keys.iter().map(|key| key.as_bytes()).collect();
            let pieces = packed(&texts);
            let those = |matches: &dyn Fn(&String) -> bool| {
                let found = keys.iter().filter(|key| matches(key));
                Some(found.map(|key| key.clone().into_bytes()).collect::<Vec<_>>())
            };
            let anywhere = found_in(&pieces, text.as_bytes(), Place::Anywhere);
            prop_assert_eq!(anywhere, those(&|key| key.contains(&text)));
            let end = found_in(&pieces, text.as_bytes(), Place::End);
            prop_assert_eq!(end, those(&|key| key.ends_with(&text)));
        }

        #[test]
        fn nothing_is_lost_whoever_looks_meanwhile(
            keys in proptest::collection::vec(("[ab]{0,40}", any::<bool>()), 0..60),
            meanwhile in proptest::collection::vec(("[cd]{0,40}", any::<bool>()), 0..60),
            later in proptest::collection::vec(("[ef]{0,40}", any::<bool>()), 0..20),
        ) {
            let mut seen = Vec::new();
            let mut push = |pieces: &mut Pieces, keys: &[(String, bool)]| {
                for (key, is_looked_at) in keys {
                    pieces.push(key.as_bytes());
                    if *is_looked_at {
                        let now = pieces.all();
                        seen.push((contents(&now), now));
                    }
                }
            };
            let (mut pieces, mut added) = (Pieces::default(), Pieces::default());
            push(&mut pieces, &keys);
            push(&mut added, &meanwhile);
            pieces.append(added);
            push(&mut pieces, &later);
            let all = keys.iter().chain(&meanwhile).chain(&later);
            let mut expected: Vec<_> = all.map(|(key, _)| key.clone().into_bytes()).collect();
            expected.sort();
            let octets = expected.iter().map(|key| key.len() + 1).sum::<usize>();
            prop_assert_eq!((contents(&pieces.all()), pieces.octets()), (expected, octets));
            for (then, held) in seen {
                prop_assert_eq!(contents(&held), then, "what somebody looks at stays");
            }
        }
    }
}
