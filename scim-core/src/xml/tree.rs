//! From bytes to elements. Nothing is known of SCIM here; whatever could do harm is refused.

use std::{borrow::Cow, rc::Rc};

use quick_xml::{
    NsReader,
    events::{BytesDecl, BytesRef, BytesStart, Event},
    name::{Namespace, NamespaceError, ResolveResult},
};

use super::text;
use crate::{
    error::{ScimError, ScimType},
    schema::is_element_name,
};

const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// How many attributes an element may have; none is needed beyond a few namespaces.
const ATTRIBUTES: usize = 64;

/// How much of a name or of the parser's words an error shows.
const SHOWN: usize = 200;

/// An element with its content: text, or other elements.
#[derive(Debug)]
pub(super) struct Element {
    /// The name without its prefix.
    pub(super) name: Box<str>,
    pub(super) namespace: Option<Rc<str>>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
    /// `xsi:nil`: there is no value.
    pub(super) is_nil: bool,
    /// `base64Encoded`: the text is UTF-8 in base64.
    pub(super) is_encoded: bool,
}

impl Element {
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The name as errors show it.
    pub(super) fn shown(&self) -> &str {
        shortened(&self.name)
    }
}

/// Reads a document whose elements are nested `depth` levels deep at the most.
///
/// # Errors
/// 400 `invalidSyntax` for anything that is not well-formed, and for what the module refuses.
pub(super) fn parse(xml: &[u8], depth: usize) -> Result<Element, ScimError> {
    let xml = decode(xml)?;
    let mut reader = NsReader::from_str(&xml);
    let mut tree = Tree { open: Vec::new(), root: None, depth };
    let mut is_first = true;
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| unread(reader.error_position(), &error))?;
        match &event {
            Event::Decl(declaration) if is_first => check_declaration(declaration)?,
            Event::Decl(_) => return Err(invalid("the XML declaration is not at the beginning")),
            Event::DocType(_) => return Err(invalid("document type declarations are refused")),
            Event::PI(instruction) => check_instruction(instruction.target())?,
            Event::Comment(_) => {}
            Event::Start(start) => tree.open(start, &reader)?,
            Event::Empty(start) => {
                tree.open(start, &reader)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(part) => tree.text(&part.xml10_content())?,
            Event::CData(part) => tree.text(&part.xml10_content())?,
            Event::GeneralRef(reference) => {
                tree.text(resolve(reference)?.encode_utf8(&mut [0; 4]))?;
            }
            Event::Eof => break,
        }
        is_first = false;
    }
    tree.finish()
}

/// What was read so far.
struct Tree {
    /// The elements that have begun, each in the one before.
    open: Vec<Element>,
    root: Option<Element>,
    depth: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, reader: &NsReader<&[u8]>) -> Result<(), ScimError> {
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let local = local.into_inner();
        let name = start.name().into_inner();
        let is_whole = name.strip_suffix(local).is_some_and(|it| it.matches(':').count() <= 1);
        if !is_element_name(local) || !is_whole {
            return Err(invalid(format!("`{}` is no name of an element", shortened(name))));
        }
        if self.open.len() >= self.depth {
            return Err(invalid("nested too deeply"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(invalid("there is more than one root element"));
        }
        let namespace = self.namespace(&namespace)?;
        let mut element = Element {
            name: local.into(),
            namespace,
            text: String::new(),
            children: Vec::new(),
            is_nil: false,
            is_encoded: false,
        };
        read_attributes(&mut element, start, reader)?;
        self.open.push(element);
        Ok(())
    }

    /// A namespace, shared with the element around where it is the same.
    fn namespace(&self, namespace: &ResolveResult<'_>) -> Result<Option<Rc<str>>, ScimError> {
        match namespace {
            ResolveResult::Unbound => Ok(None),
            ResolveResult::Bound(Namespace(urn)) if !is_uri(urn) => {
                Err(invalid(format!("the namespace `{}` is no absolute URI", shortened(urn))))
            }
            ResolveResult::Bound(Namespace(urn)) => {
                let outer = self.open.last().and_then(|it| it.namespace.clone());
                Ok(Some(outer.filter(|it| **it == **urn).unwrap_or_else(|| Rc::from(*urn))))
            }
            ResolveResult::Unknown(prefix) => {
                Err(invalid(format!("the prefix `{}` is not declared", shortened(prefix))))
            }
        }
    }

    fn close(&mut self) -> Result<(), ScimError> {
        let Some(mut element) = self.open.pop() else { return Ok(()) };
        if !element.children.is_empty() {
            if !is_blank(&element.text) {
                return Err(invalid(format!("`{}` has text beside elements", element.shown())));
            }
            element.text = String::new();
        }
        match self.open.last_mut() {
            Some(outer) => outer.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), ScimError> {
        if let Some(c) = part.chars().find(|c| !text::is_char(*c)) {
            return Err(invalid(format!("U+{:04X} is no character of XML", u32::from(c))));
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None if is_blank(part) => {}
            None => return Err(invalid("there is text outside of the root element")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, ScimError> {
        if let Some(element) = self.open.last() {
            return Err(invalid(format!("`{}` is not closed", element.shown())));
        }
        self.root.ok_or_else(|| invalid("there is no root element"))
    }
}

/// Reads the attributes that have a meaning; the others carry no data, but must be well-formed.
fn read_attributes(
    element: &mut Element,
    start: &BytesStart<'_>,
    reader: &NsReader<&[u8]>,
) -> Result<(), ScimError> {
    for (count, attribute) in start.attributes().enumerate() {
        let position = reader.buffer_position();
        let attribute = attribute.map_err(|error| malformed(position, &error))?;
        if count >= ATTRIBUTES {
            return Err(invalid(format!("`{}` has too many attributes", element.shown())));
        }
        let is_true = matches!(attribute.value.trim(), "true" | "1");
        match reader.resolver().resolve_attribute(attribute.key) {
            (ResolveResult::Bound(Namespace(INSTANCE)), name) if name.into_inner() == "nil" => {
                element.is_nil = is_true;
            }
            (_, name) if name.into_inner() == "base64Encoded" => element.is_encoded = is_true,
            _ => {}
        }
    }
    Ok(())
}

/// UTF-8, or UTF-16 where a byte order mark says so.
fn decode(xml: &[u8]) -> Result<Cow<'_, str>, ScimError> {
    let units = |from: fn([u8; 2]) -> u16| {
        let (pairs, rest) = xml.as_chunks::<2>();
        let units = pairs.iter().skip(1).map(|pair| from(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
    };
    let text = match xml {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => str::from_utf8(xml).ok().map(Cow::Borrowed),
    };
    text.ok_or_else(|| invalid("the body is neither UTF-8 nor UTF-16 with a byte order mark"))
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), ScimError> {
    let version = declaration.version();
    if !version.is_ok_and(|version| version == "1.0") {
        return Err(invalid("only XML 1.0 is read"));
    }
    let Some(encoding) = declaration.encoding() else { return Ok(()) };
    let known = ["utf-8", "utf-16", "us-ascii"];
    match encoding {
        Ok(encoding) if known.iter().any(|it| encoding.eq_ignore_ascii_case(it)) => Ok(()),
        _ => Err(invalid("only UTF-8 and UTF-16 are read")),
    }
}

/// Instructions to other programs do not matter; those that XML keeps for itself would.
fn check_instruction(target: &str) -> Result<(), ScimError> {
    match target.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("xml") => {
            Err(invalid(format!("the processing instruction `{}` is refused", shortened(target))))
        }
        _ => Ok(()),
    }
}

/// The character that a reference stands for.
fn resolve(reference: &BytesRef<'_>) -> Result<char, ScimError> {
    let unknown = || invalid(format!("the entity `{}` is not declared", shortened(reference)));
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c),
        Ok(None) => match &**reference {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "apos" => Ok('\''),
            "quot" => Ok('"'),
            _ => Err(unknown()),
        },
        Err(_) => Err(unknown()),
    }
}

/// Whether a namespace may be the name of an extension, which no attribute has.
fn is_uri(namespace: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"<>\"'&".contains(&byte);
    namespace.contains(':') && namespace.bytes().all(is_allowed)
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn unread(position: u64, error: &quick_xml::Error) -> ScimError {
    match error {
        // What the parser says of it is for programmers.
        quick_xml::Error::Namespace(NamespaceError::TooManyBindings(most)) => {
            invalid(format!("more than {most} namespaces are declared in one place"))
        }
        error => malformed(position, error),
    }
}

fn malformed(position: u64, error: &dyn std::fmt::Display) -> ScimError {
    invalid(format!("malformed XML at byte {position}: {}", shortened(&error.to_string())))
}

pub(super) fn invalid(detail: impl Into<Cow<'static, str>>) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

fn shortened(text: &str) -> &str {
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}
