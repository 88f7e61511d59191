//! windows-run-as-user: a Windows container is no administrator.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, security::WindowsOptions},
};

pub(super) const CHECK: Check = Check {
    id: "windows-run-as-user",
    title: "Windows container as administrator",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container of a Windows pod runs as ContainerAdministrator, by runAsUserName of its own or of the pod; or says nothing where the image's user is not known to be another.",
        root_cause: "ContainerAdministrator is the default of many images.",
        scenario: "Somebody gets into the process and may change everything within the container.",
        impact: "One wall less between a flaw and the node.",
        fix: "Set windowsOptions.runAsUserName: ContainerUser.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:require-run-as-containeruser"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let pod = asked.workload.pod();
    if !pod.is_windows() {
        return Answer::DoesNotApply;
    }
    let name =
        |options: Option<&WindowsOptions>| options.and_then(|one| one.run_as_user_name.clone());
    let own = container.spec.security_context.as_ref();
    let own = name(own.and_then(|one| one.windows_options.as_ref()));
    let pods = pod.security_context.as_ref();
    let pods = name(pods.and_then(|one| one.windows_options.as_ref()));
    let suffix = "/securityContext/windowsOptions/runAsUserName";
    let message = match own.or(pods) {
        None => "runs as whoever its image says, which is often an administrator",
        Some(user)
            if user
                .to_ascii_lowercase()
                .ends_with("containeradministrator") =>
        {
            "runs as administrator of its container"
        }
        Some(_) => return Answer::Passes,
    };
    let edit = Edit::set_in(container, suffix, "ContainerUser");
    Answer::fails(Fault::in_container(container, suffix, message).edit(edit))
}
