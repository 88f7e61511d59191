//! probe-host: the kubelet asks the pod itself.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "probe-host",
    title: "Probe asks another host",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A probe or a lifecycle hook of a container sets host, so that the kubelet of the node asks an address other than the pod's; a header Host is right.",
        root_cause: "It was meant as the header Host.",
        scenario: "Whoever writes the manifest has the node ask any address in its network (Pod Security baseline, Kubernetes 1.34); and the probe says nothing about this pod.",
        impact: "A pod that is taken for healthy because somebody else is.",
        fix: "Remove host; put the name into httpHeaders: [{name: Host, value: …}].",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &["gatekeeper:host-probes-lifecycle"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let probes = [
        ("livenessProbe", &spec.liveness_probe),
        ("readinessProbe", &spec.readiness_probe),
        ("startupProbe", &spec.startup_probe),
    ];
    let probes = probes.into_iter().filter_map(|(field, probe)| {
        let probe = probe.as_ref()?;
        let http = probe
            .http_get
            .as_ref()
            .and_then(|http| http.host.as_deref());
        let tcp = probe
            .tcp_socket
            .as_ref()
            .and_then(|tcp| tcp.host.as_deref());
        let by_http = http.map(|host| (format!("/{field}/httpGet/host"), host));
        by_http.or_else(|| tcp.map(|host| (format!("/{field}/tcpSocket/host"), host)))
    });
    let lifecycle = spec.lifecycle.as_ref();
    let hooks = [
        (
            "postStart",
            lifecycle.and_then(|one| one.post_start.as_ref()),
        ),
        ("preStop", lifecycle.and_then(|one| one.pre_stop.as_ref())),
    ];
    let hooks = hooks.into_iter().filter_map(|(field, hook)| {
        let host = hook?.http_get.as_ref()?.host.as_deref()?;
        Some((format!("/lifecycle/{field}/httpGet/host"), host))
    });
    let named = probes.chain(hooks).filter(|(_, host)| !host.is_empty());
    let faults = named.map(|(place, host)| {
        let message = format!("has the node ask {host} instead of the pod");
        let edit = Edit::Remove {
            at: container.at(&place),
        };
        Fault::in_container(container, &place, message).edit(edit)
    });
    Answer::from_faults(faults.collect())
}
