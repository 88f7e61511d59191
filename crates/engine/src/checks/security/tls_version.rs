//! tls-version: nothing older than TLS 1.2 is spoken.

use std::collections::BTreeSet;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::{Variable, flag},
    object::{Container, Kind, namespaced::ConfigMap},
    surroundings::Entrance,
};

pub(super) const CHECK: Check = Check {
    id: "tls-version",
    title: "TLS older than 1.2 allowed",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A setting allows SSL, TLS 1.0 or TLS 1.1: a variable or flag that names versions of TLS, a directive of nginx, HAProxy, Envoy or Traefik in a ConfigMap of the workload, ssl-protocols of an ingress controller, or the policy of an AWS load balancer that an Ingress or Service asks for.",
        root_cause: "Some client was old once, and the setting outlived it.",
        scenario: "Somebody between client and server makes both agree on the oldest version, and breaks that.",
        impact: "What was sent encrypted can be read; audits for payment cards fail at once.",
        fix: "Take the old versions out of the list, or set the lowest version to TLS 1.2.",
    },
    links: &["https://www.rfc-editor.org/rfc/rfc8996"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::ConfigMap,
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
    ],
    ask: Ask::Surroundings(ask),
};

/// Flags that name the lowest version: those of Kubernetes' own components and of Go programs that follow them.
const FLAGS: [&str; 4] = [
    "--tls-min-version",
    "--min-tls-version",
    "--tls-minimum-version",
    "--ssl-min-version",
];

/// By which an ingress controller is told its ConfigMap, as `namespace/name`.
const CONTROLLER_SETTINGS: [&str; 2] = ["--configmap", "-configmap"];

/// The key of ingress-nginx and of NGINX's own controller for the versions.
const CONTROLLER_KEY: &str = "ssl-protocols";

/// Words before versions in files: nginx, HAProxy, Envoy, Traefik.
const DIRECTIVES: [&str; 5] = [
    "ssl_protocols",
    "ssl-min-ver",
    "tls_minimum_protocol_version",
    "minVersion",
    "min_tls_version",
];

/// Annotations that name a policy of an AWS load balancer.
const AWS_POLICIES: [&str; 2] = [
    "alb.ingress.kubernetes.io/ssl-policy",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let mut faults = Vec::new();
    for container in workload.planned_containers() {
        faults.extend(by_variables(&container, asked));
        faults.extend(by_flag(&container));
        faults.extend(by_controller_settings(&container, asked));
    }
    faults.extend(by_files(asked));
    faults.extend(by_load_balancers(asked));
    Answer::from_faults(faults)
}

fn by_variables(container: &Container<'_>, asked: &Asked<'_>) -> Vec<Fault> {
    let faulty = asked.variables(container).iter().filter_map(|variable| {
        let old = old_version_of(variable)?;
        let message = format!("{} allows {old}", variable.title());
        Some(Fault::in_container_at(
            container,
            variable.pointer(),
            message,
        ))
    });
    faulty.collect()
}

/// A name such as `TLS_MIN_VERSION` or `SSL_PROTOCOLS`; not one of what is turned off.
fn old_version_of<'a>(variable: &Variable<'a>) -> Option<&'a str> {
    let name = variable.name.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_meant = has(&["TLS", "SSL"])
        && has(&["MIN", "VERSION", "PROTOCOL"])
        && !has(&["DISABLE", "EXCLUDE", "MAX"]);
    if is_meant {
        let bare = has(&["MIN"]) || name.ends_with("TLS_VERSION");
        return old_version(variable.value, bare);
    }
    // As Java takes it: -Dhttps.protocols=TLSv1,TLSv1.1
    let mut options = variable.value.split_whitespace();
    options.find_map(|option| {
        let (name, versions) = option.split_once('=')?;
        let names_protocols = name.starts_with("-D") && name.ends_with(".protocols");
        names_protocols.then(|| old_version(versions, false))?
    })
}

fn by_flag(container: &Container<'_>) -> Option<Fault> {
    let (value, pointer) = flag(container, &FLAGS)?;
    let old = old_version(value, true)?;
    Some(Fault::in_container_at(
        container,
        pointer,
        format!("is told to allow {old}"),
    ))
}

fn by_controller_settings(container: &Container<'_>, asked: &Asked<'_>) -> Option<Fault> {
    let (value, pointer) = flag(container, &CONTROLLER_SETTINGS)?;
    let name = value.rsplit('/').next().unwrap_or(value);
    let map = asked.surroundings.config_map(name).known().flatten()?;
    let old = old_version(map.data.get(CONTROLLER_KEY)?, false)?;
    let message = format!("{CONTROLLER_KEY} of ConfigMap {name} allows {old}");
    Some(Fault::in_container_at(container, pointer, message))
}

fn by_files(asked: &Asked<'_>) -> Vec<Fault> {
    let workload = asked.workload;
    let maps = asked.surroundings.config_maps(workload).into_iter();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for map in maps {
        found.extend(in_files(map));
    }
    let fault = |message| Fault::new(workload.at("/metadata/name"), message);
    found.into_iter().map(fault).collect()
}

fn in_files(map: &ConfigMap) -> impl Iterator<Item = String> {
    let speaks = |value: &str| DIRECTIVES.iter().any(|word| value.contains(word));
    let files = map.data.iter().filter(move |(_, value)| speaks(value));
    files.filter_map(|(key, value)| {
        let mut lines = value.lines().enumerate();
        lines.find_map(|(index, line)| {
            let old = in_line(line)?;
            let name = &map.metadata.name;
            let line = index + 1;
            Some(format!(
                "ConfigMap {name} allows {old} at key {key} in line {line}"
            ))
        })
    })
}

fn in_line(line: &str) -> Option<&str> {
    let said = DIRECTIVES.iter().find_map(|directive| {
        let (before, said) = line.split_once(directive)?;
        let is_comment = before.contains(['#', '/']);
        (!is_comment).then_some(said)
    })?;
    old_version(said, false)
}

fn by_load_balancers(asked: &Asked<'_>) -> Vec<Fault> {
    let services = asked.services().known().unwrap_or_default();
    let services = services
        .iter()
        .map(|service| ("Service", &service.metadata));
    let entrances = asked.entrances().known().unwrap_or_default();
    let ingresses = entrances.iter().filter_map(|entrance| match entrance {
        Entrance::Ingress(ingress) => Some(("Ingress", &ingress.metadata)),
        Entrance::Route { .. } => None,
    });
    let faults = services.chain(ingresses).filter_map(|(kind, metadata)| {
        let policies = AWS_POLICIES.iter();
        let mut policies = policies.filter_map(|key| metadata.annotations.get(*key));
        let policy = policies.find(|policy| is_old_policy(policy))?;
        let message = format!(
            "is reached through {kind} {} by the policy {policy}, which allows TLS older than 1.2",
            metadata.name
        );
        Some(Fault::new(asked.workload.at("/metadata/name"), message))
    });
    faults.collect()
}

/// AWS names the lowest version in the policy's name; those that do not name one go down to TLS 1.0.
fn is_old_policy(policy: &str) -> bool {
    let Some(rest) = policy.trim().strip_prefix("ELBSecurityPolicy-") else {
        // One's own.
        return false;
    };
    let newer = ["-1-2-", "-1-3-"];
    !newer.iter().any(|version| rest.contains(version))
}

/// The first version below TLS 1.2 that a list names. A bare `1.0` counts where nothing else can be meant.
fn old_version(list: &str, bare: bool) -> Option<&str> {
    let is_end = |letter: char| letter.is_whitespace() || ",:;|+\"'[]()".contains(letter);
    let mut words = list.split(is_end).filter(|word| !word.is_empty());
    words.find(|word| is_old(word, bare))
}

/// `TLSv1`, `TLSv1.1`, `TLS1_0`, `TLS10`, `VersionTLS11`, `SSLv3`; what begins with a minus or `!` is taken away.
fn is_old(word: &str, bare: bool) -> bool {
    let letters = |word: &str| word.to_ascii_lowercase().replace(['.', '_', 'v'], "");
    // `VersionTLS10` loses its first letter too.
    let plain = letters(word);
    let version = plain
        .strip_prefix("ersion")
        .unwrap_or(&plain)
        .strip_prefix("tls")
        .or_else(|| bare.then_some(plain.as_str()));
    let old_tls = version.is_some_and(|version| matches!(version, "1" | "10" | "11"));
    // A bare `1` is more often a switch.
    let is_switch = bare && plain == "1";
    (old_tls && !is_switch) || matches!(plain.as_str(), "ssl2" | "ssl3")
}
