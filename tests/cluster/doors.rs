//! The same objects judged from files, by the operator and by the gate come to the same, for every example of
//! every check.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, Client, ResourceExt as _,
    api::{ApiResource, DynamicObject, ListParams, PostParams},
    discovery,
};
use prodready::{
    audit::{Judges, audit},
    input::{Source, load},
};
use prodready_engine::{
    api::report::{ReadinessReport, ReadinessReportStatus},
    checks,
    object::Pointer,
    policy::Policy,
    surroundings::Completeness,
};
use prodready_testkit::wait;
use serde_json::{Value, json};

use crate::{
    examples::{self, Example},
    support::{Installation, LIMIT, accepted, apply, own_control_plane},
};

const POLICY: &str = "three-doors";

/// How many requests wait for the API server at a time.
const AT_ONCE: usize = 12;

/// Findings, as each door tells them: check and field. What is said may differ by how the API server writes an
/// amount: `1000` becomes `1k`.
type Told = BTreeSet<(String, String)>;

/// One example in a namespace of its own.
struct Room {
    place: String,
    namespace: String,
    text: String,
    objects: Vec<DynamicObject>,
}

#[tokio::test]
async fn files_operator_and_gate_say_the_same_of_every_example() {
    // Sixteen hundred namespaces: other tests would wait for their turn.
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let installation = Installation::start(&plane, &["secrets.listNames=true"]).await;
    let client = installation.plane.client();
    let kinds = Kinds::find(&client).await;
    let examples = examples::all();
    let rooms: Vec<Room> = examples
        .iter()
        .enumerate()
        .filter_map(|(number, example)| room(number, example, &kinds))
        .collect();
    let written = write_policy(installation.plane, "Enforce").await;
    let furnished: Vec<Option<Room>> = stream::iter(rooms)
        .map(|room| furnish(&client, &kinds, room))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let rooms: Vec<Room> = furnished.into_iter().flatten().collect();
    // The others are about kinds of others, whole clusters, or what the API server refuses.
    let most = examples.len() * 3 / 4;
    assert!(
        rooms.len() >= most,
        "the API server takes {} of {} examples",
        rooms.len(),
        examples.len()
    );

    let by_files: Vec<_> = rooms.iter().map(|room| of_files(room, &written)).collect();
    let by_gate: Vec<_> = stream::iter(&rooms)
        .map(|room| of_gate(&client, &kinds, room))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut differences = Vec::new();
    for ((room, files), gate) in rooms.iter().zip(&by_files).zip(&by_gate) {
        // What else would be there is not there yet.
        if room
            .objects
            .iter()
            .filter(|object| is_workload(object))
            .count()
            != 1
        {
            continue;
        }
        // A namespace as a whole never comes to the gate.
        let of_workloads = files.iter().filter(|(name, _)| *name != "namespace");
        let files: Told = of_workloads.flat_map(|(_, status)| told(status)).collect();
        if files != *gate {
            let (more, less) = (&files - gate, gate - &files);
            differences.push(format!(
                "{}: files alone say {more:?}, the gate alone {less:?}",
                room.place
            ));
        }
    }

    write_policy(installation.plane, "Audit").await;
    for room in &rooms {
        make(&client, &kinds, room).await;
    }
    differences.extend(of_operator(&client, &rooms, &by_files).await);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The namespaced kinds that the API server serves.
struct Kinds(BTreeMap<(String, String), ApiResource>);

impl Kinds {
    async fn find(client: &Client) -> Self {
        let discovery = discovery::Discovery::new(client.clone());
        let discovery = discovery.run().await.unwrap();
        let all = discovery.groups().flat_map(|group| {
            group
                .versions()
                .flat_map(|version| group.versioned_resources(version))
                .collect::<Vec<_>>()
        });
        let namespaced =
            all.filter(|(_, capabilities)| capabilities.scope == discovery::Scope::Namespaced);
        let served = namespaced.map(|(resource, _)| {
            let key = (resource.api_version.clone(), resource.kind.clone());
            (key, resource)
        });
        Self(served.collect())
    }

    fn of(&self, object: &DynamicObject) -> Option<&ApiResource> {
        let types = object.types.as_ref()?;
        self.0.get(&(types.api_version.clone(), types.kind.clone()))
    }

    fn api(&self, client: &Client, namespace: &str, object: &DynamicObject) -> Api<DynamicObject> {
        let resource = self.of(object).unwrap();
        Api::namespaced_with(client.clone(), namespace, resource)
    }
}

/// An example that a cluster can hold in one namespace, with all that it wants around it. One about what the API
/// server or the garbage collector would change at once says that it is about files.
fn room(number: usize, example: &Example, kinds: &Kinds) -> Option<Room> {
    let block = &example.block;
    if block.surroundings != "complete" {
        return None;
    }
    let (_, subjects) = example.load(false);
    let alone = subjects
        .iter()
        .all(|subject| subject.workload.metadata.namespace == "shop");
    let values = example.values();
    let objects: Vec<DynamicObject> = values
        .into_iter()
        .map(as_applied)
        .map(serde_json::from_value)
        .collect::<Result<_, _>>()
        .ok()?;
    let can_be_held = |object: &DynamicObject| {
        kinds.of(object).is_some()
            && object.namespace().is_none()
            && object
                .types
                .as_ref()
                .is_some_and(|types| types.kind != "Namespace")
    };
    (alone && objects.iter().all(can_be_held)).then(|| Room {
        place: example.place.clone(),
        namespace: format!("doors-{number}"),
        text: example.text.clone(),
        objects,
    })
}

/// Checks of how something fares at the moment, of which files know nothing, and of what is written in files, of which
/// a cluster knows nothing.
const ONE_SIDED: [&str; 5] = [
    "claim-bound",
    "cronjob-succeeding",
    "hpa-replicas-conflict",
    "rollout-healthy",
    "service-endpoints",
];

/// With what `kubectl apply` leaves on an object.
fn as_applied(mut object: Value) -> Value {
    let copy = json!({"apiVersion": object["apiVersion"], "kind": object["kind"]});
    object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
        Value::String(copy.to_string());
    object
}

async fn write_policy(plane: &prodready_testkit::ControlPlane, mode: &str) -> Policy {
    let ids = checks::all().map(|check| check.id);
    let ids: Vec<&str> = ids.filter(|id| !ONE_SIDED.contains(id)).collect();
    let live = ONE_SIDED.map(|id| json!({"id": id, "enabled": false, "weight": 0}));
    let policy = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": POLICY},
        "spec": {
            "precedence": 900,
            "profile": "scale",
            "namespaceSelector": {"matchLabels": {"rooms": "doors"}},
            "checks": live,
            "enforcement": {"mode": mode, "denyChecks": ids},
        },
    });
    apply(plane, &policy).await;
    let written = accepted(&plane.client(), POLICY).await;
    Policy::compile(&written).unwrap()
}

/// Makes the namespace, and in it what stands around the workloads. Gives the room back where the API server
/// takes all of it; an example may be something that it refuses by itself.
async fn furnish(client: &Client, kinds: &Kinds, room: Room) -> Option<Room> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = json!({"metadata": {"name": room.namespace, "labels": {"rooms": "doors"}}});
    let namespace = serde_json::from_value(namespace).unwrap();
    namespaces
        .create(&PostParams::default(), &namespace)
        .await
        .unwrap();
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &room.namespace);
    wait("the namespace's account is made", LIMIT, async || {
        accounts.get_opt("default").await.ok().flatten()
    })
    .await;
    for object in &room.objects {
        let api = kinds.api(client, &room.namespace, object);
        if is_workload(object) {
            continue;
        }
        if api.create(&PostParams::default(), object).await.is_err() {
            return None;
        }
    }
    for object in room.objects.iter().filter(|object| is_workload(object)) {
        let api = kinds.api(client, &room.namespace, object);
        match api.create(&dry_run(), object).await {
            Err(kube::Error::Api(status)) if status.code != 403 => return None,
            _ => {}
        }
    }
    Some(room)
}

fn is_workload(object: &DynamicObject) -> bool {
    object.types.as_ref().is_some_and(|types| {
        prodready_engine::api::vocabulary::WorkloadKind::ALL
            .iter()
            .any(|kind| kind.as_str() == types.kind)
    })
}

fn dry_run() -> PostParams {
    PostParams {
        dry_run: true,
        ..PostParams::default()
    }
}

/// The reports that `prodready audit` gives, by name.
fn of_files(room: &Room, policy: &Policy) -> BTreeMap<String, ReadinessReportStatus> {
    let namespace = format!(
        "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {}, labels: {{rooms: doors}}}}\n",
        room.namespace
    );
    let source = Source {
        name: "example.yaml".into(),
        text: room.text.clone() + &namespace,
    };
    let sources = [source];
    let loaded = load(&sources, &room.namespace, Completeness::complete());
    let judged = audit(
        &loaded,
        &Judges::One(Box::new(policy.clone())),
        Timestamp::now(),
    );
    assert_eq!(judged.list.errors, [], "{}", room.place);
    let reports = judged.list.items.into_iter();
    reports
        .map(|report| (report.name_any(), report.status.unwrap()))
        .collect()
}

fn told(status: &ReadinessReportStatus) -> Told {
    let findings = status.findings.iter();
    findings
        .map(|finding| {
            let field = Pointer::new(&finding.pointer).field_path();
            (finding.check.to_string(), field)
        })
        .collect()
}

/// What the gate says of the workloads, which stand there only once it is known.
async fn of_gate(client: &Client, kinds: &Kinds, room: &Room) -> Told {
    let mut said = Told::new();
    for object in room.objects.iter().filter(|object| is_workload(object)) {
        let api = kinds.api(client, &room.namespace, object);
        let Err(kube::Error::Api(status)) = api.create(&dry_run(), object).await else {
            continue;
        };
        assert!(
            status.message.contains(POLICY),
            "{}: {}",
            room.place,
            status.message
        );
        let causes = status.details.iter().flat_map(|details| &details.causes);
        let causes = causes.into_iter();
        said.extend(causes.map(|cause| (cause.reason.clone(), cause.field.clone())));
    }
    said
}

/// Makes the workloads.
async fn make(client: &Client, kinds: &Kinds, room: &Room) {
    for object in room.objects.iter().filter(|object| is_workload(object)) {
        let api = kinds.api(client, &room.namespace, object);
        let made = api.create(&PostParams::default(), object).await;
        made.unwrap_or_else(|err| panic!("{}: {err}", room.place));
    }
}

/// Waits until all reports say what files said, and tells the differences if they never do.
async fn of_operator(
    client: &Client,
    rooms: &[Room],
    by_files: &[BTreeMap<String, ReadinessReportStatus>],
) -> Vec<String> {
    let reports: Api<ReadinessReport> = Api::all(client.clone());
    let mut differences = Vec::new();
    let agreed = tokio::time::timeout(LIMIT, async {
        loop {
            let found = reports.list(&ListParams::default()).await.unwrap();
            let found: BTreeMap<_, _> = found
                .into_iter()
                .filter_map(|report| {
                    let key = (report.namespace()?, report.name_any());
                    Some((key, report.status?))
                })
                .collect();
            differences = rooms
                .iter()
                .zip(by_files)
                .filter_map(|(room, files)| difference(room, files, &found))
                .collect();
            if differences.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    match agreed.await {
        Ok(()) => Vec::new(),
        Err(_) => differences,
    }
}

/// How the operator's reports in a room differ from what files said. A report in the cluster is bounded: it may
/// name fewer findings, in the same order.
fn difference(
    room: &Room,
    files: &BTreeMap<String, ReadinessReportStatus>,
    found: &BTreeMap<(String, String), ReadinessReportStatus>,
) -> Option<String> {
    let mut told = String::new();
    for (name, wanted) in files {
        let key = (room.namespace.clone(), name.clone());
        let found = found.get(&key);
        let same = |found: &ReadinessReportStatus| {
            summary(found) == summary(wanted) && is_begin(found, wanted)
        };
        if !found.is_some_and(same) {
            let (wanted, found) = (summary(wanted), found.map(summary));
            let _ = write!(told, "\n  files    {wanted}\n  operator {found:?}");
        }
    }
    (!told.is_empty()).then(|| format!("{}: files and operator differ{told}", room.place))
}

fn summary(status: &ReadinessReportStatus) -> Value {
    let unknown = status.unknown.iter();
    let unknown: Vec<&str> = unknown.map(|unknown| &*unknown.check).collect();
    json!([
        status.score,
        status.verdict,
        status.summary,
        status.categories,
        unknown,
        status.worst_finding
    ])
}

/// Whether a bounded list of findings is how the whole one begins.
fn is_begin(bounded: &ReadinessReportStatus, whole: &ReadinessReportStatus) -> bool {
    let text = |status: &ReadinessReportStatus| -> Vec<(String, String)> {
        let findings = status.findings.iter();
        findings
            .map(|finding| (finding.check.to_string(), finding.pointer.clone()))
            .collect()
    };
    text(whole).starts_with(&text(bounded))
}
