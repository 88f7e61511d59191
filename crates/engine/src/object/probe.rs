//! Probes and lifecycle hooks.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, port::IntOrString};

/// A liveness, readiness or startup probe. Accessors give the API server's defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Probe {
    /// Runs a command in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    /// Asks over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HttpGet>,
    /// Opens a TCP connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_socket: Option<TcpSocket>,
    /// Asks gRPC's health service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<Grpc>,
    /// Seconds before the first attempt; 0 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<i64>,
    /// Seconds between attempts; 10 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i64>,
    /// Seconds an attempt may take; 1 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i64>,
    /// Attempts in a row that must succeed; 1 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<i64>,
    /// Attempts in a row that must fail; 3 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i64>,
}

impl Probe {
    /// Seconds before the first attempt.
    pub fn initial_delay(&self) -> i64 {
        self.initial_delay_seconds.unwrap_or(0)
    }

    /// Seconds between attempts.
    pub fn period(&self) -> i64 {
        positive_or(self.period_seconds, 10)
    }

    /// Seconds an attempt may take.
    pub fn timeout(&self) -> i64 {
        positive_or(self.timeout_seconds, 1)
    }

    /// Attempts in a row that must fail before the kubelet acts.
    pub fn failures(&self) -> i64 {
        positive_or(self.failure_threshold, 3)
    }

    /// The port it talks to, and the place of that port below the probe.
    pub fn port(&self) -> Option<(IntOrString, &'static str)> {
        let http = self
            .http_get
            .as_ref()
            .map(|http| (http.port.clone(), "/httpGet/port"));
        let tcp = self
            .tcp_socket
            .as_ref()
            .map(|tcp| (tcp.port.clone(), "/tcpSocket/port"));
        let grpc = self
            .grpc
            .as_ref()
            .map(|grpc| (IntOrString::Int(grpc.port), "/grpc/port"));
        http.or(tcp).or(grpc)
    }

    /// Seconds of steady failure before the kubelet acts.
    pub fn window(&self) -> i64 {
        self.period().saturating_mul(self.failures())
    }
}

/// The API server takes a zero for "not said".
fn positive_or(value: Option<i64>, default: i64) -> i64 {
    value.filter(|value| *value > 0).unwrap_or(default)
}

/// What a lifecycle hook does. Exactly one part is set in a valid object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handler {
    /// Runs a command in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    /// Asks over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HttpGet>,
    /// Waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sleep: Option<Sleep>,
}

/// A command; it is not run in a shell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exec {
    /// The program and its arguments.
    #[serde(deserialize_with = "null_is_default")]
    pub command: Vec<String>,
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpGet {
    /// `/` where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A number, or the name of a container port.
    pub port: IntOrString,
    /// The pod's own address where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// HTTP where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Headers of the request.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub http_headers: Vec<HttpHeader>,
}

/// One header of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpHeader {
    /// The header's name.
    pub name: String,
    /// The header's value.
    pub value: String,
}

/// A TCP connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TcpSocket {
    /// A number, or the name of a container port.
    pub port: IntOrString,
    /// The pod's own address where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A call of gRPC's health service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grpc {
    /// The port; gRPC probes know no names.
    pub port: i64,
    /// The service asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// A pause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sleep {
    /// How long.
    pub seconds: i64,
}

/// A container's lifecycle hooks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// Runs right after the container's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_start: Option<Handler>,
    /// Runs before the container is told to end; counts against the grace period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_stop: Option<Handler>,
}
