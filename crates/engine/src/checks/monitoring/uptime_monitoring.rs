//! uptime-monitoring: somebody asks from outside.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::{Kind, monitor::UptimeProbe},
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "uptime-monitoring",
    title: "Not asked from outside",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A host that the workload serves by an Ingress or route is the target of no Probe (blackbox exporter), and no annotation prodready.dev/uptime says who asks it from outside.",
        root_cause: "Every pod is watched, so the whole seemed to be.",
        scenario: "DNS, the certificate or the load balancer fails; all pods are well, and nobody can reach them.",
        impact: "An outage that only users see.",
        fix: "Add a Probe for the host, or a check from outside the cluster, and annotate where it is.",
    },
    links: &["https://prometheus-operator.dev/docs/api-reference/api/"],
    covers: Covers {
        audit_rows: &[32],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::UptimeProbe,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says who asks it from outside.
const SAYS: &str = "prodready.dev/uptime";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    if said.iter().any(|one| one.contains_key(SAYS)) {
        return Answer::Passes;
    }
    let unseen = match around.absent(Kind::UptimeProbe) {
        Seen::NotSeen(why) if around.everywhere::<UptimeProbe>().next().is_none() => Some(why),
        _ => None,
    };
    if let Some(why) = unseen {
        return Answer::Unknown(why);
    }
    each_edge(asked, |edge| {
        let by_ingress = edge.ingress().into_iter().flat_map(|ingress| {
            ingress
                .spec
                .rules
                .iter()
                .filter_map(|rule| rule.host.as_deref())
        });
        let by_route = edge
            .route()
            .into_iter()
            .flat_map(|route| route.spec.hostnames.iter().map(String::as_str));
        let hosts: Vec<&str> = by_ingress.chain(by_route).collect();
        let labels = edge.ingress().map(|ingress| &ingress.metadata.labels);
        let probed = around.everywhere::<UptimeProbe>().any(|probe| {
            let targets = &probe.spec.targets;
            let addresses = targets.static_config.iter().flat_map(|one| &one.addresses);
            let named = addresses
                .into_iter()
                .any(|address| hosts.iter().any(|host| address.contains(host)));
            let selected = targets.ingress.as_ref().zip(labels);
            named
                || selected.is_some_and(|(spec, labels)| {
                    spec.looks_into(around.namespace(), &probe.metadata.namespace)
                        && spec.selector.matches(labels)
                })
        });
        (!hosts.is_empty() && !probed).then(|| {
            let message = format!(
                "{} is asked by nobody from outside ({})",
                edge.title(),
                hosts.join(", ")
            );
            Fault::new(workload.at("/metadata/name"), message)
        })
    })
}
