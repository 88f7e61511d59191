//! The modes, and the ratchet where it matters: each holds in a namespace of its own.

use kube::Client;
use prodready_testkit::{ControlPlane, kubectl, wait};
use serde_json::{Value, json};

use super::table::Expected;
use crate::support::{LIMIT, apply_policy, objects::pod, request::Sent};

/// A mode, with what the ratchet does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Audit,
    Warn,
    Enforce,
    /// Enforce, and the ratchet was never on.
    WithoutRatchet,
    /// Enforce, and the ratchet has ended.
    RatchetEnded,
}

impl Setting {
    pub(super) const ALL: [Self; 5] = [
        Self::Audit,
        Self::Warn,
        Self::Enforce,
        Self::WithoutRatchet,
        Self::RatchetEnded,
    ];

    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
            Self::WithoutRatchet => "without-ratchet",
            Self::RatchetEnded => "ratchet-ended",
        }
    }

    /// The entry by which its requests come.
    pub(super) fn entry(self) -> Option<&'static str> {
        match self {
            Self::Audit => None,
            Self::Warn => Some("warn"),
            Self::Enforce | Self::WithoutRatchet | Self::RatchetEnded => Some("enforce"),
        }
    }

    fn enforcement(self) -> Value {
        let (mode, ratchet) = match self {
            Self::Audit => ("Audit", json!({})),
            Self::Warn => ("Warn", json!({})),
            Self::Enforce => ("Enforce", json!({})),
            Self::WithoutRatchet => ("Enforce", json!({"enabled": false})),
            Self::RatchetEnded => ("Enforce", json!({"until": "2026-01-01T00:00:00Z"})),
        };
        json!({
            "mode": mode,
            "ratchet": ratchet,
            "denySeverities": [],
            "denyChecks": ["privileged-container", "image-tag", "job-deadline", "minimum-replicas"],
        })
    }

    /// What comes of a fault that was not there before.
    pub(super) fn of_new_fault(self) -> Expected {
        match self {
            Self::Audit => Expected::NeverAsked,
            Self::Warn => Expected::Warned,
            Self::Enforce | Self::WithoutRatchet | Self::RatchetEnded => Expected::Denied,
        }
    }

    /// What comes of a fault that was there before.
    pub(super) fn of_old_fault(self) -> Expected {
        match self {
            Self::Audit => Expected::NeverAsked,
            // Warnings go on; the ratchet lets through, and says so.
            Self::Warn | Self::Enforce => Expected::Warned,
            Self::WithoutRatchet | Self::RatchetEnded => Expected::Denied,
        }
    }

    /// What comes of an object without a fault.
    pub(super) fn of_no_fault(self) -> Expected {
        match self {
            Self::Audit => Expected::NeverAsked,
            _ => Expected::Allowed,
        }
    }

    /// What comes of a fault that may never deny.
    pub(super) fn of_fault_to_warn_of(self) -> Expected {
        match self {
            Self::Audit => Expected::NeverAsked,
            _ => Expected::Warned,
        }
    }

    /// Makes its namespace.
    pub(super) async fn make_namespace(self, plane: &ControlPlane) {
        kubectl(plane, &["create", "namespace", self.namespace()])
            .await
            .expect_success();
    }

    /// Puts its policy in force, and returns when the gate answers accordingly.
    pub(super) async fn come_into_force(self, plane: &ControlPlane, client: &Client) {
        let namespace = self.namespace();
        let spec = json!({
            "precedence": 100,
            "checks": [{"id": "minimum-replicas", "parameters": [{"name": "min", "value": 3}]}],
            "enforcement": self.enforcement(),
        });
        apply_policy(plane, namespace, namespace, spec).await;
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        let canary = Sent::create(&path, pod(namespace, "canary", true)).in_dry_run();
        wait("the gate answers", LIMIT, async || {
            let answer = canary.send(client).await;
            self.of_new_fault().is_seen_in(&answer)
        })
        .await;
    }
}
