//! The listener: TLS, bounded connections, and an end that drops no request.

use std::{
    future::{pending, ready},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{map_request, map_response},
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
    /// A client that has not sent the headers of a first request by then is let go.
    headers: Duration,
    /// How long the next request is waited for. Longer than the 90 seconds that the API server keeps an idle connection
    /// (Go's `http.DefaultTransport`): it is the one to close, for who closes in the moment in which it sends makes
    /// that request fail.
    idle: Duration,
    /// The API server keeps its connections for ever, and with them all traffic on one replica: a connection
    /// this old is asked to close after its next request.
    age: Duration,
    /// How long every connection stays open for one more request, which is told to close it, once the gate is to stop.
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
            idle: Duration::from_secs(100),
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
        let marks = Arc::new(Marks::default());
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience.idle)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(marked(router, &marks)),
            );
        let mut connection = std::pin::pin!(connection);
        let asks_nothing = async {
            tokio::time::sleep(patience.headers).await;
            if marks.asked.load(Ordering::Acquire) {
                pending::<()>().await;
            }
        };
        let is_to_end = async {
            tokio::select! {
                () = tokio::time::sleep(patience.age) => {}
                () = stop.told() => {}
            }
            marks.closing.store(true, Ordering::Release);
            stop.told().await;
            tokio::time::sleep(patience.quiet).await;
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = is_to_end => None,
            () = asks_nothing => return,
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

/// What is known of a connection.
#[derive(Default)]
struct Marks {
    /// A request has come.
    asked: AtomicBool,
    /// It is to be closed after the next answer.
    closing: AtomicBool,
}

/// Notes that requests come, and has answers say that the connection is closed after them, once it is to be.
fn marked(router: Router, marks: &Arc<Marks>) -> Router {
    let (asked, closing) = (Arc::clone(marks), Arc::clone(marks));
    let note = map_request(move |request: Request| {
        asked.asked.store(true, Ordering::Release);
        ready(request)
    });
    let tell = map_response(move |mut response: Response| {
        if closing.closing.load(Ordering::Acquire) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        ready(response)
    });
    router.layer(note).layer(tell)
}

#[cfg(test)]
mod tests;
