//! What a group of batches changes, for the cache to forget.

use std::cell::RefCell;

use crate::cache::{RowCache, Touched, Value};

/// Marks what is written, if there is a cache at all.
#[derive(Debug)]
pub(crate) struct Touches<'a> {
    cache: Option<&'a RowCache>,
    touched: RefCell<Touched>,
}

impl<'a> Touches<'a> {
    /// Nothing yet.
    pub(crate) fn new(cache: Option<&'a RowCache>) -> Self {
        Self { cache, touched: RefCell::default() }
    }

    /// Marks a resource and its own edges as changing.
    pub(crate) fn resource(&self, tenant: &str, type_name: &str, id: &str) {
        if let Some(cache) = self.cache {
            cache.touch(&mut self.touched.borrow_mut(), tenant, type_name, id);
        }
    }

    /// Marks a resource as getting another document.
    pub(crate) fn document(&self, tenant: &str, type_name: &str, id: &str) {
        if let Some(cache) = self.cache {
            cache.rewrite(&mut self.touched.borrow_mut(), tenant, type_name, id);
        }
    }

    /// Marks a value of an indexed attribute as given to a resource.
    pub(crate) fn value_given(&self, value: Value<'_>) {
        if let Some(cache) = self.cache {
            cache.give_value(&mut self.touched.borrow_mut(), value);
        }
    }

    /// Marks a value of an indexed attribute as taken from a resource.
    pub(crate) fn value_taken(&self, value: Value<'_>) {
        if let Some(cache) = self.cache {
            cache.touch_value(&mut self.touched.borrow_mut(), value);
        }
    }

    /// Marks all edges of a tenant as changing.
    pub(crate) fn relations(&self, tenant: &str) {
        if let Some(cache) = self.cache {
            cache.touch_relations(&mut self.touched.borrow_mut(), tenant);
        }
    }

    /// Keeps the cache from remembering what changes, until the end of `commit`; answers with what
    /// that was as well.
    pub(crate) fn during<T>(self, commit: impl FnOnce() -> T) -> (T, Touched) {
        let mut touched = self.touched.into_inner();
        let Some(cache) = self.cache else { return (commit(), touched) };
        cache.hold(&mut touched);
        let outcome = {
            let _held = Held { cache, touched: &touched };
            commit()
        };
        (outcome, touched)
    }
}

/// What the cache may not remember until this is gone, however what it is held for ends.
struct Held<'a> {
    cache: &'a RowCache,
    touched: &'a Touched,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.cache.release(self.touched);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use scim_core::{schema::Registry, store::Key};

    use super::*;

    #[test]
    fn a_panic_leaves_nothing_held() {
        let cache = RowCache::new(1 << 20, 0).unwrap();
        let registry = Registry::standard();
        let key = Key::new(registry.resource_type("User").unwrap(), "u");
        let ticket = || cache.ticket("", &key);
        let before = ticket();
        let touches = Touches::new(Some(&cache));
        touches.resource("", "User", "u");
        touches.relations("");
        let commit = || touches.during(|| panic!("a commit that nobody expects"));
        assert!(catch_unwind(AssertUnwindSafe(commit)).is_err());
        assert!(ticket().is_valid());
        assert_ne!(ticket(), before);
    }
}
