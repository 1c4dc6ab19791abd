//! `/ServiceProviderConfigs` (core schema §9): what SCIM 2.0 says about the same server, in other
//! words.

use serde_json::{Value, json};

use super::urns::CORE;
use crate::resource::Object;

/// The configuration that is at this URL, from that of SCIM 2.0.
pub(crate) fn service_provider_config(config: Value, location: &str, offers_xml: bool) -> Value {
    let Value::Object(mut config) = config else { return config };
    config.remove("pagination");
    rename(&mut config, "documentationUri", "documentationUrl");
    config.insert("schemas".to_owned(), json!([CORE]));
    config.insert("xmlDataFormat".to_owned(), json!({ "supported": offers_xml }));
    if let Some(Value::Array(schemes)) = config.get_mut("authenticationSchemes") {
        for scheme in schemes.iter_mut().filter_map(Value::as_object_mut) {
            rename(scheme, "documentationUri", "documentationUrl");
            rename(scheme, "specUri", "specUrl");
        }
    }
    config.insert("meta".to_owned(), json!({ "location": location }));
    config.into()
}

fn rename(object: &mut Object, from: &str, to: &str) {
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}
