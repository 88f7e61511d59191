//! Questions about Kubernetes objects: slim, typed views of what the checks look at.
//!
//! Everything is parsed once, here, at the edge. Fields that no check reads are skipped.

pub mod account;
pub mod autoscaler;
pub mod backup;
pub mod container;
pub mod container_status;
pub mod edge;
pub mod edge_policy;
pub mod exception;
pub mod image;
pub mod kinds;
pub mod lenient;
pub mod mesh;
pub mod metadata;
pub mod monitor;
pub mod namespaced;
pub mod network_policy;
pub mod original;
pub mod pod;
pub mod pointer;
pub mod port;
pub mod probe;
pub mod quantity;
pub mod resource;
pub mod scan;
pub mod secret;
pub mod secret_source;
pub mod security;
pub mod selector;
pub mod signature;
pub mod storage;
pub mod volume;
pub mod workload;
pub mod workload_spec;

pub use container::{Container, ContainerClass};
pub use metadata::Metadata;
pub use original::Original;
pub use pod::PodSpec;
pub use pointer::Pointer;
pub use quantity::Quantity;
pub use resource::{Kind, Resource};
pub use workload::Workload;
