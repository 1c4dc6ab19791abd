//! XML to be compared.

use std::error::Error;

use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};

/// The elements of a document with their attributes. The order of elements means nothing in SCIM,
/// so that they are sorted, and so is blank text, which is left out.
pub(crate) fn tree(text: &str) -> Result<Value, Box<dyn Error>> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![(String::new(), Vec::new())];
    loop {
        match reader.read_event()? {
            Event::Eof => break,
            Event::Start(start) => {
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute?;
                    attributes.push(format!("{}={}", attribute.key.as_ref(), attribute.value));
                }
                attributes.sort();
                open.push((format!("{} {attributes:?}", start.name().as_ref()), Vec::new()));
            }
            Event::Text(text) if !text.trim().is_empty() => {
                open.last_mut().ok_or("text outside")?.1.push(json!(text.trim()));
            }
            Event::End(_) => {
                let (name, mut children) = open.pop().ok_or("one end too many")?;
                children.sort_by_key(Value::to_string);
                open.last_mut().ok_or("one end too many")?.1.push(json!({ name: children }));
            }
            Event::GeneralRef(reference) => return Err(format!("{reference:?}").into()),
            _ => {}
        }
    }
    Ok(open.pop().ok_or("one end too many")?.1.into())
}
