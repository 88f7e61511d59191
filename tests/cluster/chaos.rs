//! One fault after the other while teams apply good and bad objects: no decision is wrong, no report is lost.
//!
//! `make chaos` runs it for ten minutes and prints the figures; `CHAOS_SECONDS` says how long. With the path of
//! libfaketime in `CHAOS_FAKETIME` one replica's clock is off all the while.

use std::time::{Duration, Instant};

use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams},
};
use prodready_engine::api::report::ReadinessReport;
use prodready_testkit::{ControlPlane, kubectl, wait};
use serde_json::json;

use crate::{
    doctor::gate_on,
    support::{
        Installation, LIMIT, Load, NAMESPACE, Operator, Tally, enforce,
        flood::{Flood, LARGE, LARGE_CROWD, SMALL, SMALL_CROWD},
        lead_to,
        objects::deployment,
        own_control_plane, skew,
    },
};

/// How long where nothing is said: each fault once.
const SHORT: u64 = 30;

/// How many send at a time when there is too much to do.
const CROWD: usize = 12;

/// How far the clock of one replica is off where it can be moved: certificates are dated back by a day.
const AHEAD: &str = "+20h";

/// How long slow bodies are waited for.
const FLOODED: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
enum Fault {
    OneReplicaKilled,
    ApiServerCut,
    SecretSpoilt,
    ConfigurationSpoilt,
    Overload,
    Flood,
    LeaderEnded,
    /// A certificate is stored whose validity is by a clock that goes wrong.
    CertificateOfAnotherTime,
    /// The Lease is held by somebody who renews it by a clock that goes wrong, and then no more.
    LeaseOfAnotherTime,
}

impl Fault {
    const ALL: [Self; 9] = [
        Self::OneReplicaKilled,
        Self::SecretSpoilt,
        Self::ConfigurationSpoilt,
        Self::CertificateOfAnotherTime,
        Self::Overload,
        Self::Flood,
        Self::ApiServerCut,
        Self::LeaseOfAnotherTime,
        Self::LeaderEnded,
    ];
}

/// How far clocks are off, by turns: not yet valid here, valid here but of another clock, a little ahead.
const HOURS_OFF: [i64; 3] = [48, -48, 6];

/// Another one in each round of the faults, and for each fault of a round.
fn hours_off(number: usize) -> i64 {
    let round = number / Fault::ALL.len();
    HOURS_OFF[(number + round) % HOURS_OFF.len()]
}

struct Cluster<'a> {
    plane: &'a ControlPlane,
    client: Client,
    replicas: [Operator; 2],
}

#[tokio::test]
async fn no_decision_is_wrong_and_no_report_is_lost_whatever_fails() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let seconds = std::env::var("CHAOS_SECONDS").ok();
    let length = Duration::from_secs(seconds.map_or(SHORT, |text| text.parse().unwrap()));
    let mut installation = Installation::start(&plane, &[]).await;
    let second = "replica-1";
    let replicas = [
        installation.further_operator("replica-0").await,
        match std::env::var("CHAOS_FAKETIME") {
            Ok(library) => {
                installation
                    .operator_by_another_clock(second, &library, AHEAD)
                    .await
            }
            Err(_) => installation.further_operator(second).await,
        },
    ];
    lead_to(&plane, &[&replicas[0], &replicas[1]]).await;
    installation.operator.stop().await;
    let no_privileged = json!({"denySeverities": [], "denyChecks": ["privileged-container"]});
    enforce(&plane, "default", no_privileged).await;
    let client = plane.client();
    let mut cluster = Cluster {
        plane: &plane,
        client: client.clone(),
        replicas,
    };

    let load = Load::start(&client, "default");
    let begun = Instant::now();
    let mut applied = Applied::default();
    let mut crowd = Tally::default();
    let mut faults = 0;
    while begun.elapsed() < length || faults < Fault::ALL.len() {
        let fault = Fault::ALL[faults % Fault::ALL.len()];
        crowd.add(cluster.strike(fault, faults).await);
        applied.next(&client).await;
        faults += 1;
    }
    let mut tally = load.end().await;
    tally.add(crowd);
    cluster.settle(&applied).await;
    eprintln!(
        "{faults} faults in {:.0} s: {} good objects admitted, {} bad ones denied, {} requests that nobody \
         decided (refused, as what is enforced must be), {} wrong decisions; {} Deployments applied, no report lost",
        begun.elapsed().as_secs_f64(),
        tally.admitted,
        tally.denied,
        tally.failed.len(),
        tally.wrong.len(),
        applied.good.len(),
    );
    assert!(tally.wrong.is_empty(), "{:?}", tally.wrong);
    assert!(tally.admitted > 0 && tally.denied > 0, "{tally:?}");
}

impl Cluster<'_> {
    /// Lets something fail, has it mended, and returns what came of the requests that were part of it.
    async fn strike(&mut self, fault: Fault, number: usize) -> Tally {
        match fault {
            Fault::OneReplicaKilled => {
                let [first, second] = &mut self.replicas;
                let (struck, left) = if number.is_multiple_of(2) {
                    (first, second)
                } else {
                    (second, first)
                };
                struck.kill();
                lead_to(self.plane, &[&*left]).await;
                struck.start_again().await;
                lead_to(self.plane, &[&*left, &*struck]).await;
            }
            Fault::LeaderEnded => {
                for at in 0..2 {
                    lead_to(self.plane, &[&self.replicas[1 - at]]).await;
                    self.replicas[at].stop().await;
                    self.replicas[at].start_again().await;
                    lead_to(self.plane, &[&self.replicas[0], &self.replicas[1]]).await;
                }
            }
            Fault::ApiServerCut => {
                self.plane.stop_apiserver().await.unwrap();
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.plane.start_apiserver().await.unwrap();
            }
            Fault::CertificateOfAnotherTime => self.certificate_of_another_time(number).await,
            Fault::LeaseOfAnotherTime => self.lease_of_another_time(number).await,
            Fault::Flood => self.flood().await,
            Fault::SecretSpoilt => self.spoil_the_secret().await,
            Fault::ConfigurationSpoilt => self.spoil_the_configuration().await,
            Fault::Overload => {
                let loads: Vec<Load> = (0..CROWD)
                    .map(|_| Load::start(&self.client, "default"))
                    .collect();
                tokio::time::sleep(Duration::from_secs(2)).await;
                let mut all = Tally::default();
                for load in loads {
                    all.add(load.end().await);
                }
                return all;
            }
        }
        Tally::default()
    }

    async fn spoil_the_secret(&self) {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), NAMESPACE);
        let spoilt = json!({"data": {"tls.crt": "bm90aGluZw=="}});
        let by = PatchParams::default();
        secrets
            .patch("prodready-certificate", &by, &Patch::Merge(&spoilt))
            .await
            .unwrap();
        wait("the Secret is mended", LIMIT, async || {
            let found = secrets.get("prodready-certificate").await.ok()?;
            let certificate = found.data?.remove("tls.crt")?;
            certificate.0.starts_with(b"-----BEGIN").then_some(())
        })
        .await;
    }

    /// It is put back where it is of no use here, and taken over where it is.
    async fn certificate_of_another_time(&self, number: usize) {
        let hours = hours_off(number);
        let served = || self.replicas.each_ref().map(Operator::certificates_served);
        let before = served();
        let (was, written) = skew::write_certificate(&self.client, hours).await;
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), NAMESPACE);
        wait("the replicas agree on a certificate", LIMIT, async || {
            let found = secrets.get("prodready-certificate").await;
            let found = found
                .ok()
                .and_then(|mut found| found.data.take()?.remove("tls.crt"));
            let is_put_back = found.as_ref() == Some(&was);
            let now = served();
            let is_taken_over = found.as_ref() == Some(&written)
                && now.iter().zip(before).all(|(now, before)| *now > before);
            (is_put_back || is_taken_over)
                .then_some(())
                .ok_or(format!("{hours} hours: {before:?} {now:?}"))
        })
        .await;
    }

    /// Whether it has run out is told by whether it is renewed, not by what it says of the time.
    async fn lease_of_another_time(&self, number: usize) {
        let hours = hours_off(number);
        skew::hold_the_lease(&self.client, hours).await;
        wait("one of the replicas leads again", LIMIT, async || {
            let holder = skew::holder_of_the_lease(&self.client).await;
            if holder == skew::STRANGER {
                Err(holder)
            } else {
                Ok(())
            }
        })
        .await;
    }

    /// All that there is room for is taken, in both replicas.
    async fn flood(&self) {
        let mut crowds = Vec::new();
        for replica in &self.replicas {
            let clients = Flood::of(&self.client, replica, FLOODED).await;
            crowds.push(clients.crowd(LARGE_CROWD, LARGE));
            crowds.push(clients.crowd(SMALL_CROWD, SMALL));
        }
        for crowd in crowds {
            crowd.end().await;
        }
    }

    /// Nobody can be called with it, until somebody has it written as it is meant, as `prodready doctor` says.
    async fn spoil_the_configuration(&self) {
        let spoil = r#"[{"op": "replace", "path": "/webhooks/0/clientConfig/service/path", "value": "/nowhere"}]"#;
        let name = ["validatingwebhookconfiguration", "prodready"];
        let patch = [&["patch"], &name[..], &["--type=json", "-p", spoil]].concat();
        kubectl(self.plane, &patch).await.expect_success();
        tokio::time::sleep(Duration::from_secs(1)).await;
        gate_on(self.plane);
        wait("the configuration is mended", LIMIT, async || {
            let of_entry = "-o=jsonpath={.webhooks[0].clientConfig.service.path}";
            let got = kubectl(self.plane, &[&["get"], &name[..], &[of_entry]].concat()).await;
            if got.stdout == "/enforce" {
                Ok(())
            } else {
                Err(got.to_string())
            }
        })
        .await;
    }

    /// Waits until every Deployment that was applied has a report about what it is now, and nothing bad is stored.
    async fn settle(&self, applied: &Applied) {
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), "default");
        let reports: Api<ReadinessReport> = Api::namespaced(self.client.clone(), "default");
        let listed = deployments.list(&ListParams::default()).await.unwrap();
        let mut stored: Vec<String> = listed.iter().map(ResourceExt::name_any).collect();
        stored.sort();
        let mut wanted = applied.good.clone();
        wanted.sort();
        assert_eq!(stored, wanted, "what is stored is what was admitted");
        wait("every Deployment has its report", LIMIT, async || {
            let reports = reports
                .list(&ListParams::default())
                .await
                .map_err(|err| err.to_string())?;
            let lost: Vec<String> = listed
                .iter()
                .filter(|each| {
                    let name = format!("deployment-{}", each.name_any());
                    !reports.iter().any(|report| {
                        let observed = report
                            .status
                            .as_ref()
                            .and_then(|status| status.observed_generation);
                        report.name_any() == name && observed == each.metadata.generation
                    })
                })
                .map(ResourceExt::name_any)
                .collect();
            if lost.is_empty() {
                Ok(())
            } else {
                Err(format!("{lost:?} have none"))
            }
        })
        .await;
    }
}

/// What teams apply for good.
#[derive(Default)]
struct Applied {
    good: Vec<String>,
    tried: usize,
}

impl Applied {
    /// A good Deployment, tried until it is in, and a bad one, which must never be.
    async fn next(&mut self, client: &Client) {
        let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
        let create = async |name: &str, is_bad: bool| {
            let mut object = deployment("default", name, is_bad);
            object["spec"]["replicas"] = json!(0);
            let object = serde_json::from_value(object).unwrap();
            deployments.create(&PostParams::default(), &object).await
        };
        self.tried += 1;
        let (good, bad) = (
            format!("good-{}", self.tried),
            format!("bad-{}", self.tried),
        );
        let denied = create(&bad, true).await;
        assert!(denied.is_err(), "{bad} was admitted");
        wait("a good Deployment is admitted", LIMIT, async || {
            match create(&good, false).await {
                Ok(_) => Ok(()),
                // It was stored by a request whose answer was lost.
                Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
                Err(err) => Err(err.to_string()),
            }
        })
        .await;
        self.good.push(good);
    }
}
