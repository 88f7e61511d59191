//! volume-encryption: data on disks are encrypted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::switched_off,
    object::{
        Kind,
        storage::{PersistentVolumeClaim, StorageClass},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "volume-encryption",
    title: "Disk not known to be encrypted",
    category: Category::Compliance,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A claim of a workload that keeps data is of a StorageClass of a cloud's driver that does not ask for encryption by its parameters (encrypted, kmsKeyId, disk-encryption-kms-key, diskEncryptionSetID). Clouds that encrypt whatever is asked (GCE, Azure) and drivers whose parameters are not known are not asked.",
        root_cause: "Encryption is a parameter that nobody reads.",
        scenario: "A disk or a snapshot of it goes where it should not, and is readable.",
        impact: "A breach that has to be told to every customer.",
        fix: "Set encrypted: \"true\" and a key of your own in the parameters of the class.",
    },
    links: &[
        "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md",
    ],
    covers: Covers {
        audit_rows: &[5],
        peers: &["kubescape:C-0264"],
    },
    parameters: &[],
    reads: &[Kind::PersistentVolumeClaim, Kind::StorageClass],
    ask: Ask::Surroundings(ask),
};

/// Drivers whose disks are in the clear unless a parameter says otherwise, with the parameter.
const DRIVERS: [(&str, &[&str]); 6] = [
    ("ebs.csi.aws.com", &["encrypted", "kmsKeyId"]),
    ("kubernetes.io/aws-ebs", &["encrypted", "kmsKeyId"]),
    ("efs.csi.aws.com", &["encrypted"]),
    ("cinder.csi.openstack.org", &["type"]),
    ("driver.longhorn.io", &["encrypted"]),
    ("rbd.csi.ceph.com", &["encrypted"]),
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if !asked.role().keeps_data() {
        return Answer::DoesNotApply;
    }
    let by_template = workload
        .spec
        .volume_claim_templates
        .iter()
        .map(|claim| &claim.spec);
    let by_volume = workload.pod().volumes.iter().filter_map(|volume| {
        let name = &volume.persistent_volume_claim.as_ref()?.claim_name;
        around
            .named::<PersistentVolumeClaim>(name)
            .known()
            .flatten()
            .map(|claim| &claim.spec)
    });
    let mut asked_any = false;
    let mut faults = Vec::new();
    for spec in by_template.chain(by_volume) {
        let class = match spec.storage_class_name.as_deref() {
            Some(name) => around.at::<StorageClass>("", name).known().flatten(),
            None => around
                .everywhere::<StorageClass>()
                .find(|class| class.is_default()),
        };
        let Some(class) = class else {
            continue;
        };
        let driver = DRIVERS
            .iter()
            .find(|(driver, _)| *driver == class.provisioner);
        let Some((driver, keys)) = driver else {
            continue;
        };
        asked_any = true;
        let on = keys.iter().any(|key| {
            class
                .parameters
                .get(*key)
                .is_some_and(|value| !switched_off(value))
        });
        if !on {
            let message = format!(
                "keeps data on disks of {driver} that are not encrypted (StorageClass {})",
                class.metadata.name
            );
            faults.push(Fault::new(workload.at("/metadata/name"), message));
        }
    }
    faults.dedup();
    if asked_any {
        Answer::from_faults(faults)
    } else {
        match around.absent(Kind::StorageClass) {
            Seen::NotSeen(why) => Answer::Unknown(why),
            Seen::Known(()) => Answer::DoesNotApply,
        }
    }
}
