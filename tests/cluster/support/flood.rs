//! Clients that speak to the gate directly over TLS, as any pod may, and bring more than it can take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{NAMESPACE, Operator};

/// How many bytes a large request says that it brings. With what each takes beside its body, sixteen of these are all
/// that may be under way (64 MiB), and twelve are all that large ones may take.
pub(crate) const LARGE: usize = (4 * 1024 - 64) * 1024;

/// How many bytes the largest request says that it brings that still counts as small. 64 of these take what is kept for
/// small ones.
pub(crate) const SMALL: usize = 192 * 1024;

/// More large ones than there is any room for.
pub(crate) const LARGE_CROWD: usize = 17;

/// More small ones than there is room for beside a crowd of large ones.
pub(crate) const SMALL_CROWD: usize = 68;

/// What is answered to what there is no room for.
pub(crate) const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable";

/// What is answered to a body that came too slowly.
pub(crate) const TOO_SLOW: &str = "HTTP/1.1 408 Request Timeout";

/// How often a slow client sends a byte.
const DRIP: Duration = Duration::from_millis(200);

/// When a client of a crowd comes again that was refused.
const AGAIN: Duration = Duration::from_millis(500);

/// Clients of one replica.
#[derive(Clone)]
pub(crate) struct Flood {
    port: u16,
    config: Arc<ClientConfig>,
    /// How long a request says that it waits for its answer.
    patience: Duration,
}

impl Flood {
    /// Clients that trust the authorities of the certificate's Secret.
    pub(crate) async fn of(client: &Client, operator: &Operator, patience: Duration) -> Self {
        let secrets: Api<Secret> = Api::namespaced(client.clone(), NAMESPACE);
        let secret = secrets.get("prodready-certificate").await.unwrap();
        let authorities = &secret.data.as_ref().unwrap()["ca.crt"].0;
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(authorities) {
            roots.add(authority.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            port: operator.gate_port(),
            config: Arc::new(config),
            patience,
        }
    }

    /// Begins a request whose body comes a byte at a time; the first line of the answer that it gets.
    pub(crate) async fn drip(&self, length: usize) -> JoinHandle<String> {
        let stream = self.begin(length, " ").await;
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(stream);
            let dripping = tokio::spawn(async move {
                while write.write_all(b" ").await.is_ok() && write.flush().await.is_ok() {
                    tokio::time::sleep(DRIP).await;
                }
            });
            let told = first_line(&mut read).await;
            dripping.abort();
            told
        })
    }

    /// So many slow clients who come again as often as they are let go.
    pub(crate) fn crowd(&self, clients: usize, length: usize) -> Crowd {
        let over = Arc::new(AtomicBool::new(false));
        let come = |_| tokio::spawn(self.clone().come_again(length, Arc::clone(&over)));
        let clients = (0..clients).map(come).collect();
        Crowd { over, clients }
    }

    async fn come_again(self, length: usize, over: Arc<AtomicBool>) -> Vec<Told> {
        let mut all = Vec::new();
        while all.is_empty() || !over.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let line = self.drip(length).await.await.unwrap();
            let is_refused = line == UNAVAILABLE;
            all.push(Told {
                line,
                after: begun.elapsed(),
            });
            if is_refused {
                tokio::time::sleep(AGAIN).await;
            }
        }
        all
    }

    /// Sends a whole request that is small; the first line of the answer that it gets.
    pub(crate) async fn ask(&self) -> String {
        let mut stream = self.begin(2, "{}").await;
        first_line(&mut stream).await
    }

    async fn begin(&self, length: usize, body: &str) -> TlsStream<TcpStream> {
        let name = ServerName::try_from(format!("prodready.{NAMESPACE}.svc")).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let mut stream = connector.connect(name, stream).await.unwrap();
        let milliseconds = self.patience.as_millis();
        let head = format!(
            "POST /enforce?timeout={milliseconds}ms HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }
}

/// Slow clients who come again as often as they are let go.
pub(crate) struct Crowd {
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Told>>>,
}

/// What a slow client was told.
#[derive(Debug)]
pub(crate) struct Told {
    /// The first line of the answer.
    pub(crate) line: String,
    /// How long it had to wait for it.
    pub(crate) after: Duration,
}

impl Crowd {
    /// Nobody comes again. What all of them were told, once the last one has its answer: nobody is cut off.
    pub(crate) async fn end(self) -> Vec<Told> {
        self.over.store(true, Ordering::Relaxed);
        let told = futures::future::join_all(self.clients).await;
        told.into_iter().flat_map(Result::unwrap).collect()
    }
}

async fn first_line(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    // Who is let go in the middle of a body may be told so by a reset, after the answer.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    answer.lines().next().unwrap_or_default().to_owned()
}
