//! image-age: what runs was built lately.

use jiff::{SignedDuration, Timestamp};

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Kind,
    scanned::{Measured, ask_bills},
};

pub(super) const CHECK: Check = Check {
    id: "image-age",
    title: "Image that was not built for a long time",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "By its own label org.opencontainers.image.created, or org.label-schema.build-date, an image was more than maxDays (180) old when the Trivy Operator scanned it last (SbomReport); it may be older by now. A build that writes no label shows that of its base image. Where nothing is scanned nothing is asked; without a label, or with a time from before containers, as reproducible builds write, it is unknown.",
        root_cause: "Nothing had to be changed in the application, so nothing was built.",
        scenario: "Holes in the base image are closed for months, elsewhere; when a fix is urgent, the build does not work any more.",
        impact: "Old libraries in production, and a repair under pressure that nobody has practised.",
        fix: "Build every image again at least monthly on its current base, by the same pipeline as changes, and roll it out.",
    },
    links: &[
        "https://github.com/opencontainers/image-spec/blob/main/annotations.md",
        "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/sbom-report/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:block-stale-images"],
    },
    parameters: &[MOST],
    reads: &[Kind::SbomReport],
    ask: Ask::Surroundings(ask),
};

const MOST: Parameter = Parameter {
    name: "maxDays",
    describes: "How many days old an image may be.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 3650,
        default: 180,
    },
};

/// Docker's first release, in March 2013: what says that it is older was built reproducibly, and its time is none.
const FIRST: Timestamp = Timestamp::constant(1_363_737_600, 0);

fn ask(asked: &Asked<'_>) -> Answer {
    let most = asked.integer(MOST.name);
    ask_bills(asked, |container, report| {
        let created = report.created().filter(|created| *created > FIRST);
        let (Some(created), Some(scanned)) = (created, report.scanned()) else {
            return Measured::NotSaid("the image has no label that says when it was made");
        };
        let days = scanned.duration_since(created).as_hours() / 24;
        if scanned.duration_since(created) <= SignedDuration::from_hours(most * 24) {
            return Measured::Well;
        }
        let made = created.strftime("%Y-%m-%d");
        let message = format!("has an image of {made}, {days} days old when it was scanned last");
        let fault = Fault::in_container(container, "/image", message);
        Measured::Wrong(fault.shortfall(days - most))
    })
}
