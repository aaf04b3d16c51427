//! The names that one test uses, which is left out.

use serde_json::Value;

pub struct JSONSchema;

pub struct Response;

pub async fn get(_url: String) -> Result<Response, String> {
    Err("no network".to_owned())
}

impl Response {
    pub async fn json(self) -> Result<Value, String> {
        Err("no network".to_owned())
    }
}

impl JSONSchema {
    pub fn compile(_schema: &Value) -> Result<Self, String> {
        Err("no schemas".to_owned())
    }

    pub fn validate(&self, _data: &Value) -> Result<(), std::vec::IntoIter<String>> {
        Ok(())
    }
}
