use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Patience, serve_with};
use crate::{
    stop::{self, StopSender},
    webhook::tls::{self, Serving},
};

/// Longer than any patience of these tests.
const ENOUGH: Duration = Duration::from_secs(10);

struct Server {
    address: SocketAddr,
    client: Arc<ClientConfig>,
    stop: StopSender,
}

async fn server(patience: Patience) -> Server {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let serving = Arc::new(Serving::default());
    let key = certified.signing_key.serialize_pem();
    serving.set(&certified.cert.pem(), &key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, told) = stop::channel();
    let router = Router::new().route("/", get(async || "answered"));
    let config = Arc::new(tls::config(serving).unwrap());
    tokio::spawn(serve_with(listener, config, router, told, patience));
    Server {
        address,
        client: Arc::new(client),
        stop,
    }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn shake_hands(&self) -> TlsStream<TcpStream> {
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::clone(&self.client));
        connector.connect(name, self.connect().await).await.unwrap()
    }

    async fn answers(&self) {
        let mut stream = self.shake_hands().await;
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        let read = timeout(ENOUGH, stream.read_to_string(&mut answer)).await;
        read.unwrap().unwrap();
        assert!(answer.ends_with("answered"), "{answer}");
    }
}

/// Waits until the other side closes.
async fn closed(stream: &mut (impl tokio::io::AsyncRead + Unpin)) {
    let mut rest = Vec::new();
    // Closed is closed, whether with an alert, a reset or in order.
    let _ = timeout(ENOUGH, stream.read_to_end(&mut rest))
        .await
        .unwrap();
}

fn short() -> Patience {
    Patience {
        handshake: Duration::from_millis(200),
        headers: Duration::from_millis(200),
        ..Patience::default()
    }
}

#[tokio::test]
async fn who_never_shakes_hands_is_let_go_and_keeps_nobody_waiting() {
    let server = server(short()).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(server.connect().await);
    }
    server.answers().await;
    for stream in &mut silent {
        closed(stream).await;
    }
}

#[tokio::test]
async fn what_is_no_tls_is_let_go() {
    let server = server(Patience::default()).await;
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 4096],
        &[0x16, 3, 1, 0xff, 0xff, 1],
    ] {
        let mut stream = server.connect().await;
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        closed(&mut stream).await;
    }
    server.answers().await;
}

#[tokio::test]
async fn who_does_not_send_all_of_its_headers_is_let_go() {
    let server = server(short()).await;
    let mut stream = server.shake_hands().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    closed(&mut stream).await;
    server.answers().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_others_are_served() {
    let patience = Patience {
        connections: 2,
        handshake: Duration::from_millis(500),
        ..Patience::default()
    };
    let server = server(patience).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    let mut third = server.connect().await;
    closed(&mut third).await;
    closed(&mut first).await;
    closed(&mut second).await;
    server.answers().await;
}

/// Sends one request over a connection that stays open, and returns the head of the answer.
async fn ask(stream: &mut TlsStream<TcpStream>) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"answered") {
        let mut part = [0; 512];
        let read = timeout(ENOUGH, stream.read(&mut part)).await;
        let read = read.unwrap().unwrap();
        assert_ne!(read, 0, "closed in the midst of an answer");
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8(answer).unwrap().to_lowercase()
}

#[tokio::test]
async fn an_idle_connection_gets_one_more_answer_before_it_is_closed_at_the_end() {
    let server = server(Patience::default()).await;
    let mut open = server.shake_hands().await;
    assert!(!ask(&mut open).await.contains("connection: close"));
    server.stop.stop();
    assert!(ask(&mut open).await.contains("connection: close"));
    closed(&mut open).await;
    // And who has not learnt yet that it ends is still let in.
    server.answers().await;
}

/// Who closes a connection in the moment in which the API server sends on it makes that request fail.
#[tokio::test]
async fn an_idle_connection_is_the_clients_to_close_even_an_old_one() {
    let patience = Patience {
        age: Duration::ZERO,
        quiet: Duration::ZERO,
        ..short()
    };
    let server = server(patience).await;
    let mut open = server.shake_hands().await;
    ask(&mut open).await;
    let mut next = [0];
    let idle = timeout(3 * patience.headers, open.read(&mut next)).await;
    assert!(idle.is_err(), "closed by the gate: {idle:?}");
}

#[tokio::test]
async fn an_old_connection_is_closed_after_an_answer() {
    let patience = Patience {
        age: Duration::ZERO,
        ..Patience::default()
    };
    let server = server(patience).await;
    let mut open = server.shake_hands().await;
    while !ask(&mut open).await.contains("connection: close") {}
    closed(&mut open).await;
}
