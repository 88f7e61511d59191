//! What sets the number of a workload's replicas.

use super::{Seen, Surroundings};
use crate::object::{
    Kind, Workload,
    autoscaler::{HorizontalPodAutoscaler, ScaleTarget, ScaledObject},
};

/// An autoscaler that owns a workload's number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Autoscaling<'a> {
    /// Kind of the autoscaler.
    pub kind: Kind,
    /// Its name.
    pub name: &'a str,
    /// The fewest replicas it goes down to.
    pub min_replicas: i64,
    /// The most it goes up to, where it is known.
    pub max_replicas: Option<i64>,
}

impl<'a> Surroundings<'a> {
    /// The autoscalers of a workload: HorizontalPodAutoscalers, then KEDA's ScaledObjects. A
    /// HorizontalPodAutoscaler that KEDA made for a ScaledObject is listed beside it.
    pub fn autoscalers(&self, workload: &Workload) -> Seen<Vec<Autoscaling<'a>>> {
        let means = |target: &ScaleTarget| {
            target.means(
                workload.kind.api_version(),
                workload.kind.as_str(),
                &workload.metadata.name,
            )
        };
        let horizontal = self
            .each::<HorizontalPodAutoscaler>()
            .filter(|scaler| means(&scaler.spec.scale_target_ref))
            .map(|scaler| Autoscaling {
                kind: Kind::HorizontalPodAutoscaler,
                name: &scaler.metadata.name,
                min_replicas: scaler.spec.min_replicas.unwrap_or(1),
                max_replicas: scaler.spec.max_replicas,
            });
        let scaled = self
            .each::<ScaledObject>()
            .filter(|scaler| means(&scaler.spec.scale_target_ref))
            .map(|scaler| Autoscaling {
                kind: Kind::ScaledObject,
                name: &scaler.metadata.name,
                min_replicas: scaler.spec.min_replica_count.unwrap_or(0),
                max_replicas: Some(scaler.spec.max_replica_count.unwrap_or(100)),
            });
        let found: Vec<_> = horizontal.chain(scaled).collect();
        match self.found(Kind::HorizontalPodAutoscaler, found) {
            Seen::Known(found) => self.found(Kind::ScaledObject, found),
            not_seen @ Seen::NotSeen(_) => not_seen,
        }
    }
}
