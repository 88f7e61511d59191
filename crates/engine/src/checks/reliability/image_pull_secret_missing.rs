//! image-pull-secret-missing: the Secrets that images are pulled with are there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind, Pointer,
        secret::Secret,
        secret_source::{ExternalSecret, SealedSecret},
        volume::NamedSource,
    },
    surroundings::{Seen, Surroundings},
};

pub(super) const CHECK: Check = Check {
    id: "image-pull-secret-missing",
    title: "Pull secret that is not there",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "imagePullSecrets of the pod, or of its ServiceAccount where the pod names none, names a Secret that does not exist, and no ExternalSecret or SealedSecret makes it. Only names of Secrets are read, never what they hold, and those only where that is allowed: in a cluster by who may list Secrets (the operator: the chart's value secrets.listNames), in files with --surroundings complete. Elsewhere it is unknown.",
        root_cause: "The Secret was made by hand in one namespace, was renamed, or is made by a chart that is not installed here.",
        scenario: "Nodes that have the image go on; a pod that lands on a new node waits in ImagePullBackOff, at night, when the autoscaler replaces nodes.",
        impact: "Fewer and fewer replicas, and none after the next rollout.",
        fix: "Make the Secret in this namespace, best by an ExternalSecret, or take the name out where nodes have credentials of their own.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/",
        "https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:305"],
    },
    parameters: &[],
    reads: &[
        Kind::Secret,
        Kind::ServiceAccount,
        Kind::ExternalSecret,
        Kind::SealedSecret,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(named(asked), |named| {
        if named.is_empty() {
            return Answer::DoesNotApply;
        }
        let (mut faults, mut unseen) = (Vec::new(), None);
        for one in named {
            match is_there(&asked.surroundings, one.secret) {
                Seen::Known(true) => {}
                Seen::Known(false) => faults.push(one.missing()),
                Seen::NotSeen(why) => unseen = Some(why),
            }
        }
        match unseen {
            Some(why) if faults.is_empty() => Answer::Unknown(why),
            _ => Answer::from_faults(faults),
        }
    })
}

/// A Secret that images are pulled with, and where it is named.
struct Named<'a> {
    secret: &'a str,
    /// The account that names it, where it is not the pod.
    account: Option<&'a str>,
    at: Pointer,
}

/// What the API server goes by: the account's count for pods that name none.
fn named<'a>(asked: &Asked<'a>) -> Seen<Vec<Named<'a>>> {
    let workload = asked.workload;
    let own = &workload.pod().image_pull_secrets;
    if !own.is_empty() {
        let named = own.iter().enumerate().map(|(index, source)| Named {
            secret: &source.name,
            account: None,
            at: workload.pod_at(&format!("/imagePullSecrets/{index}/name")),
        });
        return Seen::Known(named.filter(Named::says_something).collect());
    }
    asked.surroundings.account(workload).map(|account| {
        let sources: &[NamedSource] = account.map_or(&[], |account| &account.image_pull_secrets);
        let named = sources.iter().map(|source| Named {
            secret: &source.name,
            account: Some(workload.account_name()),
            at: workload.pod_at("/serviceAccountName"),
        });
        named.filter(Named::says_something).collect()
    })
}

impl Named<'_> {
    /// The API server takes an entry without a name, as charts write for an empty value, and so does the kubelet.
    fn says_something(&self) -> bool {
        !self.secret.is_empty()
    }

    fn missing(self) -> Fault {
        let by = self.account.map_or_else(
            || "pulls images".to_owned(),
            |account| format!("account {account} has images pulled"),
        );
        let message = format!("{by} with Secret {}, which there is not", self.secret);
        Fault::new(self.at, message)
    }
}

/// Whether a Secret is there, or something that makes it.
fn is_there(around: &Surroundings<'_>, name: &str) -> Seen<bool> {
    let fetched = |one: &ExternalSecret| one.secret() == name;
    let sealed = |one: &SealedSecret| one.metadata.name == name;
    if around.each::<ExternalSecret>().any(fetched) || around.each::<SealedSecret>().any(sealed) {
        return Seen::Known(true);
    }
    let makers = [Kind::ExternalSecret, Kind::SealedSecret];
    match around.named::<Secret>(name) {
        Seen::Known(None) => {
            let mut unseen = makers.iter().filter_map(|kind| match around.absent(*kind) {
                Seen::NotSeen(why) => Some(why),
                Seen::Known(()) => None,
            });
            unseen.next().map_or(Seen::Known(false), Seen::NotSeen)
        }
        Seen::Known(Some(_)) => Seen::Known(true),
        Seen::NotSeen(why) => Seen::NotSeen(why),
    }
}
