//! ephemeral-data: data outlives its pod.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Container, Workload, volume::VolumeMount},
    role::{Product, product_of},
};

pub(super) const CHECK: Check = Check {
    id: "ephemeral-data",
    title: "Data lost with the pod",
    category: Category::Reliability,
    severity: Severity::Critical,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A database or broker, told by its image, keeps its data in the container's own filesystem or in an emptyDir: no claim is mounted at or around one of the directories its image uses. Caches may lose what they hold and are not asked.",
        root_cause: "The volume was left for later, or mounted at another path than the one the image writes to.",
        scenario: "The pod is moved to another node, and the database starts empty.",
        impact: "All data is gone, without anything having failed.",
        fix: "Use a StatefulSet with a volumeClaimTemplate, mounted at the directory that the finding names.",
    },
    links: &["https://kubernetes.io/docs/concepts/storage/persistent-volumes/"],
    covers: Covers {
        audit_rows: &[8],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.runs_for_ever() || !asked.role().keeps_data() {
        return Answer::DoesNotApply;
    }
    let products = workload
        .containers()
        .filter(Container::runs_for_ever)
        .filter_map(|container| {
            let product = product_of(&container)?;
            let keeps = product.role.keeps_data() && !product.data.is_empty();
            keeps.then_some((container, product))
        });
    let products: Vec<_> = products.collect();
    if products.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = products
        .iter()
        .filter_map(|(container, product)| fault(workload, container, product));
    Answer::from_faults(faults.collect())
}

fn fault(workload: &Workload, container: &Container<'_>, product: &Product) -> Option<Fault> {
    let mounts = &container.spec.volume_mounts;
    let holds = |mount: &VolumeMount| {
        let path = mount.mount_path.trim_end_matches('/');
        product
            .data
            .iter()
            .any(|data| within(data, path) || within(path, data))
    };
    let at_data: Vec<(usize, &VolumeMount)> = mounts
        .iter()
        .enumerate()
        .filter(|(_, mount)| holds(mount))
        .collect();
    let where_to = product.data.first()?;
    if at_data
        .iter()
        .any(|(_, mount)| lasts(workload, &mount.name))
    {
        return None;
    }
    // An own data directory may be set; then any volume that lasts is taken for it.
    let elsewhere = mounts.iter().any(|mount| lasts(workload, &mount.name));
    if elsewhere && at_data.is_empty() {
        return None;
    }
    let Some((index, mount)) = at_data.first() else {
        let message = format!(
            "keeps the data of {} in the container itself ({where_to})",
            product.image
        );
        return Some(Fault::in_container(container, "/volumeMounts", message));
    };
    let message = format!(
        "keeps the data of {} in volume {}, which goes with the pod",
        product.image, mount.name
    );
    let suffix = format!("/volumeMounts/{index}");
    Some(Fault::in_container(container, &suffix, message))
}

/// Whether `path` is `above` or lies below it.
fn within(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a volume outlives the pod.
fn lasts(workload: &Workload, name: &str) -> bool {
    let templates = &workload.spec.volume_claim_templates;
    let by_template = templates.iter().any(|claim| claim.metadata.name == name);
    let volumes = &workload.pod().volumes;
    let by_volume = volumes
        .iter()
        .find(|volume| volume.name == name)
        .is_some_and(|volume| {
            volume.persistent_volume_claim.is_some()
                || volume.host_path.is_some()
                || volume.foreign_source().is_some()
        });
    by_template || by_volume
}
