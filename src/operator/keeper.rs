//! Takes changes in, publishes snapshots, and has the differences written.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use prodready_engine::{object::resource::Whole, surroundings::Cluster};
use tokio::{
    sync::{mpsc, watch},
    time::MissedTickBehavior,
};
use tracing::info;

use super::{
    arming::{Armed, Configurations},
    exception_status::Touched,
    hazards::{self, Editors},
    index::{Dirty, Index},
    leader::Leadership,
    permission::Missing,
    policy_status::{self, Beside},
    protection::{self, Protected},
    pruning::Pruning,
    reachability::Reachability,
    rescore::{Differences, Standings},
    watches::Change,
    write::Writer,
};
use crate::{
    admin::Readiness, snapshot::Shared, telemetry::metrics::ExceptionMetrics,
    webhook::registration::Registration,
};

/// How often the gate's configuration and the policies' statuses are looked at, and failed writes are
/// tried again.
const TICK: Duration = Duration::from_secs(1);

/// Writes are done in slices of this many, and changes taken in between: a long queue of writes must not make the
/// gate answer from what was.
const SLICE: usize = 128;

/// Changes that arrive together are taken in together, this many at most.
pub(super) const BATCH: usize = 1024;

/// Takes changes in, publishes snapshots, and has the differences written.
pub(super) struct Keeper {
    pub(super) snapshot: Shared,
    pub(super) readiness: Arc<Readiness>,
    pub(super) leadership: Leadership,
    pub(super) registration: Registration,
    pub(super) arming: Configurations,
    /// The authorities that the API server is to trust.
    pub(super) bundle: watch::Receiver<String>,
    pub(super) writer: Writer,
    pub(super) found: Found,
    /// Whether the names of Secrets are listed.
    pub(super) lists_secrets: bool,
    pub(super) exceptions: Arc<ExceptionMetrics>,
    /// Tells the watches what rules read as it was written.
    pub(super) whole: watch::Sender<Whole>,
}

/// What is found out beside the watches.
pub(super) struct Found {
    /// The operator's namespace.
    pub(super) own_namespace: String,
    /// What is protected whatever the cluster holds.
    pub(super) always_protected: Protected,
    /// What else is, because it answers for others; nothing where it is not known yet.
    pub(super) backends: watch::Receiver<Option<Protected>>,
    /// Whether namespaces that need protection are looked for at all.
    pub(super) finds_protected: bool,
    pub(super) reachability: Reachability,
    pub(super) missing: Missing,
    pub(super) editors: Editors,
}

impl Found {
    /// Every protected namespace; nothing where it is not known yet, when the configuration must stay as it is.
    fn protected(&self, cluster: &Cluster) -> Option<Protected> {
        if !self.finds_protected {
            return Some(self.always_protected.clone());
        }
        let mut protected = protection::of_daemon_sets(cluster);
        protected.extend(self.backends.borrow().clone()?);
        protected.extend(self.always_protected.clone());
        Some(protected)
    }
}

impl Keeper {
    /// Runs until the watches end.
    pub(super) async fn keep(mut self, mut changes: mpsc::Receiver<Change>) {
        let mut index = Index::new(self.lists_secrets);
        let mut standings = Standings::default();
        let mut differ = Differences::new();
        let mut refused = Differences::new();
        let mut touched = Touched::new(Arc::clone(&self.exceptions));
        let mut pruning = Pruning::default();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        let mut later = Dirty::default();
        loop {
            let may_write = *self.leadership.borrow() && index.is_synced() && index.knows_reports();
            let has_work = may_write && !differ.is_empty();
            tokio::select! {
                biased;
                // Before changes: a stream of them that never ends must not keep the rest from its turn.
                _ = tick.tick() => {
                    differ.append(&mut refused);
                    let dirty = std::mem::take(&mut later);
                    differ.extend(self.judge(&index, &mut standings, &mut touched, &dirty));
                    self.tidy(&index, &standings, &mut touched, &mut pruning).await;
                }
                taken = changes.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    let was_synced = index.is_synced();
                    let mut dirty = self.take_in(&mut index, batch.drain(..));
                    // Not the first time: until then every stored report would seem to be one too many.
                    if was_synced {
                        later.put_off(&mut dirty);
                    }
                    differ.extend(self.judge(&index, &mut standings, &mut touched, &dirty));
                }
                () = index.alarms.wait() => {
                    let dirty = Dirty::of_namespaces(index.alarms.take_due(Timestamp::now()));
                    differ.extend(self.judge(&index, &mut standings, &mut touched, &dirty));
                }
                turned = self.leadership.changed() => {
                    if turned.is_err() {
                        return;
                    }
                    let leads = *self.leadership.borrow_and_update();
                    self.writer.metrics.leads(leads);
                    if !leads {
                        self.writer.metrics.gate_removed(false);
                    }
                    refused.clear();
                    touched.add_all(&index.cluster);
                    // Before the first lists are in, every stored report would seem to be about nothing.
                    let knows = index.is_synced() && index.knows_reports();
                    differ = if leads && knows { standings.all_differing(&index) } else { Differences::new() };
                }
                () = std::future::ready(()), if has_work => {}
            }
            if has_work {
                let slice = first(SLICE, &mut differ);
                refused.extend(self.writer.reports(slice, &mut index.stored).await);
            }
            self.writer.metrics.pending(differ.len() + refused.len());
        }
    }

    /// Takes changes in and publishes what is known then. Returns what has to be judged again.
    fn take_in(&self, index: &mut Index, changes: impl Iterator<Item = Change>) -> Dirty {
        let was_synced = index.is_synced();
        let mut dirty = Dirty::default();
        for change in changes {
            index.apply(change, &mut dirty);
        }
        let whole = index.policies.reads_whole();
        self.whole.send_if_modified(|told| {
            let differs = *told != whole;
            *told = whole;
            differs
        });
        self.snapshot.store(Arc::new(index.snapshot()));
        if index.is_synced() && !was_synced {
            info!("the first lists are in");
            self.readiness.synced.store(true, Ordering::Release);
            dirty.all = true;
        }
        dirty
    }

    /// Judges again. Returns the reports that differ from those stored, once it is known what is stored: before,
    /// everything seems to differ.
    fn judge(
        &self,
        index: &Index,
        standings: &mut Standings,
        touched: &mut Touched,
        dirty: &Dirty,
    ) -> Differences {
        if !index.is_synced() {
            return Differences::new();
        }
        let snapshot = self.snapshot.load();
        let (mut found, judged) = standings.update(index, &snapshot, dirty, Timestamp::now());
        self.writer.metrics.judged(judged);
        touched.add(dirty, &index.cluster);
        if dirty.reports {
            found.extend(standings.all_differing(index));
        }
        if index.knows_reports() {
            found
        } else {
            Differences::new()
        }
    }

    /// The leader's other writes: the gate's configuration, the statuses of policies and exceptions, and baselines.
    async fn tidy(
        &mut self,
        index: &Index,
        standings: &Standings,
        touched: &mut Touched,
        pruning: &mut Pruning,
    ) {
        if !*self.leadership.borrow() {
            touched.clear();
            pruning.clear();
            return;
        }
        if !index.is_synced() {
            touched.clear();
            self.tell_missing_rights(index).await;
            return;
        }
        pruning.add(touched.namespaces());
        let paid = pruning.due(&index.cluster, standings, Instant::now());
        self.writer.prune(paid.into_iter().take(SLICE)).await;
        let statuses = touched.take(SLICE, &index.cluster, standings, Timestamp::now());
        for namespace in self.writer.exception_statuses(statuses).await {
            touched.again(namespace);
        }
        let Some(protected) = self.found.protected(&index.cluster) else {
            return;
        };
        let now = Timestamp::now();
        let (armed, fills_in) = self.arm(index, &protected, now).await;
        let probed = self.found.reachability.borrow().clone();
        let missing = self.found.missing.borrow().clone();
        let known = hazards::Known {
            cluster: &index.cluster,
            own_namespace: &self.found.own_namespace,
            protected: &protected,
            editors: self.found.editors.refresh(&index.cluster),
        };
        let beside = Beside {
            armed,
            fills_in,
            probed: probed.as_ref(),
            missing: missing.as_deref(),
            known,
            now,
        };
        for (name, entry) in index.policies.entries() {
            if let Some(status) = policy_status::changed(name, entry, standings, beside) {
                self.writer.tell(name, &status).await;
            }
        }
    }

    /// Has both configurations written: the gate's, and that for what is filled in.
    async fn arm(
        &mut self,
        index: &Index,
        protected: &Protected,
        now: Timestamp,
    ) -> (Armed, Armed) {
        let ca = self.bundle.borrow().clone();
        let protected = protected.keys().cloned().collect();
        let policies = index.policies.in_force();
        let registration = &self.registration;
        let wanted = registration.wanted(policies.as_slice(), &protected, &ca, now);
        let for_defaults =
            registration.wanted_for_defaults(policies.as_slice(), &protected, &ca, now);
        let client = &self.writer.client;
        let armed = self.arming.keep(client, &wanted).await;
        self.writer.metrics.gate_removed(armed == Armed::Removed);
        let fills_in = self
            .arming
            .keep_defaults(client, for_defaults.as_ref())
            .await;
        (armed, fills_in)
    }

    /// Without a right to read something the first lists never come in, and nothing else would say why.
    async fn tell_missing_rights(&self, index: &Index) {
        let missing = self.found.missing.borrow().clone().unwrap_or_default();
        if missing.is_empty() {
            return;
        }
        for (name, entry) in index.policies.entries() {
            let status = policy_status::without_rights(entry, &missing, Timestamp::now());
            if let Some(status) = status {
                self.writer.tell(name, &status).await;
            }
        }
    }
}

/// Takes the first few out.
fn first(count: usize, differ: &mut Differences) -> Differences {
    match differ.keys().nth(count).cloned() {
        Some(key) => {
            let rest = differ.split_off(&key);
            std::mem::replace(differ, rest)
        }
        None => std::mem::take(differ),
    }
}
