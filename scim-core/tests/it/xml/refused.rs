//! What is refused, each with a precise 400.

use scim_core::xml::XmlFormat;

use super::{read, user_type};

#[test]
fn what_could_do_harm_is_refused() {
    let cases = [
        ("<!DOCTYPE User><User/>", "document type declarations are refused"),
        (
            "<!DOCTYPE User [<!ENTITY a \"b\">]><User>&a;</User>",
            "document type declarations are refused",
        ),
        (
            "<!DOCTYPE User SYSTEM \"file:///etc/passwd\"><User/>",
            "document type declarations are refused",
        ),
        ("<User><title>&passwd;</title></User>", "the entity `passwd` is not declared"),
        ("<User><title>&#0;</title></User>", "the entity `#0` is not declared"),
        ("<User><title>&#x110000;</title></User>", "the entity `#x110000` is not declared"),
        ("<User><title>&#8;</title></User>", "U+0008 is no character of XML"),
        ("<User><title>\u{1}</title></User>", "U+0001 is no character of XML"),
        (
            "<?xml-stylesheet href=\"a\"?><User/>",
            "the processing instruction `xml-stylesheet` is refused",
        ),
        ("<?xml version=\"1.1\"?><User/>", "only XML 1.0 is read"),
        ("<?xml encoding=\"UTF-8\"?><User/>", "only XML 1.0 is read"),
        ("<?xml version=\"1.0\" encoding=\"latin1\"?><User/>", "only UTF-8 and UTF-16 are read"),
        (" <?xml version=\"1.0\"?><User/>", "the XML declaration is not at the beginning"),
        ("", "there is no root element"),
        (" ", "there is no root element"),
        ("{}", "there is text outside of the root element"),
        ("<User/><User/>", "there is more than one root element"),
        ("<User/>x", "there is text outside of the root element"),
        (
            "<User><title></User>",
            "malformed XML at byte 13: ill-formed document: expected `</title>`, but `</User>` was found",
        ),
        ("<User><title>", "`title` is not closed"),
        ("<User><title>a<b/></title></User>", "`title` has text beside elements"),
        ("<Group/>", "expected the element `User`, found `Group`"),
        ("<User><x xmlns=\"name\"/></User>", "the namespace `name` is no absolute URI"),
        ("<a:User/>", "the prefix `a` is not declared"),
        ("<User><1a/></User>", "`1a` is no name of an element"),
        ("<User><a:b:c xmlns:a=\"urn:x\"/></User>", "`a:b:c` is no name of an element"),
        ("<User><title>a</title><title>b</title></User>", "`title` is given twice"),
        ("<User><title>a</title><TITLE>b</TITLE></User>", "`TITLE` is given twice"),
        (
            "<User><title base64Encoded=\"true\">?</title></User>",
            "`title` is marked as base64 and is not UTF-8 in base64",
        ),
        (
            "<User><title base64Encoded=\"true\">/w==</title></User>",
            "`title` is marked as base64 and is not UTF-8 in base64",
        ),
        (
            "<User><emails><email><value>a</value></email><mail/></emails></User>",
            "`emails`: expected the element `email`, found `mail`",
        ),
    ];
    for (xml, detail) in cases {
        assert_eq!(read(&XmlFormat::plain(), xml), Err(detail.to_owned()), "{xml}");
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| {
        let inner = depth - 1;
        format!("<User>{}{}</User>", "<a>".repeat(inner), "</a>".repeat(inner))
    };
    let format = XmlFormat::plain();
    assert!(format.read(&user_type(), nested(64).as_bytes(), 64).is_ok());
    for depth in [65, 100_000] {
        assert_eq!(read(&format, &nested(depth)), Err("nested too deeply".to_owned()));
    }
    assert_eq!(read(&format, &"<a>".repeat(100_000)), Err("nested too deeply".to_owned()));
}

#[test]
fn attributes_and_namespaces_are_limited() {
    let attributes: String = (0..65).map(|it| format!(" a{it}=\"\"")).collect();
    let error = read(&XmlFormat::plain(), &format!("<User{attributes}/>")).unwrap_err();
    assert_eq!(error, "`User` has too many attributes");
    let namespaces: String = (0..1000).map(|it| format!(" xmlns:a{it}=\"x\"")).collect();
    let error = read(&XmlFormat::plain(), &format!("<User{namespaces}/>")).unwrap_err();
    assert_eq!(error, "more than 128 namespaces are declared in one place");
    assert!(read(&XmlFormat::plain(), "<User a=\"1\" a=\"2\"/>").is_err());
}

#[test]
fn no_error_is_long_or_shows_a_value() {
    let long = "x".repeat(10_000);
    let secret = "<User><password>hunter2</password><password>hunter2</password></User>";
    for xml in [
        format!("<{long}/>"),
        format!("<{long}:a/>"),
        format!("<User>&{long};</User>"),
        format!("<User><{long}></User>"),
        format!("<User {long} {long}/>"),
        secret.to_owned(),
        secret.replace("<password>hunter2</password></User>", ""),
        secret.replace("</User>", "hunter2"),
    ] {
        let error = read(&XmlFormat::plain(), &xml).unwrap_err();
        assert!(error.len() < 300 && !error.contains("hunter2"), "{error}");
    }
}
