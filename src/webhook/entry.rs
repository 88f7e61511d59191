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
    /// For what policies have filled in. It alone is asked before the others, may change an object, and stands in a
    /// configuration of its own; it fails open.
    Defaults,
    /// For the operator's own question whether it can be reached. It fails closed, so that the question tells why
    /// not; nothing else comes by it.
    Probe,
}

/// Seconds for what only notes or fills in: with a dead network, nobody waits longer than this for it.
const PASSING_SECONDS: i32 = 1;

impl Entry {
    /// Every entry.
    pub const ALL: [Self; 5] = [
        Self::Enforce,
        Self::Warn,
        Self::Breakglass,
        Self::Defaults,
        Self::Probe,
    ];

    /// Those that change nothing.
    pub const VALIDATING: [Self; 4] = [Self::Enforce, Self::Warn, Self::Breakglass, Self::Probe];

    /// The entry in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
            Self::Breakglass => "breakglass",
            Self::Defaults => "defaults",
            Self::Probe => "probe",
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
            Self::Defaults => "defaults.prodready.dev",
            Self::Probe => "probe.prodready.dev",
        }
    }

    /// The mode of the policies that want it; none where their mode is not what decides.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::Enforce | Self::Breakglass => Some(Mode::Enforce),
            Self::Warn => Some(Mode::Warn),
            Self::Defaults | Self::Probe => None,
        }
    }

    pub(super) fn failure_policy(self) -> &'static str {
        match self {
            Self::Enforce | Self::Probe => "Fail",
            Self::Warn | Self::Breakglass | Self::Defaults => "Ignore",
        }
    }

    /// What is noted is an Event; a dry run is not noted.
    pub(super) fn side_effects(self) -> &'static str {
        match self {
            Self::Enforce | Self::Warn | Self::Defaults | Self::Probe => "None",
            Self::Breakglass => "NoneOnDryRun",
        }
    }

    pub(super) fn timeout_seconds(self, usual: i32) -> i32 {
        match self {
            Self::Enforce | Self::Warn | Self::Probe => usual,
            Self::Breakglass | Self::Defaults => PASSING_SECONDS,
        }
    }
}
