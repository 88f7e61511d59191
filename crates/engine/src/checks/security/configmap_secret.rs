//! configmap-secret: no credential stands in a ConfigMap that the workload uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    credential::in_text,
    object::{Container, Kind, Pointer, Workload, namespaced::ConfigMap},
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "configmap-secret",
    title: "Credential in a ConfigMap",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A ConfigMap that the workload mounts or takes its environment from holds a credential: as a value of its own, or in a line of a properties, ini, YAML, JSON, XML, SQL or shell file. Private keys and URLs with a password count too; references, comments and certificates do not. Each key is reported once, at the first place of the workload that names the ConfigMap.",
        root_cause: "Configuration and credentials were kept in one file, and the file became a ConfigMap.",
        scenario: "ConfigMaps are not encrypted at rest, and most roles may read them, so whoever may look at the configuration has the credential.",
        impact: "The system behind the credential is open until it is changed.",
        fix: "Change the credential, because this one is known; move it into a Secret, and let the configuration name a file or a variable instead.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/configmap/",
        "https://kubernetes.io/docs/concepts/configuration/secret/",
    ],
    covers: Covers {
        audit_rows: &[1],
        peers: &[
            "polaris:sensitiveConfigmapContent",
            "kubescape:C-0012",
            "trivy:KSV-0109",
            "trivy:KSV-01010",
        ],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Surroundings(ask),
};

/// A place of the workload that names a ConfigMap.
struct Use<'a> {
    config_map: &'a str,
    /// The only key that is used; all of them where none is named.
    key: Option<&'a str>,
    place: Pointer,
}

fn ask(asked: &Asked<'_>) -> Answer {
    let uses = uses(asked.workload);
    if uses.is_empty() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    let mut not_seen = None;
    for (name, (place, keys)) in by_config_map(uses) {
        match asked.surroundings.config_map(name) {
            Seen::Known(Some(found)) => faults.extend(in_config_map(found, &place, keys.as_ref())),
            // That it is missing is another check's business.
            Seen::Known(None) => {}
            Seen::NotSeen(why) => not_seen = not_seen.or(Some(why)),
        }
    }
    match not_seen {
        Some(why) if faults.is_empty() => Answer::Unknown(why),
        _ => Answer::from_faults(faults),
    }
}

/// The first place that names each ConfigMap, and the keys that are used.
fn by_config_map(uses: Vec<Use<'_>>) -> BTreeMap<&str, (Pointer, Option<BTreeSet<&str>>)> {
    let mut all = BTreeMap::new();
    for Use {
        config_map,
        key,
        place,
    } in uses
    {
        let (_, keys) = all
            .entry(config_map)
            .or_insert_with(|| (place, Some(BTreeSet::new())));
        match key {
            Some(key) => {
                if let Some(keys) = keys {
                    keys.insert(key);
                }
            }
            None => *keys = None,
        }
    }
    all
}

fn in_config_map(
    config_map: &ConfigMap,
    place: &Pointer,
    keys: Option<&BTreeSet<&str>>,
) -> Vec<Fault> {
    let used = config_map
        .data
        .iter()
        .filter(|(key, _)| keys.is_none_or(|keys| keys.contains(key.as_str())));
    used.filter_map(|(key, value)| {
        let found = in_text(key, value)?;
        let line = found
            .line
            .map_or_else(String::new, |line| format!(" in line {line}"));
        Some(Fault::new(
            place.clone(),
            format!(
                "ConfigMap {} holds {} at key {key}{line}",
                config_map.metadata.name, found.credential
            ),
        ))
    })
    .collect()
}

/// Where the workload names ConfigMaps: in volumes, in `envFrom` and in `env`.
fn uses(workload: &Workload) -> Vec<Use<'_>> {
    let containers = workload.containers();
    in_volumes(workload)
        .chain(containers.flat_map(|container| in_container(&container)))
        .collect()
}

fn in_volumes(workload: &Workload) -> impl Iterator<Item = Use<'_>> {
    let volumes = workload.pod().volumes.iter().enumerate();
    volumes.flat_map(|(index, volume)| {
        let root = workload.pod_at("/volumes").index(index);
        let sources = volume.projected.iter().flat_map(|all| &all.sources);
        let projected = sources.enumerate().filter_map({
            let root = root.clone();
            move |(index, source)| {
                let place = root.join("/projected/sources").index(index);
                Some((source.config_map.as_ref()?, place))
            }
        });
        let own = volume.config_map.iter().map(move |own| (own, root.clone()));
        own.chain(projected).map(|(source, place)| Use {
            config_map: &source.name,
            key: None,
            place: place.join("/configMap/name"),
        })
    })
}

fn in_container<'a>(container: &Container<'a>) -> Vec<Use<'a>> {
    let spec = container.spec;
    let whole = spec
        .env_from
        .iter()
        .enumerate()
        .filter_map(|(index, from)| {
            Some(Use {
                config_map: &from.config_map_ref.as_ref()?.name,
                key: None,
                place: container.at(&format!("/envFrom/{index}/configMapRef/name")),
            })
        });
    let by_key = spec.env.iter().enumerate().filter_map(|(index, variable)| {
        let reference = variable.value_from.as_ref()?.config_map_key_ref.as_ref()?;
        Some(Use {
            config_map: &reference.name,
            key: Some(&reference.key),
            place: container.at(&format!("/env/{index}/valueFrom/configMapKeyRef/name")),
        })
    });
    whole.chain(by_key).collect()
}
