//! What a plain scalar means: YAML 1.1 as kubectl reads it, then as JSON carries it.

use std::borrow::Cow;

use crate::node::NodeValue;

/// Text without quotes as kubectl reads it.
pub(crate) fn resolve(text: Cow<'_, str>) -> NodeValue<'_> {
    let found = match text.as_bytes().first() {
        None => Some(NodeValue::Null),
        Some(b'0'..=b'9') => number(&text),
        Some(b'+' | b'-') => number(&text).or_else(|| word(&text)),
        Some(b'.') => word(&text).or_else(|| float(&text)),
        Some(b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            word(&text)
        }
        Some(_) => None,
    };
    found.unwrap_or(NodeValue::String(text))
}

fn word<'a>(text: &str) -> Option<NodeValue<'a>> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            NodeValue::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            NodeValue::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => NodeValue::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => NodeValue::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => NodeValue::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn number<'a>(text: &str) -> Option<NodeValue<'a>> {
    if text.contains('_') {
        let text = text.replace('_', "");
        return integer(&text).or_else(|| float(&text));
    }
    integer(text).or_else(|| float(text))
}

/// A whole number with Go's prefixes: `0x`, `0o`, `0b`, and a bare `0` for octal.
fn integer<'a>(text: &str) -> Option<NodeValue<'a>> {
    let (negative, signed, rest) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &rest[2..]),
        [b'0', b'o' | b'O', ..] => (8, &rest[2..]),
        [b'0', b'b' | b'B', ..] => (2, &rest[2..]),
        [b'0', _, ..] => (8, &rest[1..]),
        _ => (10, rest),
    };
    if !digits.as_bytes().first()?.is_ascii_hexdigit() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(NodeValue::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(NodeValue::Integer(value)),
        Err(_) if signed => None,
        Err(_) => Some(NodeValue::Unsigned(magnitude)),
    }
}

fn float<'a>(text: &str) -> Option<NodeValue<'a>> {
    let allowed =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.as_bytes().iter().all(allowed) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then(|| from_float(value))
}

/// JSON does not tell `1e3` from `1000`, and neither does the API server.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers below 2^53 are cast"
)]
fn from_float<'a>(value: f64) -> NodeValue<'a> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        NodeValue::Integer(value as i64)
    } else {
        NodeValue::Float(value)
    }
}

/// A scalar with one of YAML's own tags, or why it cannot be that.
pub(crate) fn tagged<'a>(tag: &str, text: Cow<'a, str>) -> Result<NodeValue<'a>, String> {
    let wanted = match tag {
        "int" => "a whole number",
        "float" => "a number",
        "bool" => "true or false",
        "null" => "null",
        "binary" => return Err("binary values are not read: write them as text".to_owned()),
        _ => return Ok(NodeValue::String(text)),
    };
    let value = resolve(Cow::Borrowed(&*text));
    let fits = match tag {
        "int" => matches!(value, NodeValue::Integer(_) | NodeValue::Unsigned(_)),
        "float" => matches!(
            value,
            NodeValue::Integer(_) | NodeValue::Unsigned(_) | NodeValue::Float(_)
        ),
        "bool" => matches!(value, NodeValue::Bool(_)),
        _ => matches!(value, NodeValue::Null),
    };
    match value {
        NodeValue::Null => Some(NodeValue::Null),
        NodeValue::Bool(value) => Some(NodeValue::Bool(value)),
        NodeValue::Integer(value) => Some(NodeValue::Integer(value)),
        NodeValue::Unsigned(value) => Some(NodeValue::Unsigned(value)),
        NodeValue::Float(value) => Some(NodeValue::Float(value)),
        _ => None,
    }
    .filter(|_| fits)
    .ok_or_else(|| {
        format!(
            "`{text}` is not {wanted}, as its tag !!{tag} says: change the value or drop the tag"
        )
    })
}

/// A key as JSON writes it, or nothing for what cannot be a key.
pub(crate) fn key_text(value: NodeValue<'_>) -> Option<Cow<'_, str>> {
    match value {
        NodeValue::String(text) => Some(text),
        NodeValue::Bool(true) => Some(Cow::Borrowed("true")),
        NodeValue::Bool(false) => Some(Cow::Borrowed("false")),
        NodeValue::Integer(value) => Some(Cow::Owned(value.to_string())),
        NodeValue::Unsigned(value) => Some(Cow::Owned(value.to_string())),
        NodeValue::Float(value) => Some(Cow::Owned(value.to_string())),
        NodeValue::Null | NodeValue::Sequence(_) | NodeValue::Mapping(_) => None,
    }
}
