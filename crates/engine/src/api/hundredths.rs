//! Numbers with two decimals that stay exact on the wire.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A count of hundredths: `Hundredths(425)` is 4.25. On the wire it is a JSON number with at most
/// two decimals; more are rounded when they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(pub u32);

/// The greatest value on the wire.
const MAX: f64 = 42_949_672.0;

impl fmt::Display for Hundredths {
    /// The number without needless zeros: `4`, `4.5`, `4.25`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        let text = match (part, part % 10) {
            (0, _) => whole.to_string(),
            (_, 0) => format!("{whole}.{}", part / 10),
            (_, _) => format!("{whole}.{part:02}"),
        };
        formatter.pad(&text)
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(100) {
            serializer.serialize_u32(self.0 / 100)
        } else {
            serializer.serialize_f64(f64::from(self.0) / 100.0)
        }
    }
}

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if !(0.0..=MAX).contains(&number) {
            let found = de::Unexpected::Float(number);
            return Err(de::Error::invalid_value(
                found,
                &"a number from 0 to 42949672",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        let hundredths = (number * 100.0).round() as u32;
        Ok(Self(hundredths))
    }
}

impl JsonSchema for Hundredths {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Hundredths".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": 0, "maximum": 100})
    }
}

#[cfg(test)]
mod tests {
    use super::Hundredths;

    #[test]
    fn every_number_up_to_a_thousand_survives_the_wire() {
        for count in 0..=100_000 {
            let wire = serde_json::to_string(&Hundredths(count)).unwrap();
            assert_eq!(wire, Hundredths(count).to_string());
            assert_eq!(
                serde_json::from_str::<Hundredths>(&wire).unwrap(),
                Hundredths(count)
            );
        }
    }

    #[test]
    fn the_greatest_number_survives_the_wire() {
        let greatest = Hundredths(4_294_967_200);
        let wire = serde_json::to_string(&greatest).unwrap();
        assert_eq!(serde_json::from_str::<Hundredths>(&wire).unwrap(), greatest);
    }

    #[test]
    fn needless_zeros_are_left_out_and_width_is_kept() {
        let shown = [0, 5, 50, 425, 1000].map(|count| Hundredths(count).to_string());
        assert_eq!(shown, ["0", "0.05", "0.5", "4.25", "10"]);
        assert_eq!(format!("{:>6}", Hundredths(425)), "  4.25");
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for wire in ["-0.01", "-1", "42949672.01", "\"4\"", "null"] {
            assert!(serde_json::from_str::<Hundredths>(wire).is_err(), "{wire}");
        }
    }
}
