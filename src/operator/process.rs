//! The operator's process: its tasks, and how they begin and end.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Client, runtime::events::Recorder};
use prodready_engine::object::resource::Whole;
use prometheus_client::registry::Registry;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
};
use tracing::{error, info, warn};

use super::{
    arming::Configurations,
    events, everything,
    hazards::Editors,
    keeper::{BATCH, Found, Keeper},
    leader::{self, Candidate, Leadership},
    owner, permission, protection,
    reachability::Prober,
    renewal::Renewal,
    write::Writer,
};
use crate::{
    admin::{self, Admin, Readiness},
    rights::{self, Names},
    snapshot::{Shared, Snapshot},
    stop,
    telemetry::metrics::{
        AdmissionMetrics, CertificateMetrics, ExceptionMetrics, GateMetrics, ReportMetrics,
        WatchMetrics,
    },
    webhook::{
        certificate::{self, Certificate, CertificateError, Maker, Place},
        limits::InFlight,
        registration::Registration,
        router::{self, Gate},
        server,
        tls::{self, Serving, TlsError},
    },
};

/// How often it is looked for a certificate that somebody else makes.
const AWAITED: Duration = Duration::from_secs(2);

/// Everything that the operator is told when it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its own namespace.
    pub namespace: String,
    /// Its name among the replicas.
    pub identity: String,
    /// The Service in front of the gate.
    pub service: String,
    /// Where it listens.
    pub bind_address: IpAddr,
    /// The gate's port.
    pub gate_port: u16,
    /// The port of health and metrics.
    pub admin_port: u16,
    /// The name of both webhook configurations.
    pub webhook_configuration: String,
    /// The Secret with the serving certificate.
    pub certificate_secret: String,
    /// Who makes the certificate.
    pub certificate_maker: Maker,
    /// The cert-manager Certificate, as `namespace/name`, whose authority cert-manager is to write into the
    /// configuration; none where the operator writes it.
    pub inject_ca_from: Option<String>,
    /// The Lease of the leader.
    pub lease: String,
    /// The ClusterRole that our objects go with.
    pub owner_cluster_role: Option<String>,
    /// Seconds that the API server waits for the gate.
    pub webhook_timeout_seconds: i32,
    /// Namespaces out of the gate's reach, beside those that always are.
    pub protected_namespaces: BTreeSet<String>,
    /// Whether further namespaces that need it are found and protected.
    pub find_protected_namespaces: bool,
    /// Where the checks are explained.
    pub docs_base_url: Option<String>,
    /// How often it is probed whether the API server reaches the gate.
    pub probe_every: Duration,
    /// Accounts of the controllers that make objects for workloads.
    pub workload_controllers: Vec<String>,
    /// Whether the names of Secrets are listed.
    pub list_secret_names: bool,
}

/// Why the operator ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// A port is taken.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The API server refused something at the start.
    #[error("the API server refused {what}: {source}")]
    Api {
        /// What.
        what: &'static str,
        /// Why.
        source: Box<kube::Error>,
    },
    /// There is no certificate to serve.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The certificate cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Signals cannot be waited for.
    #[error("cannot wait for signals: {0}")]
    Signals(io::Error),
}

/// Runs the operator until it is told to end.
pub async fn run(client: Client, settings: Settings) -> Result<(), OperatorError> {
    info!(
        version = env!("CARGO_PKG_VERSION"),
        identity = settings.identity,
        "starting"
    );
    let mut registry = Registry::with_prefix("prodready");
    let admission = Arc::new(AdmissionMetrics::register(&mut registry));
    let reports = Arc::new(ReportMetrics::register(&mut registry));
    let fares = Arc::new(GateMetrics::register(&mut registry));
    let exceptions = Arc::new(ExceptionMetrics::register(&mut registry));
    let watched = Arc::new(WatchMetrics::register(&mut registry));
    let certified = CertificateMetrics::register(&mut registry);
    let readiness = Arc::new(Readiness::default());
    let snapshot = Shared::new(ArcSwap::from_pointee(Snapshot::default()));
    let (stop, stopped) = stop::channel();
    let mut tasks = JoinSet::new();

    let listener = listen(settings.bind_address, settings.admin_port).await?;
    let admin = Admin {
        readiness: Arc::clone(&readiness),
        registry: Arc::new(registry),
    };
    tasks.spawn(serve_admin(listener, admin));

    let owner = owner(&client, settings.owner_cluster_role.as_deref()).await?;
    let (serving, bundle) =
        serve_certificate(&client, &settings, owner.clone(), certified, &mut tasks).await?;
    readiness.certificate.store(true, Ordering::Release);

    let listener = listen(settings.bind_address, settings.gate_port).await?;
    readiness.listening.store(true, Ordering::Release);
    let (passages, passed) = mpsc::channel(events::WAITING);
    let gate = router::router(Gate {
        snapshot: Arc::clone(&snapshot),
        metrics: admission,
        passages,
        replica: Arc::from(settings.identity.as_str()),
        docs_base_url: settings.docs_base_url.as_deref().map(Arc::from),
        limits: InFlight::default(),
    });
    let recorder = events::recorder(client.clone(), &settings.identity);
    tasks.spawn(events::of_passages(recorder.clone(), passed));
    let gate = tokio::spawn(server::serve(
        listener,
        Arc::new(tls::config(serving)?),
        gate,
        stopped.clone(),
    ));

    let (leads, leadership) = watch::channel(false);
    let candidate = settings.candidate(owner.clone());
    let election = tokio::spawn(leader::take_part(client.clone(), candidate, leads, stopped));

    let (sender, changes) = mpsc::channel(4 * BATCH);
    let (whole, told_whole) = watch::channel(Whole::default());
    let lists_secrets = settings.list_secret_names;
    tasks.spawn(everything::watch(
        client.clone(),
        sender,
        told_whole,
        lists_secrets,
        watched,
    ));
    let found = settings.find_out(&client, &leadership, &fares, recorder, &mut tasks);
    let arming = Configurations::new(&settings.names());
    let identity = settings.identity.clone();
    let registration = settings.registration(owner);
    let writer = Writer {
        client,
        snapshot: Arc::clone(&snapshot),
        metrics: reports,
        identity,
    };
    let keeper = Keeper {
        snapshot,
        readiness: Arc::clone(&readiness),
        leadership,
        registration,
        arming,
        bundle,
        writer,
        found,
        lists_secrets,
        exceptions,
        whole,
    };
    tasks.spawn(keeper.keep(changes));

    told_to_end().await.map_err(OperatorError::Signals)?;
    info!("ending: answering what is under way first");
    readiness.stopping.store(true, Ordering::Release);
    stop.stop();
    let _ = tokio::join!(gate, election);
    tasks.shutdown().await;
    Ok(())
}

impl Settings {
    /// The objects that the operator writes by name.
    pub fn names(&self) -> Names {
        Names {
            namespace: self.namespace.clone(),
            configuration: self.webhook_configuration.clone(),
            secret: self.certificate_secret.clone(),
            lease: self.lease.clone(),
            owner: self.owner_cluster_role.clone(),
        }
    }

    /// Starts what finds out what no watch tells.
    fn find_out(
        &self,
        client: &Client,
        leadership: &Leadership,
        metrics: &Arc<GateMetrics>,
        recorder: Recorder,
        tasks: &mut JoinSet<()>,
    ) -> Found {
        let prober = Prober {
            client: client.clone(),
            namespace: self.namespace.clone(),
            service: self.service.clone(),
            every: self.probe_every,
            metrics: Arc::clone(metrics),
            recorder,
        };
        let (outcome, reachability) = watch::channel(None);
        tasks.spawn(prober.keep(leadership.clone(), outcome));
        let (lacking, missing) = watch::channel(None);
        tasks.spawn(permission::follow(
            client.clone(),
            rights::needed(&self.names(), self.list_secret_names),
            leadership.clone(),
            Arc::clone(metrics),
            lacking,
        ));
        let (others, backends) = watch::channel(None);
        if self.find_protected_namespaces {
            let follow = protection::follow(client.clone(), leadership.clone(), others);
            tasks.spawn(follow);
        }
        Found {
            own_namespace: self.namespace.clone(),
            always_protected: protection::always(&self.namespace, &self.protected_namespaces),
            backends,
            finds_protected: self.find_protected_namespaces,
            reachability,
            missing,
            editors: Editors::default(),
        }
    }

    fn place(&self, owner: Option<OwnerReference>) -> Place {
        let (namespace, secret) = (self.namespace.clone(), self.certificate_secret.clone());
        Place {
            namespace,
            secret,
            service: self.service.clone(),
            owner,
            maker: self.certificate_maker,
        }
    }

    fn candidate(&self, owner: Option<OwnerReference>) -> Candidate {
        let (namespace, lease) = (self.namespace.clone(), self.lease.clone());
        Candidate {
            namespace,
            lease,
            identity: self.identity.clone(),
            owner,
        }
    }

    fn registration(self, owner: Option<OwnerReference>) -> Registration {
        Registration {
            name: self.webhook_configuration,
            namespace: self.namespace,
            service: self.service,
            timeout_seconds: self.webhook_timeout_seconds,
            workload_controllers: self.workload_controllers,
            inject_ca_from: self.inject_ca_from,
            owner,
        }
    }
}

async fn serve_admin(listener: TcpListener, admin: Admin) {
    if let Err(err) = axum::serve(listener, admin::router(admin)).await {
        error!(error = %err, "the admin port ended");
    }
}

async fn owner(
    client: &Client,
    cluster_role: Option<&str>,
) -> Result<Option<OwnerReference>, OperatorError> {
    let Some(name) = cluster_role else {
        return Ok(None);
    };
    let found = owner::reference(client, name).await;
    found.map(Some).map_err(|source| OperatorError::Api {
        what: "the ClusterRole",
        source: Box::new(source),
    })
}

/// Serves the certificate of the Secret, and follows it from then on.
async fn serve_certificate(
    client: &Client,
    settings: &Settings,
    owner: Option<OwnerReference>,
    metrics: CertificateMetrics,
    tasks: &mut JoinSet<()>,
) -> Result<(Arc<Serving>, watch::Receiver<String>), OperatorError> {
    let place = settings.place(owner);
    let serving = Arc::new(Serving::default());
    let served = first_certificate(client, &place).await?;
    serving.set(&served.certificate, &served.key)?;
    metrics.served(served.ends());
    let (bundle, published) = watch::channel(served.ca.clone());
    let renewal = Renewal {
        client: client.clone(),
        place,
        configuration: settings.webhook_configuration.clone(),
        serving: Arc::clone(&serving),
        metrics,
        served,
        bundle,
    };
    tasks.spawn(renewal.keep());
    Ok((serving, published))
}

/// The certificate to begin with. One that somebody else makes may come later than this process.
async fn first_certificate(
    client: &Client,
    place: &Place,
) -> Result<Certificate, CertificateError> {
    loop {
        match certificate::ensure(client, place, None, Timestamp::now()).await {
            Err(err @ CertificateError::Given { .. }) => {
                warn!(error = %err, "waiting for the certificate");
                tokio::time::sleep(AWAITED).await;
            }
            found => return found,
        }
    }
}

async fn listen(address: IpAddr, port: u16) -> Result<TcpListener, OperatorError> {
    let address = SocketAddr::new(address, port);
    TcpListener::bind(address)
        .await
        .map_err(|source| OperatorError::Listen { address, source })
}

async fn told_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
