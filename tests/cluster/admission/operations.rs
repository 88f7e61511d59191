//! Kind × operation × mode × ratchet, with the sub-resources and the accounts beside them: one control plane, in
//! which the gate's configuration covers no more than these namespaces.

use futures::{StreamExt as _, future::join_all, stream};
use kube::Client;
use prodready_testkit::wait;
use serde_json::json;

use super::{
    accounts,
    kinds::{Change, Fault, KINDS, Kind},
    settings::Setting,
    subresources,
    table::{Cell, Expected, wrong},
};
use crate::support::{Installation, LIMIT, own_control_plane, request::Sent};

/// How many objects are made at a time.
const AT_A_TIME: usize = 8;

/// How many cells the tables have, as docs/gate.md says.
const CELLS: usize = 730;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    CreateGood,
    CreateBad,
    CreateBadInDryRun,
    Unchanged,
    Worse,
    WorseInDryRun,
    Mend,
    MendInPart,
    Labels,
    Annotations,
    Status,
    Delete,
    DeleteWithFinalizer,
}

impl Operation {
    const ALL: [Self; 13] = [
        Self::CreateGood,
        Self::CreateBad,
        Self::CreateBadInDryRun,
        Self::Unchanged,
        Self::Worse,
        Self::WorseInDryRun,
        Self::Mend,
        Self::MendInPart,
        Self::Labels,
        Self::Annotations,
        Self::Status,
        Self::Delete,
        Self::DeleteWithFinalizer,
    ];

    /// The object's name.
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The faults of the object that is there already, where one is.
    fn before(self) -> Option<&'static [Fault]> {
        match self {
            Self::CreateGood | Self::CreateBad | Self::CreateBadInDryRun => None,
            Self::Mend => Some(&[Fault::Other]),
            Self::MendInPart => Some(&[Fault::Privileged, Fault::Other]),
            _ => Some(&[Fault::Privileged]),
        }
    }

    /// The rule: what comes of it, of whatever kind the object is.
    fn expected(self, setting: Setting) -> Expected {
        match self {
            Self::CreateGood | Self::Mend => setting.of_no_fault(),
            Self::CreateBad | Self::CreateBadInDryRun | Self::Worse | Self::WorseInDryRun => {
                setting.of_new_fault()
            }
            Self::Unchanged | Self::MendInPart | Self::Labels => setting.of_old_fault(),
            Self::Annotations | Self::Status | Self::Delete | Self::DeleteWithFinalizer => {
                Expected::NeverAsked
            }
        }
    }

    fn requests(self, kind: Kind, namespace: &str) -> Vec<Sent> {
        let name = self.name();
        let (all, one) = (kind.all(namespace), kind.one(namespace, &name));
        let create = |faults| Sent::create(&all, kind.object(namespace, &name, faults));
        let update = |change| Sent::json_patch(&one, kind.patch(change));
        let one_of = match self {
            Self::CreateGood => create(&[]),
            Self::CreateBad => create(&[Fault::Privileged]),
            Self::CreateBadInDryRun => create(&[Fault::Privileged]).in_dry_run(),
            Self::Unchanged => update(Change::Neutral),
            Self::Worse => update(Change::Worse),
            Self::WorseInDryRun => update(Change::Worse).in_dry_run(),
            Self::Mend | Self::MendInPart => update(Change::Mending),
            Self::Labels => {
                Sent::merge_patch(&one, json!({"metadata": {"labels": {"team": "shop"}}}))
            }
            Self::Annotations => Sent::merge_patch(
                &one,
                json!({"metadata": {"annotations": {"example.com/seen": "yes"}, "finalizers": ["example.com/held"]}}),
            ),
            Self::Status => Sent::merge_patch(&format!("{one}/status"), kind.status()),
            Self::Delete => Sent::delete(&one),
            Self::DeleteWithFinalizer => {
                return Self::delete_with_finalizer(kind, namespace, &one);
            }
        };
        vec![one_of]
    }

    /// What is being deleted may change as it likes, until its finalizer is taken away.
    fn delete_with_finalizer(kind: Kind, namespace: &str, one: &str) -> Vec<Sent> {
        let held = json!({"metadata": {"finalizers": ["example.com/held"]}});
        vec![
            Sent::merge_patch(one, held),
            Sent::delete(one),
            // A patch is first tried, and asked about, on what the API server's cache holds, and again where that was
            // old. A list brings the cache up to date.
            Sent::read(&kind.all(namespace)),
            Sent::json_patch(one, kind.patch(Change::Worse)),
            Sent::merge_patch(one, json!({"metadata": {"finalizers": null}})),
        ]
    }
}

fn cells(setting: Setting) -> Vec<Cell> {
    let of_kind = |kind: Kind| Operation::ALL.map(|operation| (kind, operation));
    let cell = |(kind, operation): (Kind, Operation)| {
        let sent = match operation.before() {
            None => "CREATE",
            Some(_) => "UPDATE",
        };
        Cell {
            what: format!("{operation:?} of {}", kind.name),
            requests: operation.requests(kind, setting.namespace()),
            expected: operation.expected(setting),
            arrives: format!("{sent} {} {}", kind.name, operation.name()),
        }
    };
    KINDS.into_iter().flat_map(of_kind).map(cell).collect()
}

/// What is there before the policy comes.
fn before(namespace: &str) -> Vec<Sent> {
    let of_kind = |kind: Kind| {
        Operation::ALL.into_iter().filter_map(move |operation| {
            let object = kind.object(namespace, &operation.name(), operation.before()?);
            Some(Sent::create(&kind.all(namespace), object))
        })
    };
    KINDS.into_iter().flat_map(of_kind).collect()
}

#[tokio::test]
async fn every_cell_of_the_tables_is_answered_by_its_rule() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let settings = Setting::ALL;
    join_all(settings.map(|setting| setting.make_namespace(&plane))).await;
    let stored = settings.iter().flat_map(|setting| {
        let namespace = setting.namespace();
        [before(namespace), subresources::before(namespace)].concat()
    });
    make(&client, stored.collect()).await;
    let installation = Installation::start(&plane, &[]).await;
    join_all(settings.map(|setting| setting.come_into_force(&plane, &client))).await;
    for setting in settings {
        subresources::are_known(&client, setting.namespace()).await;
    }

    let operator = &installation.operator;
    let of_setting = settings.map(async |setting| {
        let mut all = cells(setting);
        all.extend(subresources::cells(setting));
        all.extend(accounts::cells(setting));
        (all.len(), wrong(&client, operator, setting, &all).await)
    });
    let (counts, wrong): (Vec<usize>, Vec<Vec<String>>) =
        join_all(of_setting).await.into_iter().unzip();
    let wrong = wrong.concat();
    let count: usize = counts.iter().sum();
    assert!(
        wrong.is_empty(),
        "{} of {count} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(count, CELLS);
}

async fn make(client: &Client, objects: Vec<Sent>) {
    // A namespace's own account comes a moment after the namespace, and Pods need it.
    for setting in Setting::ALL {
        let account = format!(
            "/api/v1/namespaces/{}/serviceaccounts/default",
            setting.namespace()
        );
        wait("the namespace has its account", LIMIT, async || {
            Sent::read(&account).send(client).await.is_success()
        })
        .await;
    }
    let made = stream::iter(objects).map(async |object| {
        let answer = object.send(client).await;
        assert!(answer.is_success(), "{object:?}: {}", answer.message());
    });
    made.buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
}
