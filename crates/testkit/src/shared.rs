//! The one control plane of a test binary.

use std::sync::LazyLock;

use crate::control_plane::ControlPlane;
use crate::error::Error;

static SHARED: LazyLock<Result<ControlPlane, Error>> = LazyLock::new(ControlPlane::start);

/// The control plane that all tests of this binary share, started by the first one that asks.
/// It ends with this process, however that ends.
///
/// # Panics
/// Where it cannot be started; the message says what to do.
pub fn shared() -> &'static ControlPlane {
    match &*SHARED {
        Ok(plane) => plane,
        Err(err) => panic!("{err}"),
    }
}
