//! progressive-delivery: a bad release meets few users.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, monitor::Canary},
};

pub(super) const CHECK: Check = Check {
    id: "progressive-delivery",
    title: "Releases go to everybody at once",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A workload of tier critical (label or annotation tier, prodready.dev/tier) is rolled out to everybody at once: no Canary of Flagger is for it, and it is no Rollout of Argo. Others are not asked.",
        root_cause: "A rolling update looks careful, and asks nobody whether the new version is good.",
        scenario: "A release answers each health check and fails each order.",
        impact: "Every user meets the fault before anybody can stop it.",
        fix: "Let Flagger or Argo Rollouts send five percent first, and go on only while the figures are good.",
    },
    links: &["https://docs.flagger.app/"],
    covers: Covers {
        audit_rows: &[18],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::Canary],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let metadata = &workload.metadata;
    let template = &workload.spec.template.metadata;
    let said = [
        &metadata.labels,
        &metadata.annotations,
        &template.labels,
        &template.annotations,
    ];
    let critical = said.iter().any(|one| {
        ["tier", "prodready.dev/tier"]
            .iter()
            .any(|key| one.get(*key).is_some_and(|tier| tier == "critical"))
    });
    if !critical || workload.kind != WorkloadKind::Deployment {
        return Answer::DoesNotApply;
    }
    let covered = asked.surroundings.each::<Canary>().any(|canary| {
        let target = &canary.spec.target_ref;
        target.means(
            workload.kind.api_version(),
            workload.kind.as_str(),
            &metadata.name,
        )
    });
    if covered {
        return Answer::Passes;
    }
    Answer::about(asked.surroundings.absent(Kind::Canary), |()| {
        let message = "brings each release to everybody at once";
        Answer::fails(Fault::new(workload.at("/spec/strategy"), message))
    })
}
