//! limit-exceeds-quota: what is asked for fits into the namespace.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Container, ContainerClass, Kind, Quantity, Workload,
        container::Resources,
        namespaced::{LimitRange, LimitRangeItem, ResourceQuota},
    },
};

pub(super) const CHECK: Check = Check {
    id: "limit-exceeds-quota",
    title: "Asks for more than the namespace gives",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container asks for more than a LimitRange of the namespace allows, or for less; or the requests or limits of all replicas of the workload together are more than a ResourceQuota has altogether.",
        root_cause: "The numbers were set for another cluster.",
        scenario: "The ReplicaSet cannot make its pods, and says so in an Event that nobody reads.",
        impact: "A rollout that does not begin, or an autoscaler that stops half way.",
        fix: "Lower the request, or have the quota raised.",
    },
    links: &["https://kubernetes.io/docs/concepts/policy/resource-quotas/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::LimitRange, Kind::ResourceQuota],
    ask: Ask::Surroundings(ask),
};

/// Resources, and how quotas call their sums.
const SUMS: [(&str, &str, Side); 4] = [
    ("cpu", "requests.cpu", Side::Request),
    ("memory", "requests.memory", Side::Request),
    ("cpu", "limits.cpu", Side::Limit),
    ("memory", "limits.memory", Side::Limit),
];

/// What is summed up.
#[derive(Clone, Copy)]
enum Side {
    Request,
    Limit,
}

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let mut faults = Vec::new();
    let mut any = false;
    for range in around.each::<LimitRange>() {
        for item in range
            .spec
            .limits
            .iter()
            .filter(|item| item.kind == "Container")
        {
            any |= !(item.max.is_empty() && item.min.is_empty());
            for container in workload.planned_containers() {
                faults.extend(out_of_range(&container, item, &range.metadata.name));
            }
        }
    }
    let replicas = if workload.is_scalable() {
        workload.replicas()
    } else {
        1
    };
    for quota in around
        .each::<ResourceQuota>()
        .filter(|quota| quota.spec.scopes.is_empty())
    {
        for (resource, sum, side) in SUMS {
            let short = if sum.starts_with("requests.") {
                Some(resource)
            } else {
                None
            };
            let hard = quota
                .spec
                .hard
                .get(sum)
                .or_else(|| quota.spec.hard.get(short?));
            let Some(hard) = hard else {
                continue;
            };
            any = true;
            let wanted = total(workload, resource, side).saturating_mul(i128::from(replicas));
            if wanted > hard.nanos() {
                let message = format!(
                    "{replicas} replicas want more {sum} than ResourceQuota {} has ({})",
                    quota.metadata.name,
                    hard.as_str()
                );
                faults.push(Fault::new(workload.at("/spec/replicas"), message));
            }
        }
    }
    if any {
        Answer::from_faults(faults)
    } else {
        Answer::DoesNotApply
    }
}

fn out_of_range(container: &Container<'_>, item: &LimitRangeItem, range: &str) -> Vec<Fault> {
    let Some(resources) = container.resources() else {
        return Vec::new();
    };
    let over = item.max.iter().filter_map(|(resource, max)| {
        let limit = resources
            .limit(resource)
            .or_else(|| resources.request(resource))?;
        (limit > max).then(|| {
            format!(
                "wants {} {resource}, more than LimitRange {range} allows ({})",
                limit.as_str(),
                max.as_str()
            )
        })
    });
    let under = item.min.iter().filter_map(|(resource, min)| {
        let request = resources.request(resource)?;
        (request < min).then(|| {
            format!(
                "asks for {} {resource}, less than LimitRange {range} allows ({})",
                request.as_str(),
                min.as_str()
            )
        })
    });
    let said = over.chain(under);
    said.map(|message| Fault::in_container(container, "/resources", message))
        .collect()
}

/// What one pod wants, in billionths: the sum of what stays, or one init container where that wants more.
fn total(workload: &Workload, resource: &str, side: Side) -> i128 {
    let of = |resources: Option<&Resources>| {
        let amount = resources.and_then(|own| match side {
            Side::Request => own.request(resource),
            Side::Limit => own.limit(resource),
        });
        amount.map_or(0, Quantity::nanos)
    };
    if let Some(pods) = workload.pod().resources.as_ref() {
        let whole = of(Some(pods));
        if whole > 0 {
            return whole;
        }
    }
    let staying = workload
        .containers()
        .filter(Container::runs_for_ever)
        .map(|one| of(one.resources()));
    let staying: i128 = staying.sum();
    let init = workload
        .containers()
        .filter(|one| one.class == ContainerClass::Init);
    let largest = init.map(|one| of(one.resources())).max().unwrap_or(0);
    staying.max(largest)
}
