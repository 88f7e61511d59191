//! Any object that judging looks at, and the table of their kinds.

use serde::{Deserialize, Deserializer};

use super::{
    autoscaler::{HorizontalPodAutoscaler, ScaledObject},
    edge::{Gateway, HttpRoute, Ingress},
    metadata::Metadata,
    namespaced::{ConfigMap, LimitRange, Namespace, PodDisruptionBudget, Service},
    workload::Workload,
};
use crate::api::vocabulary::WorkloadKind;

/// Kinds that surround workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1` Namespace.
    Namespace,
    /// `v1` Service.
    Service,
    /// `v1` ConfigMap.
    ConfigMap,
    /// `v1` LimitRange.
    LimitRange,
    /// `policy/v1` PodDisruptionBudget.
    PodDisruptionBudget,
    /// `autoscaling/v2` HorizontalPodAutoscaler.
    HorizontalPodAutoscaler,
    /// `keda.sh/v1alpha1` ScaledObject.
    ScaledObject,
    /// `networking.k8s.io/v1` Ingress.
    Ingress,
    /// `gateway.networking.k8s.io/v1` Gateway.
    Gateway,
    /// `gateway.networking.k8s.io/v1` HTTPRoute.
    HttpRoute,
}

/// How a kind is known to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// The kind.
    pub kind: Kind,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version that is watched.
    pub version: &'static str,
    /// The name in manifests.
    pub name: &'static str,
    /// The name in URLs and RBAC rules.
    pub plural: &'static str,
    /// Who defines it.
    pub origin: Origin,
    /// Where it usually comes from.
    pub ships: Ships,
}

/// Who defines a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Kubernetes itself: always there.
    Kubernetes,
    /// A CustomResourceDefinition that may be absent.
    Extension,
}

/// Where an object of a kind usually comes from, which decides what its absence from files means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ships {
    /// With the workload: absent from the files means missing.
    WithWorkload,
    /// With the namespace or the cluster: absent from the files means unknown.
    WithCluster,
}

impl Kind {
    /// Every kind.
    pub const ALL: [KindInfo; 10] = [
        info(
            Kind::Namespace,
            "",
            "v1",
            "Namespace",
            "namespaces",
            Ships::WithCluster,
        ),
        info(
            Kind::Service,
            "",
            "v1",
            "Service",
            "services",
            Ships::WithWorkload,
        ),
        info(
            Kind::ConfigMap,
            "",
            "v1",
            "ConfigMap",
            "configmaps",
            Ships::WithWorkload,
        ),
        info(
            Kind::LimitRange,
            "",
            "v1",
            "LimitRange",
            "limitranges",
            Ships::WithCluster,
        ),
        info(
            Kind::PodDisruptionBudget,
            "policy",
            "v1",
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            Ships::WithWorkload,
        ),
        info(
            Kind::HorizontalPodAutoscaler,
            "autoscaling",
            "v2",
            "HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            Ships::WithWorkload,
        ),
        extension(
            Kind::ScaledObject,
            "keda.sh",
            "v1alpha1",
            "ScaledObject",
            "scaledobjects",
            Ships::WithWorkload,
        ),
        info(
            Kind::Ingress,
            "networking.k8s.io",
            "v1",
            "Ingress",
            "ingresses",
            Ships::WithWorkload,
        ),
        extension(
            Kind::Gateway,
            "gateway.networking.k8s.io",
            "v1",
            "Gateway",
            "gateways",
            Ships::WithCluster,
        ),
        extension(
            Kind::HttpRoute,
            "gateway.networking.k8s.io",
            "v1",
            "HTTPRoute",
            "httproutes",
            Ships::WithWorkload,
        ),
    ];

    /// What the API server calls it.
    pub fn info(self) -> &'static KindInfo {
        const ALL: &[KindInfo] = &Kind::ALL;
        // The table is in the order of the variants; a test holds it so.
        &ALL[self as usize]
    }

    /// The kind of this group and name, in any version.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|info| info.group == group && info.name == name)
            .map(|info| info.kind)
    }
}

const fn info(
    kind: Kind,
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    ships: Ships,
) -> KindInfo {
    KindInfo {
        kind,
        group,
        version,
        name,
        plural,
        origin: Origin::Kubernetes,
        ships,
    }
}

const fn extension(
    kind: Kind,
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    ships: Ships,
) -> KindInfo {
    KindInfo {
        kind,
        group,
        version,
        name,
        plural,
        origin: Origin::Extension,
        ships,
    }
}

/// Any object that judging looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A workload.
    Workload(Box<Workload>),
    /// A Namespace.
    Namespace(Namespace),
    /// A Service.
    Service(Service),
    /// A ConfigMap.
    ConfigMap(ConfigMap),
    /// A LimitRange.
    LimitRange(LimitRange),
    /// A PodDisruptionBudget.
    PodDisruptionBudget(PodDisruptionBudget),
    /// A HorizontalPodAutoscaler.
    HorizontalPodAutoscaler(HorizontalPodAutoscaler),
    /// A KEDA ScaledObject.
    ScaledObject(ScaledObject),
    /// An Ingress.
    Ingress(Ingress),
    /// A Gateway.
    Gateway(Gateway),
    /// An HTTPRoute.
    HttpRoute(HttpRoute),
}

/// Which of the known kinds an object is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Resource {
    /// Reads an object of a known kind from any format.
    pub fn read<'de, D: Deserializer<'de>>(
        known: Known,
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let kind = match known {
            Known::Workload(kind) => {
                return Workload::read(kind, deserializer)
                    .map(|workload| Self::Workload(Box::new(workload)));
            }
            Known::Surrounding(kind) => kind,
        };
        Ok(match kind {
            Kind::Namespace => Self::Namespace(Deserialize::deserialize(deserializer)?),
            Kind::Service => Self::Service(Deserialize::deserialize(deserializer)?),
            Kind::ConfigMap => Self::ConfigMap(Deserialize::deserialize(deserializer)?),
            Kind::LimitRange => Self::LimitRange(Deserialize::deserialize(deserializer)?),
            Kind::PodDisruptionBudget => {
                Self::PodDisruptionBudget(Deserialize::deserialize(deserializer)?)
            }
            Kind::HorizontalPodAutoscaler => {
                Self::HorizontalPodAutoscaler(Deserialize::deserialize(deserializer)?)
            }
            Kind::ScaledObject => Self::ScaledObject(Deserialize::deserialize(deserializer)?),
            Kind::Ingress => Self::Ingress(Deserialize::deserialize(deserializer)?),
            Kind::Gateway => Self::Gateway(Deserialize::deserialize(deserializer)?),
            Kind::HttpRoute => Self::HttpRoute(Deserialize::deserialize(deserializer)?),
        })
    }

    /// The object's name, labels and annotations.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Workload(workload) => &workload.metadata,
            Self::Namespace(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::LimitRange(object) => &object.metadata,
            Self::PodDisruptionBudget(object) => &object.metadata,
            Self::HorizontalPodAutoscaler(object) => &object.metadata,
            Self::ScaledObject(object) => &object.metadata,
            Self::Ingress(object) => &object.metadata,
            Self::Gateway(object) => &object.metadata,
            Self::HttpRoute(object) => &object.metadata,
        }
    }

    /// The object's name, labels and annotations, to complete them.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        match self {
            Self::Workload(workload) => &mut workload.metadata,
            Self::Namespace(object) => &mut object.metadata,
            Self::Service(object) => &mut object.metadata,
            Self::ConfigMap(object) => &mut object.metadata,
            Self::LimitRange(object) => &mut object.metadata,
            Self::PodDisruptionBudget(object) => &mut object.metadata,
            Self::HorizontalPodAutoscaler(object) => &mut object.metadata,
            Self::ScaledObject(object) => &mut object.metadata,
            Self::Ingress(object) => &mut object.metadata,
            Self::Gateway(object) => &mut object.metadata,
            Self::HttpRoute(object) => &mut object.metadata,
        }
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
