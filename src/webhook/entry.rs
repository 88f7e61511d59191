//! The entries of the gate's configuration. Their number does not grow with that of the policies: each entry
//! costs every request.

use prodready_engine::api::vocabulary::Mode;

/// One entry, and the path by which the API server asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// For what policies enforce. It fails closed.
    Enforce,
    /// For what policies warn about. It fails open.
    Warn,
    /// For what somebody with the verb `breakglass` changes of what policies enforce: it only notes it, and
    /// fails open.
    Breakglass,
}

/// Seconds for what only notes: with a dead network, who is on call waits no longer than this.
const NOTING_SECONDS: i32 = 1;

impl Entry {
    /// Every entry.
    pub const ALL: [Self; 3] = [Self::Enforce, Self::Warn, Self::Breakglass];

    /// The entry in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Breakglass => "breakglass",
        }
    }

    /// The path in the Service.
    pub fn path(self) -> String {
        format!("/{}", self.word())
    }

    /// The name in the configuration, as messages of the API server have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce.prodready.dev",
            Self::Warn => "warn.prodready.dev",
            Self::Breakglass => "breakglass.prodready.dev",
        }
    }

    /// The mode of the policies that want it.
    pub(super) fn mode(self) -> Mode {
        match self {
            Self::Enforce | Self::Breakglass => Mode::Enforce,
            Self::Warn => Mode::Warn,
        }
    }

    pub(super) fn failure_policy(self) -> &'static str {
        match self {
            Self::Enforce => "Fail",
            Self::Warn | Self::Breakglass => "Ignore",
        }
    }

    /// What is noted is an Event; a dry run is not noted.
    pub(super) fn side_effects(self) -> &'static str {
        match self {
            Self::Enforce | Self::Warn => "None",
            Self::Breakglass => "NoneOnDryRun",
        }
    }

    pub(super) fn timeout_seconds(self, usual: i32) -> i32 {
        match self {
            Self::Enforce | Self::Warn => usual,
            Self::Breakglass => NOTING_SECONDS,
        }
    }
}
