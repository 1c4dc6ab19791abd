//! From the parameters of a query to the operation it asks for, wherever they came from.

use std::sync::Arc;

use scim_filter::{Filter, ParseError, ParseErrorKind, Parser};

use super::{
    dialect::Dialect,
    list_parameters::{ListParameters, ProjectionParameters},
};
use crate::{
    config::Behaviour,
    error::{ScimError, ScimType},
    ops::{Engine, FilterPlace, ListRequest, Listed, Operation, Paging},
    resource::Selection,
    schema::ResourceType,
    validate::Notes,
};

/// Who reads the parameters of a query, and where its filter stands.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) behaviour: &'a Behaviour,
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) filter_place: FilterPlace,
}

impl Asking<'_> {
    /// The query over resources of these types.
    ///
    /// # Errors
    /// 400 `invalidFilter` for a malformed filter, `invalidValue` for a cursor beside an index.
    pub(crate) fn list(
        &self,
        types: &[Arc<ResourceType>],
        parameters: &ListParameters,
        notes: &mut Notes,
    ) -> Result<Operation, ScimError> {
        let request = ListRequest {
            filter_place: self.filter_place,
            filter: match &parameters.filter {
                Some(text) => Some(self.filter(text, types, notes)?),
                None => None,
            },
            sort_by: self.sort_by(types, parameters),
            sort_order: parameters.sort_order,
            paging: paging(parameters)?,
            count: parameters.count,
        };
        let listed = types.iter().map(|resource_type| Listed {
            resource_type: resource_type.clone(),
            selection: self.selection(resource_type, parameters.projection.clone()),
        });
        Ok(Operation::List(listed.collect(), request))
    }

    fn filter(
        &self,
        text: &str,
        types: &[Arc<ResourceType>],
        notes: &mut Notes,
    ) -> Result<Filter<'static>, ScimError> {
        let limits = &self.engine.limits;
        let limit = |parser: Parser| {
            let parser = parser.max_depth(limits.filter_depth).max_terms(limits.filter_terms);
            parser.max_len(limits.filter_length)
        };
        let filter = self.behaviour.filters.read(text, limit, types, notes);
        self.dialect.filter(types, filter.map_err(|error| invalid_filter(text, &error))?)
    }

    fn sort_by(&self, types: &[Arc<ResourceType>], parameters: &ListParameters) -> Option<String> {
        let (name, first) = (parameters.sort_by.as_deref()?, types.first()?);
        Some(self.dialect.name(first, name).into_owned())
    }

    /// What is shown of resources of a type.
    pub(crate) fn selection(
        &self,
        resource_type: &ResourceType,
        wanted: ProjectionParameters,
    ) -> Selection {
        selection(resource_type, &self.dialect.projection(resource_type, wanted))
    }
}

/// What is shown of resources of a type.
pub(crate) fn selection(
    resource_type: &ResourceType,
    parameters: &ProjectionParameters,
) -> Selection {
    match parameters {
        ProjectionParameters::Default => Selection::default(),
        ProjectionParameters::Only(names) => {
            Selection::only(resource_type, names.iter().map(String::as_str))
        }
        ProjectionParameters::Without(names) => {
            Selection::except(resource_type, names.iter().map(String::as_str))
        }
    }
}

/// F-005: an unknown operator is named. Nothing else of the filter is, since it may be a secret.
fn invalid_filter(text: &str, error: &ParseError) -> ScimError {
    let named = text.get(error.span()).filter(|it| it.bytes().all(|b| b.is_ascii_alphabetic()));
    let detail = match (error.kind(), named) {
        (ParseErrorKind::Operator, Some(operator)) if (1..=20).contains(&operator.len()) => {
            format!("`{operator}`: {error}")
        }
        _ => error.to_string(),
    };
    ScimError::new(ScimType::InvalidFilter, detail).at("filter")
}

/// Index paging unless a cursor is given, as always before there were any (K-012, K-013).
fn paging(parameters: &ListParameters) -> Result<Paging, ScimError> {
    match (&parameters.cursor, parameters.start_index) {
        (Some(_), Some(_)) => {
            let detail = "`cursor` and `startIndex` exclude each other";
            Err(ScimError::new(ScimType::InvalidValue, detail))
        }
        (Some(cursor), None) => Ok(Paging::Cursor(cursor.clone())),
        (None, start_index) => Ok(Paging::Index(start_index.unwrap_or(1))),
    }
}
