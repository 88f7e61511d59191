//! Where Secrets come from.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata};

/// An ExternalSecret (external-secrets.io).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalSecret {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What is fetched, and how often.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ExternalSecretSpec,
}

/// What is fetched from a secret manager, and how often.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalSecretSpec {
    /// How often it is fetched; one hour where nothing is said, never again where it is zero.
    pub refresh_interval: Option<String>,
    /// The Secret that is made.
    #[serde(deserialize_with = "null_is_default")]
    pub target: SecretTarget,
}

/// The Secret that is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretTarget {
    /// Its name; that of the ExternalSecret where nothing is said.
    pub name: Option<String>,
}

impl ExternalSecret {
    /// The name of the Secret that is made.
    pub fn secret(&self) -> &str {
        let target = self.spec.target.name.as_deref();
        target.unwrap_or(&self.metadata.name)
    }

    /// Whether it is fetched once and never again.
    pub fn is_fetched_once(&self) -> bool {
        let interval = self.spec.refresh_interval.as_deref();
        interval.is_some_and(|text| {
            let digits = text.bytes().filter(u8::is_ascii_digit);
            let mut digits = digits.peekable();
            digits.peek().is_some() && digits.all(|digit| digit == b'0')
        })
    }
}

/// A SealedSecret (bitnami.com/v1alpha1). The Secret that is made has its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SealedSecret {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
}
