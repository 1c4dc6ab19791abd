//! Cursors (RFC 9865): where the next page of a query begins, sealed so that clients can neither
//! read, change nor make one. Nothing is kept on the server.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    error::{ScimError, ScimType},
    resource::Timestamp,
    store::{Position, Start},
};

/// Bytes of the tag that proves a cursor: 128 bits.
const TAG: usize = 16;

/// Bytes that the positions of a store may have in a cursor, so that it still fits into a URL.
const POSITION: usize = 2048;

/// The secret that seals cursors.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

impl CursorKey {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// # Errors
    /// When the system has no randomness to give.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey")
    }
}

/// How far a client has come in each of the resource types that are asked for, in their order;
/// `None` where all was met.
pub(super) type Bookmarks = Vec<Option<Bookmark>>;

/// How far a client has come among the resources of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bookmark {
    /// How many matches the earlier pages had.
    pub(super) passed: u64,
    /// Where the store goes on. Without it the place is found by counting.
    pub(super) position: Option<Position>,
}

impl Bookmark {
    pub(super) fn start(&self) -> Start {
        match &self.position {
            Some(position) => Start::After(position.clone()),
            None => Start::Index(self.passed),
        }
    }
}

/// Seals and opens the cursors of a server.
#[derive(Debug)]
pub(crate) struct Cursors {
    proof: Secret,
    mask: Secret,
    lifetime: Duration,
}

impl Cursors {
    /// Cursors that are valid for this long, in whole seconds.
    pub(crate) fn new(key: &CursorKey, lifetime: Duration) -> Self {
        let key = Secret(key.0);
        Self {
            proof: Secret(key.sign([&b"proof"[..]])),
            mask: Secret(key.sign([&b"mask"[..]])),
            lifetime,
        }
    }

    /// A cursor for whoever asks the same again. `identity` is all that must stay the same but
    /// for the count: it is part of the proof and not of the cursor.
    pub(super) fn seal(
        &self,
        identity: &[String],
        count: Option<u64>,
        mut marks: Bookmarks,
    ) -> String {
        // A long position, of a long value that is sorted by, would not fit into a URL.
        let most = POSITION.checked_div(marks.len()).unwrap_or(POSITION);
        for mark in marks.iter_mut().flatten() {
            mark.position = mark.position.take().filter(|position| position.0.len() <= most);
        }
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires = seconds_now().saturating_add(lifetime);
        let mut payload = Payload { expires, count, marks }.encode();
        let tag = self.tag(identity, &payload);
        self.cover(&tag, &mut payload);
        let mut sealed = tag.to_vec();
        sealed.append(&mut payload);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// # Errors
    /// 400 `invalidCursor` for what is no cursor of this query and caller (K-020: whatever the
    /// reason), `expiredCursor`, and `invalidCount` for another count than before.
    pub(super) fn open(
        &self,
        identity: &[String],
        count: Option<u64>,
        cursor: &str,
    ) -> Result<Bookmarks, ScimError> {
        self.open_at(seconds_now(), identity, count, cursor)
    }

    fn open_at(
        &self,
        now: i64,
        identity: &[String],
        count: Option<u64>,
        cursor: &str,
    ) -> Result<Bookmarks, ScimError> {
        let payload = self.payload(identity, cursor).ok_or_else(|| {
            let detail = "not a cursor of this query: begin again with an empty one";
            ScimError::new(ScimType::InvalidCursor, detail).at("cursor")
        })?;
        if payload.expires < now {
            return Err(expired());
        }
        if payload.count != count {
            let detail = "the count of a query stays the same from its first page to its last";
            return Err(ScimError::new(ScimType::InvalidCount, detail).at("count"));
        }
        Ok(payload.marks)
    }

    fn payload(&self, identity: &[String], cursor: &str) -> Option<Payload> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, payload) = sealed.split_first_chunk::<TAG>()?;
        let mut payload = payload.to_vec();
        self.cover(tag, &mut payload);
        let proof = self.proof.mac(parts(identity, &payload));
        proof.verify_truncated_left(tag).ok()?;
        Payload::decode(&payload)
    }

    fn tag(&self, identity: &[String], payload: &[u8]) -> [u8; TAG] {
        let full = self.proof.sign(parts(identity, payload));
        full.first_chunk().copied().unwrap_or_default()
    }

    /// Covers a payload or uncovers it again: a position may tell more than the page did. The
    /// tag, which differs from payload to payload, starts the key stream.
    fn cover(&self, tag: &[u8; TAG], payload: &mut [u8]) {
        for (number, block) in (0_u64..).zip(payload.chunks_mut(32)) {
            let stream = self.mask.sign([&tag[..], &number.to_be_bytes()]);
            block.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
        }
    }
}

/// 400: the client has to begin again.
pub(super) fn expired() -> ScimError {
    let detail = "the cursor is too old: begin again with an empty one";
    ScimError::new(ScimType::ExpiredCursor, detail).at("cursor")
}

/// What a cursor is proven with; each part is signed with its length.
fn parts<'a>(identity: &'a [String], payload: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    identity.iter().map(|part| part.as_bytes()).chain([payload])
}

fn seconds_now() -> i64 {
    Timestamp::now().as_micros().div_euclid(1_000_000)
}

/// A key of HMAC-SHA-256.
struct Secret([u8; 32]);

impl Secret {
    fn mac<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    fn sign<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What is inside a cursor.
#[derive(Debug, PartialEq)]
struct Payload {
    /// Seconds since 1970-01-01T00:00:00Z.
    expires: i64,
    count: Option<u64>,
    marks: Bookmarks,
}

impl Payload {
    fn encode(&self) -> Vec<u8> {
        let mut octets = self.expires.to_be_bytes().to_vec();
        octets.push(u8::from(self.count.is_some()));
        octets.extend(self.count.unwrap_or_default().to_be_bytes());
        self.marks.iter().for_each(|mark| encode_mark(mark.as_ref(), &mut octets));
        octets
    }

    fn decode(octets: &[u8]) -> Option<Self> {
        let (expires, rest) = octets.split_first_chunk()?;
        let (has_count, rest) = rest.split_first()?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let mut marks = Bookmarks::new();
        while !rest.is_empty() {
            let (mark, after) = decode_mark(rest)?;
            marks.push(mark);
            rest = after;
        }
        Some(Self {
            expires: i64::from_be_bytes(*expires),
            count: (*has_count == 1).then(|| u64::from_be_bytes(*count)),
            marks,
        })
    }
}

/// What an octet says of the bookmark that follows.
const MET: u8 = 0;
const COUNTED: u8 = 1;
const POSITIONED: u8 = 2;

fn encode_mark(mark: Option<&Bookmark>, octets: &mut Vec<u8>) {
    let Some(mark) = mark else { return octets.push(MET) };
    octets.push(if mark.position.is_some() { POSITIONED } else { COUNTED });
    octets.extend(mark.passed.to_be_bytes());
    if let Some(Position(position)) = &mark.position {
        octets.extend((position.len() as u64).to_be_bytes());
        octets.extend(position);
    }
}

/// A bookmark and the octets after it.
fn decode_mark(octets: &[u8]) -> Option<(Option<Bookmark>, &[u8])> {
    let (kind, rest) = octets.split_first()?;
    if *kind == MET {
        return Some((None, rest));
    }
    let (passed, rest) = rest.split_first_chunk()?;
    let mut mark = Bookmark { passed: u64::from_be_bytes(*passed), position: None };
    if *kind != POSITIONED {
        return Some((Some(mark), rest));
    }
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    let (position, rest) = rest.split_at_checked(length)?;
    mark.position = Some(Position(Bytes::copy_from_slice(position)));
    Some((Some(mark), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursors(key: u8, seconds: u64) -> Cursors {
        Cursors::new(&CursorKey::new([key; 32]), Duration::from_secs(seconds))
    }

    fn who(tenant: &str, subject: &str) -> [String; 2] {
        [tenant.to_owned(), subject.to_owned()]
    }

    fn mark(position: &[u8]) -> Bookmarks {
        let position = Some(Position(Bytes::copy_from_slice(position)));
        let counted = Bookmark { passed: 7, position: None };
        vec![Some(Bookmark { passed: 20, position }), None, Some(counted)]
    }

    fn kind(outcome: &Result<Bookmarks, ScimError>) -> Option<ScimType> {
        outcome.as_ref().err().and_then(ScimError::scim_type)
    }

    proptest! {
        #[test]
        fn what_is_sealed_can_be_opened_and_not_changed(
            position in proptest::collection::vec(any::<u8>(), 0..200),
            count in any::<Option<u64>>(),
            changed in any::<prop::sample::Index>(),
            to in "[A-Za-z0-9_-]",
        ) {
            // K-003, K-019
            let cursors = cursors(1, 60);
            let cursor = cursors.seal(&who("acme", "okta"), count, mark(&position));
            let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
            prop_assert!(cursor.chars().all(is_unreserved));
            prop_assert_eq!(cursors.open(&who("acme", "okta"), count, &cursor), Ok(mark(&position)));
            let at = changed.index(cursor.len());
            let mut other = cursor.clone();
            other.replace_range(at..=at, &to);
            if other != cursor {
                let outcome = cursors.open(&who("acme", "okta"), count, &other);
                prop_assert_eq!(kind(&outcome), Some(ScimType::InvalidCursor));
            }
        }

        #[test]
        fn nothing_else_is_a_cursor(text in ".{0,100}") {
            let outcome = cursors(1, 60).open(&[], None, &text);
            prop_assert_eq!(kind(&outcome), Some(ScimType::InvalidCursor));
        }
    }

    #[test]
    fn a_cursor_belongs_to_one_key_and_one_query() {
        // K-006, K-009, K-017, K-020
        let sealed = cursors(1, 60).seal(&who("acme", "okta"), Some(2), mark(b"x"));
        let open =
            |key, identity: &[String], count| cursors(key, 60).open(identity, count, &sealed);
        assert_eq!(open(1, &who("acme", "okta"), Some(2)), Ok(mark(b"x")));
        let foreign = [
            open(2, &who("acme", "okta"), Some(2)),
            open(1, &who("acme", "entra"), Some(2)),
            open(1, &who("acmeo", "kta"), Some(2)),
            open(1, &[], Some(2)),
        ];
        for outcome in &foreign {
            assert_eq!(kind(outcome), Some(ScimType::InvalidCursor));
            assert_eq!(outcome.as_ref().err(), foreign[0].as_ref().err());
        }
        for count in [None, Some(3)] {
            assert_eq!(kind(&open(1, &who("acme", "okta"), count)), Some(ScimType::InvalidCount));
        }
    }

    #[test]
    fn cursors_expire() {
        // K-009, K-016
        let (cursors, now) = (cursors(1, 60), seconds_now());
        let cursor = cursors.seal(&[], None, mark(b"x"));
        let open_after = |seconds| cursors.open_at(now + seconds, &[], None, &cursor);
        assert_eq!(open_after(60), Ok(mark(b"x")));
        assert_eq!(kind(&open_after(3_600)), Some(ScimType::ExpiredCursor));
        let of_others = cursors.open_at(now + 3_600, &who("acme", "okta"), None, &cursor);
        assert_eq!(
            kind(&of_others),
            Some(ScimType::InvalidCursor),
            "who may not open it learns nothing"
        );
    }

    #[test]
    fn neither_positions_nor_keys_show() {
        let key = CursorKey::new([0x41; 32]);
        let cursors = Cursors::new(&key, Duration::from_secs(60));
        let cursor = cursors.seal(&[], None, mark(b"someone@example.com"));
        let octets = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        assert!(!octets.windows(4).any(|part| part == b"some"));
        assert_eq!(format!("{key:?} {:?}", cursors.proof), "CursorKey Secret");
    }

    #[test]
    fn a_long_position_is_left_out() {
        let cursors = cursors(1, 60);
        let cursor = cursors.seal(&[], None, mark(&[0; 10_000]));
        assert!(cursor.len() < 4096);
        let opened = cursors.open(&[], None, &cursor).unwrap();
        assert_eq!(opened[0].as_ref().unwrap().start(), Start::Index(20));
    }
}
