//! host-aliases: names mean what DNS says.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "host-aliases",
    title: "Names pinned in /etc/hosts",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The pod lists hostAliases, which pin names to addresses in its /etc/hosts.",
        root_cause: "A name could not be resolved, or had to be turned to another address for a while.",
        scenario: "The address behind the name moves, and this pod alone goes on to the old one.",
        impact: "An error that nobody else sees and DNS does not explain; and a name may be turned to a place that is not what it says.",
        fix: "Put the name into DNS, or use a Service without selector or of type ExternalName.",
    },
    links: &["https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["trivy:KSV-0007", "kubesec:HostAliases"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let aliases = &workload.pod().host_aliases;
    let names: Vec<&str> = aliases
        .iter()
        .flat_map(|alias| &alias.hostnames)
        .map(String::as_str)
        .collect();
    Answer::pass_if(aliases.is_empty(), || {
        let message = format!("pins {} in /etc/hosts, past DNS", names.join(", "));
        Fault::new(workload.pod_at("/hostAliases"), message)
    })
}
