//! Temporary.
use std::sync::Arc;
use scim_filter::{CompareOp, Filter, Literal};
use serde_json::Value;
use super::{Comparison, Operator, Predicate, prepare};
use crate::{error::{ScimError, ScimType}, schema::Attribute};

/// Temporary.
pub fn bind_value_filter(attribute: &Arc<Attribute>, filter: &Filter<'_>) -> Result<Predicate, ScimError> {
    let all = |parts: &[Filter<'_>]| parts.iter().map(|p| bind_value_filter(attribute, p)).collect::<Result<Vec<_>, _>>();
    let sub = |name: &str| {
        if attribute.sub_attributes().is_empty() && name == "value" { return Ok(attribute.clone()); }
        attribute.sub_attribute(name).cloned().ok_or_else(|| ScimError::new(ScimType::InvalidFilter, "unknown"))
    };
    Ok(match filter {
        Filter::Or(parts) => Predicate::Or(all(parts)?),
        Filter::And(parts) => Predicate::And(all(parts)?),
        Filter::Not(part) => Predicate::Not(Box::new(bind_value_filter(attribute, part)?)),
        Filter::Present(path) => Predicate::Present(sub(&path.name)?),
        Filter::ValuePath(_) => return Err(ScimError::new(ScimType::InvalidFilter, "nested")),
        Filter::Compare(c) => {
            let attribute = sub(&c.path.name)?;
            let value: Value = match &c.value {
                Literal::String(s) if attribute.kind() == crate::schema::AttributeType::Boolean => s.eq_ignore_ascii_case("true").into(),
                Literal::String(s) | Literal::Bare(s) => Value::String(s.to_string()),
                Literal::Bool(b) => (*b).into(),
                _ => return Err(ScimError::new(ScimType::InvalidFilter, "stub")),
            };
            let operand = prepare(&attribute, &value).ok_or_else(|| ScimError::new(ScimType::InvalidFilter, "type"))?;
            let (operator, negate) = match c.op {
                CompareOp::Eq => (Operator::Equal, false),
                CompareOp::Ne => (Operator::Equal, true),
                CompareOp::Co => (Operator::Contains, false),
                CompareOp::Sw => (Operator::StartsWith, false),
                CompareOp::Ew => (Operator::EndsWith, false),
                CompareOp::Gt => (Operator::Greater, false),
                CompareOp::Ge => (Operator::GreaterOrEqual, false),
                CompareOp::Lt => (Operator::Less, false),
                CompareOp::Le => (Operator::LessOrEqual, false),
            };
            let p = Predicate::Compare(Comparison { attribute, operator, operand });
            if negate { Predicate::Not(Box::new(p)) } else { p }
        }
    })
}
