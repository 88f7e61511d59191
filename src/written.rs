//! Policies as they lie in a cluster: each is read by itself, so that one that cannot be read hides no other.

use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject},
};
use prodready_engine::{
    api::{
        policy::{ProductionReadinessPolicy, ProductionReadinessPolicySpec},
        policy_status::ProductionReadinessPolicyStatus,
    },
    policy::{FieldError, Policy},
};
use serde_json::Value;

/// A policy as it lies in the cluster.
#[derive(Clone, Debug)]
pub struct Written {
    /// The policy; with an empty spec where that cannot be read.
    pub policy: ProductionReadinessPolicy,
    /// Why the spec cannot be read.
    pub unreadable: Option<String>,
}

/// The policies, unread.
pub fn api(client: Client) -> Api<DynamicObject> {
    Api::all_with(
        client,
        &ApiResource::erase::<ProductionReadinessPolicy>(&()),
    )
}

impl Written {
    /// Reads a policy.
    pub fn read(object: DynamicObject) -> Self {
        let read = |field: &str| object.data.get(field).cloned().unwrap_or(Value::Null);
        let spec: Result<ProductionReadinessPolicySpec, _> = serde_json::from_value(read("spec"));
        let status: Option<ProductionReadinessPolicyStatus> =
            serde_json::from_value(read("status")).unwrap_or_default();
        let unreadable = spec.as_ref().err().map(ToString::to_string);
        let policy = ProductionReadinessPolicy {
            metadata: object.metadata,
            spec: spec.unwrap_or_default(),
            status,
        };
        Self { policy, unreadable }
    }

    /// The policy to judge by, or all that is wrong with it. What is stored was taken once: a rule that asks for a field
    /// that is none is unknown by itself, and takes nothing else with it.
    pub fn compile(&self) -> Result<Policy, Vec<FieldError>> {
        match &self.unreadable {
            None => Policy::compile_stored(&self.policy),
            Some(message) => Err(vec![FieldError {
                field: "spec".to_owned(),
                message: message.clone(),
            }]),
        }
    }
}
