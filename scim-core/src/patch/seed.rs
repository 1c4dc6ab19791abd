//! The value that a filter describes, for when it matches none.

use std::sync::Arc;

use scim_filter::{CompareOp, Comparison, Filter, Literal};
use serde_json::Value;

use crate::{
    query::{Predicate, eval_element},
    resource::Object,
    schema::Attribute,
    validate::{self, Notes, Rules},
};

/// The value that a filter made of `eq` tests joined by `and` describes, if there is just one.
pub(super) fn seed(
    attribute: &Arc<Attribute>,
    filter: &Filter<'_>,
    predicate: &Predicate,
    rules: &Rules,
) -> Option<Object> {
    let mut object = Object::new();
    collect(attribute, filter, &mut object)?;
    let element =
        validate::element(attribute, object.into(), &mut Notes::default(), rules).ok()??;
    // Two different values for one part, say, describe nothing.
    match element {
        Value::Object(seed) if eval_element(predicate, &Value::Object(seed.clone())) => Some(seed),
        _ => None,
    }
}

fn collect(attribute: &Attribute, filter: &Filter<'_>, object: &mut Object) -> Option<()> {
    match filter {
        Filter::And(tests) => tests.iter().try_for_each(|test| collect(attribute, test, object)),
        Filter::Compare(Comparison { path, op: CompareOp::Eq, value }) => {
            let part = attribute.sub_attribute(&path.name)?;
            object.insert(part.name().to_owned(), json(value)?);
            Some(())
        }
        _ => None,
    }
}

fn json(literal: &Literal<'_>) -> Option<Value> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(Value::Bool(*value)),
        Literal::Number(number) => serde_json::from_str(number.as_str()).ok(),
        Literal::String(text) | Literal::Bare(text) => Some(Value::String(text.to_string())),
    }
}
