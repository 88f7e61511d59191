//! ingress-class: somebody serves each Ingress.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text,
    },
    object::{
        Kind,
        edge::{Ingress, IngressClass},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "ingress-class",
    title: "Ingress that no controller serves",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An Ingress names an IngressClass that does not exist, or names none while no class is the default one; or, with the parameter allowed, names one that is not listed.",
        root_cause: "The class of another cluster was written, or the default is set elsewhere only.",
        scenario: "The Ingress has no address, and nothing says why.",
        impact: "The host leads nowhere, or to what served it before.",
        fix: "Set ingressClassName to one of kubectl get ingressclass.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:restrict-ingress-classes"],
    },
    parameters: &[ALLOWED],
    reads: &[Kind::Ingress, Kind::IngressClass],
    ask: Ask::Namespace(ask),
};

const ALLOWED: Parameter = Parameter {
    name: "allowed",
    describes: "Classes that Ingresses may name; all where the list is empty.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let allowed = asked.texts(ALLOWED.name);
    if around.each::<Ingress>().next().is_none() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    let mut unseen = None;
    for ingress in around.each::<Ingress>() {
        let name = &ingress.metadata.name;
        let why = match ingress.class() {
            Some(class) if !allowed.is_empty() && !allowed.iter().any(|one| one == class) => {
                format!("names the class {class}, which the policy does not allow")
            }
            Some(class) => match around.at::<IngressClass>("", class) {
                Seen::Known(Some(_)) => continue,
                // The annotation of old need not name an object.
                Seen::Known(None) if ingress.spec.ingress_class_name.is_none() => continue,
                Seen::Known(None) => format!("names the class {class}, which there is not"),
                Seen::NotSeen(why) => {
                    unseen = Some(why);
                    continue;
                }
            },
            None if around
                .everywhere::<IngressClass>()
                .any(IngressClass::is_default) =>
            {
                continue;
            }
            None => match around.absent(Kind::IngressClass) {
                Seen::Known(()) => "names no class, and none is the default one".to_owned(),
                Seen::NotSeen(why) => {
                    unseen = Some(why);
                    continue;
                }
            },
        };
        faults.push(Fault::in_object(
            ingress,
            "/spec/ingressClassName",
            format!("Ingress {name} {why}"),
        ));
    }
    match unseen {
        Some(why) if faults.is_empty() => Answer::Unknown(why),
        _ => Answer::from_faults(faults),
    }
}
