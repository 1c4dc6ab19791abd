//! How a PATCH is read where the RFC leaves room or clients disagree with it.

/// How a PATCH is read where the RFC leaves room or clients disagree with it.
///
/// ```
/// use scim_core::patch::{PatchOptions, UnmatchedReplace};
///
/// let options = PatchOptions::default().unmatched_replace(UnmatchedReplace::CreateElement);
/// assert_ne!(options, PatchOptions::strict());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchOptions {
    /// What `add` does when its value filter matches nothing.
    pub unmatched_add: UnmatchedAdd,
    /// What `replace` does when its value filter matches nothing.
    pub unmatched_replace: UnmatchedReplace,
    /// What `remove` does when it finds nothing to remove.
    pub unmatched_remove: UnmatchedRemove,
    /// What the `value` of a `remove` means.
    pub listed_values: ListedValues,
    /// When required attributes are checked.
    pub required_check: RequiredCheck,
    /// What `add` of `null` or `[]` does to a multi-valued attribute.
    pub empty_add: EmptyAdd,
    /// What the path of an operation may look like.
    pub paths: PathGrammar,
    /// What a dot after the URN of a schema means.
    pub dotted_urns: DottedUrns,
    /// What to do with an operation whose path names nothing.
    pub unknown_paths: UnknownPaths,
    /// What an object around the values of a `remove` means.
    pub wrapped_values: WrappedValues,
    /// How a value that is listed finds the one that it stands for.
    pub matching: Matching,
}

impl PatchOptions {
    /// Nothing but what RFC 7644 §3.5.2 says.
    pub fn strict() -> Self {
        Self {
            unmatched_add: UnmatchedAdd::NoTarget,
            listed_values: ListedValues::Ignored,
            empty_add: EmptyAdd::Unassign,
            paths: PathGrammar::Strict,
            ..Self::default()
        }
    }

    /// Sets what `add` does when its value filter matches nothing.
    pub fn unmatched_add(mut self, choice: UnmatchedAdd) -> Self {
        self.unmatched_add = choice;
        self
    }

    /// Sets what `replace` does when its value filter matches nothing.
    pub fn unmatched_replace(mut self, choice: UnmatchedReplace) -> Self {
        self.unmatched_replace = choice;
        self
    }

    /// Sets what `remove` does when it finds nothing to remove.
    pub fn unmatched_remove(mut self, choice: UnmatchedRemove) -> Self {
        self.unmatched_remove = choice;
        self
    }

    /// Sets what the `value` of a `remove` means.
    pub fn listed_values(mut self, choice: ListedValues) -> Self {
        self.listed_values = choice;
        self
    }

    /// Sets when required attributes are checked.
    pub fn required_check(mut self, choice: RequiredCheck) -> Self {
        self.required_check = choice;
        self
    }

    /// Sets what `add` of `null` or `[]` does to a multi-valued attribute.
    pub fn empty_add(mut self, choice: EmptyAdd) -> Self {
        self.empty_add = choice;
        self
    }

    /// Sets what the path of an operation may look like.
    pub fn paths(mut self, choice: PathGrammar) -> Self {
        self.paths = choice;
        self
    }

    /// Sets what a dot after the URN of a schema means.
    pub fn dotted_urns(mut self, choice: DottedUrns) -> Self {
        self.dotted_urns = choice;
        self
    }

    /// Sets what to do with an operation whose path names nothing.
    pub fn unknown_paths(mut self, choice: UnknownPaths) -> Self {
        self.unknown_paths = choice;
        self
    }

    /// Sets what an object around the values of a `remove` means.
    pub fn wrapped_values(mut self, choice: WrappedValues) -> Self {
        self.wrapped_values = choice;
        self
    }

    /// Sets how a value that is listed finds the one that it stands for.
    pub fn matching(mut self, choice: Matching) -> Self {
        self.matching = choice;
        self
    }
}

/// What `add` does when its value filter matches nothing (H-023).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnmatchedAdd {
    /// Adds the value that the filter describes when it is made of `eq` tests joined by `and`;
    /// otherwise fails. Entra ID counts on it.
    #[default]
    CreateElement,
    /// 400 `noTarget`.
    NoTarget,
}

/// What `replace` does when its value filter matches nothing (H-037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnmatchedReplace {
    /// 400 `noTarget`, as RFC 7644 §3.5.2.3 demands.
    #[default]
    NoTarget,
    /// Adds the value that the filter describes, as [`UnmatchedAdd::CreateElement`] does.
    CreateElement,
}

/// What `remove` does when it finds nothing to remove (H-030).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnmatchedRemove {
    /// Succeeds and changes nothing, as the example in RFC 7644 §3.5.2.2 has it.
    #[default]
    Ignore,
    /// 400 `noTarget`, as RFC 7644 §3.12, Table 9 allows.
    NoTarget,
}

/// What the `value` of a `remove` on a multi-valued attribute means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListedValues {
    /// Only the values listed in it are removed. Entra ID, authentik and AWS count on it.
    #[default]
    Removed,
    /// Nothing: RFC 7644 §3.5.2.2 knows no such `value`, and all values are removed.
    Ignored,
}

/// When required attributes are checked (H-041).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequiredCheck {
    /// After every operation, as RFC 7644 §3.5.2.2 reads: 400 `mutability`.
    #[default]
    PerOperation,
    /// Once all operations are done: a later one may set what an earlier one removed.
    AtEnd,
}

/// What `add` of `null` or `[]` does to a multi-valued attribute (H-039).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmptyAdd {
    /// Nothing: there is nothing to add. A client that builds its list from a difference must not
    /// empty a group by an empty one.
    #[default]
    Ignore,
    /// Unassigns it, as RFC 7643 §2.5 can be read.
    Unassign,
}

/// What the path of an operation may look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathGrammar {
    /// Also with values that lack their quotes: `emails[type eq work]`.
    #[default]
    Tolerant,
    /// As the examples of RFC 7644 §3.5.2 have it, one of which has no space before a value.
    Strict,
}

/// What a dot after the URN of a schema means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DottedUrns {
    /// Nothing: such a path names no attribute.
    #[default]
    Refused,
    /// What a colon means there: old samples of Entra ID write `urn:…:User.manager`.
    AsColon,
}

/// What to do with an operation whose path names no attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownPaths {
    /// 400 `invalidPath`, so that a wrong mapping is noticed.
    #[default]
    Refused,
    /// The operation is left out and noted; the others are carried out.
    Ignored,
}

/// What an object around the values of a `remove` means: `{"members": [{"value": "…"}]}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WrappedValues {
    /// It is a value like any other, and has no such part.
    #[default]
    Kept,
    /// It repeats the name of the attribute around the values, as Salesforce does.
    Unwrapped,
}

/// How a value that an `add` or `remove` lists finds the one among those of the resource that it
/// stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Matching {
    /// By `type` and `value`, which make a value of a list unique (RFC 7643 §2.4).
    #[default]
    ByTypeAndValue,
    /// By `value` alone, where one value has it and no other; else a removal compares all parts
    /// that are given, and an addition adds. SCIM 1.1 wants it so (API §3.3.2).
    ByValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_set_by_itself_and_stays() {
        let chosen = PatchOptions::strict()
            .unmatched_replace(UnmatchedReplace::CreateElement)
            .unmatched_remove(UnmatchedRemove::NoTarget)
            .required_check(RequiredCheck::AtEnd)
            .dotted_urns(DottedUrns::AsColon)
            .unknown_paths(UnknownPaths::Ignored)
            .wrapped_values(WrappedValues::Unwrapped)
            .matching(Matching::ByValue);
        let none_is_as_at_first = PatchOptions {
            unmatched_add: UnmatchedAdd::NoTarget,
            unmatched_replace: UnmatchedReplace::CreateElement,
            unmatched_remove: UnmatchedRemove::NoTarget,
            listed_values: ListedValues::Ignored,
            required_check: RequiredCheck::AtEnd,
            empty_add: EmptyAdd::Unassign,
            paths: PathGrammar::Strict,
            dotted_urns: DottedUrns::AsColon,
            unknown_paths: UnknownPaths::Ignored,
            wrapped_values: WrappedValues::Unwrapped,
            matching: Matching::ByValue,
        };
        assert_eq!(chosen, none_is_as_at_first);

        let back = chosen
            .unmatched_add(UnmatchedAdd::CreateElement)
            .unmatched_replace(UnmatchedReplace::NoTarget)
            .unmatched_remove(UnmatchedRemove::Ignore)
            .listed_values(ListedValues::Removed)
            .required_check(RequiredCheck::PerOperation)
            .empty_add(EmptyAdd::Ignore)
            .paths(PathGrammar::Tolerant)
            .dotted_urns(DottedUrns::Refused)
            .unknown_paths(UnknownPaths::Refused)
            .wrapped_values(WrappedValues::Kept);
        assert_eq!(back, PatchOptions::default().matching(Matching::ByValue));
    }
}
