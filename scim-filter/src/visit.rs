//! Walking a tree.

use crate::ast::{Comparison, Filter, Literal, PatchPath, ValuePath};
use crate::name::AttrPath;

/// Visits the nodes of a tree in the order of the text.
///
/// Each method walks on into its node; one that is overridden calls the `walk_` function of the
/// same name to do so, or not.
///
/// ```
/// use scim_filter::{AttrPath, Parser, Visit};
///
/// #[derive(Default)]
/// struct Attributes<'ast>(Vec<&'ast str>);
///
/// impl<'ast> Visit<'ast> for Attributes<'ast> {
///     fn visit_attr_path(&mut self, path: &'ast AttrPath<'ast>) {
///         self.0.push(&path.name);
///     }
/// }
///
/// let filter = Parser::strict().filter(r#"title pr and emails[type eq "work"]"#)?;
/// let mut attributes = Attributes::default();
/// attributes.visit_filter(&filter);
/// assert_eq!(attributes.0, ["title", "emails", "type"]);
/// # Ok::<(), scim_filter::ParseError>(())
/// ```
pub trait Visit<'ast> {
    /// The path of a PATCH operation.
    fn visit_patch_path(&mut self, path: &'ast PatchPath<'ast>) {
        walk_patch_path(self, path);
    }

    /// A filter of any kind, inner ones as well.
    fn visit_filter(&mut self, filter: &'ast Filter<'ast>) {
        walk_filter(self, filter);
    }

    /// `attribute op value`.
    fn visit_comparison(&mut self, comparison: &'ast Comparison<'ast>) {
        walk_comparison(self, comparison);
    }

    /// `attribute[filter]`.
    fn visit_value_path(&mut self, path: &'ast ValuePath<'ast>) {
        walk_value_path(self, path);
    }

    /// An attribute path; inside a [`ValuePath`] it names a sub-attribute.
    fn visit_attr_path(&mut self, path: &'ast AttrPath<'ast>) {
        let _ = path;
    }

    /// The value of a comparison.
    fn visit_literal(&mut self, value: &'ast Literal<'ast>) {
        let _ = value;
    }
}

/// Visits what a PATCH path is made of, but for the sub-attribute of a value path.
pub fn walk_patch_path<'ast, V>(visitor: &mut V, path: &'ast PatchPath<'ast>)
where
    V: Visit<'ast> + ?Sized,
{
    match path {
        PatchPath::Attribute(path) => visitor.visit_attr_path(path),
        PatchPath::Value { path, sub: _ } => visitor.visit_value_path(path),
        PatchPath::Element(comparison) => visitor.visit_comparison(comparison),
    }
}

/// Visits the operands of a filter, or the one node it consists of.
pub fn walk_filter<'ast, V>(visitor: &mut V, filter: &'ast Filter<'ast>)
where
    V: Visit<'ast> + ?Sized,
{
    match filter {
        Filter::Or(operands) | Filter::And(operands) => {
            for operand in operands {
                visitor.visit_filter(operand);
            }
        }
        Filter::Not(inner) => visitor.visit_filter(inner),
        Filter::Present(path) => visitor.visit_attr_path(path),
        Filter::Compare(comparison) => visitor.visit_comparison(comparison),
        Filter::ValuePath(path) => visitor.visit_value_path(path),
    }
}

/// Visits the attribute path and the value of a comparison.
pub fn walk_comparison<'ast, V>(visitor: &mut V, comparison: &'ast Comparison<'ast>)
where
    V: Visit<'ast> + ?Sized,
{
    visitor.visit_attr_path(&comparison.path);
    visitor.visit_literal(&comparison.value);
}

/// Visits the attribute path and the inner filter of a value path.
pub fn walk_value_path<'ast, V>(visitor: &mut V, path: &'ast ValuePath<'ast>)
where
    V: Visit<'ast> + ?Sized,
{
    visitor.visit_attr_path(&path.path);
    visitor.visit_filter(&path.filter);
}
