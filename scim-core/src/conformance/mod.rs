//! The tests that every [`Store`] must pass.
//!
//! Each case proves one of the rules S1 to S21 of [`Store`] on a fresh store. A store of your own is
//! tested in three lines, in a file under `tests/`, with the feature `conformance` of this crate
//! among the dev-dependencies:
//!
//! ```ignore
//! use my_app::MyStore;
//!
//! scim_core::conformance!(MyStore::new);
//! ```
//!
//! The macro takes what makes an empty store, a function or a closure, and makes one `#[test]` of
//! each case, so that a failure names the broken rule and one case can be run by its name.
//! Put it in a module to test a store in several configurations. A program without a test harness
//! goes through [`CASES`] itself.
//!
//! Cases use the standard registry: users with the enterprise extension, and groups. A few attach
//! another one with a type of its own, which a store may refuse as
//! [`Unsupported`](crate::store::StoreErrorKind::Unsupported). The cases know no async runtime: a future is polled on the thread of the test, and races use threads of their
//! own. A store whose futures need a runtime spawns them onto it.
//!
//! A store over tables that were there before it may be unable to keep some rule. It says which
//! cases it leaves out, each with its reason, and all others still run:
//!
//! ```ignore
//! scim_core::conformance!(MyStore::new, except: &[
//!     ("every_operator_selects_as_eval_does", "accounts without `active` are active"),
//! ]);
//! ```
//!
//! What a store leaves as a residual the cases finish as the engine does, so a store that pushes
//! down nothing can pass too. Random cases print their seed when they fail.
//!
//! The list of cases grows as the contract is read more closely, in any release.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "these are tests: they fail by panicking and build what they pass in place"
)]

mod answer;
mod batches;
mod budget;
mod create;
mod custom;
mod delete;
mod equivalence;
mod fixture;
mod model;
mod paging;
mod preconditions;
mod proxy;
mod query;
mod races;
mod random;
mod reach;
mod relations;
mod script;
mod sort;
mod tenants;
mod uniqueness;
mod versions;
mod wait;

use std::{fmt, sync::Arc};

use fixture::Fixture;

pub use proxy::{Proxied, Proxy};

use crate::store::Store;

/// One test of one rule.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// Its name, which says what must hold.
    pub name: &'static str,
    /// The rule of [`Store`] that it proves first of all, such as `S13`.
    pub rule: &'static str,
    /// Runs it on an empty store that nothing was attached to yet; panics when the store breaks the
    /// rule.
    pub run: fn(Arc<dyn Store>),
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.name)
    }
}

/// A case that a store does not keep, and why.
pub type Exception = (&'static str, &'static str);

/// Runs the case of this name on a new store unless it is an exception; what the tests made by the
/// macro call.
#[doc(hidden)]
pub fn run<S: Store + 'static>(name: &str, make: impl FnOnce() -> S, except: &[Exception]) {
    for (excepted, _) in except {
        let is_case = CASES.iter().any(|case| case.name == *excepted);
        assert!(is_case, "no case is called `{excepted}`");
    }
    if except.iter().any(|(excepted, _)| *excepted == name) {
        return;
    }
    let case = CASES.iter().find(|case| case.name == name).expect("a case of this name");
    (case.run)(Arc::new(make()));
}

/// Lists the cases once, for [`CASES`] and for the macro.
macro_rules! cases {
    ($($module:ident { $($rule:literal $name:ident,)* })*) => {
        /// All cases.
        pub const CASES: &[Case] = &[$($(Case {
            name: stringify!($name),
            rule: $rule,
            run: |store| $module::$name(&Fixture::new(store)),
        },)*)*];

        /// Makes a `#[test]` of each case of the [conformance suite](mod@crate::conformance).
        ///
        /// The argument is called without arguments for each test and gives an empty store. After
        /// `except:` come the cases that the store does not keep, each with its reason.
        #[macro_export]
        macro_rules! conformance {
            ($make:expr) => {
                $crate::conformance!($make, except: &[]);
            };
            ($make:expr, except: $except:expr) => {
                $($(
                    #[test]
                    fn $name() {
                        $crate::conformance::run(stringify!($name), $make, $except);
                    }
                )*)*
            };
        }
    };
}

cases! {
    create {
        "S2" a_resource_reads_as_it_was_written,
        "S2" nothing_is_found_under_another_type_or_id,
        "S2" ids_compare_case_exactly,
        "S4" the_hidden_part_comes_only_when_asked_for,
        "S14" a_new_resource_was_last_modified_when_created,
        "S15" an_id_is_taken_only_once,
    }
    versions {
        "S14" a_document_change_moves_version_revision_and_time,
        "S14" an_edge_change_moves_the_version_and_not_the_revision,
        "S14" without_effect_nothing_moves,
        "S14" time_moves_even_if_the_clock_stands_still,
        "S14" being_pointed_at_moves_nothing,
        "S14" the_answer_to_a_write_tells_what_is_read,
    }
    preconditions {
        "S12" a_missing_resource_is_not_found_whatever_the_precondition,
        "S12" any_listed_version_will_do,
        "S12" an_old_version_is_refused,
        "S12" an_old_revision_is_stale,
        "S12" edges_do_not_make_a_document_stale,
        "S12" version_and_revision_are_both_checked,
        "S12" a_precondition_guards_a_delete,
        "S12" a_precondition_guards_a_change_without_effect,
    }
    uniqueness {
        "S13" a_conflict_names_attribute_and_holder,
        "S13" a_change_cannot_take_a_held_value,
        "S13" a_resource_may_claim_what_it_holds,
        "S13" a_released_value_is_free,
        "S13" a_batch_may_hand_a_value_over,
        "S13" a_deleted_resource_holds_nothing,
        "S13" a_failed_batch_claims_and_releases_nothing,
        "S13" values_of_different_attributes_do_not_meet,
    }
    batches {
        "S10" an_empty_batch_is_fine,
        "S10" a_batch_answers_entry_by_entry,
        "S10" nothing_of_a_failed_batch_is_applied,
        "S11" the_failing_entry_is_named,
        "S11" the_first_failing_entry_is_named,
        "S10" an_entry_sees_what_earlier_ones_did,
    }
    delete {
        "S15" a_deleted_resource_is_gone_from_every_answer,
        "S15" a_resource_is_deleted_once,
        "S20" deleting_a_target_removes_its_edges_and_moves_its_sources,
        "S20" deleting_a_source_removes_its_edges_and_moves_no_target,
        "S20" edges_do_not_come_back,
    }
    relations {
        "S16" edges_form_a_set,
        "S16" removing_what_is_absent_has_no_effect,
        "S16" replacing_by_the_same_has_no_effect,
        "S16" clearing_nothing_has_no_effect,
        "S17" an_unknown_target_is_refused_by_name,
        "S17" an_unknown_target_is_skipped_and_reported,
        "S17" a_target_of_another_type_than_named_is_unknown,
        "S17" a_target_may_come_later_in_the_batch,
        "S17" sources_may_point_at_each_other,
        "S17" a_target_that_the_batch_deletes_is_unknown,
        "S18" deltas_apply_in_order,
        "S18" replace_leaves_exactly_the_new_edges,
        "S18" clear_leaves_nothing_and_takes_new_edges,
        "S3" edges_show_id_type_and_label_of_the_far_end,
        "S3" edges_are_seen_from_both_ends,
        "S3" projected_edges_stop_at_the_limit_and_go_on,
        "S8" the_walk_over_edges_survives_changes,
        "S3" related_answers_for_each_source_in_order,
    }
    reach {
        "S3" transitive_edges_pass_through_nested_sources,
        "S3" a_direct_edge_stays_direct_when_there_is_a_detour,
        "S3" a_cycle_ends,
        "S8" transitive_edges_are_paged,
    }
    query {
        "S5" a_query_concerns_one_type,
        "S9" a_lookup_finds_the_one,
        "S9" every_operator_selects_as_eval_does,
        "S9" conditions_on_one_element_hold_for_the_same_element,
        "S9" negation_and_absence,
        "S5" an_explanation_tells_the_residual_and_every_term,
        "S9" id_and_meta_can_be_filtered,
        "S9" ids_at_the_ends_of_edges_compare_case_exactly,
        "S9" edges_can_be_filtered,
        "S9" hidden_values_can_be_filtered,
        "S9" a_change_is_found_by_its_new_values_alone,
        "S4" a_page_loads_the_hidden_part_only_when_asked_for,
        "S3" a_page_projects_edges,
    }
    budget {
        "S21" a_query_ends_at_its_budget,
        "S21" a_query_counts_all_values,
        "S21" a_budget_is_as_large_in_every_store,
    }
    paging {
        "S6" pages_by_index_cover_all,
        "S6" a_limit_of_zero_counts,
        "S6" beyond_the_end_is_nothing,
        "S6" the_total_counts_matches,
        "S6" a_page_after_a_position_counts_all_matches,
        "S6" the_order_stays,
        "S8" a_walk_meets_each_resource_once,
        "S8" a_walk_survives_inserts_and_deletes,
        "S8" a_sorted_walk_survives_inserts_and_deletes,
        "S8" a_filtered_walk_meets_each_match_once,
    }
    sort {
        "S6" sorting_follows_the_attribute,
        "S6" resources_without_a_value_come_last,
        "S6" descending_is_the_reverse,
        "S6" later_keys_break_ties,
        "S6" ties_keep_one_order,
        "S6" the_primary_value_counts,
        "S6" a_filtered_answer_is_sorted,
    }
    tenants {
        "S1" tenants_may_use_the_same_ids_and_values,
        "S1" a_tenant_reads_nothing_of_another,
        "S1" a_tenant_writes_nothing_of_another,
        "S1" a_tenant_points_at_nothing_of_another,
        "S1" an_alternative_stays_within_the_tenant,
        "S1" names_of_tenants_are_values,
    }
    races {
        "S12" of_two_writers_with_one_version_one_wins,
        "S13" of_two_creates_with_one_value_one_wins,
        "S19" concurrent_additions_lose_nothing,
        "S19" concurrent_additions_and_removals_lose_nothing,
        "S12" edge_writers_do_not_disturb_a_rename,
        "S3" readers_see_document_version_and_edges_of_one_moment,
        "S10" readers_see_batches_whole,
    }
    custom {
        "S16" relations_of_one_type_do_not_mix,
        "S17" a_target_of_a_type_that_the_relation_refuses_is_unknown,
        "S20" deleting_a_target_moves_sources_of_every_relation,
        "S5" resources_of_all_types_are_told_apart,
        "S13" a_registry_that_lacks_a_type_takes_nothing_from_it,
        "S4" what_another_definition_hides_is_hidden,
        "S13" what_another_definition_makes_unique_is_claimed,
        "S4" the_same_type_without_its_extension_shows_and_frees_nothing,
    }
    equivalence {
        "S9" random_filters_select_as_eval_does,
        "S6" random_pages_are_cut_as_asked,
    }
    script {
        "S10" random_batches_do_as_the_model_does,
    }
}
