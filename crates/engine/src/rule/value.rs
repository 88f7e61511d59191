//! JSON as CEL values.

use std::collections::HashMap;

use cel::common::{
    types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt},
    value::Val,
};
use serde_json::{Number, Value};

/// A value that owns all it holds.
pub(super) type Owned = Box<dyn Val>;

pub(super) fn of_json(json: Value) -> Owned {
    match json {
        Value::Null => null(),
        Value::Bool(word) => Box::new(CelBool::from(word)),
        Value::Number(number) => of_number(&number),
        Value::String(text) => Box::new(CelString::from(text)),
        Value::Array(items) => list(items.into_iter().map(of_json).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields: HashMap<CelMapKey<'static>, Owned> = fields
                .map(|(key, value)| (CelMapKey::from(key), of_json(value)))
                .collect();
            Box::new(CelMap::from(fields))
        }
    }
}

pub(super) fn null() -> Owned {
    Box::new(CelNull)
}

pub(super) fn list(items: Vec<Owned>) -> Owned {
    Box::new(CelList::from(items))
}

fn of_number(number: &Number) -> Owned {
    if let Some(whole) = number.as_i64() {
        Box::new(CelInt::from(whole))
    } else if let Some(whole) = number.as_u64() {
        Box::new(CelUInt::from(whole))
    } else {
        Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN)))
    }
}
