//! The parsers that are compared, and what they are given to read.

use std::hint::black_box;
use std::str::FromStr;

use scim_filter::Parser;

/// A parser under its name; it reads a filter, drops the tree and says whether it could.
pub struct Peer {
    /// The crate.
    pub name: &'static str,
    /// Reads one filter.
    pub reads: fn(&str) -> bool,
}

/// This crate first, then its peers.
pub const PEERS: [Peer; 4] = [
    Peer { name: "this crate", reads: |text| is_read(Parser::strict().filter(text)) },
    Peer { name: "scim_v2 1.0.0", reads: |text| is_read(scim_v2::filter::Filter::from_str(text)) },
    Peer {
        name: "scim-filter 0.2.3",
        // Its parser is reached through the function that filters: here nothing.
        reads: |text| is_read(scim_filter_0_2::scim_filter(text, [(); 0])),
    },
    Peer {
        name: "scim_proto 1.10.4",
        reads: |text| is_read(scim_proto::filter::ScimFilter::from_str(text)),
    },
];

/// What is read, under the name it has in the tables.
pub const FILTERS: [(&str, &str); 6] = [
    ("one comparison", r#"userName eq "bjensen""#),
    ("and", r#"title pr and userType eq "Employee""#),
    (
        "nested or",
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    ),
    (
        "two value paths",
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ),
    (
        "date, and, or, not",
        r#"meta.lastModified ge "2011-05-13T04:42:34Z" and (title pr or not (userType eq "Intern"))"#,
    ),
    (
        "enterprise URN",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984""#,
    ),
];

/// The head of a Markdown table with a column for every parser.
pub fn table_head() -> String {
    let names = PEERS.map(|peer| peer.name).join(" | ");
    format!("| filter | {names} |\n|---|{}", "--:|".repeat(PEERS.len()))
}

fn is_read<T, E>(parsed: Result<T, E>) -> bool {
    black_box(parsed).is_ok()
}
