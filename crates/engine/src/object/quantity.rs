//! Kubernetes quantities, exactly (`apimachinery/pkg/api/resource.Quantity`).

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const NANOS: i128 = 1_000_000_000;

/// An amount of a resource, such as `100m` CPU or `128Mi` of memory.
///
/// Kept in billionths, rounded up as the API server does, and saturating far beyond what any machine
/// has (`1e400` is legal). The text is kept as written.
#[derive(Clone, Debug)]
pub struct Quantity {
    nanos: i128,
    text: Box<str>,
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a quantity; write a number with an optional suffix such as 100m, 0.5, 128Mi or 1Gi"
)]
pub struct NotAQuantity {
    text: String,
}

impl Quantity {
    /// The amount in billionths of the unit.
    pub fn nanos(&self) -> i128 {
        self.nanos
    }

    /// The amount in thousandths, rounded up: `100m` CPU is 100.
    pub fn millis(&self) -> i128 {
        div_up(self.nanos, NANOS / 1000)
    }

    /// The amount in whole units, rounded up: `128Mi` of memory is 134 217 728.
    pub fn units(&self) -> i128 {
        div_up(self.nanos, NANOS)
    }

    /// Kubernetes takes a zero request or limit for none at all.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// The amount as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a quantity as the API server does.
    pub fn parse(text: &str) -> Result<Self, NotAQuantity> {
        let nanos = parse_nanos(text).ok_or_else(|| NotAQuantity {
            text: text.to_owned(),
        })?;
        Ok(Self {
            nanos,
            text: text.into(),
        })
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl de::Visitor<'_> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a quantity such as 100m, 0.5 or 128Mi")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
        Quantity::parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quantity, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
        self.visit_str(&number.to_string())
    }
}

fn div_up(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

fn parse_nanos(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let number_end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let magnitude = match binary_exponent(suffix) {
        Some(power) => scale_binary(whole, fraction, power),
        None => scale_decimal(whole, fraction, decimal_exponent(suffix)?),
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn binary_exponent(suffix: &str) -> Option<u32> {
    ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        .iter()
        .zip(1..)
        .find_map(|(known, step)| (*known == suffix).then_some(10 * step))
}

fn decimal_exponent(suffix: &str) -> Option<i64> {
    match suffix {
        "" => Some(0),
        "n" => Some(-9),
        "u" => Some(-6),
        "m" => Some(-3),
        "k" => Some(3),
        "M" => Some(6),
        "G" => Some(9),
        "T" => Some(12),
        "P" => Some(15),
        "E" => Some(18),
        _ => {
            let digits = suffix.strip_prefix(['e', 'E'])?;
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let sign = if digits.starts_with('-') { -1 } else { 1 };
            // Beyond this every value saturates or rounds to one nano.
            Some(sign * unsigned.parse::<i64>().unwrap_or(100_000).min(100_000))
        }
    }
}

/// `whole.fraction × 10^exponent` in nanos, rounded up.
fn scale_decimal(whole: &str, fraction: &str, exponent: i64) -> i128 {
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let fraction_length = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let shift = exponent.saturating_add(9).saturating_sub(fraction_length);
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let kept = usize::try_from(length.saturating_add(shift.min(0)).max(0)).unwrap_or(0);
    let mut value = read_digits(&digits[..kept]);
    if shift > 0 {
        for _ in 0..shift.min(60) {
            value = value.saturating_mul(10);
        }
    } else if digits[kept..].iter().any(|digit| *digit != b'0') {
        value = value.saturating_add(1);
    }
    value
}

/// `whole.fraction × 2^power` in nanos, rounded up.
fn scale_binary(whole: &str, fraction: &str, power: u32) -> i128 {
    let factor = 1_i128 << power;
    let units = read_digits(whole.as_bytes())
        .saturating_mul(factor)
        .saturating_mul(NANOS);
    // Nine digits are what fits: 10^9 × 2^60 × 10^9 is below the largest i128.
    let kept = &fraction[..fraction.len().min(9)];
    let denominator = 10_i128.pow(u32::try_from(kept.len()).unwrap_or(9));
    let numerator = read_digits(kept.as_bytes())
        .saturating_mul(factor)
        .saturating_mul(NANOS);
    units.saturating_add(div_up(numerator, denominator))
}

fn read_digits(digits: &[u8]) -> i128 {
    digits.iter().fold(0_i128, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i128::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::{NANOS, Quantity};

    fn nanos(text: &str) -> i128 {
        Quantity::parse(text).unwrap().nanos()
    }

    #[test]
    fn what_the_api_server_accepts_has_its_exact_value() {
        for (text, expected) in [
            ("1", NANOS),
            ("100m", NANOS / 10),
            ("0.1", NANOS / 10),
            (".5", NANOS / 2),
            ("5.", 5 * NANOS),
            ("1e3", 1000 * NANOS),
            ("1E", NANOS * 10_i128.pow(18)),
            ("12E", 12 * NANOS * 10_i128.pow(18)),
            ("1Ei", NANOS << 60),
            ("1e-3", NANOS / 1000),
            ("1.5Gi", NANOS * 3 * (1 << 29)),
            ("-1", -NANOS),
            ("+1", NANOS),
            ("1n", 1),
            ("1u", 1000),
            ("1k", 1000 * NANOS),
            ("1M", 1_000_000 * NANOS),
            ("9223372036854775808", 9_223_372_036_854_775_808 * NANOS),
            ("0.0000000001", 1),
            ("128Mi", NANOS * 134_217_728),
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
        assert_eq!(nanos("1e400"), i128::MAX);
    }

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        for text in [
            "", " 1", "1K", "1ki", "1 Gi", "1e", "nan", "0x10", "1.2.3", "1Ki5", ".", "-", "1i",
            "Mi",
        ] {
            assert!(
                Quantity::parse(text).is_err(),
                "{text:?} was taken for a quantity"
            );
        }
    }

    #[test]
    fn amounts_compare_by_value_and_not_by_spelling() {
        assert_eq!(Quantity::parse("1Gi"), Quantity::parse("1024Mi"));
        assert!(Quantity::parse("1G").unwrap() < Quantity::parse("1Gi").unwrap());
        assert_eq!(Quantity::parse("0.1").map(|cpu| cpu.millis()), Ok(100));
    }

    #[test]
    fn a_number_without_quotes_is_read_as_its_text() {
        let one: Quantity = serde_json::from_str("1").unwrap();
        let half: Quantity = serde_json::from_str("0.5").unwrap();
        assert_eq!((one.millis(), half.millis()), (1000, 500));
    }
}
