//! What gets a report: a workload, or a namespace for what is no workload's.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object::Workload;

/// What gets a report.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A workload.
    Workload(&'a Workload),
    /// A namespace, by name.
    Namespace(&'a str),
}

impl<'a> From<&'a Workload> for Subject<'a> {
    fn from(workload: &'a Workload) -> Self {
        Self::Workload(workload)
    }
}

impl<'a> From<&'a Arc<Workload>> for Subject<'a> {
    fn from(workload: &'a Arc<Workload>) -> Self {
        Self::Workload(workload)
    }
}

impl<'a> Subject<'a> {
    /// Group and version.
    pub fn api_version(self) -> &'static str {
        match self {
            Self::Workload(workload) => workload.kind.api_version(),
            Self::Namespace(_) => "v1",
        }
    }

    /// The kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Workload(workload) => workload.kind.as_str(),
            Self::Namespace(_) => NAMESPACE,
        }
    }

    /// The name, or the prefix from which the API server is to make one up.
    pub fn name(self) -> &'a str {
        match self {
            Self::Workload(workload) => workload.name(),
            Self::Namespace(name) => name,
        }
    }

    /// `Deployment/cart`.
    pub fn display_name(self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// Counts changes of its spec; absent in files, and for a namespace, which has none that matters.
    pub fn generation(self) -> Option<i64> {
        match self {
            Self::Workload(workload) => workload.metadata.generation,
            Self::Namespace(_) => None,
        }
    }

    /// The object that patches are for.
    pub fn document(self) -> Value {
        match self {
            Self::Workload(workload) => workload.document(),
            Self::Namespace(_) => json!({}),
        }
    }

    /// The name of its report.
    pub fn report_name(self) -> String {
        crate::report::name(self.kind(), self.name())
    }
}

/// The kind of a namespace.
pub const NAMESPACE: &str = "Namespace";
