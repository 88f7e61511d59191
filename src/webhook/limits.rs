//! What the gate takes on at a time, and until when an answer is of use.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, Uri, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The API server waits this long where a request does not say how long.
const USUAL: Duration = Duration::from_secs(10);

/// The longest that the API server ever waits for a webhook.
const LONGEST: Duration = Duration::from_secs(30);

/// What a request takes beside its body, in KiB: a small one still has its trees and its answer.
const EACH: u32 = 64;

/// How much is under way at a time, counted in memory rather than in requests: a thousand small ones, or a
/// few of the largest.
#[derive(Clone, Debug)]
pub struct InFlight(Arc<Semaphore>);

/// A place among what is under way, given back when it goes.
#[derive(Debug)]
pub(super) struct Admitted {
    _memory: OwnedSemaphorePermit,
}

impl InFlight {
    /// Room for so many KiB.
    pub fn kibibytes(most: u32) -> Self {
        Self(Arc::new(Semaphore::new(most as usize)))
    }

    /// Takes a request in, or refuses it at once: who waits in a queue is answered too late.
    pub(super) fn admit(&self, headers: &HeaderMap, longest_body: usize) -> Option<Admitted> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let length = length.unwrap_or(longest_body).min(longest_body);
        let kibibytes = u32::try_from(length / 1024)
            .unwrap_or(u32::MAX)
            .saturating_add(EACH);
        let permit = Arc::clone(&self.0).try_acquire_many_owned(kibibytes);
        permit.ok().map(|memory| Admitted { _memory: memory })
    }
}

impl Default for InFlight {
    /// 64 MiB, half of what the chart lets the container have.
    fn default() -> Self {
        Self::kibibytes(64 * 1024)
    }
}

/// How long the API server waits for this answer: `?timeout=3s`, as Go writes durations.
pub(super) fn patience(uri: &Uri) -> Duration {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix("timeout="));
    let told = values
        .next()
        .and_then(|text| text.parse::<jiff::SignedDuration>().ok());
    let told = told.and_then(|told| Duration::try_from(told).ok());
    told.unwrap_or(USUAL).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::{InFlight, patience};

    #[test]
    fn the_patience_of_the_api_server_is_read_as_go_writes_it() {
        for (path, seconds) in [
            ("/enforce?timeout=3s", 3.0),
            ("/enforce?timeout=1m0s", 30.0),
            ("/enforce?dryRun=All&timeout=500ms", 0.5),
            ("/enforce?timeout=2.5s", 2.5),
            ("/enforce?timeout=-1s", 10.0),
            ("/enforce?timeout=soon", 10.0),
            ("/enforce", 10.0),
        ] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(
                patience(&uri).as_secs_f64().to_string(),
                seconds.to_string(),
                "{path}"
            );
        }
    }

    #[test]
    fn there_is_room_for_as_much_as_was_said_and_again_once_it_is_given_back() {
        let in_flight = InFlight::kibibytes(200);
        let of_length = |length: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-length", length.parse().unwrap());
            headers
        };
        let small = in_flight.admit(&of_length("4096"), 1_000_000).unwrap();
        assert!(in_flight.admit(&of_length("102400"), 1_000_000).is_none());
        let second = in_flight.admit(&of_length("4096"), 1_000_000);
        assert!(second.is_some());
        assert!(in_flight.admit(&of_length("4096"), 1_000_000).is_none());
        drop(small);
        assert!(in_flight.admit(&of_length("4096"), 1_000_000).is_some());
        // Who does not say how much comes counts as the longest.
        assert!(in_flight.admit(&HeaderMap::new(), 200 * 1024).is_none());
    }
}
