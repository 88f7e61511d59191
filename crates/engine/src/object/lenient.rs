//! What the API server lets through where a plain parser would not: `null` for an empty list or map.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the type's default, as the API server does for lists, maps and numbers.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
