//! The table of the kinds that surround workloads: one line each. The enums, how objects are read, what is watched
//! and what absence means follow from it.

use serde::{Deserialize, Deserializer};

use super::{
    account::{
        ClusterRole, ClusterRoleBinding, Role, RoleBinding, SecurityContextConstraints,
        ServiceAccount,
    },
    autoscaler::{HorizontalPodAutoscaler, ScaledObject, VerticalPodAutoscaler},
    backup::{K8upSchedule, ScheduledBackup, VeleroSchedule},
    edge::{Gateway, GrpcRoute, HttpRoute, Ingress, IngressClass},
    edge_policy::{BackendTrafficPolicy, Certificate, Middleware, SecurityPolicy},
    exception::ReadinessException,
    mesh::{AuthorizationPolicy, DestinationRule, PeerAuthentication, VirtualService},
    metadata::Metadata,
    monitor::{
        Canary, GrafanaDashboard, PodMonitor, PrometheusRule, PrometheusServiceLevel,
        ServiceLevelObjective, ServiceMonitor, UptimeProbe,
    },
    namespaced::{
        ConfigMap, EndpointSlice, LimitRange, Namespace, PodDisruptionBudget, ResourceQuota,
        Service,
    },
    network_policy::{
        AdminNetworkPolicy, CalicoGlobalNetworkPolicy, CalicoNetworkPolicy,
        CiliumClusterwideNetworkPolicy, CiliumNetworkPolicy, NetworkPolicy,
    },
    scan::{SbomReport, VulnerabilityReport},
    secret::Secret,
    secret_source::{ExternalSecret, SealedSecret},
    signature::{ClusterImagePolicy, ImageValidatingPolicy, KyvernoClusterPolicy, KyvernoPolicy},
    storage::{PersistentVolumeClaim, PriorityClass, StorageClass},
    workload::Workload,
};

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
    /// Where its objects matter.
    pub scope: Scope,
    /// Where it usually comes from.
    pub ships: Ships,
}

/// Who defines a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Kubernetes itself: always there.
    Kubernetes,
    /// Kubernetes itself, and read only where somebody says so: to list Secrets is to be able to read them.
    Guarded,
    /// prodready itself: there wherever its operator is.
    Ourselves,
    /// A CustomResourceDefinition that may be absent.
    Extension,
}

/// Where the objects of a kind matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// To workloads of their own namespace. A Namespace counts as an object of its own.
    Namespace,
    /// To workloads of any namespace, although they live in one.
    Across,
    /// To workloads of any namespace; they live in none.
    Cluster,
}

/// Where an object of a kind usually comes from, which decides what its absence from files means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ships {
    /// With the workload: absent from the files means missing.
    WithWorkload,
    /// With the namespace or the cluster: absent from the files means unknown.
    WithCluster,
}

/// The type of the objects of one kind.
pub trait Surrounding: Sized {
    /// The kind.
    const KIND: Kind;

    /// The object, where it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;

    /// Its name, labels and annotations.
    fn metadata(&self) -> &Metadata;
}

macro_rules! kinds {
    ($($kind:ident: $group:literal $version:literal $name:literal $plural:literal, $origin:ident, $scope:ident, $ships:ident;)*) => {
        /// Kinds that surround workloads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(
                #[doc = concat!("`", $name, "` of `", $group, "/", $version, "`.")]
                $kind,
            )*
        }

        impl Kind {
            /// Every kind, in the order of the variants.
            pub const ALL: &'static [KindInfo] = &[$(
                KindInfo {
                    kind: Kind::$kind,
                    group: $group,
                    version: $version,
                    name: $name,
                    plural: $plural,
                    origin: Origin::$origin,
                    scope: Scope::$scope,
                    ships: Ships::$ships,
                },
            )*];
        }

        /// Any object that judging looks at.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Resource {
            /// A workload.
            Workload(Box<Workload>),
            $(
                #[doc = concat!("A ", $name, ".")]
                $kind($kind),
            )*
        }

        impl Resource {
            pub(super) fn read_surrounding<'de, D: Deserializer<'de>>(
                kind: Kind,
                deserializer: D,
            ) -> Result<Self, D::Error> {
                match kind {
                    $(Kind::$kind => $kind::deserialize(deserializer).map(Self::$kind),)*
                }
            }

            /// The kind, where it is no workload.
            pub fn surrounding_kind(&self) -> Option<Kind> {
                match self {
                    Self::Workload(_) => None,
                    $(Self::$kind(_) => Some(Kind::$kind),)*
                }
            }

            /// The object's name, labels and annotations.
            pub fn metadata(&self) -> &Metadata {
                match self {
                    Self::Workload(workload) => &workload.metadata,
                    $(Self::$kind(object) => &object.metadata,)*
                }
            }

            /// The object's name, labels and annotations, to complete them.
            pub fn metadata_mut(&mut self) -> &mut Metadata {
                match self {
                    Self::Workload(workload) => &mut workload.metadata,
                    $(Self::$kind(object) => &mut object.metadata,)*
                }
            }
        }

        $(
            impl Surrounding for $kind {
                const KIND: Kind = Kind::$kind;

                fn of(resource: &Resource) -> Option<&Self> {
                    match resource {
                        Resource::$kind(object) => Some(object),
                        _ => None,
                    }
                }

                fn metadata(&self) -> &Metadata {
                    &self.metadata
                }
            }
        )*
    };
}

kinds! {
    Namespace: "" "v1" "Namespace" "namespaces", Kubernetes, Namespace, WithCluster;
    Service: "" "v1" "Service" "services", Kubernetes, Namespace, WithWorkload;
    ConfigMap: "" "v1" "ConfigMap" "configmaps", Kubernetes, Namespace, WithWorkload;
    Secret: "" "v1" "Secret" "secrets", Guarded, Namespace, WithCluster;
    LimitRange: "" "v1" "LimitRange" "limitranges", Kubernetes, Namespace, WithCluster;
    ResourceQuota: "" "v1" "ResourceQuota" "resourcequotas", Kubernetes, Namespace, WithCluster;
    EndpointSlice: "discovery.k8s.io" "v1" "EndpointSlice" "endpointslices", Kubernetes, Namespace, WithCluster;
    ServiceAccount: "" "v1" "ServiceAccount" "serviceaccounts", Kubernetes, Namespace, WithWorkload;
    PersistentVolumeClaim: "" "v1" "PersistentVolumeClaim" "persistentvolumeclaims", Kubernetes, Namespace, WithWorkload;
    PodDisruptionBudget: "policy" "v1" "PodDisruptionBudget" "poddisruptionbudgets", Kubernetes, Namespace, WithWorkload;
    HorizontalPodAutoscaler: "autoscaling" "v2" "HorizontalPodAutoscaler" "horizontalpodautoscalers", Kubernetes, Namespace, WithWorkload;
    ScaledObject: "keda.sh" "v1alpha1" "ScaledObject" "scaledobjects", Extension, Namespace, WithWorkload;
    VerticalPodAutoscaler: "autoscaling.k8s.io" "v1" "VerticalPodAutoscaler" "verticalpodautoscalers", Extension, Namespace, WithWorkload;
    Ingress: "networking.k8s.io" "v1" "Ingress" "ingresses", Kubernetes, Namespace, WithWorkload;
    IngressClass: "networking.k8s.io" "v1" "IngressClass" "ingressclasses", Kubernetes, Cluster, WithCluster;
    NetworkPolicy: "networking.k8s.io" "v1" "NetworkPolicy" "networkpolicies", Kubernetes, Namespace, WithWorkload;
    CiliumNetworkPolicy: "cilium.io" "v2" "CiliumNetworkPolicy" "ciliumnetworkpolicies", Extension, Namespace, WithWorkload;
    CiliumClusterwideNetworkPolicy: "cilium.io" "v2" "CiliumClusterwideNetworkPolicy" "ciliumclusterwidenetworkpolicies", Extension, Cluster, WithCluster;
    CalicoNetworkPolicy: "crd.projectcalico.org" "v1" "NetworkPolicy" "networkpolicies", Extension, Namespace, WithWorkload;
    CalicoGlobalNetworkPolicy: "crd.projectcalico.org" "v1" "GlobalNetworkPolicy" "globalnetworkpolicies", Extension, Cluster, WithCluster;
    AdminNetworkPolicy: "policy.networking.k8s.io" "v1alpha1" "AdminNetworkPolicy" "adminnetworkpolicies", Extension, Cluster, WithCluster;
    Gateway: "gateway.networking.k8s.io" "v1" "Gateway" "gateways", Extension, Across, WithCluster;
    HttpRoute: "gateway.networking.k8s.io" "v1" "HTTPRoute" "httproutes", Extension, Namespace, WithWorkload;
    GrpcRoute: "gateway.networking.k8s.io" "v1" "GRPCRoute" "grpcroutes", Extension, Namespace, WithWorkload;
    BackendTrafficPolicy: "gateway.envoyproxy.io" "v1alpha1" "BackendTrafficPolicy" "backendtrafficpolicies", Extension, Namespace, WithWorkload;
    SecurityPolicy: "gateway.envoyproxy.io" "v1alpha1" "SecurityPolicy" "securitypolicies", Extension, Namespace, WithWorkload;
    Middleware: "traefik.io" "v1alpha1" "Middleware" "middlewares", Extension, Across, WithWorkload;
    Certificate: "cert-manager.io" "v1" "Certificate" "certificates", Extension, Namespace, WithWorkload;
    Role: "rbac.authorization.k8s.io" "v1" "Role" "roles", Kubernetes, Namespace, WithWorkload;
    RoleBinding: "rbac.authorization.k8s.io" "v1" "RoleBinding" "rolebindings", Kubernetes, Across, WithWorkload;
    ClusterRole: "rbac.authorization.k8s.io" "v1" "ClusterRole" "clusterroles", Kubernetes, Cluster, WithCluster;
    ClusterRoleBinding: "rbac.authorization.k8s.io" "v1" "ClusterRoleBinding" "clusterrolebindings", Kubernetes, Cluster, WithWorkload;
    StorageClass: "storage.k8s.io" "v1" "StorageClass" "storageclasses", Kubernetes, Cluster, WithCluster;
    PriorityClass: "scheduling.k8s.io" "v1" "PriorityClass" "priorityclasses", Kubernetes, Cluster, WithCluster;
    ServiceMonitor: "monitoring.coreos.com" "v1" "ServiceMonitor" "servicemonitors", Extension, Across, WithWorkload;
    PodMonitor: "monitoring.coreos.com" "v1" "PodMonitor" "podmonitors", Extension, Across, WithWorkload;
    PrometheusRule: "monitoring.coreos.com" "v1" "PrometheusRule" "prometheusrules", Extension, Across, WithWorkload;
    UptimeProbe: "monitoring.coreos.com" "v1" "Probe" "probes", Extension, Across, WithWorkload;
    GrafanaDashboard: "grafana.integreatly.org" "v1beta1" "GrafanaDashboard" "grafanadashboards", Extension, Across, WithWorkload;
    PrometheusServiceLevel: "sloth.slok.dev" "v1" "PrometheusServiceLevel" "prometheusservicelevels", Extension, Across, WithWorkload;
    ServiceLevelObjective: "pyrra.dev" "v1alpha1" "ServiceLevelObjective" "servicelevelobjectives", Extension, Across, WithWorkload;
    Canary: "flagger.app" "v1beta1" "Canary" "canaries", Extension, Namespace, WithWorkload;
    PeerAuthentication: "security.istio.io" "v1" "PeerAuthentication" "peerauthentications", Extension, Across, WithCluster;
    AuthorizationPolicy: "security.istio.io" "v1" "AuthorizationPolicy" "authorizationpolicies", Extension, Namespace, WithWorkload;
    DestinationRule: "networking.istio.io" "v1" "DestinationRule" "destinationrules", Extension, Across, WithWorkload;
    VirtualService: "networking.istio.io" "v1" "VirtualService" "virtualservices", Extension, Across, WithWorkload;
    SecurityContextConstraints: "security.openshift.io" "v1" "SecurityContextConstraints" "securitycontextconstraints", Extension, Cluster, WithCluster;
    ExternalSecret: "external-secrets.io" "v1" "ExternalSecret" "externalsecrets", Extension, Namespace, WithWorkload;
    SealedSecret: "bitnami.com" "v1alpha1" "SealedSecret" "sealedsecrets", Extension, Namespace, WithWorkload;
    VeleroSchedule: "velero.io" "v1" "Schedule" "schedules", Extension, Across, WithCluster;
    K8upSchedule: "k8up.io" "v1" "Schedule" "schedules", Extension, Namespace, WithCluster;
    ScheduledBackup: "postgresql.cnpg.io" "v1" "ScheduledBackup" "scheduledbackups", Extension, Namespace, WithCluster;
    ReadinessException: "prodready.dev" "v1alpha1" "ReadinessException" "readinessexceptions", Ourselves, Namespace, WithWorkload;
    VulnerabilityReport: "aquasecurity.github.io" "v1alpha1" "VulnerabilityReport" "vulnerabilityreports", Extension, Namespace, WithCluster;
    SbomReport: "aquasecurity.github.io" "v1alpha1" "SbomReport" "sbomreports", Extension, Namespace, WithCluster;
    ClusterImagePolicy: "policy.sigstore.dev" "v1beta1" "ClusterImagePolicy" "clusterimagepolicies", Extension, Cluster, WithCluster;
    KyvernoClusterPolicy: "kyverno.io" "v1" "ClusterPolicy" "clusterpolicies", Extension, Cluster, WithCluster;
    KyvernoPolicy: "kyverno.io" "v1" "Policy" "policies", Extension, Namespace, WithCluster;
    ImageValidatingPolicy: "policies.kyverno.io" "v1" "ImageValidatingPolicy" "imagevalidatingpolicies", Extension, Cluster, WithCluster;
}
