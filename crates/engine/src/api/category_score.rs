//! What one category of checks reaches, in reports and in the status of policies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{hundredths::Hundredths, vocabulary::Category};

/// What one category reaches. A category in which nothing applies is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryScore {
    /// The category. Example: `Reliability`.
    pub name: Category,
    /// What it reaches, from 0 to `max`: `max` times passed weight divided by applicable weight,
    /// with at most two decimals, rounded down. Example: 16.25.
    pub score: Hundredths,
    /// What it could reach. Always 20.
    #[schemars(range(min = 0, max = 100))]
    pub max: i32,
}
