//! Filters resolved against a resource type (RFC 7644 §3.4.2.2): from syntax to predicates.

mod context;
mod edges;
mod element;
mod location;
mod operand;
mod resource;
mod sort;
mod terms;

use std::sync::Arc;

use scim_filter::{AttrPath, CompareOp, Comparison, Filter, Literal, ValuePath};

pub use context::BindContext;
pub(crate) use location::located;
pub(crate) use resource::has_id;
pub use sort::bind_sort;

use self::{edges::Edges, element::ElementScope, resource::ResourceScope};
use super::{Operator, Predicate};
use crate::{
    error::{ScimError, ScimType},
    resource::ResourceId,
    schema::Attribute,
};

/// Resolves the names of a filter and prepares its operands.
///
/// `ne` becomes the negation of `eq`, `eq null` that of `pr`; tests of `meta.resourceType` and
/// `meta.location` become constants and tests of `id`, tests of related resources tests of edges.
///
/// ```
/// use scim_core::{query::{BindContext, Predicate, bind}, schema::Registry};
///
/// let registry = Registry::standard();
/// let user = registry.resource_type("User").unwrap();
/// let context = BindContext::new(user, "https://example.com/v2");
/// let predicate = bind(&r#"USERNAME Eq "BJensen""#.parse()?, &context)?;
/// assert_eq!(predicate.as_lookup().unwrap().operand.as_text(), Some("bjensen"));
///
/// let error = bind(&"active gt true".parse()?, &context).unwrap_err();
/// assert_eq!(error.to_string(), "`active`: `gt` does not apply to boolean values");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// 400 `invalidFilter` for an attribute that the type does not have or that no filter may name,
/// for an operator that does not apply to the attribute, and for an operand of another type.
pub fn bind(filter: &Filter<'_>, context: &BindContext<'_>) -> Result<Predicate, ScimError> {
    bind_in(&ResourceScope::new(context), filter)
}

/// Resolves the filter of a PATCH path (RFC 7644 §3.5.2) to a predicate over one value of the
/// attribute, for [`eval_element`](super::eval_element).
///
/// For a simple multi-valued attribute the name `value` means the value. For an attribute that shows
/// edges the predicate is one over the value object of an edge, which has no `$ref`: tests of it
/// become tests of `value`.
///
/// # Errors
/// 400 `invalidFilter` as [`bind`], and for an attribute that is neither complex nor multi-valued.
pub fn bind_value_filter(
    attribute: &Arc<Attribute>,
    filter: &Filter<'_>,
    context: &BindContext<'_>,
) -> Result<Predicate, ScimError> {
    let terms = context.terms();
    match Edges::of(context.resource_type, attribute, terms) {
        Some(edges) => bind_in(&edges, filter),
        None => bind_in(&ElementScope::new(attribute, terms)?, filter),
    }
}

/// The ids of a filter that is nothing but `value eq "x"` or `$ref eq "…/x"`, or several of these
/// joined by `or`.
pub(crate) fn ids_of(filter: &Filter<'_>, context: &BindContext<'_>) -> Option<Vec<ResourceId>> {
    match filter {
        Filter::Compare(Comparison { path, op: CompareOp::Eq, value }) => {
            let text = operand::text(value, context.accept_bare_words)?;
            match () {
                _ if path.name == "value" => Some(vec![ResourceId::from(text)]),
                _ if path.name == "$ref" => {
                    let location = location::resolve(context.base, text)?;
                    Some(vec![ResourceId::new(&*location.id)])
                }
                _ => None,
            }
        }
        Filter::Or(parts) => {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts {
                all.append(&mut ids_of(part, context)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// Where the names of a filter are looked up, and what tests of them become.
trait Scope {
    /// `path pr`
    fn present(&self, path: &AttrPath<'_>) -> Result<Predicate, ScimError>;

    /// `path operator operand`, with an operand other than `null`.
    fn compare(
        &self,
        path: &AttrPath<'_>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError>;

    /// `path[filter]`
    fn value_path(&self, value_path: &ValuePath<'_>) -> Result<Predicate, ScimError>;
}

fn bind_in(scope: &dyn Scope, filter: &Filter<'_>) -> Result<Predicate, ScimError> {
    match filter {
        Filter::Or(parts) => bind_each(scope, parts, |bound| Predicate::any(bound)),
        Filter::And(parts) => bind_each(scope, parts, |bound| Predicate::all(bound)),
        Filter::Not(part) => bind_in(scope, part).map(Predicate::negated),
        Filter::Present(path) => scope.present(path),
        Filter::Compare(comparison) => bind_comparison(scope, comparison),
        Filter::ValuePath(value_path) => scope.value_path(value_path),
    }
}

/// Joins parts while they are bound. All are, even if one decides what the others may be.
fn bind_each(
    scope: &dyn Scope,
    parts: &[Filter<'_>],
    join: impl FnOnce(&mut dyn Iterator<Item = Predicate>) -> Predicate,
) -> Result<Predicate, ScimError> {
    let mut failure = None;
    let mut bound = parts
        .iter()
        .map_while(|part| bind_in(scope, part).map_err(|error| failure = Some(error)).ok())
        // The first one that is wrong is the one to name.
        .fuse();
    let joined = join(&mut bound);
    bound.for_each(drop);
    failure.map_or(Ok(joined), Err)
}

fn bind_comparison(scope: &dyn Scope, comparison: &Comparison<'_>) -> Result<Predicate, ScimError> {
    let Comparison { path, op, value } = comparison;
    match (operator(*op), value) {
        // F-027: `null` stands for "unassigned".
        (Some(Operator::Equal), Literal::Null) => scope.present(path).map(Predicate::negated),
        (None, Literal::Null) => scope.present(path),
        (Some(_), Literal::Null) => {
            let detail = format!("`{}` does not apply to `null`", op.as_str());
            Err(refused(path, detail))
        }
        (Some(operator), value) => scope.compare(path, operator, value),
        // F-008: `ne` is true wherever `eq` is not.
        (None, value) => scope.compare(path, Operator::Equal, value).map(Predicate::negated),
    }
}

/// The operator as predicates have it; `None` for `ne`, which is a negation.
fn operator(op: CompareOp) -> Option<Operator> {
    match op {
        CompareOp::Eq => Some(Operator::Equal),
        CompareOp::Ne => None,
        CompareOp::Co => Some(Operator::Contains),
        CompareOp::Sw => Some(Operator::StartsWith),
        CompareOp::Ew => Some(Operator::EndsWith),
        CompareOp::Gt => Some(Operator::Greater),
        CompareOp::Lt => Some(Operator::Less),
        CompareOp::Ge => Some(Operator::GreaterOrEqual),
        CompareOp::Le => Some(Operator::LessOrEqual),
    }
}

/// 400 `invalidFilter` about a name as it was written.
fn refused(path: &AttrPath<'_>, detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail).at(path.to_string())
}
