//! The corpus of filters and PATCH paths, accepted and refused (F-004, F-019, F-024, H-005, H-042).

use std::collections::BTreeMap;

use scim_filter::{
    AttrPath, Comparison, Filter, Literal, ParseError, Parser, PatchPath, ValuePath,
};
use serde_json::Value;

const CASES: &str = include_str!("../data/grammar-cases.json");

struct Case {
    id: String,
    kind: String,
    input: String,
    /// The tree and whether only the tolerant parser accepts the text; `None`: refused.
    accepted: Option<(String, bool)>,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("the corpus is JSON");
    let text = |case: &Value, field: &str| case[field].as_str().unwrap_or_default().to_owned();
    cases
        .iter()
        .map(|case| Case {
            id: text(case, "id"),
            kind: text(case, "kind"),
            input: text(case, "input"),
            accepted: (case["accept"] == true)
                .then(|| (text(case, "ast"), case["profile"] == "tolerant")),
        })
        .collect()
}

fn tree(parser: Parser, case: &Case) -> Result<String, ParseError> {
    match case.kind.as_str() {
        "filter" => parser.filter(&case.input).map(|filter| expression(&filter)),
        "path" => parser.path(&case.input).map(|path| patch_path(&path)),
        kind => panic!("{}: kind {kind}", case.id),
    }
}

fn failures(parser: Parser, expected: impl Fn(&Case) -> Option<&str>) -> Vec<String> {
    cases()
        .iter()
        .filter_map(|case| match (tree(parser, case), expected(case)) {
            (Ok(found), Some(tree)) if found == tree => None,
            (Err(_), None) => None,
            (found, wanted) => {
                Some(format!("{} {:?}: {found:?} instead of {wanted:?}", case.id, case.input))
            }
        })
        .collect()
}

#[test]
fn strict_parser_accepts_the_grammar_and_nothing_else() {
    let failures = failures(Parser::strict(), |case| {
        let (tree, tolerant_only) = case.accepted.as_ref()?;
        (!tolerant_only).then_some(tree.as_str())
    });
    assert_eq!(failures, [""; 0]);
}

#[test]
fn tolerant_parser_accepts_what_clients_send_in_addition() {
    let failures = failures(Parser::tolerant(), |case| {
        let (tree, _) = case.accepted.as_ref()?;
        Some(tree.as_str())
    });
    assert_eq!(failures, [""; 0]);
}

#[test]
fn corpus_is_whole() {
    let mut count = BTreeMap::<String, usize>::new();
    for case in cases() {
        *count.entry(case.id.chars().take(2).collect()).or_default() += 1;
    }
    let count: Vec<(&str, usize)> = count.iter().map(|(id, n)| (id.as_str(), *n)).collect();
    assert_eq!(count, [("FA", 110), ("FR", 102), ("FT", 14), ("PA", 25), ("PR", 34), ("PT", 3)]);
}

fn patch_path(path: &PatchPath<'_>) -> String {
    match path {
        PatchPath::Attribute(path) => format!("(path {})", attr_path(path)),
        PatchPath::Value { path, sub: None } => format!("(path {})", value_path(path)),
        PatchPath::Value { path, sub: Some(sub) } => {
            format!("(path {} {})", value_path(path), sub.as_str())
        }
        PatchPath::Element(element) => format!("(path {})", comparison(element)),
    }
}

fn expression(filter: &Filter<'_>) -> String {
    match filter {
        Filter::Or(operands) => left_associative("or", operands),
        Filter::And(operands) => left_associative("and", operands),
        Filter::Not(inner) => format!("(not {})", expression(inner)),
        Filter::Present(path) => format!("(pr {})", attr_path(path)),
        Filter::Compare(compared) => comparison(compared),
        Filter::ValuePath(path) => value_path(path),
    }
}

fn left_associative(operator: &str, operands: &[Filter<'_>]) -> String {
    operands
        .iter()
        .map(expression)
        .reduce(|left, right| format!("({operator} {left} {right})"))
        .expect("two or more operands")
}

fn value_path(path: &ValuePath<'_>) -> String {
    format!("(vp {} {})", attr_path(&path.path), expression(&path.filter))
}

fn comparison(comparison: &Comparison<'_>) -> String {
    let value = match &comparison.value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Number(text) => text.as_str().to_owned(),
        Literal::String(text) => Value::from(text.as_ref()).to_string(),
        Literal::Bare(text) => format!("bare:{text}"),
    };
    format!("({} {} {value})", comparison.op.as_str(), attr_path(&comparison.path))
}

fn attr_path(path: &AttrPath<'_>) -> String {
    let uri = path.uri.as_ref().map(|uri| format!("{}!", uri.as_str())).unwrap_or_default();
    let sub = path.sub.as_ref().map(|sub| format!(".{}", sub.as_str())).unwrap_or_default();
    format!("{uri}{}{sub}", path.name.as_str())
}
