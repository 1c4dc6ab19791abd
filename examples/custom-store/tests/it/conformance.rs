//! The rules S1 to S21, but for what the application's own rules come before.

use scim_core::conformance::Exception;

use crate::application::store;

const EXCEPTIONS: &[Exception] = &[(
    "every_operator_selects_as_eval_does",
    "counts users without `active`; here an account that is not locked is active",
)];

scim_core::conformance!(store, except: EXCEPTIONS);
