//! container-runtime-socket: the node's container runtime is out of reach.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "container-runtime-socket",
    title: "Container runtime reachable",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A hostPath volume is a socket of Docker, containerd, CRI-O, Podman or cri-dockerd, or a directory that holds one.",
        root_cause: "A tool builds images, reads logs or watches containers by talking to the runtime.",
        scenario: "Whoever gets into the container starts a privileged one on the same node, without the API server ever knowing.",
        impact: "The node is lost, and every pod and Secret on it.",
        fix: "Build images with a tool that needs no runtime (BuildKit rootless, Kaniko's successors), and read logs from the API or from files of the node.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:docker-sock",
            "trivy:KSV-0006",
            "kyverno:disallow-cri-sock-mount",
            "kyverno:docker-socket-requires-label",
            "kubescape:C-0074",
            "checkov:CKV_K8S_27",
            "kubesec:DockerSock",
            "datree:30",
            "eksup:K8S008",
            "kics:Docker Daemon Socket is Exposed to Containers",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Where runtimes listen, without `/var` before `/run`.
const SOCKETS: [&str; 9] = [
    "/run/docker.sock",
    "/run/dockershim.sock",
    "/run/cri-dockerd.sock",
    "/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/podman/podman.sock",
    "/run/containerd.sock",
    "/run/crio.sock",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let volumes = workload.pod().volumes.iter().enumerate();
    let paths: Vec<(usize, &str)> = volumes
        .filter_map(|(index, volume)| Some((index, volume.host_path.as_ref()?.path.as_str())))
        .collect();
    if paths.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = paths.into_iter().filter_map(|(index, path)| {
        let plain = plain(path);
        let socket = SOCKETS.iter().find(|socket| {
            **socket == plain || plain != "/" && socket.starts_with(&format!("{plain}/"))
        })?;
        let at = workload.pod_at(&format!("/volumes/{index}/hostPath/path"));
        let message = format!("reaches the node's container runtime ({socket}) by {path}");
        Some(Fault::new(at, message))
    });
    Answer::from_faults(faults.collect())
}

/// Without empty and dotted parts, and without `/var` before `/run`, which is the same directory. The root is asked
/// by another check.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let parts = match parts.as_slice() {
        ["var", "run", ..] => &parts[1..],
        all => all,
    };
    format!("/{}", parts.join("/"))
}
