//! Which Services stand for a workload.

use super::{Seen, Surroundings};
use crate::object::{Kind, Workload, namespaced::Service, selector::contains_all};

impl<'a> Surroundings<'a> {
    /// The Services whose selector means the workload's pods. A Service without selector means none.
    pub fn services(&self, workload: &Workload) -> Seen<Vec<&'a Service>> {
        let labels = workload.pod_labels();
        let found = self
            .each::<Service>()
            .filter(|service| {
                !service.spec.selector.is_empty() && contains_all(labels, &service.spec.selector)
            })
            .collect();
        self.found(Kind::Service, found)
    }
}
