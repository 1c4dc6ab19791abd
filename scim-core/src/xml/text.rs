//! Text in XML.

/// Whether XML 1.0 has a character at all (§2.2, `Char`).
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Adds a text as the content of an element or of an attribute in double quotes.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Readers take it for the end of a line (§2.11).
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}
