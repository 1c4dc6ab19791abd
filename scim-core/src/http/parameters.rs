//! The rules that query parameters follow, whether they arrive in a URL or in a body.

use super::list_parameters::{ListParameters, ProjectionParameters};
use crate::{
    error::{ScimError, ScimType},
    query::SortOrder,
};

/// How many attributes one request may name.
const NAMES: usize = 256;

/// How many bytes a parameter, or one name in it, may have. Filters have limits of their own.
const LENGTH: usize = 4096;

/// A parameter that means something (RFC 7644 §3.4.2, §3.9; RFC 9865 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    Filter,
    SortBy,
    SortOrder,
    StartIndex,
    Count,
    Cursor,
    Attributes,
    ExcludedAttributes,
}

impl Parameter {
    const ALL: [Self; 8] = [
        Self::Filter,
        Self::SortBy,
        Self::SortOrder,
        Self::StartIndex,
        Self::Count,
        Self::Cursor,
        Self::Attributes,
        Self::ExcludedAttributes,
    ];

    /// The parameter of this name, ignoring case, as clients do too (`startindex`).
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::SortBy => "sortBy",
            Self::SortOrder => "sortOrder",
            Self::StartIndex => "startIndex",
            Self::Count => "count",
            Self::Cursor => "cursor",
            Self::Attributes => "attributes",
            Self::ExcludedAttributes => "excludedAttributes",
        }
    }

    /// Whether it selects attributes and so goes with any request that shows resources.
    pub(super) fn is_projection(self) -> bool {
        matches!(self, Self::Attributes | Self::ExcludedAttributes)
    }
}

/// Parameters while they are read one by one.
#[derive(Default)]
pub(super) struct Draft {
    list: ListParameters,
    attributes: Vec<String>,
    excluded: Vec<String>,
}

impl Draft {
    /// Takes a parameter that was given as text.
    pub(super) fn text(&mut self, parameter: Parameter, text: &str) -> Result<(), ScimError> {
        if parameter != Parameter::Filter && !parameter.is_projection() {
            check_length(parameter, text)?;
        }
        match parameter {
            Parameter::Filter => self.list.filter = Some(text.to_owned()),
            Parameter::SortBy => self.list.sort_by = Some(text.to_owned()),
            Parameter::SortOrder => self.list.sort_order = sort_order(text)?,
            Parameter::Cursor => self.list.cursor = Some(text.to_owned()),
            Parameter::StartIndex | Parameter::Count => {
                self.integer(parameter, integer(parameter, text)?);
            }
            Parameter::Attributes | Parameter::ExcludedAttributes => {
                self.names(parameter, text.split(','))?;
            }
        }
        Ok(())
    }

    /// Takes a position or number of results; values below the least one count as that.
    pub(super) fn integer(&mut self, parameter: Parameter, value: i64) {
        let at_least = |least| Some(u64::try_from(value).unwrap_or(0).max(least));
        match parameter {
            Parameter::StartIndex => self.list.start_index = at_least(1),
            _ => self.list.count = at_least(0),
        }
    }

    /// Takes names of attributes; empty ones are passed over.
    pub(super) fn names<'a>(
        &mut self,
        parameter: Parameter,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<(), ScimError> {
        let list = match parameter {
            Parameter::Attributes => &mut self.attributes,
            _ => &mut self.excluded,
        };
        for name in names.map(str::trim).filter(|name| !name.is_empty()) {
            check_length(parameter, name)?;
            if list.len() == NAMES {
                return Err(invalid(parameter, format!("more than {NAMES} attributes are named")));
            }
            list.push(name.to_owned());
        }
        Ok(())
    }

    /// Puts the parts together.
    pub(super) fn finish(self) -> Result<ListParameters, ScimError> {
        let Self { list, attributes, excluded } = self;
        let projection = match (attributes.is_empty(), excluded.is_empty()) {
            (true, true) => ProjectionParameters::Default,
            (false, true) => ProjectionParameters::Only(attributes),
            (true, false) => ProjectionParameters::Without(excluded),
            (false, false) => {
                let detail = "`attributes` and `excludedAttributes` exclude each other";
                return Err(ScimError::new(ScimType::InvalidValue, detail));
            }
        };
        Ok(ListParameters { projection, ..list })
    }
}

fn sort_order(text: &str) -> Result<SortOrder, ScimError> {
    if text.eq_ignore_ascii_case("ascending") {
        Ok(SortOrder::Ascending)
    } else if text.eq_ignore_ascii_case("descending") {
        Ok(SortOrder::Descending)
    } else {
        Err(invalid(Parameter::SortOrder, "expected `ascending` or `descending`"))
    }
}

/// Numbers beyond any page are numbers too and saturate.
fn integer(parameter: Parameter, text: &str) -> Result<i64, ScimError> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(parameter, "expected an integer"));
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

fn check_length(parameter: Parameter, text: &str) -> Result<(), ScimError> {
    if text.len() <= LENGTH {
        return Ok(());
    }
    Err(invalid(parameter, format!("longer than {LENGTH} bytes")))
}

/// 400 `invalidValue`, naming the parameter and not its value.
pub(super) fn invalid(
    parameter: Parameter,
    detail: impl Into<std::borrow::Cow<'static, str>>,
) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail).at(parameter.name())
}
