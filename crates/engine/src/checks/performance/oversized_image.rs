//! oversized-image: a node that is new is ready soon.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Kind,
    scanned::{Measured, ask_bills},
};

pub(super) const CHECK: Check = Check {
    id: "oversized-image",
    title: "Image that takes long to arrive",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An SbomReport of the Trivy Operator says that the layers of an image are larger, unpacked, than maxMegabytes (2000, each of a million bytes). Where nothing is scanned nothing is asked; a report about another tag or digest, or of a Trivy before 0.62, which tells no size, leaves it unknown.",
        root_cause: "Compilers, caches of package managers, test data or models were left in the image that is run.",
        scenario: "A node is lost at the peak; on the new one the pull takes minutes, and fills the disk until the kubelet evicts others.",
        impact: "Rollouts and scaling that come too late, nodes under disk pressure, and more in the image for an attacker to use.",
        fix: "Build in stages and copy only what runs into a small base image; mount models and data, or fetch them at the start.",
    },
    links: &[
        "https://docs.docker.com/build/building/multi-stage/",
        "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/sbom-report/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:block-large-images"],
    },
    parameters: &[MOST],
    reads: &[Kind::SbomReport],
    ask: Ask::Surroundings(ask),
};

const MOST: Parameter = Parameter {
    name: "maxMegabytes",
    describes: "How large an image may be, unpacked, in millions of bytes.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 1_000_000,
        default: 2000,
    },
};

/// Bytes of a megabyte.
const MEGABYTE: i64 = 1_000_000;

fn ask(asked: &Asked<'_>) -> Answer {
    let most = asked.integer(MOST.name);
    ask_bills(asked, |container, report| {
        let Some(bytes) = report.size() else {
            return Measured::NotSaid("the SbomReport tells no size: Trivy does since 0.62");
        };
        if bytes <= most * MEGABYTE {
            return Measured::Well;
        }
        let megabytes = bytes / MEGABYTE;
        let message = format!("has an image of {megabytes} MB unpacked, more than {most}");
        let fault = Fault::in_container(container, "/image", message);
        Measured::Wrong(fault.shortfall(megabytes - most))
    })
}
