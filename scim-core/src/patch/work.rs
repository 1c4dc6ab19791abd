//! What the operations of a request may do, however they are written.

use std::cell::Cell;

use serde_json::Value;

use super::error::too_many_values;
use crate::{
    error::{ScimError, ScimType},
    resource::size,
    schema::Attribute,
};

/// Values that the operations of a request may have looked at before another operation is refused:
/// what they cost must not be the product of operations and values.
const LOOKS: usize = 1_000_000;

/// As many are too much also for the one operation that may take what it takes.
const TOO_MANY_LOOKS: usize = 25 * LOOKS;

/// Bytes of a value that are as good as another look at a small one.
const BYTES_PER_LOOK: usize = 64;

/// Bytes that operations may copy for one value after the other, beyond what the request has sent.
const COPIES: usize = 16 << 20;

/// What has been done so far.
#[derive(Default)]
pub(super) struct Work {
    looks: Cell<usize>,
    copies: usize,
}

impl Work {
    /// Whether another operation may begin.
    ///
    /// # Errors
    /// 400 `tooMany` when those before it have done enough.
    pub(super) fn check(&self, attribute: &Attribute) -> Result<(), ScimError> {
        match self.looks.get() > LOOKS {
            true => Err(too_many_values(attribute)),
            false => Ok(()),
        }
    }

    /// Whether an operation may not even go on.
    pub(super) fn is_too_much(&self) -> bool {
        self.looks.get() > TOO_MANY_LOOKS
    }

    /// Counts looks at small values.
    pub(super) fn look(&self, times: usize) {
        self.looks.set(self.looks.get().saturating_add(times));
    }

    /// Counts a look at each value, a longer one at long ones.
    pub(super) fn look_at(&self, values: &[Value]) {
        self.look(values.iter().map(|value| size(value) / BYTES_PER_LOOK).sum());
        self.look(values.len());
    }

    /// Counts the copies of something of this size, of which the request has brought one.
    ///
    /// # Errors
    /// 400 `tooMany` when they are too much to be made.
    pub(super) fn copy(
        &mut self,
        attribute: &Attribute,
        size: usize,
        times: usize,
    ) -> Result<(), ScimError> {
        let more = size.saturating_mul(times.saturating_sub(1));
        self.copies = self.copies.saturating_add(more);
        if self.copies > COPIES {
            let detail = "the operations of the request assign more to all values than they may";
            return Err(ScimError::new(ScimType::TooMany, detail).at(attribute.path()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn work_ends_beyond_its_bounds() {
        let registry = Registry::standard();
        let emails = registry.resource_type("User").unwrap().attribute("emails").unwrap();
        let mut work = Work::default();
        work.look(LOOKS);
        assert!(work.check(emails).is_ok());
        work.look(1);
        assert!(work.check(emails).is_err());
        work.look(20 * LOOKS);
        assert!(!work.is_too_much(), "the operation that does it may come to its end");
        work.look(TOO_MANY_LOOKS - 21 * LOOKS - 1);
        assert!(!work.is_too_much());
        work.look(1);
        assert!(work.is_too_much());

        // The first copy is that of the request.
        assert!(work.copy(emails, COPIES, 2).is_ok());
        assert!(work.copy(emails, COPIES, 1).is_ok());
        assert!(work.copy(emails, 1, 2).is_err());
    }
}
