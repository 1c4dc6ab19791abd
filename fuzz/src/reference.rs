//! A second parser, written from the grammar with no thought of speed: one function for each rule,
//! each answering `None` when the text is not of that rule.
//!
//! It shares nothing with scim-filter but the types of the tree: names, numbers and strings are
//! read by other means.

use scim_filter::{
    AttrName, AttrPath, CompareOp, Comparison, Filter, Literal, NumberText, Parser, PatchPath,
    SchemaUri, ValuePath,
};
use serde_json::Value;

use crate::syntax::terms;

/// Which texts are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dialect {
    Strict,
    Tolerant,
}

/// Where names are looked up: only outside of brackets may they have several parts.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Paths,
    Bare,
}

/// The text that is left, and how many brackets are open.
pub(crate) struct Reference<'t> {
    rest: &'t str,
    depth: usize,
    dialect: Dialect,
    too_long: bool,
}

const MOST_TERMS: usize = 1_000;
const MOST_BYTES: usize = 64 * 1024;

impl<'t> Reference<'t> {
    pub(crate) fn new(text: &'t str, dialect: Dialect) -> Self {
        let trimmed = match dialect {
            Dialect::Strict => text,
            Dialect::Tolerant => text.trim_matches(' '),
        };
        Self { rest: trimmed, depth: 0, dialect, too_long: text.len() > MOST_BYTES }
    }

    /// `filter = orExp`, to the end of the text.
    pub(crate) fn filter(mut self) -> Option<Filter<'static>> {
        let filter = self.or_exp(Names::Paths)?;
        let fits = terms(&filter) <= MOST_TERMS && !self.too_long;
        (self.rest.is_empty() && fits).then_some(filter)
    }

    /// `path = attrPath [ "[" vOr "]" [subAttr] ] / attrExp`, to the end of the text.
    pub(crate) fn path(mut self) -> Option<PatchPath<'static>> {
        let path = self.attr_path()?;
        let path = if self.rest.starts_with('[') {
            let path = self.value_path(path)?;
            let sub = if self.literally(".") { Some(self.sub_name()?) } else { None };
            let fits = terms(&path.filter) <= MOST_TERMS;
            fits.then_some(PatchPath::Value { path, sub })?
        } else if self.rest.is_empty() {
            PatchPath::Attribute(path)
        } else {
            self.space()?;
            PatchPath::Element(self.comparison(path)?)
        };
        (self.rest.is_empty() && !self.too_long).then_some(path)
    }

    /// `orExp = andExp *(SP "or" SP andExp)`
    fn or_exp(&mut self, names: Names) -> Option<Filter<'static>> {
        let mut operands = vec![self.and_exp(names)?];
        while self.logical("or") {
            operands.push(self.and_exp(names)?);
        }
        Some(if operands.len() == 1 { operands.remove(0) } else { Filter::Or(operands) })
    }

    /// `andExp = term *(SP "and" SP term)`
    fn and_exp(&mut self, names: Names) -> Option<Filter<'static>> {
        let mut operands = vec![self.term(names)?];
        while self.logical("and") {
            operands.push(self.term(names)?);
        }
        Some(if operands.len() == 1 { operands.remove(0) } else { Filter::And(operands) })
    }

    /// SP keyword SP, or nothing at all.
    fn logical(&mut self, keyword: &str) -> bool {
        let before = self.rest;
        let found = self.space().is_some() && self.word(keyword) && self.space().is_some();
        if !found {
            self.rest = before;
        }
        found
    }

    /// `term = "not" [SP] "(" orExp ")" / "(" orExp ")" / attrPath "[" vOr "]" / attrExp`
    fn term(&mut self, names: Names) -> Option<Filter<'static>> {
        let before = self.rest;
        if self.word("not") {
            let _ = self.space();
            if self.rest.starts_with('(') {
                return Some(Filter::Not(Box::new(self.group(names)?)));
            }
        }
        self.rest = before;
        if self.rest.starts_with('(') {
            return self.group(names);
        }
        if names == Names::Bare {
            let name = self.sub_name()?;
            return self.attr_exp(name.into());
        }
        let path = self.attr_path()?;
        if !self.rest.starts_with('[') {
            return self.attr_exp(path);
        }
        let path = self.value_path(path)?;
        self.selected(path)
    }

    fn group(&mut self, names: Names) -> Option<Filter<'static>> {
        self.open("(")?;
        let filter = self.or_exp(names)?;
        self.close(")")?;
        Some(filter)
    }

    /// `attrPath "[" vOr "]"`, from the bracket on.
    fn value_path(&mut self, path: AttrPath<'static>) -> Option<ValuePath<'static>> {
        if path.sub.is_some() {
            return None;
        }
        self.open("[")?;
        let filter = Box::new(self.or_exp(Names::Bare)?);
        self.close("]")?;
        Some(ValuePath { path, filter })
    }

    /// Tolerated: `attr[filter].sub op value` is `attr[filter and sub op value]`.
    fn selected(&mut self, path: ValuePath<'static>) -> Option<Filter<'static>> {
        if self.dialect == Dialect::Strict || !self.literally(".") {
            return Some(Filter::ValuePath(path));
        }
        let name = self.sub_name()?;
        let test = self.attr_exp(name.into())?;
        let filter = match *path.filter {
            Filter::And(mut operands) => {
                operands.push(test);
                Filter::And(operands)
            }
            other => Filter::And(vec![other, test]),
        };
        Some(Filter::ValuePath(ValuePath { path: path.path, filter: Box::new(filter) }))
    }

    /// `attrExp = attrPath SP "pr" / attrPath SP compareOp SP compValue`, after the attrPath.
    fn attr_exp(&mut self, path: AttrPath<'static>) -> Option<Filter<'static>> {
        self.space()?;
        if self.word("pr") {
            return Some(Filter::Present(path));
        }
        self.comparison(path).map(Filter::Compare)
    }

    /// `compareOp SP compValue`
    fn comparison(&mut self, path: AttrPath<'static>) -> Option<Comparison<'static>> {
        let op = *CompareOp::ALL.iter().find(|op| self.word(op.as_str()))?;
        if !(self.dialect == Dialect::Tolerant && self.rest.starts_with('"')) {
            self.space()?;
        }
        let value = self.comp_value()?;
        Some(Comparison { path, op, value })
    }

    /// `compValue = false / null / true / number / string`
    fn comp_value(&mut self) -> Option<Literal<'static>> {
        if self.rest.starts_with('"') {
            return self.string();
        }
        let end = self.rest.find([' ', '(', ')', '[', ']', '"']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let folded = match self.dialect {
            Dialect::Tolerant => word.to_ascii_lowercase(),
            Dialect::Strict => word.to_owned(),
        };
        match (word, folded.as_str()) {
            ("null", _) => Some(Literal::Null),
            (_, "true") => Some(Literal::Bool(true)),
            (_, "false") => Some(Literal::Bool(false)),
            _ if is_number(word) => {
                let number = NumberText::new(word.to_owned()).expect("a number");
                Some(Literal::Number(number))
            }
            _ => None,
        }
    }

    /// Up to the first quotation mark that no backslash escapes; what it means says serde_json.
    fn string(&mut self) -> Option<Literal<'static>> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        let (end, _) = end?;
        let (quoted, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        match serde_json::from_str(quoted).ok()? {
            Value::String(text) => Some(Literal::String(text.into())),
            _ => None,
        }
    }

    /// `attrPath = [URI ":"] ATTRNAME [subAttr]`: the longest run, split at its last colon.
    fn attr_path(&mut self) -> Option<AttrPath<'static>> {
        let run = self.run();
        let (uri, names) = match run.rfind(':') {
            Some(colon) => (Some(uri(&run[..colon])?), &run[colon + 1..]),
            None => (None, run),
        };
        let mut parts = names.split('.');
        let name = name(parts.next()?)?;
        let sub = match parts.next() {
            Some(sub) => Some(self::name(sub)?),
            None => None,
        };
        parts.next().is_none().then_some(AttrPath { uri, name, sub })
    }

    /// ATTRNAME alone, for a sub-attribute.
    fn sub_name(&mut self) -> Option<AttrName<'static>> {
        let run = self.run();
        name(run)
    }

    fn run(&mut self) -> &'t str {
        let part_of_path = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+,;=%".contains(c);
        let end = self.rest.find(|c| !part_of_path(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn open(&mut self, bracket: &str) -> Option<()> {
        self.depth += 1;
        (self.literally(bracket) && self.depth <= Parser::DEEPEST).then_some(())?;
        self.padding();
        Some(())
    }

    fn close(&mut self, bracket: &str) -> Option<()> {
        self.padding();
        self.depth -= 1;
        self.literally(bracket).then_some(())
    }

    /// SP: one space, or several where that is tolerated.
    fn space(&mut self) -> Option<()> {
        self.literally(" ").then_some(())?;
        self.padding();
        Some(())
    }

    fn padding(&mut self) {
        if self.dialect == Dialect::Tolerant {
            self.rest = self.rest.trim_start_matches(' ');
        }
    }

    fn literally(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A keyword in any case that goes no further.
    fn word(&mut self, keyword: &str) -> bool {
        let Some((found, rest)) = self.rest.split_at_checked(keyword.len()) else { return false };
        let ends = rest.is_empty() || rest.starts_with([' ', '(', ')', '[', ']', '"']);
        let is_found = found.eq_ignore_ascii_case(keyword) && ends;
        if is_found {
            self.rest = rest;
        }
        is_found
    }
}

/// `ATTRNAME = ["$"] ALPHA *nameChar`
fn name(text: &str) -> Option<AttrName<'static>> {
    let mut characters = text.strip_prefix('$').unwrap_or(text).chars();
    let is_name = characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || "$-_".contains(c));
    is_name.then(|| AttrName::new(text.to_owned()).expect("a name"))
}

/// An absolute URI: it has a scheme.
fn uri(text: &str) -> Option<SchemaUri<'static>> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| SchemaUri::new(text.to_owned()).expect("a URI"))
}

/// `number = [ "-" ] int [ "." 1*DIGIT ] [ "e" [ "+" / "-" ] 1*DIGIT ]`
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(e) => (&text[..e], Some(&text[e + 1..])),
        None => (text, None),
    };
    let (int, fraction) = match mantissa.split_once('.') {
        Some((int, fraction)) => (int, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    digits(int)
        && (int == "0" || !int.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|it| digits(it.strip_prefix(['+', '-']).unwrap_or(it)))
}
