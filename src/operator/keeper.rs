//! Takes changes in, publishes snapshots, and has the differences written.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    time::MissedTickBehavior,
};
use tracing::{info, warn};

use super::{
    index::{Dirty, Index},
    leader::Leadership,
    policy_status,
    rescore::{Differences, Standings},
    watches::Change,
    write::Writer,
};
use crate::{
    admin::Readiness,
    snapshot::Shared,
    webhook::{
        certificate::Certificate,
        registration::{self, Registration},
    },
};

/// How often the gate's configuration and the policies' statuses are looked at, and failed writes are
/// tried again.
const TICK: Duration = Duration::from_secs(1);

/// Changes that arrive together are taken in together, this many at most.
pub(super) const BATCH: usize = 1024;

/// Takes changes in, publishes snapshots, and has the differences written.
pub(super) struct Keeper {
    pub(super) snapshot: Shared,
    pub(super) readiness: Arc<Readiness>,
    pub(super) leadership: Leadership,
    pub(super) registration: Registration,
    pub(super) certificate: watch::Receiver<Certificate>,
    pub(super) writer: Writer,
}

impl Keeper {
    /// Runs until the watches end.
    pub(super) async fn keep(mut self, mut changes: mpsc::Receiver<Change>) {
        let mut index = Index::new();
        let mut standings = Standings::default();
        let mut differ = Differences::new();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                taken = changes.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    let (found, judged) = self.take_in(&mut index, &mut standings, batch.drain(..));
                    self.writer.metrics.judged(judged);
                    differ.extend(found);
                }
                turned = self.leadership.changed() => {
                    if turned.is_err() {
                        return;
                    }
                    let leads = *self.leadership.borrow_and_update();
                    self.writer.metrics.leads(leads);
                    differ = if leads { standings.all_differing(&index) } else { Differences::new() };
                }
                _ = tick.tick() => self.tidy(&index, &standings).await,
            }
            let leads = *self.leadership.borrow();
            if leads && index.is_synced() && index.knows_reports() && !differ.is_empty() {
                differ = self.writer.reports(std::mem::take(&mut differ)).await;
            }
        }
    }

    /// Takes changes in and judges again what they touched.
    fn take_in(
        &self,
        index: &mut Index,
        standings: &mut Standings,
        changes: impl Iterator<Item = Change>,
    ) -> (Differences, usize) {
        let was_synced = index.is_synced();
        let mut dirty = Dirty::default();
        for change in changes {
            index.apply(change, &mut dirty);
        }
        let snapshot = Arc::new(index.snapshot());
        self.snapshot.store(Arc::clone(&snapshot));
        if !index.is_synced() {
            return (Differences::new(), 0);
        }
        if !was_synced {
            info!("the first lists are in");
            self.readiness.synced.store(true, Ordering::Release);
            dirty.all = true;
        }
        standings.update(index, &snapshot, &dirty)
    }

    /// The leader's other writes: the gate's configuration and the policies' statuses.
    async fn tidy(&self, index: &Index, standings: &Standings) {
        if !*self.leadership.borrow() || !index.is_synced() {
            return;
        }
        let ca = self.certificate.borrow().ca.clone();
        let wanted = self.registration.wanted(&index.policies.in_force(), &ca, Timestamp::now());
        match registration::apply(&self.writer.client, &wanted).await {
            Ok(registration::Written::Changed) => info!("the gate's configuration was written"),
            Ok(registration::Written::Unchanged) => {}
            Err(err) => {
                warn!(error = %err, "the gate's configuration could not be written and is tried again");
            }
        }
        for (name, entry) in index.policies.entries() {
            if let Some(status) = policy_status::changed(name, entry, standings, Timestamp::now())
                && let Err(err) = self.writer.policy_status(name, &status).await
            {
                warn!(error = %err, policy = name, "a policy's status could not be written and is tried again");
            }
        }
    }
}
