//! Whether an operator leads: only the one that leads writes anything.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use tokio::time::Instant;

use super::{Diagnosis, Looked, find, leases};
use crate::operator::{RENEWED_WITHIN, Settings};

const SUBJECT: &str = "Leader";

const REMEDY: &str = "look whether the operator's pods run and what they log: kubectl get pods, kubectl logs; they need the \
                      rights on the Lease";

/// How often the Lease is looked at again.
const AGAIN: Duration = Duration::from_millis(500);

/// The Lease as it was at first. Whether it is renewed shows by looking again: comparing its times with this
/// machine's clock would prove nothing.
pub(super) struct Before {
    lease: Looked<Lease>,
    at: Instant,
}

impl Before {
    pub(super) async fn look(client: &Client, settings: &Settings) -> Self {
        let lease = find(leases(client, settings), &settings.lease).await;
        Self {
            lease,
            at: Instant::now(),
        }
    }

    /// Whether a configuration has been there, where that is known: an annotation of the Lease says so.
    pub(super) fn noted(&self, note: &str) -> Option<bool> {
        match &self.lease {
            Looked::Found(lease) => {
                let annotations = lease.metadata.annotations.as_ref();
                Some(annotations.is_some_and(|annotations| annotations.contains_key(note)))
            }
            Looked::Absent => Some(false),
            Looked::NotSeen(_) => None,
        }
    }

    /// Looks until the Lease was renewed, or should have been.
    pub(super) async fn again(self, client: &Client, settings: &Settings) -> Diagnosis {
        let before = match self.lease {
            Looked::NotSeen(why) => return Diagnosis::unknown(SUBJECT, why),
            Looked::Absent => {
                let told = format!(
                    "there is no Lease {}: no operator ever ran here",
                    settings.lease
                );
                return Diagnosis::wrong(SUBJECT, "NoLeader", told, REMEDY);
            }
            Looked::Found(lease) => lease,
        };
        let Some(holder) = holder(&before) else {
            let told = "no operator leads: the last one gave its Lease back, so nothing is written";
            return Diagnosis::wrong(SUBJECT, "NoLeader", told, REMEDY);
        };
        while self.at.elapsed() < RENEWED_WITHIN {
            match find(leases(client, settings), &settings.lease).await {
                Looked::Found(now) if renewed(&before, &now) => {
                    return Diagnosis::good(SUBJECT, format!("{holder} leads"));
                }
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
        let told = format!(
            "no operator leads: {holder} holds the Lease and does not renew it, so nothing is written"
        );
        Diagnosis::wrong(SUBJECT, "NoLeader", told, REMEDY)
    }
}

fn holder(lease: &Lease) -> Option<String> {
    let holder = lease.spec.as_ref()?.holder_identity.clone();
    holder.filter(|holder| !holder.is_empty())
}

fn renewed(before: &Lease, now: &Lease) -> bool {
    let time = |lease: &Lease| lease.spec.as_ref().and_then(|spec| spec.renew_time.clone());
    time(before) != time(now)
}
