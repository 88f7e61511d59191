//! Which PodDisruptionBudgets protect a workload.

use super::{Seen, Surroundings};
use crate::object::{Kind, Workload, namespaced::PodDisruptionBudget};

impl<'a> Surroundings<'a> {
    /// The budgets whose selector means the workload's pods. In policy/v1 an empty selector means all
    /// pods of the namespace, an absent one none.
    pub fn disruption_budgets(&self, workload: &Workload) -> Seen<Vec<&'a PodDisruptionBudget>> {
        let labels = workload.pod_labels();
        let found = self
            .each::<PodDisruptionBudget>()
            .filter(|budget| {
                budget
                    .spec
                    .selector
                    .as_ref()
                    .is_some_and(|selector| selector.matches(labels))
            })
            .collect();
        self.found(Kind::PodDisruptionBudget, found)
    }
}
