//! Clients that send one request after the other.

use std::time::{Duration, Instant};

use kube::{Client, client::Body};

/// What is sent: a path of the API server, and an object.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) object: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// How long each request took, in order.
    pub(crate) times: Vec<Duration>,
    /// How long all took.
    pub(crate) took: Duration,
}

impl Loaded {
    /// Requests per second.
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand requests")]
    pub(crate) fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    /// The part of a cost that falls to one request.
    pub(crate) fn each(&self, cost: Duration) -> Duration {
        cost / u32::try_from(self.times.len()).unwrap().max(1)
    }

    /// The duration that this part of all requests stays below, in hundredths.
    pub(crate) fn quantile(&self, hundredths: usize) -> Duration {
        let index = self.times.len() * hundredths / 100;
        self.times[index.min(self.times.len() - 1)]
    }
}

/// Has so many clients send for so long. Every request must be admitted.
pub(crate) async fn load(client: &Client, sent: &Sent, clients: usize, length: Duration) -> Loaded {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| tokio::spawn(one(client.clone(), sent.clone(), begun + length)))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let took = begun.elapsed();
    times.sort_unstable();
    Loaded { times, took }
}

async fn one(client: Client, sent: Sent, end: Instant) -> Vec<Duration> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let request = http::Request::post(&sent.path)
            .header("content-type", "application/json")
            .body(Body::from(sent.object.clone()))
            .unwrap();
        let begun = Instant::now();
        let response = client.send(request).await.unwrap();
        assert_eq!(
            response.status(),
            201,
            "{:?}",
            response.into_body().collect_bytes().await
        );
        response.into_body().collect_bytes().await.unwrap();
        times.push(begun.elapsed());
    }
    times
}
