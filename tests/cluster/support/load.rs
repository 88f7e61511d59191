//! Requests one after the other, as teams send them, while something happens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::PostParams};
use tokio::task::JoinHandle;

use super::objects::pod;

/// How many send at a time.
const SENDERS: usize = 4;

/// Who got no answer tries again after this.
const PAUSE: Duration = Duration::from_millis(50);

/// What came of the requests: a good object must be admitted and a bad one denied, by the gate itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Good ones that were admitted.
    pub(crate) admitted: usize,
    /// Bad ones that were denied with the gate's own words.
    pub(crate) denied: usize,
    /// Requests that nobody decided, such as those whose call to the gate failed; with why.
    pub(crate) failed: Vec<String>,
    /// Good ones that were denied, and bad ones that were admitted.
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    /// Takes in what came of others.
    pub(crate) fn add(&mut self, other: Self) {
        self.admitted += other.admitted;
        self.denied += other.denied;
        self.failed.extend(other.failed);
        self.wrong.extend(other.wrong);
    }
}

/// Sends good and bad Pods by turns, as dry runs, until it is ended.
pub(crate) struct Load {
    end: Arc<AtomicBool>,
    senders: Vec<JoinHandle<Tally>>,
}

impl Load {
    /// Begins in a namespace in which privileged Pods are denied.
    pub(crate) fn start(client: &Client, namespace: &str) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let senders = (0..SENDERS)
            .map(|_| {
                let pods = Api::namespaced(client.clone(), namespace);
                tokio::spawn(send(pods, namespace.to_owned(), Arc::clone(&end)))
            })
            .collect();
        Self { end, senders }
    }

    /// Ends, and tells what came of it.
    pub(crate) async fn end(self) -> Tally {
        self.end.store(true, Ordering::Release);
        let mut all = Tally::default();
        for sender in self.senders {
            all.add(sender.await.unwrap());
        }
        all
    }
}

async fn send(pods: Api<Pod>, namespace: String, end: Arc<AtomicBool>) -> Tally {
    let mut tally = Tally::default();
    let dry_run = PostParams {
        dry_run: true,
        field_manager: None,
    };
    for number in 0_usize.. {
        if end.load(Ordering::Acquire) {
            break;
        }
        let is_bad = number % 2 == 1;
        let object = pod(&namespace, &format!("load-{number}"), is_bad);
        let object = serde_json::from_value(object).unwrap();
        match (pods.create(&dry_run, &object).await, is_bad) {
            (Ok(_), false) => tally.admitted += 1,
            (Ok(_), true) => tally.wrong.push(format!("load-{number} was admitted")),
            (Err(err), is_bad) => {
                let told = err.to_string();
                match (told.contains("is not ready by policy"), is_bad) {
                    (true, true) => tally.denied += 1,
                    (true, false) => tally.wrong.push(told),
                    (false, _) => {
                        tally.failed.push(told);
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        }
    }
    tally
}
