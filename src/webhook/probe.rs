//! Whether the API server can ask the gate, found out by having it ask: a dry run that creates nothing comes by an
//! entry of its own, and the gate denies it with words that nobody else says.

use k8s_openapi::api::coordination::v1::Lease;
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
    core::Status,
};

use super::{
    entry::Entry,
    wire::{self, Malformed, Request},
};

/// The Lease that is tried and never made.
pub const NAME: &str = "prodready-gate-probe";

/// The kind that is tried: one that the operator may create in its namespace anyway.
pub(super) const GROUP_VERSION: (&str, &str) = ("coordination.k8s.io", "v1");

pub(super) const RESOURCE: &str = "leases";

/// How the gate's answer begins; the replica's name follows.
const ANSWER: &str = "the gate was reached; replica ";

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The gate answered.
    Answered {
        /// The replica that did.
        replica: String,
    },
    /// The API server did not ask: the configuration is not there, or what comes by it was narrowed.
    NotAsked,
    /// The API server asked and got no answer that it could use.
    Failed {
        /// Why, as far as its message tells.
        cause: Cause,
        /// Its message.
        message: String,
    },
    /// Whoever probed may not, or somebody else forbade it first.
    Forbidden(String),
    /// The API server itself could not be asked.
    Unknown(String),
}

/// Why the API server got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no such Service.
    ServiceMissing,
    /// The Service has no such port.
    WrongPort,
    /// Nobody is behind the Service.
    NoEndpoints,
    /// The certificate is of an authority that is not in the `caBundle`.
    UnknownAuthority,
    /// The `caBundle` holds no certificate.
    BundleUnreadable,
    /// The certificate has run out, or is not valid yet.
    CertificateExpired,
    /// The certificate is for other names.
    WrongName,
    /// Something answers that does not speak TLS, or not such as can be used.
    NoTls,
    /// Nothing listens there.
    ConnectionRefused,
    /// Nothing comes back.
    TimedOut,
    /// The gate answers that it cannot decide yet.
    NotSynced,
    /// Something else.
    Other,
}

/// What the API server says (client-go, Go's net and crypto/x509, and its own webhook client), the more exact
/// before the less.
const SAYS: [(&str, Cause); 22] = [
    ("no endpoints available", Cause::NoEndpoints),
    ("no service port", Cause::WrongPort),
    ("not found", Cause::ServiceMissing),
    (
        "certificate signed by unknown authority",
        Cause::UnknownAuthority,
    ),
    (
        "certificate has expired or is not yet valid",
        Cause::CertificateExpired,
    ),
    ("certificate is valid for", Cause::WrongName),
    ("certificate is not valid for any names", Cause::WrongName),
    ("doesn't contain any IP SANs", Cause::WrongName),
    ("relies on legacy Common Name", Cause::WrongName),
    ("unable to load root certificates", Cause::BundleUnreadable),
    ("unable to parse bytes as PEM", Cause::BundleUnreadable),
    ("the first lists are not in", Cause::NotSynced),
    ("connection refused", Cause::ConnectionRefused),
    ("connection reset by peer", Cause::NoTls),
    (
        "first record does not look like a TLS handshake",
        Cause::NoTls,
    ),
    ("tls:", Cause::NoTls),
    ("EOF", Cause::NoTls),
    ("no route to host", Cause::TimedOut),
    ("network is unreachable", Cause::TimedOut),
    ("deadline exceeded", Cause::TimedOut),
    ("timeout", Cause::TimedOut),
    ("timed out", Cause::TimedOut),
];

impl Cause {
    fn of(message: &str) -> Self {
        // The URL in it has `timeout=3s`.
        let told = message.split_once("\": ").map_or(message, |(_, told)| told);
        let told = told.replace("?timeout=", "");
        let mut known = SAYS.iter();
        let found = known.find(|(says, _)| told.contains(says));
        found.map_or(Self::Other, |(_, cause)| *cause)
    }

    /// In one word, for conditions and metrics.
    pub fn reason(self) -> &'static str {
        match self {
            Self::ServiceMissing => "ServiceMissing",
            Self::WrongPort => "WrongPort",
            Self::NoEndpoints => "NoEndpoints",
            Self::UnknownAuthority => "UnknownAuthority",
            Self::BundleUnreadable => "BundleUnreadable",
            Self::CertificateExpired => "CertificateExpired",
            Self::WrongName => "WrongName",
            Self::NoTls => "NoTls",
            Self::ConnectionRefused => "ConnectionRefused",
            Self::TimedOut => "TimedOut",
            Self::NotSynced => "NotSynced",
            Self::Other => "NoAnswer",
        }
    }

    /// What it means, in words.
    pub fn told(self) -> &'static str {
        match self {
            Self::ServiceMissing => "the Service in front of the gate is not there",
            Self::WrongPort => "the Service in front of the gate has no such port",
            Self::NoEndpoints => "no ready pod is behind the Service in front of the gate",
            Self::UnknownAuthority => {
                "the gate's certificate is not of the authority in the configuration's caBundle"
            }
            Self::BundleUnreadable => "the configuration's caBundle holds no certificate",
            Self::CertificateExpired => "the gate's certificate has run out or is not valid yet",
            Self::WrongName => "the gate's certificate is for other names than the Service's",
            Self::NoTls => "what answers behind the Service does not speak TLS as the gate does",
            Self::ConnectionRefused => "nothing listens on the port to which the Service leads",
            Self::TimedOut => "nothing comes back on the connection to the gate",
            Self::NotSynced => "the gate has not read the cluster yet",
            Self::Other => "the API server got no answer that it could use",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ServiceMissing => "install the chart again: helm upgrade",
            Self::WrongPort => {
                "have the configuration written anew: prodready gate on; and look whether somebody changed the Service"
            }
            Self::NoEndpoints => {
                "look why the operator's pods are not ready: kubectl get pods, kubectl describe pod; and whether the \
                 Service's selector fits them"
            }
            Self::UnknownAuthority | Self::BundleUnreadable => {
                "have the configuration written anew: prodready gate on"
            }
            Self::CertificateExpired => {
                "compare the clocks of the nodes; then delete the certificate's Secret, and the operator makes a new one"
            }
            Self::WrongName => {
                "delete the certificate's Secret, and the operator makes a new one; look whether another program \
                 stands behind the Service"
            }
            Self::NoTls => {
                "look which program stands behind the Service: its selector may fit other pods"
            }
            Self::ConnectionRefused => {
                "compare the Service's targetPort with the operator's --gate-port, and look whether its pods run"
            }
            Self::TimedOut => {
                "let the API server reach the operator's pods on webhook.port (10250): firewall rules of private \
                 clusters, NetworkPolicies, security groups; or run them with hostNetwork"
            }
            Self::NotSynced => "wait; if it lasts, the operator's log says which list it waits for",
            Self::Other => "read the message, and the operator's log",
        }
    }
}

/// Has the API server ask the gate of a namespace.
pub async fn probe(client: &Client, namespace: &str) -> Outcome {
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let tried = Lease {
        metadata: ObjectMeta {
            name: Some(NAME.to_owned()),
            ..ObjectMeta::default()
        },
        spec: None,
    };
    match leases.create(&dry_run, &tried).await {
        Ok(_) => Outcome::NotAsked,
        Err(kube::Error::Api(status)) => outcome(&status),
        Err(err) => Outcome::Unknown(err.to_string()),
    }
}

fn outcome(status: &Status) -> Outcome {
    let message = status.message.as_str();
    if let Some((_, replica)) = message.split_once(ANSWER) {
        let replica = replica.to_owned();
        return Outcome::Answered { replica };
    }
    let entry = Entry::Probe.name();
    if message.contains(&format!("failed calling webhook \"{entry}\"")) {
        return Outcome::Failed {
            cause: Cause::of(message),
            message: message.to_owned(),
        };
    }
    match status.code {
        401 | 403 | 404 => Outcome::Forbidden(message.to_owned()),
        _ => Outcome::Unknown(message.to_owned()),
    }
}

/// What the gate answers to a probe.
pub(super) fn answer(body: &[u8], replica: &str) -> Result<Vec<u8>, Malformed> {
    let request = Request::read(body)?;
    let refused = request.refused(format!("{ANSWER}{replica}"));
    wire::Response::written(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(told: &str) -> Cause {
        let asked = "Internal error occurred: failed calling webhook \"probe.prodready.dev\": failed to call webhook: \
                     Post \"https://prodready.prodready-system.svc:443/probe?timeout=3s\": ";
        let status = Status {
            message: format!("{asked}{told}"),
            code: 500,
            ..Status::default()
        };
        match outcome(&status) {
            Outcome::Failed { cause, .. } => cause,
            other => panic!("{other:?}"),
        }
    }

    /// Words of kube-apiserver 1.36, and of Go's packages beneath it.
    #[test]
    fn each_cause_is_told_from_the_others_by_the_words_of_the_api_server() {
        for (told, cause) in [
            ("service \"prodready\" not found", Cause::ServiceMissing),
            (
                "no service port 444 found for service \"prodready\"",
                Cause::WrongPort,
            ),
            (
                "no endpoints available for service \"prodready\"",
                Cause::NoEndpoints,
            ),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                Cause::UnknownAuthority,
            ),
            (
                "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time \
                 2026-11-21T08:00:00Z is after 2026-11-20T08:00:00Z",
                Cause::CertificateExpired,
            ),
            (
                "tls: failed to verify certificate: x509: certificate is valid for other.shop.svc, not \
                 prodready.prodready-system.svc",
                Cause::WrongName,
            ),
            (
                "dial tcp 10.0.0.7:10250: connect: connection refused",
                Cause::ConnectionRefused,
            ),
            ("context deadline exceeded", Cause::TimedOut),
            ("dial tcp 10.0.0.7:10250: i/o timeout", Cause::TimedOut),
            ("net/http: TLS handshake timeout", Cause::TimedOut),
            (
                "dial tcp 10.0.0.7:10250: connect: no route to host",
                Cause::TimedOut,
            ),
            ("EOF", Cause::NoTls),
            ("something new", Cause::Other),
        ] {
            assert_eq!(failed(told), cause, "{told}");
        }
    }

    #[test]
    fn the_gate_is_known_by_its_words_and_a_missing_right_by_its_code() {
        let status = |code, message: &str| Status {
            code,
            message: message.to_owned(),
            ..Status::default()
        };
        assert_eq!(
            outcome(&status(
                403,
                "admission webhook \"probe.prodready.dev\" denied the request: the gate was reached; replica one"
            )),
            Outcome::Answered {
                replica: "one".to_owned()
            }
        );
        let forbidden = "leases.coordination.k8s.io is forbidden: User \"jane\" cannot create resource \"leases\"";
        assert_eq!(
            outcome(&status(403, forbidden)),
            Outcome::Forbidden(forbidden.to_owned())
        );
        assert_eq!(
            outcome(&status(503, "etcd")),
            Outcome::Unknown("etcd".to_owned())
        );
    }
}
