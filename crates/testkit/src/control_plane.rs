//! The handle of a control plane: its own one, or a cluster that was given.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::task::spawn_blocking;

use crate::account;
use crate::error::Error;
use crate::facts::Facts;
use crate::supervisor::{Supervisor, program};

const GIVEN: &str = "PRODREADY_TEST_KUBECONFIG";
const API_SERVER: &str = "kube-apiserver";
const EVERYTHING: &str = "all";

/// A Kubernetes control plane with three KWOK nodes, one in each of three zones. Pods become
/// Ready as soon as they are scheduled, Jobs complete, and no container runs.
///
/// Dropping it ends every process and removes its data.
pub struct ControlPlane {
    kind: Kind,
    config: Config,
}

enum Kind {
    Own {
        supervisor: Arc<Supervisor>,
        facts: Facts,
    },
    Given {
        kubeconfig: PathBuf,
    },
}

impl ControlPlane {
    /// Starts a control plane (some four seconds) and returns when pods can run in it. Where
    /// `PRODREADY_TEST_KUBECONFIG` names a kubeconfig, that cluster is used instead.
    pub fn start() -> Result<Self, Error> {
        let kind = match std::env::var_os(GIVEN) {
            Some(kubeconfig) => Kind::Given {
                kubeconfig: PathBuf::from(kubeconfig),
            },
            None => start_own()?,
        };
        let config = load(kind.kubeconfig())?;
        Ok(Self { kind, config })
    }

    /// Whether it is one of our own, which tests may stop, and not a cluster that was given.
    pub fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Own { .. })
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        self.kind.kubeconfig()
    }

    /// A new client with an administrator's rights, for the runtime in which this is called:
    /// a client ends with its runtime, and each test has one of its own.
    ///
    /// # Panics
    /// Outside a runtime.
    pub fn client(&self) -> Client {
        Client::try_from(self.config.clone()).expect("a loaded kubeconfig makes a client")
    }

    /// Makes a kubeconfig by which a process acts as a service account, for a day. Its
    /// namespace is the account's.
    pub async fn kubeconfig_for_service_account(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<PathBuf, Error> {
        let token = account::token(self.client(), namespace, name).await?;
        let path = self
            .directory()
            .join(format!("{namespace}.{name}.kubeconfig"));
        account::write_kubeconfig(self.kubeconfig(), &path, namespace, &token)?;
        Ok(path)
    }

    /// Ends the API server and starts it again on the same port with the same data; returns
    /// when it is ready (some three seconds).
    pub async fn restart_apiserver(&self) -> Result<(), Error> {
        self.ask("restart", API_SERVER).await
    }

    /// Ends the API server.
    pub async fn stop_apiserver(&self) -> Result<(), Error> {
        self.ask("stop", API_SERVER).await
    }

    /// Starts an API server that was stopped, and returns when it is ready.
    pub async fn start_apiserver(&self) -> Result<(), Error> {
        self.ask("start", API_SERVER).await
    }

    /// Ends every component, as when the whole cluster is switched off. The data stays.
    pub async fn stop_everything(&self) -> Result<(), Error> {
        self.ask("stop", EVERYTHING).await
    }

    /// Starts every component that was stopped, and returns when pods can run again.
    pub async fn start_everything(&self) -> Result<(), Error> {
        self.ask("start", EVERYTHING).await
    }

    /// The address of pods on the host's network, at which the API server reaches a process on
    /// this machine through a Service. It must listen there or on all addresses.
    pub fn node_address(&self) -> IpAddr {
        match &self.kind {
            Kind::Own { facts, .. } => facts.node_address,
            Kind::Given { .. } => own_address().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        }
    }

    /// The processes of the control plane by component, as they were at its start; none where
    /// the cluster was given.
    pub fn process_ids(&self) -> BTreeMap<String, u32> {
        match &self.kind {
            Kind::Own { facts, .. } => facts.pids.clone(),
            Kind::Given { .. } => BTreeMap::new(),
        }
    }

    /// A directory for files that belong to this control plane. A plane of our own keeps the
    /// components' logs here, and removes it at its end.
    pub fn directory(&self) -> PathBuf {
        match &self.kind {
            Kind::Own { facts, .. } => facts.dir.clone(),
            Kind::Given { .. } => std::env::temp_dir(),
        }
    }

    /// What the control plane complained of, such as a component that died; empty is well.
    pub fn complaints(&self) -> String {
        match &self.kind {
            Kind::Own { supervisor, .. } => supervisor.said(),
            Kind::Given { .. } => String::new(),
        }
    }

    async fn ask(&self, verb: &str, component: &str) -> Result<(), Error> {
        let line = format!("{verb} {component}");
        let Kind::Own { supervisor, .. } = &self.kind else {
            return Err(Error::NotOurs { asked: line });
        };
        let supervisor = Arc::clone(supervisor);
        spawn_blocking(move || supervisor.ask(&line))
            .await
            .expect("asking does not panic")
    }
}

impl Kind {
    fn kubeconfig(&self) -> &Path {
        match self {
            Self::Own { facts, .. } => &facts.kubeconfig,
            Self::Given { kubeconfig } => kubeconfig,
        }
    }
}

fn start_own() -> Result<Kind, Error> {
    let (supervisor, facts) = Supervisor::start(&program("controlplane"))?;
    if let Some(warning) = &facts.warning {
        eprintln!("controlplane: {warning}");
    }
    Ok(Kind::Own {
        supervisor: Arc::new(supervisor),
        facts,
    })
}

/// Loads a kubeconfig on a thread of its own: the caller may be inside a runtime, or in none.
fn load(path: &Path) -> Result<Config, Error> {
    let loading = async {
        let kubeconfig = Kubeconfig::read_from(path)?;
        Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await
    };
    let loaded = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime can be made").block_on(loading)
        });
        thread.join().expect("loading a kubeconfig does not panic")
    });
    loaded.map_err(|source| Error::Kubeconfig {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// This machine's address towards others. Nothing is sent: connecting such a socket only asks
/// the routing table.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
