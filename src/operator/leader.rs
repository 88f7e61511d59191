//! Which replica writes: a Lease, as client-go's leader election uses it.
//!
//! Whether somebody else's lease has run out is judged by when this process saw it change last, never by
//! comparing clocks. Losing the lease means following, never ending.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, OwnerReference},
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tracing::{debug, info};

use crate::stop::Stop;

/// A lease that has not been renewed for this long is free.
const DURATION: Duration = Duration::from_secs(15);

/// A leader that could not renew for this long stops leading, before anybody else can start.
const DEADLINE: Duration = Duration::from_secs(10);

/// A leader that is well renews within this time, a hiccup of the API server included.
pub const RENEWED_WITHIN: Duration = Duration::from_secs(6);

/// How often it is tried.
const RETRY: Duration = Duration::from_secs(2);

/// Whether this replica leads; it can be watched.
pub(super) type Leadership = watch::Receiver<bool>;

/// The Lease, and who asks for it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The namespace of the Lease.
    pub namespace: String,
    /// The Lease.
    pub lease: String,
    /// Who asks.
    pub identity: String,
    /// What the Lease goes with.
    pub owner: Option<OwnerReference>,
}

/// Takes part in the election until it is told to stop, then gives the lease back.
pub(super) async fn take_part(
    client: Client,
    candidate: Candidate,
    leads: watch::Sender<bool>,
    mut stop: Stop,
) {
    let api: Api<Lease> = Api::namespaced(client, &candidate.namespace);
    let mut seen = Seen {
        version: None,
        at: Instant::now(),
    };
    let mut renewed = None;
    loop {
        match timeout(RETRY, attempt(&api, &candidate, &mut seen)).await {
            Ok(Ok(Attempt::Held)) => renewed = Some(Instant::now()),
            Ok(Ok(Attempt::HeldByAnother)) => renewed = None,
            Ok(Err(err)) => debug!(error = %err, "the lease could not be renewed"),
            Err(_) => debug!("the API server did not answer about the lease"),
        }
        let holds = renewed.is_some_and(|at: Instant| at.elapsed() < DEADLINE);
        if leads.send_if_modified(|leads| std::mem::replace(leads, holds) != holds) {
            info!(
                leads = holds,
                identity = candidate.identity,
                "leadership changed"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = stop.told() => break,
        }
    }
    if *leads.borrow() {
        let _ = leads.send(false);
        let _ = timeout(RETRY, release(&api, &candidate)).await;
    }
}

/// The newest form of somebody else's lease, and when it was seen first.
struct Seen {
    version: Option<String>,
    at: Instant,
}

enum Attempt {
    Held,
    HeldByAnother,
}

async fn attempt(
    api: &Api<Lease>,
    candidate: &Candidate,
    seen: &mut Seen,
) -> Result<Attempt, kube::Error> {
    let Some(lease) = api.get_opt(&candidate.lease).await? else {
        let lease = candidate.lease(None);
        return won(api.create(&PostParams::default(), &lease).await);
    };
    let holder = lease
        .spec
        .as_ref()
        .and_then(|spec| spec.holder_identity.as_deref())
        .unwrap_or_default();
    if holder != candidate.identity && !holder.is_empty() {
        if seen.version != lease.metadata.resource_version {
            *seen = Seen {
                version: lease.metadata.resource_version,
                at: Instant::now(),
            };
            return Ok(Attempt::HeldByAnother);
        }
        if seen.at.elapsed() < DURATION {
            return Ok(Attempt::HeldByAnother);
        }
    }
    let renewed = candidate.lease(Some(lease));
    won(api
        .replace(&candidate.lease, &PostParams::default(), &renewed)
        .await)
}

/// A conflict says that somebody else was faster.
fn won(written: Result<Lease, kube::Error>) -> Result<Attempt, kube::Error> {
    match written {
        Ok(_) => Ok(Attempt::Held),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(Attempt::HeldByAnother),
        Err(err) => Err(err),
    }
}

async fn release(api: &Api<Lease>, candidate: &Candidate) -> Result<(), kube::Error> {
    let Some(mut lease) = api.get_opt(&candidate.lease).await? else {
        return Ok(());
    };
    let spec = lease.spec.get_or_insert_default();
    if spec.holder_identity.as_ref() == Some(&candidate.identity) {
        spec.holder_identity = None;
        api.replace(&candidate.lease, &PostParams::default(), &lease)
            .await?;
    }
    Ok(())
}

impl Candidate {
    /// The lease in this candidate's hand. Written with the version that was read, so that of two
    /// candidates one fails.
    fn lease(&self, old: Option<Lease>) -> Lease {
        let now = MicroTime(Timestamp::now());
        let (metadata, old) = match old {
            Some(lease) => (lease.metadata, lease.spec),
            None => (
                ObjectMeta {
                    name: Some(self.lease.clone()),
                    namespace: Some(self.namespace.clone()),
                    owner_references: self.owner.clone().map(|owner| vec![owner]),
                    ..ObjectMeta::default()
                },
                None,
            ),
        };
        let old = old.unwrap_or_default();
        let is_mine = old.holder_identity.as_ref() == Some(&self.identity);
        Lease {
            metadata,
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
                acquire_time: if is_mine {
                    old.acquire_time
                } else {
                    Some(now.clone())
                },
                renew_time: Some(now),
                lease_transitions: Some(old.lease_transitions.unwrap_or(0) + i32::from(!is_mine)),
                ..LeaseSpec::default()
            }),
        }
    }
}
