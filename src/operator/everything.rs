//! Runs the watches: those of the kinds that are always there, and those of kinds that come and go.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt as _, stream::BoxStream};
use kube::{
    Api, Client,
    runtime::{WatchStreamExt as _, watcher},
};
use prodready_engine::object::{
    Kind,
    resource::{KindInfo, Known, Whole},
};
use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinSet},
};
use tracing::{info, warn};

use super::watches::{self, Change};
use crate::{
    partial::{Defined, Definition},
    telemetry::metrics::WatchMetrics,
};

/// Watches every kind, and optional ones for as long as their definition is there.
pub(super) async fn watch(
    client: Client,
    changes: mpsc::Sender<Change>,
    whole: watch::Receiver<Whole>,
    lists_secrets: bool,
    metrics: Arc<WatchMetrics>,
) {
    let mut tasks = JoinSet::new();
    for known in watches::always(lists_secrets) {
        let kind = Watched {
            client: client.clone(),
            known,
            version: None,
            whole: whole.clone(),
            metrics: Arc::clone(&metrics),
        };
        tasks.spawn(kind.follow(changes.clone()));
    }
    tasks.spawn(forward(
        watches::policies(client.clone(), &metrics),
        changes.clone(),
    ));
    tasks.spawn(forward(
        watches::reports(client.clone(), &metrics),
        changes.clone(),
    ));
    let mut optional: BTreeMap<Kind, AbortHandle> = BTreeMap::new();
    let definitions = watcher(
        Api::<Definition>::all(client.clone()),
        watcher::Config::default().page_size(Definition::PAGE),
    );
    let mut definitions = definitions.default_backoff().boxed();
    let failures = metrics.of("customresourcedefinitions", "apiextensions.k8s.io");
    while let Some(event) = definitions.next().await {
        match event {
            Ok(watcher::Event::Apply(definition) | watcher::Event::InitApply(definition)) => {
                let Some(info) =
                    known(&definition.spec).filter(|info| !optional.contains_key(&info.kind))
                else {
                    continue;
                };
                let version = served(&definition.spec, info);
                info!(kind = info.name, version, "watching an optional kind");
                let kind = Watched {
                    client: client.clone(),
                    known: Known::Surrounding(info.kind),
                    version: version.map(str::to_owned),
                    whole: whole.clone(),
                    metrics: Arc::clone(&metrics),
                };
                optional.insert(info.kind, tasks.spawn(kind.follow(changes.clone())));
            }
            Ok(watcher::Event::Delete(definition)) => {
                let gone = known(&definition.spec)
                    .and_then(|info| Some((info, optional.remove(&info.kind)?)));
                if let Some((info, task)) = gone {
                    info!(kind = info.name, "an optional kind is gone");
                    task.abort();
                    let _ = changes
                        .send(Change::Listed(Known::Surrounding(info.kind), Vec::new()))
                        .await;
                }
            }
            Ok(watcher::Event::Init | watcher::Event::InitDone) => {}
            Err(err) => {
                failures.inc();
                warn!(error = %err, "the watch of definitions failed and is tried again");
            }
        }
    }
}

/// A kind that is watched.
struct Watched {
    client: Client,
    known: Known,
    version: Option<String>,
    whole: watch::Receiver<Whole>,
    metrics: Arc<WatchMetrics>,
}

impl Watched {
    /// Hands its changes on, and begins with a new list whenever a policy's rules begin or cease to read its objects
    /// as they were written.
    async fn follow(mut self, changes: mpsc::Sender<Change>) {
        loop {
            let whole = self.whole.borrow_and_update().clone();
            let is_whole = whole.includes(self.known);
            let version = self.version.as_deref();
            let stream = watches::kind(
                self.client.clone(),
                self.known,
                version,
                whole,
                &self.metrics,
            );
            tokio::select! {
                () = forward(stream, changes.clone()) => return,
                () = self.turned(is_whole) => {}
            }
        }
    }

    async fn turned(&mut self, was_whole: bool) {
        let known = self.known;
        let turned = self
            .whole
            .wait_for(|whole| whole.includes(known) != was_whole);
        if turned.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The optional kind that a definition defines, if it is one of those.
fn known(spec: &Defined) -> Option<&'static KindInfo> {
    watches::optional()
        .into_iter()
        .find(|info| info.group == spec.group && info.plural == spec.names.plural)
}

/// The version to watch: the usual one where it is served, else the first that is.
fn served<'a>(spec: &'a Defined, info: &KindInfo) -> Option<&'a str> {
    let served = || {
        spec.versions
            .iter()
            .filter(|version| version.served)
            .map(|version| version.name.as_str())
    };
    served()
        .find(|name| *name == info.version)
        .or_else(|| served().next())
}

async fn forward(mut stream: BoxStream<'static, Change>, changes: mpsc::Sender<Change>) {
    while let Some(change) = stream.next().await {
        if changes.send(change).await.is_err() {
            return;
        }
    }
}
