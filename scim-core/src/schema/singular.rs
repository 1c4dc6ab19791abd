//! What one value of a list is called, in XML and in the schemas of SCIM 1.1.

/// What one of several is called: `email` of `emails`, `address` of `addresses`.
pub(crate) fn singular(name: &str) -> &str {
    match name.strip_suffix("sses") {
        Some(_) => name.strip_suffix("es").unwrap_or(name),
        None => name.strip_suffix('s').filter(|it| !it.is_empty()).unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singulars() {
        let cases = [
            ("emails", "email"),
            ("addresses", "address"),
            ("ims", "im"),
            ("entitlements", "entitlement"),
            ("x509Certificates", "x509Certificate"),
            ("schemas", "schema"),
            ("Resources", "Resource"),
            ("staff", "staff"),
            ("s", "s"),
            ("", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(singular(name), expected);
        }
    }
}
