//! Finds out, while this replica leads, which rights it is missing.

use std::{sync::Arc, time::Duration};

use kube::Client;
use tokio::sync::watch;
use tracing::{debug, info, warn};

use super::leader::Leadership;
use crate::{
    rights::{self, Right, Who},
    telemetry::metrics::GateMetrics,
};

/// How often the API server is asked.
const EVERY: Duration = Duration::from_secs(60);

/// The rights that are missing; nothing where it is not known.
pub(super) type Missing = watch::Receiver<Option<Vec<Right>>>;

/// Runs as long as there is an election.
pub(super) async fn follow(
    client: Client,
    needed: Vec<Right>,
    mut leadership: Leadership,
    metrics: Arc<GateMetrics>,
    missing: watch::Sender<Option<Vec<Right>>>,
) {
    loop {
        let leads = *leadership.borrow_and_update();
        if leads {
            match rights::missing(&client, Who::Oneself, &needed).await {
                Ok(found) => {
                    metrics.missing_rights(found.len());
                    take(found, &missing);
                }
                Err(err) => {
                    debug!(error = %err, "the API server did not say which rights are missing");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            turned = leadership.changed() => if turned.is_err() {
                return;
            }
        }
    }
}

fn take(found: Vec<Right>, missing: &watch::Sender<Option<Vec<Right>>>) {
    if missing.borrow().as_ref() == Some(&found) {
        return;
    }
    if found.is_empty() {
        info!("the operator has every right that it needs");
    } else {
        let listed: Vec<String> = found.iter().map(ToString::to_string).collect();
        warn!(missing = listed.join(", "), "rights are missing");
    }
    missing.send_replace(Some(found));
}
