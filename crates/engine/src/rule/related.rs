//! What an expression sees as `related`: the objects around a workload that belong to it, by kind.

use crate::{
    facts::Facts,
    object::{
        Kind, Metadata,
        autoscaler::{HorizontalPodAutoscaler, ScaleTarget, ScaledObject, VerticalPodAutoscaler},
        edge::{HttpRoute, Ingress},
        namespaced::{LimitRange, ResourceQuota, Service},
        resource::Surrounding,
        storage::PersistentVolumeClaim,
    },
    surroundings::Seen,
};

macro_rules! related {
    ($($kind:ident $name:literal $which:literal;)*) => {
        /// A kind of objects that belong to a workload, as `related` names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Related {
            $(
                #[doc = $which]
                $kind,
            )*
        }

        impl Related {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name after `related.`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The whole name, `related.` included, by which the interpreter asks for it.
            pub(super) fn variable(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!("related.", $name),)*
                }
            }

            /// Which objects of the kind are meant.
            pub fn which(self) -> &'static str {
                match self {
                    $(Self::$kind => $which,)*
                }
            }

            /// The kind.
            pub fn kind(self) -> Kind {
                match self {
                    $(Self::$kind => Kind::$kind,)*
                }
            }
        }
    };
}

related! {
    Service "services" "Services whose selector means the workload's pods.";
    Ingress "ingresses" "Ingresses that lead to one of those Services.";
    HttpRoute "httpRoutes" "HTTPRoutes that lead to one of those Services.";
    HorizontalPodAutoscaler "horizontalPodAutoscalers" "HorizontalPodAutoscalers that scale the workload.";
    ScaledObject "scaledObjects" "KEDA's ScaledObjects that scale the workload.";
    VerticalPodAutoscaler "verticalPodAutoscalers" "VerticalPodAutoscalers that size the workload.";
    PodDisruptionBudget "podDisruptionBudgets" "PodDisruptionBudgets whose selector means the workload's pods.";
    NetworkPolicy "networkPolicies" "NetworkPolicies whose selector means the workload's pods.";
    ServiceAccount "serviceAccounts" "The ServiceAccount that the pods act as.";
    ConfigMap "configMaps" "ConfigMaps that the pods name in volumes, `env` and `envFrom`.";
    PersistentVolumeClaim "persistentVolumeClaims" "PersistentVolumeClaims that the pods name in volumes.";
    LimitRange "limitRanges" "LimitRanges of the namespace.";
    ResourceQuota "resourceQuotas" "ResourceQuotas of the namespace.";
}

impl Related {
    /// A kind by the name after `related.`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|related| related.name() == name)
    }

    /// The objects of this kind that belong to a workload, by name.
    pub(super) fn of<'a>(self, facts: &Facts<'a>) -> Seen<Vec<&'a Metadata>> {
        let (workload, around) = (facts.workload(), facts.around());
        let means = |target: &ScaleTarget| {
            let kind = workload.kind;
            target.means(kind.api_version(), kind.as_str(), workload.name())
        };
        match self {
            Self::Service => metadata(facts.services().map(<[_]>::to_vec)),
            Self::Ingress => behind(facts, |services| {
                let mut found = around.each::<Ingress>().collect::<Vec<_>>();
                found.retain(|ingress| ingress.services().any(|name| is_among(services, name)));
                around.found(Kind::Ingress, found)
            }),
            Self::HttpRoute => behind(facts, |services| {
                let mut found = around.each::<HttpRoute>().collect::<Vec<_>>();
                found.retain(|route| route.services().any(|name| is_among(services, name)));
                around.found(Kind::HttpRoute, found)
            }),
            Self::HorizontalPodAutoscaler => {
                let scalers = around.each::<HorizontalPodAutoscaler>();
                let found = scalers.filter(|scaler| means(&scaler.spec.scale_target_ref));
                metadata(around.found(self.kind(), found.collect()))
            }
            Self::ScaledObject => {
                let scalers = around.each::<ScaledObject>();
                let found = scalers.filter(|scaler| means(&scaler.spec.scale_target_ref));
                metadata(around.found(self.kind(), found.collect()))
            }
            Self::VerticalPodAutoscaler => {
                let scalers = around.each::<VerticalPodAutoscaler>();
                let found = scalers.filter(|scaler| means(&scaler.spec.target_ref));
                metadata(around.found(self.kind(), found.collect()))
            }
            Self::PodDisruptionBudget => metadata(around.disruption_budgets(workload)),
            Self::NetworkPolicy => metadata(around.network_policies(workload)),
            Self::ServiceAccount => metadata(
                around
                    .account(workload)
                    .map(|account| account.into_iter().collect()),
            ),
            Self::ConfigMap => metadata(around.found(self.kind(), around.config_maps(workload))),
            Self::PersistentVolumeClaim => metadata(around.found(self.kind(), claims(facts))),
            Self::LimitRange => {
                metadata(around.found(self.kind(), around.each::<LimitRange>().collect()))
            }
            Self::ResourceQuota => {
                metadata(around.found(self.kind(), around.each::<ResourceQuota>().collect()))
            }
        }
    }
}

/// What leads to the Services of a workload.
fn behind<'a, T: Surrounding + 'a>(
    facts: &Facts<'a>,
    leading: impl FnOnce(&[&Service]) -> Seen<Vec<&'a T>>,
) -> Seen<Vec<&'a Metadata>> {
    match facts.services() {
        Seen::Known(services) => metadata(leading(services)),
        Seen::NotSeen(why) => Seen::NotSeen(why),
    }
}

fn is_among(services: &[&Service], name: &str) -> bool {
    services.iter().any(|service| service.metadata.name == name)
}

fn claims<'a>(facts: &Facts<'a>) -> Vec<&'a PersistentVolumeClaim> {
    let volumes = facts.workload().pod().volumes.iter();
    let names =
        volumes.filter_map(|volume| Some(&volume.persistent_volume_claim.as_ref()?.claim_name));
    let found = names.filter_map(|name| facts.around().named(name).known().flatten());
    found.collect()
}

fn metadata<'a, T: Surrounding + 'a>(found: Seen<Vec<&'a T>>) -> Seen<Vec<&'a Metadata>> {
    found.map(|found| found.into_iter().map(Surrounding::metadata).collect())
}
