//! The listener: TLS, bounded connections, and an end that drops no request.

use std::{
    future::ready,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::stop::Stop;

/// How long clients are waited for, and how many there may be.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// A client that has not shaken hands by then is let go.
    handshake: Duration,
    /// A client that has not sent its headers by then is let go.
    headers: Duration,
    /// The API server keeps its connections for ever, and with them all traffic on one replica: a connection
    /// this old is asked to close after its request.
    age: Duration,
    /// How long a connection that is to be closed stays open for one more request, which is told so. Who closes
    /// an idle one at once may do it in the moment in which the API server sends, and that request fails.
    quiet: Duration,
    /// How long requests may take to end once the gate is told to stop.
    drain: Duration,
    /// Connections beyond these are closed at once.
    connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            headers: Duration::from_secs(10),
            age: Duration::from_secs(60),
            quiet: Duration::from_secs(2),
            drain: Duration::from_secs(10),
            connections: 4096,
        }
    }
}

/// Serves until it is told to stop, then answers what is under way and returns.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    stop: Stop,
) -> io::Result<()> {
    serve_with(listener, tls, router, stop, Patience::default()).await;
    Ok(())
}

async fn serve_with(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    stop: Stop,
    patience: Patience,
) {
    let mut told_to_stop = stop.clone();
    // API servers may not have learnt yet that this replica is to end.
    let ending = async {
        told_to_stop.told().await;
        tokio::time::sleep(patience.quiet).await;
    };
    let mut ending = std::pin::pin!(ending);
    let acceptor = TlsAcceptor::from(tls);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(_) if connections.len() >= patience.connections => {
                    debug!(open = connections.len(), "too many connections");
                }
                Ok((stream, _)) => {
                    let client = Client { stream, patience, stop: stop.clone() };
                    connections.spawn(client.serve(acceptor.clone(), router.clone()));
                }
                // Out of descriptors, or the client went away: neither is a reason to stop listening.
                Err(err) => {
                    debug!(error = %err, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = ending.as_mut() => break,
        }
    }
    let drained = timeout(patience.drain, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
    if drained.is_err() {
        debug!(
            open = connections.len(),
            "connections were still open at the end"
        );
    }
}

/// A connection.
struct Client {
    stream: TcpStream,
    patience: Patience,
    stop: Stop,
}

impl Client {
    async fn serve(self, acceptor: TlsAcceptor, router: Router) {
        let Self {
            stream,
            patience,
            mut stop,
        } = self;
        let _ = stream.set_nodelay(true);
        let Ok(Ok(stream)) = timeout(patience.handshake, acceptor.accept(stream)).await else {
            return;
        };
        let closing = Arc::new(AtomicBool::new(false));
        let router = told_to_close(router, Arc::clone(&closing));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience.headers)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let mut connection = std::pin::pin!(connection);
        let is_to_close = async {
            tokio::select! {
                () = tokio::time::sleep(patience.age) => {}
                () = stop.told() => {}
            }
            closing.store(true, Ordering::Release);
            tokio::time::sleep(patience.quiet).await;
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = is_to_close => None,
        };
        let ended = if let Some(ended) = ended {
            ended
        } else {
            connection.as_mut().graceful_shutdown();
            connection.await
        };
        if let Err(err) = ended {
            debug!(error = %err, "a connection ended early");
        }
    }
}

/// Has answers say that the connection is closed after them, once it is to be.
fn told_to_close(router: Router, closing: Arc<AtomicBool>) -> Router {
    router.layer(map_response(move |mut response: Response| {
        if closing.load(Ordering::Acquire) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        ready(response)
    }))
}

#[cfg(test)]
mod tests;
