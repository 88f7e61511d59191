//! What holds for every workload, tried on the examples with pieces taken out and put together.
#![expect(clippy::unwrap_used, reason = "a failing helper must end its test")]

mod support;

use std::sync::LazyLock;

use prodready_engine::{
    api::vocabulary::{Profile, Verdict, WorkloadKind},
    checks, exception, fix,
    gate::{self, Case, Decision, Reach, decide},
    judge::judge,
    object::{Resource, Workload},
    policy::{Policy, Switch},
    report::{self, Extent},
    score::score,
    surroundings::{Cluster, Completeness},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{all, status};

/// The workloads of all examples, as they are written.
static WORKLOADS: LazyLock<Vec<(WorkloadKind, Value)>> = LazyLock::new(|| {
    let examples = all();
    let of = |example: &support::Example| {
        let (_, subjects) = example.load(false);
        subjects
            .iter()
            .map(|subject| {
                let value = serde_json::to_value(&subject.node).unwrap();
                (subject.workload.kind, value)
            })
            .collect::<Vec<_>>()
    };
    examples.iter().flat_map(of).collect()
});

/// Something of a workload that may be missing.
fn prune(value: &mut Value, choices: &mut impl Iterator<Item = u8>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| {
                matches!(key.as_str(), "name" | "metadata" | "spec" | "template")
                    || !choices.next().unwrap_or(1).is_multiple_of(8)
            });
            fields.values_mut().for_each(|field| prune(field, choices));
        }
        Value::Array(items) => {
            items.retain(|_| !choices.next().unwrap_or(1).is_multiple_of(8));
            for item in items {
                prune(item, choices);
            }
        }
        _ => {}
    }
}

prop_compose! {
    fn workload()(
        index in 0..WORKLOADS.len(),
        choices in prop::collection::vec(any::<u8>(), 0..80),
    ) -> Option<Workload> {
        let (kind, mut value) = WORKLOADS[index].clone();
        prune(&mut value, &mut choices.into_iter());
        Workload::read(kind, value).ok()
    }
}

fn profile() -> impl Strategy<Value = Policy> {
    prop::sample::select(Profile::ALL.to_vec()).prop_map(Policy::of_profile)
}

/// A workload alone in the world.
fn alone(workload: &Workload) -> Cluster {
    let mut cluster = Cluster::new(Completeness::complete());
    cluster.insert(Resource::Workload(Box::new(workload.clone())));
    cluster
}

/// Found by `make fuzz`: a Pod without `spec` was offered a patch that adds a field to its `spec`, and a container
/// without a name one that first tests its name.
#[test]
fn a_patch_also_fits_where_the_parts_that_every_workload_has_are_not_written() {
    let policy = Policy::of_profile(Profile::Scale);
    for (kind, written) in [
        (WorkloadKind::Pod, json!({"metadata": {"name": "web"}})),
        (WorkloadKind::Deployment, json!({"spec": {}})),
        (
            WorkloadKind::CronJob,
            json!({"spec": {"jobTemplate": {"spec": {"template": {}}}}}),
        ),
        (
            WorkloadKind::Pod,
            json!({"spec": {"containers": [{"image": "shop/web:1.4"}]}}),
        ),
    ] {
        let workload = Workload::read(kind, written.clone()).unwrap();
        let status = status(&alone(&workload), &workload, &policy);
        let offered: Vec<_> = status
            .findings
            .iter()
            .filter(|finding| !finding.patch.is_empty())
            .collect();
        assert!(!offered.is_empty(), "{written}");
        for finding in offered {
            let fits = fix::apply_patch(&mut written.clone(), &finding.patch).is_some();
            assert!(fits, "{written}: {:?}", finding.patch);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn costs_and_score_make_a_hundred(workload in workload(), policy in profile()) {
        let Some(workload) = workload else { return Ok(()) };
        let cluster = alone(&workload);
        let judgement = judge(&workload, cluster.around(&workload.metadata.namespace), &policy);
        let scored = score(&judgement, policy.thresholds);
        let costs: u32 = scored.costs.iter().sum();
        prop_assert_eq!(scored.costs.len(), judgement.findings().count());
        match scored.total {
            Some(total) if judgement.findings().count() > 0 => prop_assert_eq!(u32::from(total) * 100 + costs, 10_000),
            Some(total) => prop_assert_eq!((total, costs), (100, 0)),
            None => prop_assert_eq!(costs, 0),
        }
        for category in &scored.categories {
            prop_assert!(category.hundredths <= 2_000);
        }
    }

    #[test]
    fn a_critical_finding_cannot_be_bought_off(workload in workload(), policy in profile()) {
        let Some(workload) = workload else { return Ok(()) };
        let status = status(&alone(&workload), &workload, &policy);
        prop_assert_eq!(status.summary.critical > 0, status.verdict == Verdict::DoNotLaunch);
    }

    #[test]
    fn turning_a_check_off_never_lowers_the_score(workload in workload(), policy in profile(), index: prop::sample::Index) {
        let Some(workload) = workload else { return Ok(()) };
        let cluster = alone(&workload);
        let before = status(&cluster, &workload, &policy);
        let mut lenient = policy;
        let setting = index.index(lenient.settings.len());
        lenient.settings[setting].switch = Switch::Off;
        let after = status(&cluster, &workload, &lenient);
        prop_assert!(after.score.unwrap_or(100) >= before.score.unwrap_or(0), "{:?} {:?}", before.score, after.score);
    }

    #[test]
    fn an_exception_never_lowers_a_score_nor_loses_a_finding(
        workload in workload(),
        policy in profile(),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        scope in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let Some(workload) = workload else { return Ok(()) };
        let mut cluster = alone(&workload);
        let before = status(&cluster, &workload, &policy);
        let checks = chosen.iter().map(|index| policy.settings[index.index(policy.settings.len())].check.id);
        let names: Vec<&str> = workload.containers().map(|container| container.name()).collect();
        let containers = scope.filter(|_| !names.is_empty()).map(|index| json!([{"name": names[index.index(names.len())]}]));
        let exception = json!({
            "metadata": {"name": "any", "namespace": workload.metadata.namespace},
            "spec": {
                "workloads": [{"kind": workload.kind.as_str(), "name": workload.name()}],
                "checks": checks.collect::<Vec<_>>(),
                "containers": containers,
                "reason": "a property must hold for it",
                "expirationTime": "1970-01-02T00:00:00Z",
                "approvedBy": "olga",
            },
        });
        cluster.insert(Resource::ReadinessException(serde_json::from_value(exception).unwrap()));
        let now = jiff::Timestamp::UNIX_EPOCH;
        let judgement = exception::judge(&workload, cluster.around(&workload.metadata.namespace), &policy, now);
        let scored = score(&judgement, policy.thresholds);
        let after = report::status(&workload, &policy, &judgement, &scored, Extent::Full);
        prop_assert!(after.score.unwrap_or(100) >= before.score.unwrap_or(0), "{:?} {:?}", before.score, after.score);
        prop_assert_eq!(after.findings.len() + after.exceptions.len(), before.findings.len());
        prop_assert_eq!(after.score_without_exceptions, before.score.filter(|_| !after.exceptions.is_empty()));
        let denied = !gate::objections(&judgement, &policy).is_empty();
        let plain = judge(&workload, cluster.around(&workload.metadata.namespace), &policy);
        prop_assert!(!denied || !gate::objections(&plain, &policy).is_empty());
    }

    #[test]
    fn a_check_alone_says_what_it_says_among_all(workload in workload(), policy in profile(), index: prop::sample::Index) {
        let Some(workload) = workload else { return Ok(()) };
        let cluster = alone(&workload);
        let check = policy.settings[index.index(policy.settings.len())].check;
        let among = status(&cluster, &workload, &policy);
        let alone = status(&cluster, &workload, &policy.narrowed_to(&[check]));
        let messages = |status: &prodready_engine::api::report::ReadinessReportStatus| -> Vec<String> {
            let of_check = status.findings.iter().filter(|finding| finding.check == check.id);
            of_check.map(|finding| finding.message.clone()).collect()
        };
        prop_assert_eq!(messages(&among), messages(&alone));
    }

    #[test]
    fn no_fix_lowers_the_score_and_every_patch_applies(workload in workload(), policy in profile()) {
        let Some(workload) = workload else { return Ok(()) };
        let before = status(&alone(&workload), &workload, &policy);
        for finding in before.findings.iter().filter(|finding| !finding.patch.is_empty()) {
            let mut document = workload.document();
            prop_assert!(fix::apply_patch(&mut document, &finding.patch).is_some(), "{:?}", finding.patch);
            let mended = Workload::read(workload.kind, document).unwrap();
            let after = status(&alone(&mended), &mended, &policy);
            let gone = !after.findings.iter().any(|left| support::identity(left) == support::identity(finding));
            prop_assert!(gone, "{}", finding.message);
        }
    }

    #[test]
    fn judging_again_gives_the_same_report(workload in workload(), policy in profile()) {
        let Some(workload) = workload else { return Ok(()) };
        let cluster = alone(&workload);
        let read_again = Workload::read(workload.kind, workload.document()).unwrap();
        let first = status(&cluster, &workload, &policy);
        let second = status(&alone(&read_again), &read_again, &policy);
        prop_assert_eq!(first.findings, second.findings);
        prop_assert_eq!(first.score, second.score);
    }

    #[test]
    fn a_bounded_report_is_small_and_loses_no_count(workload in workload(), policy in profile()) {
        let Some(workload) = workload else { return Ok(()) };
        let cluster = alone(&workload);
        let judgement = judge(&workload, cluster.around(&workload.metadata.namespace), &policy);
        let scored = score(&judgement, policy.thresholds);
        let bounded = report::status(&workload, &policy, &judgement, &scored, Extent::Bounded);
        let counted = bounded.findings.len() + usize::try_from(bounded.truncated.unwrap_or(0)).unwrap();
        prop_assert_eq!(counted, judgement.findings().count());
        let bytes = serde_json::to_vec(&bounded).unwrap().len();
        prop_assert!(bytes < 16_384, "{} bytes", bytes);
    }

    #[test]
    fn an_unchanged_object_is_never_denied(workload in workload()) {
        let Some(workload) = workload else { return Ok(()) };
        let mut policy = Policy::of_profile(Profile::Scale);
        policy.enforcement.mode = prodready_engine::api::vocabulary::Mode::Enforce;
        policy.enforcement.minimum_score = Some(100);
        policy.enforcement.deny_checks = checks::all().map(|check| check.id).collect();
        let cluster = alone(&workload);
        let case = Case {
            workload: &workload,
            surroundings: cluster.around(&workload.metadata.namespace),
            policy: &policy,
            reach: Reach::Policy,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let denied = matches!(decide(&case, || Some(workload.clone())).decision, Decision::Denied(_));
        prop_assert!(!denied);
    }

    #[test]
    fn filling_in_adds_only_what_is_absent_lowers_no_score_and_does_nothing_another_time(workload in workload()) {
        let Some(workload) = workload else { return Ok(()) };
        let mut policy = Policy::of_profile(Profile::Scale).with_number("require", 1);
        policy.defaults = checks::fillable().collect();
        let case = |workload| Case {
            workload,
            surroundings: Cluster::around(&NOTHING, ""),
            policy: &policy,
            reach: Reach::Policy,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let written = workload.document();
        let Some(filled) = gate::fill_in(&case(&workload), written.clone()) else { return Ok(()) };
        let mut patched = written.clone();
        prop_assert!(fix::apply_patch(&mut patched, &filled.patch).is_some(), "{:?}", filled.patch);
        prop_assert_eq!(&patched, &filled.object);
        let mut without_mark = patched.clone();
        if let Some(annotations) = without_mark["metadata"]["annotations"].as_object_mut() {
            annotations.remove(gate::MARK);
        }
        prop_assert!(holds(&without_mark, &written), "{} became {}", written, without_mark);
        let mended = Workload::read(workload.kind, &patched).unwrap();
        prop_assert_eq!(gate::fill_in(&case(&mended), patched), None);
        let (before, after) = (status(&alone(&workload), &workload, &policy), status(&alone(&mended), &mended, &policy));
        prop_assert!(after.score >= before.score, "{:?} {:?}", before.score, after.score);
        for new in &after.findings {
            let is_old = before.findings.iter().any(|old| support::identity(old) == support::identity(new));
            prop_assert!(is_old || !before.passed.contains(&new.check), "came with it: {}", new.message);
        }
    }
}

/// No surroundings: what is filled in never depends on them.
static NOTHING: LazyLock<Cluster> = LazyLock::new(|| Cluster::new(Completeness::complete()));

/// Whether all of `part` is in `whole`, and no list in it became longer.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|found| holds(found, value))),
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len()
                && whole.iter().zip(part).all(|(one, other)| holds(one, other))
        }
        (whole, part) => whole == part,
    }
}
