//! Any object that judging looks at: its kind, and how it is read.

use std::collections::BTreeSet;

use serde::Deserializer;
use serde_json::Value;

pub use super::kinds::{Kind, KindInfo, Origin, Resource, Scope, Ships, Surrounding};
use super::{original::Original, workload::Workload};
use crate::api::vocabulary::WorkloadKind;

/// Which of the known kinds an object is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// A workload.
    Workload(WorkloadKind),
    /// Something that surrounds workloads.
    Surrounding(Kind),
}

impl Known {
    /// What an object with this `apiVersion` and `kind` is, if judging looks at it. Versions do not
    /// matter: removed ones are still judged.
    pub fn find(api_version: &str, kind: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let group = if group == "extensions" {
            legacy_group(kind)
        } else {
            group
        };
        WorkloadKind::ALL
            .iter()
            .find(|known| known.as_str() == kind && group_of(known.api_version()) == group)
            .map(|known| Self::Workload(*known))
            .or_else(|| Kind::find(group, kind).map(Self::Surrounding))
    }
}

/// Where the kinds of the removed group `extensions` went.
fn legacy_group(kind: &str) -> &'static str {
    if kind == "Ingress" {
        "networking.k8s.io"
    } else {
        "apps"
    }
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Which kinds are kept as they were written, beside what checks read of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// Whether workloads of every kind are.
    pub workloads: bool,
    /// The other kinds.
    pub kinds: BTreeSet<Kind>,
}

impl Whole {
    /// Whether objects of a kind are kept as they were written. Secrets never are.
    pub fn includes(&self, known: Known) -> bool {
        match known {
            Known::Workload(_) => self.workloads,
            Known::Surrounding(Kind::Secret) => false,
            Known::Surrounding(kind) => self.kinds.contains(&kind),
        }
    }
}

impl Resource {
    /// Reads an object of a known kind, and keeps it as it was written where that is asked for.
    pub fn keep(known: Known, object: Value, whole: &Whole) -> Result<Self, serde_json::Error> {
        let original = whole.includes(known).then(|| Original::of(object.clone()));
        let mut read = Self::read(known, object)?;
        read.metadata_mut().original = original;
        Ok(read)
    }

    /// Reads an object of a known kind from any format.
    pub fn read<'de, D: Deserializer<'de>>(
        known: Known,
        deserializer: D,
    ) -> Result<Self, D::Error> {
        match known {
            Known::Workload(kind) => Workload::read(kind, deserializer)
                .map(|workload| Self::Workload(Box::new(workload))),
            Known::Surrounding(kind) => {
                let mut read = Self::read_surrounding(kind, deserializer)?;
                read.metadata_mut().forget_last_applied();
                Ok(read)
            }
        }
    }
}

impl Kind {
    /// What the API server calls it.
    pub fn info(self) -> &'static KindInfo {
        // The table is in the order of the variants; a test holds it so.
        &Self::ALL[self as usize]
    }

    /// The kind of this group and name, in any version.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|info| info.group == group && info.name == name)
            .map(|info| info.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Known, Resource};
    use crate::api::vocabulary::WorkloadKind;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (index, info) in Kind::ALL.iter().enumerate() {
            assert_eq!(info.kind as usize, index, "{}", info.name);
            assert_eq!(info.kind.info(), info);
        }
    }

    #[test]
    fn removed_versions_and_groups_are_still_known() {
        let deployment = Some(Known::Workload(WorkloadKind::Deployment));
        assert_eq!(Known::find("apps/v1", "Deployment"), deployment);
        assert_eq!(Known::find("extensions/v1beta1", "Deployment"), deployment);
        assert_eq!(
            Known::find("networking.k8s.io/v1beta1", "Ingress"),
            Some(Known::Surrounding(Kind::Ingress))
        );
        assert_eq!(Known::find("example.com/v1", "Deployment"), None);
    }

    #[test]
    fn a_deployment_with_nulls_reads_as_one_without() {
        let text = "{metadata: {name: web, labels: null}, spec: {template: {spec: {containers: [{name: web, env: null}], volumes: null}}}}";
        let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
        let read = Resource::read(Known::Workload(WorkloadKind::Deployment), value).unwrap();
        let Resource::Workload(workload) = read else {
            panic!("not a workload")
        };
        assert_eq!(workload.containers().count(), 1);
    }
}
