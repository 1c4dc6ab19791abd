//! A visitor sees every node, in the order of the text, and decides what is walked into.

use scim_filter::{AttrPath, Comparison, Filter, Literal, Parser, PatchPath, ValuePath, Visit};

/// Writes down every call.
#[derive(Default)]
struct Seen(Vec<String>);

impl<'ast> Visit<'ast> for Seen {
    fn visit_patch_path(&mut self, path: &'ast PatchPath<'ast>) {
        self.0.push(format!("path {path}"));
        scim_filter::walk_patch_path(self, path);
    }

    fn visit_filter(&mut self, filter: &'ast Filter<'ast>) {
        self.0.push(format!("filter {filter}"));
        scim_filter::walk_filter(self, filter);
    }

    fn visit_comparison(&mut self, comparison: &'ast Comparison<'ast>) {
        self.0.push(format!("comparison {comparison}"));
        scim_filter::walk_comparison(self, comparison);
    }

    fn visit_value_path(&mut self, path: &'ast ValuePath<'ast>) {
        self.0.push(format!("value path {path}"));
        scim_filter::walk_value_path(self, path);
    }

    fn visit_attr_path(&mut self, path: &'ast AttrPath<'ast>) {
        self.0.push(format!("attribute {path}"));
    }

    fn visit_literal(&mut self, value: &'ast Literal<'ast>) {
        self.0.push(format!("value {value}"));
    }
}

/// Walks everywhere and looks at the leaves alone.
#[derive(Default)]
struct Leaves(Vec<String>);

impl<'ast> Visit<'ast> for Leaves {
    fn visit_attr_path(&mut self, path: &'ast AttrPath<'ast>) {
        self.0.push(path.to_string());
    }

    fn visit_literal(&mut self, value: &'ast Literal<'ast>) {
        self.0.push(value.to_string());
    }
}

const PATHS: &[(&str, &[&str])] = &[
    ("name.familyName", &["path name.familyName", "attribute name.familyName"]),
    (
        r#"emails[type eq "work"].value"#,
        &[
            r#"path emails[type eq "work"].value"#,
            r#"value path emails[type eq "work"]"#,
            "attribute emails",
            r#"filter type eq "work""#,
            r#"comparison type eq "work""#,
            "attribute type",
            r#"value "work""#,
        ],
    ),
    (
        r#"emails.type eq "work""#,
        &[
            r#"path emails.type eq "work""#,
            r#"comparison emails.type eq "work""#,
            "attribute emails.type",
            r#"value "work""#,
        ],
    ),
];

#[test]
fn every_node_is_visited_in_the_order_of_the_text() {
    for (text, expected) in PATHS {
        let path = Parser::tolerant().path(text).expect(text);
        let mut seen = Seen::default();
        seen.visit_patch_path(&path);
        assert_eq!(seen.0, *expected, "{text}");
    }
}

#[test]
fn without_methods_of_its_own_a_visitor_reaches_every_leaf() {
    let text = r#"a eq 1 or not (b pr and c[d eq "x" or e ne true])"#;
    let filter = Parser::strict().filter(text).expect(text);
    let mut leaves = Leaves::default();
    leaves.visit_filter(&filter);
    assert_eq!(leaves.0, ["a", "1", "b", "c", "d", "\"x\"", "e", "true"]);

    let text = r#"c[d eq "x"].f"#;
    let path = Parser::strict().path(text).expect(text);
    let mut leaves = Leaves::default();
    leaves.visit_patch_path(&path);
    assert_eq!(leaves.0, ["c", "d", "\"x\""]);
}
