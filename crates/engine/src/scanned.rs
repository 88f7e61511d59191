//! What scans of a workload's images say: a question that several checks ask.

use crate::{
    check::{Answer, Asked, Fault},
    object::{
        Container, ContainerClass, Kind,
        scan::{self, SbomReport},
    },
    surroundings::Seen,
};

/// What a bill of materials comes to.
#[derive(Debug)]
pub enum Measured {
    /// All is well.
    Well,
    /// Something is wrong.
    Wrong(Fault),
    /// It does not say what is asked, and why.
    NotSaid(&'static str),
}

/// Asks the SbomReport of each container's image. One that is about another image than the container has now, as
/// while a new one is rolled out, says nothing.
pub fn ask_bills(
    asked: &Asked<'_>,
    measure: impl Fn(&Container<'_>, &SbomReport) -> Measured,
) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let mut scanned = around.each::<SbomReport>().peekable();
    if scanned.peek().is_none() {
        return match around.absent(Kind::SbomReport) {
            Seen::Known(()) => Answer::DoesNotApply,
            Seen::NotSeen(why) => Answer::Unknown(why),
        };
    }
    let own: Vec<&SbomReport> = scanned
        .filter(|report| scan::is_about(&report.metadata.labels, workload))
        .collect();
    let (mut faults, mut unsaid) = (Vec::new(), None);
    let planned = workload.containers();
    for container in planned.filter(|one| one.class != ContainerClass::Ephemeral) {
        let report = own.iter().find(|report| is_of(report, &container));
        match report.map(|report| measure(&container, report)) {
            Some(Measured::Well) => {}
            Some(Measured::Wrong(fault)) => faults.push(fault),
            Some(Measured::NotSaid(why)) => unsaid = Some(why),
            None => unsaid = Some("there is no SbomReport about an image as it is now"),
        }
    }
    match unsaid {
        Some(why) if faults.is_empty() => Answer::Unknown(why.to_owned()),
        _ => Answer::from_faults(faults),
    }
}

/// Whether a report is about the image that a container has: what both say of tag and digest is the same.
fn is_of(report: &SbomReport, container: &Container<'_>) -> bool {
    let (image, artifact) = (container.image(), &report.report.artifact);
    let differ = |one: Option<&str>, other: Option<&str>| {
        one.zip(other).is_some_and(|(one, other)| one != other)
    };
    let name = report.metadata.labels.get(scan::CONTAINER);
    let tag = artifact.tag.as_deref().filter(|tag| !tag.is_empty());
    name.is_some_and(|name| name == container.name())
        && !differ(
            tag,
            image
                .tag
                .or(Some("latest"))
                .filter(|_| image.digest.is_none()),
        )
        && !differ(artifact.digest.as_deref(), image.digest)
}
