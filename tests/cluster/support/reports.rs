//! Reports to wait for.

use kube::{Api, Client};
use prodready_engine::api::report::ReadinessReport;
use prodready_testkit::wait;

use super::LIMIT;

/// Waits until there is a report of this name that is as wanted, and returns it.
pub(crate) async fn wait_for_report(
    client: &Client,
    namespace: &str,
    name: &str,
    is_wanted: impl Fn(&ReadinessReport) -> bool,
) -> ReadinessReport {
    let reports: Api<ReadinessReport> = Api::namespaced(client.clone(), namespace);
    wait(&format!("report {namespace}/{name}"), LIMIT, async || {
        let report = reports.get(name).await.map_err(|err| err.to_string())?;
        // Spec and status are two writes: without a status it is half written.
        if report.status.is_some() && is_wanted(&report) {
            Ok(report)
        } else {
            Err(serde_json::to_string(&report).unwrap_or_default())
        }
    })
    .await
}
