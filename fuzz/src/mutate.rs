//! Varies trees rather than bytes, so that what comes of it can still be read: most changes of a byte only
//! break the syntax.

use libfuzzer_sys::fuzzer_mutate;
use prodready_manifest::{Limits, objects, parse};
use serde_json::{Map, Value, json};

/// One change of bytes for so many changes of the tree.
const BYTES: u32 = 4;

/// Takes libFuzzer's buffer: `size` bytes of it are the input, `most` may be used. Returns the new size.
pub fn tree(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut choice = Choice(u64::from(seed) | 1 << 32);
    if choice.below(BYTES) == 0 {
        return fuzzer_mutate(data, size, most);
    }
    let Some(text) = varied(&data[..size], &mut choice) else {
        return fuzzer_mutate(data, size, most);
    };
    if text.len() > most {
        return fuzzer_mutate(data, size, most);
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

fn varied(bytes: &[u8], choice: &mut Choice) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let parsed = parse(text, &Limits::default());
    let mut documents: Vec<Value> = parsed
        .documents
        .into_iter()
        .flat_map(objects)
        .map(|node| serde_json::to_value(&node).ok())
        .collect::<Option<_>>()?;
    if documents.is_empty() {
        return None;
    }
    for _ in 0..=choice.below(3) {
        let at = choice.among(documents.len());
        let donor = documents[choice.among(documents.len())].clone();
        vary(&mut documents[at], &donor, choice);
    }
    if choice.below(16) == 0 {
        documents.swap_remove(choice.among(documents.len()));
    }
    let written: Vec<String> = documents.iter().map(Value::to_string).collect();
    Some(written.join("\n---\n"))
}

/// Changes one value somewhere in a tree.
fn vary(value: &mut Value, donor: &Value, choice: &mut Choice) {
    let children = match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if children > 0 && choice.below(8) > 0 {
        let at = choice.among(children);
        match value {
            Value::Object(fields) => {
                let key = fields.keys().nth(at).cloned().unwrap_or_default();
                vary_field(fields, &key, donor, choice);
            }
            Value::Array(items) => vary_item(items, at, donor, choice),
            _ => {}
        }
        return;
    }
    *value = replacement(value, donor, choice);
}

fn vary_field(fields: &mut Map<String, Value>, key: &str, donor: &Value, choice: &mut Choice) {
    match choice.below(24) {
        0 => {
            fields.remove(key);
        }
        1 => {
            let moved = fields.remove(key).unwrap_or_default();
            let mut names = Vec::new();
            names_of(donor, &mut names);
            if !names.is_empty() {
                fields.insert(names.swap_remove(choice.among(names.len())), moved);
            }
        }
        _ => {
            if let Some(child) = fields.get_mut(key) {
                vary(child, donor, choice);
            }
        }
    }
}

fn vary_item(items: &mut Vec<Value>, at: usize, donor: &Value, choice: &mut Choice) {
    match choice.below(24) {
        0 => {
            items.remove(at);
        }
        1 => items.push(items[at].clone()),
        2 => items.reverse(),
        _ => vary(&mut items[at], donor, choice),
    }
}

fn replacement(old: &Value, donor: &Value, choice: &mut Choice) -> Value {
    match choice.below(8) {
        0 => anywhere(donor, choice).clone(),
        1 => interesting(choice),
        2 => Value::String(old.to_string()),
        _ => match old {
            Value::Number(number) => {
                let number = number.as_i64().unwrap_or_default();
                let near = [
                    number.wrapping_add(1),
                    number.wrapping_sub(1),
                    number.wrapping_neg(),
                    0,
                    1,
                ];
                json!(near[choice.among(near.len())])
            }
            Value::String(text) => Value::String(respelt(text, choice)),
            Value::Bool(is) => Value::Bool(!is),
            _ => interesting(choice),
        },
    }
}

fn respelt(text: &str, choice: &mut Choice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let pieces = [
        "0", ":", "/", "-", ".", "@", "=", "\n", " ", "*", "é", "password", "$(A)", "1e9",
    ];
    match choice.below(5) {
        0 => return pieces[choice.among(pieces.len())].to_owned(),
        1 if !letters.is_empty() => {
            letters.remove(choice.among(letters.len()));
        }
        2 => letters.truncate(choice.among(letters.len() + 1)),
        3 => return text.repeat(2),
        _ => {
            let at = choice.among(letters.len() + 1);
            letters.splice(at..at, pieces[choice.among(pieces.len())].chars());
        }
    }
    letters.into_iter().collect()
}

fn interesting(choice: &mut Choice) -> Value {
    let values = [
        Value::Null,
        json!(""),
        json!(0),
        json!(-1),
        json!(i32::MAX),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
        json!("100%"),
        json!("9223372036854775807Ei"),
        json!("2026-11-21T00:00:00Z"),
        json!("*/7 * * * *"),
    ];
    values[choice.among(values.len())].clone()
}

fn anywhere<'a>(value: &'a Value, choice: &mut Choice) -> &'a Value {
    let mut found = value;
    while choice.below(6) > 0 {
        let children: Vec<&Value> = match found {
            Value::Object(fields) => fields.values().collect(),
            Value::Array(items) => items.iter().collect(),
            _ => break,
        };
        if children.is_empty() {
            break;
        }
        found = children[choice.among(children.len())];
    }
    found
}

fn names_of(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, child) in fields {
                names.push(name.clone());
                names_of(child, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_of(item, names)),
        _ => {}
    }
}

/// Numbers that follow from libFuzzer's seed (xorshift64*).
struct Choice(u64);

impl Choice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or_default()
    }

    /// A place in a list that is not empty.
    fn among(&mut self, length: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % length.max(1)
    }
}
