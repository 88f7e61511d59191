//! The listener: TLS, bounded connections, and an end that drops no request.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
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

/// A client that has not shaken hands by then is let go.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// A client that has not sent its headers by then is let go.
const HEADERS: Duration = Duration::from_secs(10);

/// The API server keeps its connections for ever, and with them all traffic on one replica: a connection
/// this old is asked to close after its request.
const AGE: Duration = Duration::from_secs(60);

/// How long requests may take to end once the gate is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until it is told to stop, then answers what is under way and returns.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    stop: Stop,
) -> io::Result<()> {
    let mut told_to_stop = stop.clone();
    let acceptor = TlsAcceptor::from(tls);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, acceptor.clone(), router.clone(), stop.clone()));
                }
                // Out of descriptors, or the client went away: neither is a reason to stop listening.
                Err(err) => {
                    debug!(error = %err, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = told_to_stop.told() => break,
        }
    }
    let drained = timeout(DRAIN, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
    if drained.is_err() {
        debug!(
            open = connections.len(),
            "connections were still open at the end"
        );
    }
    Ok(())
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, router: Router, mut stop: Stop) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
        return;
    };
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = tokio::time::sleep(AGE) => None,
        () = stop.told() => None,
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
