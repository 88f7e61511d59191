//! The wire types: what users and other programs read and write.
//!
//! They have no behaviour. Bounds, defaults and rules between fields stand beside the fields and
//! become the schemas that [`crate::crds`] completes, so that the API server refuses a mistake by
//! its field.

pub mod category_score;
pub mod condition;
pub mod exception;
pub mod hundredths;
pub mod policy;
pub mod policy_status;
pub mod report;
pub mod report_list;
pub mod rule;
pub mod selector;
pub mod vocabulary;

/// The group of every kind of this API.
pub const GROUP: &str = "prodready.dev";

/// The version of every kind of this API.
pub const VERSION: &str = "v1alpha1";

/// Group and version, as manifests write them.
pub const API_VERSION: &str = "prodready.dev/v1alpha1";
