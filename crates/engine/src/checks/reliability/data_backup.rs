//! data-backup: lost data can be brought back.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind, Workload,
        backup::{K8upSchedule, ScheduledBackup, VeleroSchedule},
    },
};

pub(super) const CHECK: Check = Check {
    id: "data-backup",
    title: "No backup of the data",
    category: Category::Reliability,
    severity: Severity::Critical,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A database or broker with a volume has no backup that can be seen: no Schedule of Velero that takes in its namespace, none of K8up, no ScheduledBackup of CloudNativePG, no CronJob of its namespace that backs something up (by its name, image or command: backup, dump, restic, borg, wal-g, pgbackrest, mysqldump, mongodump, snapshot), and the workload does not say by prodready.dev/backup how it is done.",
        root_cause: "Replicas and good disks feel like a backup.",
        scenario: "Somebody drops a table, or an upgrade damages the files, and every replica does as it is told.",
        impact: "The data are gone for good, and so may be the business.",
        fix: "Schedule backups to another place, and try the restore; say by the annotation prodready.dev/backup where a backup is made that the cluster cannot see.",
    },
    links: &["https://velero.io/docs/main/"],
    covers: Covers {
        audit_rows: &[7],
        peers: &[
            "kyverno:backup-all-volumes",
            "kyverno:validate-cron-schedule",
            "kyverno:kasten-3-2-1-backup",
            "kyverno:kasten-data-protection-by-label",
            "kyverno:kasten-generate-example-backup-policy",
            "kyverno:kasten-generate-policy-by-preset-label",
            "kyverno:kasten-hourly-rpo",
            "kyverno:kasten-immutable-location-profile",
            "kyverno:kasten-minimum-retention",
            "kyverno:kasten-validate-ns-by-preset-label",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::VeleroSchedule,
        Kind::K8upSchedule,
        Kind::ScheduledBackup,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says how it is backed up.
const SAYS: &str = "prodready.dev/backup";

/// Words of jobs that back something up.
const WORDS: [&str; 12] = [
    "backup",
    "back-up",
    "dump",
    "restic",
    "borg",
    "wal-g",
    "pgbackrest",
    "mysqldump",
    "mongodump",
    "snapshot",
    "barman",
    "xtrabackup",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let has_volume = !workload.spec.volume_claim_templates.is_empty()
        || workload
            .pod()
            .volumes
            .iter()
            .any(|volume| volume.persistent_volume_claim.is_some());
    if !has_volume || !asked.role().keeps_data() {
        return Answer::DoesNotApply;
    }
    let template = &workload.spec.template.metadata;
    let annotations = [&workload.metadata.annotations, &template.annotations];
    let said = annotations
        .iter()
        .any(|one| one.get(SAYS).is_some_and(|how| !how.trim().is_empty()));
    let by_pod = template.annotations.keys().any(|key| {
        key.starts_with("backup.velero.io/") || key.starts_with("pre.hook.backup.velero.io/")
    });
    let by_sidecar = workload.containers().any(|container| {
        let base = container.image().base_name();
        WORDS
            .iter()
            .any(|word| base.contains(word) || container.name().contains(word))
    });
    let labels = workload.pod_labels();
    let by_velero = around.everywhere::<VeleroSchedule>().any(|schedule| {
        let selector = schedule.spec.template.label_selector.as_ref();
        schedule.covers(around.namespace())
            && selector.is_none_or(|selector| selector.matches(labels))
    });
    let by_other = around.each::<K8upSchedule>().next().is_some()
        || around.each::<ScheduledBackup>().next().is_some();
    if said || by_pod || by_sidecar || by_velero || by_other || around.workloads().any(backs_up) {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::VeleroSchedule), |()| {
        let message = "keeps data of which no backup can be seen";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}

fn backs_up(job: &Workload) -> bool {
    job.kind == WorkloadKind::CronJob
        && (WORDS.iter().any(|word| job.name().contains(word))
            || job.planned_containers().any(|container| {
                let spec = container.spec;
                let mut words = spec.command.iter().chain(&spec.args).chain([&spec.image]);
                words.any(|text| WORDS.iter().any(|word| text.contains(word)))
            }))
}
