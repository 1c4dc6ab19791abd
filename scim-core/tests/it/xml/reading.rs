//! What is read although nobody here writes it so.

use scim_core::xml::XmlFormat;
use serde_json::{Value, json};

use super::{read, user_type};

#[test]
fn values_have_the_forms_of_xml_schema() {
    let cases = [
        ("<active> 1 </active>", json!({"active": true})),
        ("<active>0</active>", json!({"active": false})),
        ("<active>\n  true\n</active>", json!({"active": true})),
        // What does not fit is for whoever validates.
        ("<active>yes</active>", json!({"active": "yes"})),
        ("<title/>", json!({"title": ""})),
        ("<title> a </title>", json!({"title": " a "})),
        ("<title><![CDATA[<a>]]> &amp; &#x62;</title>", json!({"title": "<a> & b"})),
        ("<title>a<!-- b -->c<?d?></title>", json!({"title": "ac"})),
        ("<title>a\r\nb\rc</title>", json!({"title": "a\nb\nc"})),
        ("<title base64Encoded=\"true\"> AA ==</title>", json!({"title": "\0"})),
        ("<title xsi:nil=\"true\"/>", json!({"title": null})),
        ("<title xsi:type=\"xsd:string\" x=\"y\">a</title>", json!({"title": "a"})),
        ("<TITLE>a</TITLE>", json!({"title": "a"})),
        ("<name/>", json!({"name": {}})),
        ("<emails/>", json!({"emails": []})),
        ("<emails xsi:nil=\"true\"/>", json!({"emails": null})),
        ("<emails><email>a@x</email></emails>", json!({"emails": ["a@x"]})),
        (
            "<emails> <Email> <value>a@x</value> </Email> </emails>",
            json!({"emails": [{"value": "a@x"}]}),
        ),
        // Repeated instead of wrapped.
        (
            "<emails><value>a@x</value></emails><emails><value>b@x</value></emails>",
            json!({"emails": [{"value": "a@x"}, {"value": "b@x"}]}),
        ),
        (
            "<x509Certificates><x509Certificate><value>\n TWFu\n TWFu</value></x509Certificate></x509Certificates>",
            json!({"x509Certificates": [{"value": "TWFuTWFu"}]}),
        ),
        (
            "<groups><group><ref>https://x/1</ref></group></groups>",
            json!({"groups": [{"$ref": "https://x/1"}]}),
        ),
        // Of what no schema knows, structure and repetition are kept.
        ("<a><b>1</b><b>2</b><c><d/></c></a>", json!({"a": {"b": ["1", "2"], "c": {"d": ""}}})),
    ];
    for (content, expected) in cases {
        let instance = "http://www.w3.org/2001/XMLSchema-instance";
        let xml = format!("<User xmlns:xsi=\"{instance}\" xmlns:xsd=\"urn:x\">{content}</User>");
        assert_eq!(read(&XmlFormat::plain(), &xml).map(Value::from), Ok(expected), "{xml}");
    }
}

#[test]
fn numbers_have_the_forms_of_xml_schema() {
    let registry = super::registry();
    let device = registry.resource_type("Device").unwrap();
    let cases = [
        ("+7", json!(7)),
        ("007", json!(7)),
        (".5", json!(0.5)),
        ("-1.50", json!(-1.5)),
        ("1e3", json!(1000.0)),
        ("18446744073709551615", json!(u64::MAX)),
        ("NaN", json!("NaN")),
        ("1e999", json!("1e999")),
        ("", json!("")),
    ];
    for (text, expected) in cases {
        let xml = format!("<Device><decimal> {text}\n</decimal></Device>");
        let read = XmlFormat::plain().read(device, xml.as_bytes(), 9).unwrap();
        let expected = if expected.is_string() { format!(" {text}\n").into() } else { expected };
        assert_eq!(read["decimal"], expected, "{text}");
    }
}

#[test]
fn encodings_are_known_by_their_mark() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><User><title>ü😀</title></User>";
    let units = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(xml.encode_utf16()).flat_map(bytes).collect()
    };
    let plain = format!("\u{FEFF}{}", xml.replace("UTF-16", "utf-8"));
    for text in [units(u16::to_le_bytes), units(u16::to_be_bytes), plain.into_bytes()] {
        let read = XmlFormat::plain().read(&user_type(), &text, 9).unwrap();
        assert_eq!(read["title"], "ü😀");
    }
    for text in [&b"\xFF\xFE<"[..], b"\xFE\xFF\xD8\x00", b"<User>\xFF</User>"] {
        let error = XmlFormat::plain().read(&user_type(), text, 9).unwrap_err();
        let detail = "the body is neither UTF-8 nor UTF-16 with a byte order mark";
        assert_eq!(error.to_string(), detail);
    }
}

#[test]
fn namespaces_say_which_schema_an_element_is_of() {
    let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
    let expected = json!({
        "schemas": ["urn:scim:schemas:core:1.0", enterprise],
        "userName": "a",
        enterprise: {"department": "b", "manager": {"managerId": "c"}},
    });
    let forms = [
        // The default namespace, as the examples of the draft have it.
        "<User xmlns='urn:scim:schemas:core:1.0' xmlns:e='E'><userName>a</userName>\
         <e:department>b</e:department><e:manager><e:managerId>c</e:managerId></e:manager></User>",
        // Qualified root only, as its schema has it.
        "<s:User xmlns:s='urn:scim:schemas:core:1.0' xmlns:e='E'><userName>a</userName>\
         <e:department>b</e:department><e:manager><managerId>c</managerId></e:manager></s:User>",
        // Everything qualified where it stands.
        "<User><userName xmlns='urn:scim:schemas:core:1.0'>a</userName>\
         <department xmlns='E'>b</department><manager xmlns='E'><managerId>c</managerId></manager></User>",
    ];
    for form in forms {
        let read = read(&XmlFormat::scim11(), &form.replace("'E'", &format!("'{enterprise}'")));
        assert_eq!(read.map(Value::from).as_ref(), Ok(&expected), "{form}");
    }
    let unknown = "<User><x xmlns='urn:y'>1</x></User>";
    assert_eq!(
        read(&XmlFormat::plain(), unknown).map(Value::from),
        Ok(json!({"urn:y": {"x": "1"}}))
    );
}

#[test]
fn a_patch_of_1_names_what_it_clears() {
    let core = "urn:scim:schemas:core:1.0";
    let expected = json!({
        "schemas": [core],
        "meta": {"attributes": ["nickName", "title"]},
        "emails": [{"value": "a@x", "operation": "delete"}],
    });
    let email = "<emails><email><value>a@x</value><operation>delete</operation></email></emails>";
    for names in [
        "<attributes><attribute><value>nickName</value></attribute><attribute>title</attribute></attributes>",
        "<attributes>nickName</attributes><attributes>title</attributes>",
    ] {
        let xml = format!("<User xmlns=\"{core}\"><meta>{names}</meta>{email}</User>");
        assert_eq!(read(&XmlFormat::scim11(), &xml).map(Value::from).as_ref(), Ok(&expected));
    }
}
