//! What scanners of images found.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Workload,
    lenient::null_is_default,
    metadata::{Labels, Metadata},
};
use crate::api::vocabulary::WorkloadKind;

/// On a report of the Trivy Operator: the container that it is about.
pub const CONTAINER: &str = "trivy-operator.container.name";

/// Whether a report of the Trivy Operator with these labels is about a workload: it names it, or a ReplicaSet of it,
/// whose name is that of its Deployment with a hash behind it.
pub fn is_about(labels: &Labels, workload: &Workload) -> bool {
    let label = |key: &str| labels.get(key).map(String::as_str).unwrap_or_default();
    let kind = label("trivy-operator.resource.kind");
    let name = label("trivy-operator.resource.name");
    let own = workload.name();
    let same = kind == workload.kind.as_str() && name == own;
    let of_set = kind == "ReplicaSet"
        && workload.kind == WorkloadKind::Deployment
        && name.rsplit_once('-').is_some_and(|(start, _)| start == own);
    same || of_set
}

/// A VulnerabilityReport of the Trivy Operator (aquasecurity.github.io/v1alpha1). Its labels say which workload
/// and container it is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VulnerabilityReport {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What was found.
    #[serde(deserialize_with = "null_is_default")]
    pub report: ScanReport,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScanReport {
    /// How many of each severity.
    #[serde(deserialize_with = "null_is_default")]
    pub summary: ScanSummary,
}

/// How many vulnerabilities of each severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScanSummary {
    /// Critical ones.
    #[serde(deserialize_with = "null_is_default")]
    pub critical_count: i64,
    /// High ones.
    #[serde(deserialize_with = "null_is_default")]
    pub high_count: i64,
}

/// An SbomReport of the Trivy Operator (aquasecurity.github.io/v1alpha1): what an image is made of, of which nothing
/// is kept but what it says of the image as a whole. Its labels say which workload and container it is about.
///
/// Sources: `SbomReportData` and `BOM` in the operator's `pkg/apis/aquasecurity/v1alpha1/sbom_types.go`, and Trivy's
/// `pkg/sbom/io/encode.go`, which writes the image's properties.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SbomReport {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What was found.
    #[serde(deserialize_with = "null_is_default")]
    pub report: Sbom,
}

/// What was found in an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sbom {
    /// When it was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_timestamp: Option<String>,
    /// Which image it is about.
    #[serde(deserialize_with = "null_is_default")]
    pub artifact: Artifact,
    /// The bill of materials, in CycloneDX.
    #[serde(deserialize_with = "null_is_default")]
    pub components: BillOfMaterials,
}

/// Which image a report is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifact {
    /// The tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A bill of materials without the materials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BillOfMaterials {
    /// What is said of the whole.
    #[serde(deserialize_with = "null_is_default")]
    pub metadata: BillMetadata,
}

/// What a bill of materials says of the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BillMetadata {
    /// The image.
    #[serde(deserialize_with = "null_is_default")]
    pub component: ImageComponent,
}

/// The image as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageComponent {
    /// Those of its properties that are read.
    #[serde(deserialize_with = "known_properties")]
    pub properties: Vec<Property>,
}

/// A property of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Property {
    /// Its name, such as `aquasecurity:trivy:Size`.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "null_is_default")]
    pub value: String,
}

/// What all layers have together, unpacked, in bytes. Trivy writes it since release 0.62
/// (aquasecurity/trivy#8767).
const SIZE: &str = "aquasecurity:trivy:Size";

/// When the image was made, by its own labels: that of the OCI image specification, and the one before it.
const CREATED: [&str; 2] = [
    "aquasecurity:trivy:Labels:org.opencontainers.image.created",
    "aquasecurity:trivy:Labels:org.label-schema.build-date",
];

fn known_properties<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Property>, D::Error> {
    let mut properties: Vec<Property> = null_is_default(deserializer)?;
    properties.retain(|property| {
        let name = property.name.as_str();
        name == SIZE || CREATED.contains(&name)
    });
    properties.shrink_to_fit();
    Ok(properties)
}

impl SbomReport {
    /// What all layers have together, unpacked, in bytes.
    pub fn size(&self) -> Option<i64> {
        self.property(SIZE)?.parse().ok()
    }

    /// When the image was made, by its own labels.
    pub fn created(&self) -> Option<Timestamp> {
        let mut labels = CREATED.iter().filter_map(|name| self.property(name));
        labels.find_map(|label| label.parse().ok())
    }

    /// When the image was scanned.
    pub fn scanned(&self) -> Option<Timestamp> {
        self.report.update_timestamp.as_deref()?.parse().ok()
    }

    fn property(&self, name: &str) -> Option<&str> {
        let properties = &self.report.components.metadata.component.properties;
        let found = properties.iter().find(|property| property.name == name);
        found.map(|property| property.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::SbomReport;

    #[test]
    fn of_a_bill_of_materials_only_the_images_own_figures_are_kept() {
        let report: SbomReport = serde_json::from_value(json!({
            "metadata": {"name": "web"},
            "report": {
                "updateTimestamp": "2026-11-20T04:00:00Z",
                "artifact": {"repository": "shop/web", "tag": "1.4"},
                "components": {
                    "bomFormat": "CycloneDX",
                    "components": [{"name": "openssl", "properties": [{"name": "aquasecurity:trivy:Size", "value": "1"}]}],
                    "metadata": {"component": {"properties": [
                        {"name": "aquasecurity:trivy:DiffID", "value": "sha256:08000c18"},
                        {"name": "aquasecurity:trivy:Labels:org.opencontainers.image.created", "value": "2026-01-02T03:04:05+01:00"},
                        {"name": "aquasecurity:trivy:Size", "value": "171493376"},
                    ]}},
                },
            },
        }))
        .unwrap();
        assert_eq!(report.size(), Some(171_493_376));
        let text = |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string());
        assert_eq!(
            text(report.created()).as_deref(),
            Some("2026-01-02T02:04:05Z")
        );
        assert_eq!(
            text(report.scanned()).as_deref(),
            Some("2026-11-20T04:00:00Z")
        );
        let kept = format!("{report:?}");
        assert!(
            !kept.contains("openssl") && !kept.contains("08000c18"),
            "{kept}"
        );
    }
}
