//! Filters (API §3.2.2.1): their operators, and the names in them.

use scim_filter::{AttrPath, CompareOp, Comparison, Filter, Literal};

use super::{locale, names::Names, settings::Operators};
use crate::error::{ScimError, ScimType};

impl Names<'_> {
    /// The filter in the terms of SCIM 2.0.
    ///
    /// # Errors
    /// 400 `invalidFilter` for an operator that SCIM 1.1 does not know, unless that is allowed.
    pub(crate) fn filter(
        &self,
        filter: Filter<'static>,
        operators: Operators,
    ) -> Result<Filter<'static>, ScimError> {
        let each = |operands: Vec<Filter<'static>>| {
            operands.into_iter().map(|it| self.filter(it, operators)).collect::<Result<_, _>>()
        };
        Ok(match filter {
            Filter::Or(operands) => Filter::Or(each(operands)?),
            Filter::And(operands) => Filter::And(each(operands)?),
            Filter::Not(inner) => {
                check(operators, "not")?;
                Filter::Not(Box::new(self.filter(*inner, operators)?))
            }
            Filter::ValuePath(mut path) => {
                check(operators, "[ ]")?;
                path.path = self.path(path.path);
                Filter::ValuePath(path)
            }
            Filter::Present(path) => Filter::Present(self.path(path)),
            Filter::Compare(comparison) => self.comparison(comparison, operators)?,
        })
    }

    fn comparison(
        &self,
        comparison: Comparison<'static>,
        operators: Operators,
    ) -> Result<Filter<'static>, ScimError> {
        let Comparison { path, op, value } = comparison;
        if matches!(op, CompareOp::Ne | CompareOp::Ew) {
            check(operators, op.as_str())?;
        }
        if value == Literal::Null {
            check(operators, "null")?;
        }
        let path = self.path(path);
        let other = self.language(&path, &value);
        let given = Filter::Compare(Comparison { path: path.clone(), op, value });
        Ok(match other {
            // `ne` must hold for both forms of the value, all others for one.
            Some(value) if op == CompareOp::Ne => {
                given.and(Filter::Compare(Comparison { path, op, value }))
            }
            Some(value) => Filter::Or(vec![given, Filter::Compare(Comparison { path, op, value })]),
            None => given,
        })
    }

    /// The value of a comparison of languages as SCIM 2.0 stores it, if that is another one.
    fn language(&self, path: &AttrPath<'_>, value: &Literal<'_>) -> Option<Literal<'static>> {
        let (Literal::String(text) | Literal::Bare(text)) = value else { return None };
        let is_language =
            path.sub.is_none() && self.attribute(path).is_some_and(locale::is_language);
        (is_language && text.contains('_')).then(|| Literal::String(text.replace('_', "-").into()))
    }
}

fn check(operators: Operators, operator: &'static str) -> Result<(), ScimError> {
    match operators {
        Operators::OfTwo => Ok(()),
        Operators::Own => {
            let detail = format!("the operator `{operator}` is not supported in SCIM 1.1");
            Err(ScimError::new(ScimType::InvalidFilter, detail).at("filter"))
        }
    }
}
