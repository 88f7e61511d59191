//! Policies that let in only images with a signature.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata};

/// A ClusterImagePolicy of Sigstore's policy-controller (policy.sigstore.dev/v1beta1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterImagePolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For which images it is.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ImagePolicySpec,
}

/// For which images a ClusterImagePolicy is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImagePolicySpec {
    /// The images.
    #[serde(deserialize_with = "null_is_default")]
    pub images: Vec<ImageGlob>,
}

/// Images by a pattern.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageGlob {
    /// `*` is any text without a slash, `**` any text.
    #[serde(deserialize_with = "null_is_default")]
    pub glob: String,
}

/// A ClusterPolicy of Kyverno (kyverno.io/v1), as far as it verifies images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoClusterPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it asks.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: KyvernoSpec,
}

/// A Policy of Kyverno (kyverno.io/v1) for its own namespace, as far as it verifies images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it asks.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: KyvernoSpec,
}

/// What a policy of Kyverno asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KyvernoSpec {
    /// Its rules.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<KyvernoRule>,
}

/// A rule of Kyverno.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KyvernoRule {
    /// Which images it verifies; none where it does something else.
    #[serde(deserialize_with = "null_is_default")]
    pub verify_images: Vec<VerifyImages>,
}

/// Images that a rule of Kyverno verifies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifyImages {
    /// Patterns, in which `*` is any text.
    #[serde(deserialize_with = "null_is_default")]
    pub image_references: Vec<String>,
    /// One pattern, as it was written before there were several.
    pub image: Option<String>,
}

/// An ImageValidatingPolicy of Kyverno (policies.kyverno.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageValidatingPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For which images it is.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ImageValidatingSpec,
}

/// For which images an ImageValidatingPolicy is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageValidatingSpec {
    /// The images; one without a pattern says it by an expression.
    #[serde(deserialize_with = "null_is_default")]
    pub match_image_references: Vec<ImageGlob>,
}

impl KyvernoSpec {
    /// The patterns of all images that are verified.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        let verified = self.rules.iter().flat_map(|rule| &rule.verify_images);
        verified.flat_map(|one| {
            one.image_references
                .iter()
                .chain(&one.image)
                .map(String::as_str)
        })
    }
}
