//! Names of attributes in XML.

/// Whether a text is the name of an element, without a prefix (Namespaces in XML 1.0, `NCName`).
pub(crate) fn is_element_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name)
        && chars.all(|c| {
            starts_name(c)
                || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
        })
}

fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_dollar_and_no_colon() {
        for name in ["a", "userName", "_", "x509Certificates", "été", "a-b.c"] {
            assert!(is_element_name(name), "{name}");
        }
        for name in ["", "$ref", "1a", "-a", "a:b", "a b", "a<", "urn:x"] {
            assert!(!is_element_name(name), "{name}");
        }
    }
}
