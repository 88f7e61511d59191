//! Where traffic enters: Ingress, and Gateway and HTTPRoute of the Gateway API.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata};

/// An Ingress (networking.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ingress {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Hosts, paths and certificates.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: IngressSpec,
}

/// An Ingress' hosts, paths and certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    /// The controller that is to serve it.
    pub ingress_class_name: Option<String>,
    /// Where requests go that no rule fits.
    pub default_backend: Option<IngressBackend>,
    /// The certificates.
    #[serde(deserialize_with = "null_is_default")]
    pub tls: Vec<IngressTls>,
    /// Hosts and paths.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<IngressRule>,
}

/// A certificate and the hosts it is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTls {
    /// The hosts; every host of the Ingress where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub hosts: Vec<String>,
    /// The Secret; the controller's default certificate where nothing is said.
    pub secret_name: Option<String>,
}

/// What is served on one host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// The host; every host where nothing is said.
    pub host: Option<String>,
    /// The paths.
    pub http: Option<IngressPaths>,
}

/// The paths of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressPaths {
    /// The paths.
    #[serde(deserialize_with = "null_is_default")]
    pub paths: Vec<IngressPath>,
}

/// One path and where it leads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressPath {
    /// The path.
    pub path: Option<String>,
    /// Where it leads.
    pub backend: IngressBackend,
}

/// Where requests are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressBackend {
    /// A Service; absent where the backend is another kind of object.
    pub service: Option<IngressService>,
}

/// A Service as a backend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressService {
    /// The Service's name.
    pub name: String,
    /// The Service's port.
    #[serde(deserialize_with = "null_is_default")]
    pub port: BackendPort,
}

/// A Service's port, by name or number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendPort {
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub number: Option<i64>,
}

impl Ingress {
    /// The names of the Services it leads to.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.backends().map(|service| service.name.as_str())
    }

    /// The controller that is to serve it, by field or by the annotation of old.
    pub fn class(&self) -> Option<&str> {
        let old = self.metadata.annotations.get("kubernetes.io/ingress.class");
        let field = self.spec.ingress_class_name.as_deref();
        field.or(old.map(String::as_str))
    }

    /// The Services it leads to, with their ports.
    pub fn backends(&self) -> impl Iterator<Item = &IngressService> {
        let paths = self
            .spec
            .rules
            .iter()
            .filter_map(|rule| rule.http.as_ref())
            .flat_map(|http| &http.paths);
        paths
            .map(|path| &path.backend)
            .chain(&self.spec.default_backend)
            .filter_map(|backend| backend.service.as_ref())
    }
}

/// A Gateway (gateway.networking.k8s.io).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Its listeners.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: GatewaySpec,
}

/// A Gateway's listeners.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewaySpec {
    /// The listeners.
    #[serde(deserialize_with = "null_is_default")]
    pub listeners: Vec<Listener>,
}

/// One listener of a Gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listener {
    /// The name that routes use as `sectionName`.
    pub name: String,
    /// The host; every host where nothing is said.
    pub hostname: Option<String>,
    /// The port.
    pub port: i64,
    /// `HTTP`, `HTTPS`, `TLS`, `TCP` or `UDP`.
    pub protocol: String,
}

impl Listener {
    /// Whether what it receives is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTPS" | "TLS")
    }
}

/// An HTTPRoute (gateway.networking.k8s.io).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpRoute {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Gateways, hosts and rules.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: HttpRouteSpec,
}

/// An HTTPRoute's Gateways, hosts and rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpRouteSpec {
    /// The Gateways it hangs on.
    #[serde(deserialize_with = "null_is_default")]
    pub parent_refs: Vec<ParentReference>,
    /// The hosts; the listener's where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub hostnames: Vec<String>,
    /// The rules.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<HttpRouteRule>,
}

/// A Gateway, or one listener of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParentReference {
    /// Gateway where nothing is said.
    pub kind: Option<String>,
    /// The Gateway's name.
    pub name: String,
    /// The Gateway's namespace; the route's own where nothing is said.
    pub namespace: Option<String>,
    /// One listener; all of them where nothing is said.
    pub section_name: Option<String>,
    /// One port; all of them where nothing is said.
    pub port: Option<i64>,
}

/// What is done with a request, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpRouteRule {
    /// What is done with it.
    #[serde(deserialize_with = "null_is_default")]
    pub filters: Vec<HttpRouteFilter>,
    /// How long it may take.
    pub timeouts: Option<serde_json::Value>,
    /// How often it is tried again.
    pub retry: Option<serde_json::Value>,
    /// Where it goes.
    #[serde(deserialize_with = "null_is_default")]
    pub backend_refs: Vec<BackendReference>,
}

/// Something done with a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpRouteFilter {
    /// The kind of filter.
    #[serde(rename = "type")]
    pub kind: String,
    /// For `RequestRedirect`.
    pub request_redirect: Option<RequestRedirect>,
    /// For `ResponseHeaderModifier`.
    pub response_header_modifier: Option<HeaderModifier>,
    /// For `ExtensionRef`.
    pub extension_ref: Option<BackendReference>,
}

/// Headers that are set or added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderModifier {
    /// Set in the place of others.
    #[serde(deserialize_with = "null_is_default")]
    pub set: Vec<HeaderValue>,
    /// Set beside others.
    #[serde(deserialize_with = "null_is_default")]
    pub add: Vec<HeaderValue>,
}

/// A header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderValue {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A redirect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestRedirect {
    /// The scheme to go to.
    pub scheme: Option<String>,
}

/// Where a request goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendReference {
    /// Service where nothing is said.
    pub kind: Option<String>,
    /// The object's name.
    pub name: String,
    /// The object's namespace; the route's own where nothing is said.
    pub namespace: Option<String>,
    /// The Service's port.
    pub port: Option<i64>,
}

impl HttpRoute {
    /// The names of the Services of its own namespace it leads to.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.spec
            .rules
            .iter()
            .flat_map(|rule| &rule.backend_refs)
            .filter(|backend| backend.kind.as_deref().unwrap_or("Service") == "Service")
            .filter(|backend| {
                backend
                    .namespace
                    .as_ref()
                    .is_none_or(|namespace| *namespace == self.metadata.namespace)
            })
            .map(|backend| backend.name.as_str())
    }
}

/// A GRPCRoute (gateway.networking.k8s.io): as an [`HttpRoute`], as far as judging looks at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrpcRoute {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Gateways, hosts and rules.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: HttpRouteSpec,
}

/// An IngressClass (networking.k8s.io/v1): a controller that Ingresses name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IngressClass {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
}

impl IngressClass {
    /// Whether Ingresses get it that name none.
    pub fn is_default(&self) -> bool {
        let mark = "ingressclass.kubernetes.io/is-default-class";
        self.metadata
            .annotations
            .get(mark)
            .is_some_and(|value| value == "true")
    }
}
