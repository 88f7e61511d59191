//! What the gate takes on at a time, and how long a request may take to arrive.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, Uri, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a body may take to arrive, whatever its sender says: the API server sends it at once, and waits for
/// the whole answer no longer than this unless the chart's `webhook.timeoutSeconds` is raised.
const ARRIVAL: Duration = Duration::from_secs(3);

/// What a request takes beside its body, in KiB: a small one still has its trees and its answer.
const EACH: u32 = 64;

/// The longest body that counts as small, in KiB: an ordinary object has up to 100, and an UPDATE brings two.
const SMALL: u32 = 192;

/// How much is under way at a time, counted in memory rather than in requests: a thousand small ones, or a
/// few of the largest. A quarter is kept for small ones, so that no crowd of large ones shuts them out.
#[derive(Clone, Debug)]
pub struct InFlight {
    kept_for_small: Arc<Semaphore>,
    for_all: Arc<Semaphore>,
}

/// A place among what is under way, given back when it goes.
#[derive(Debug)]
pub(super) struct Admitted {
    _memory: OwnedSemaphorePermit,
}

impl InFlight {
    /// Room for so many KiB.
    pub fn kibibytes(most: u32) -> Self {
        let kept = most / 4;
        let room = |kibibytes: u32| Arc::new(Semaphore::new(kibibytes as usize));
        Self {
            kept_for_small: room(kept),
            for_all: room(most - kept),
        }
    }

    /// Takes a request in, or refuses it at once: who waits in a queue is answered too late.
    pub(super) fn admit(&self, headers: &HeaderMap, longest_body: usize) -> Option<Admitted> {
        let body = claimed(headers, longest_body);
        let take = |room: &Arc<Semaphore>| {
            let kibibytes = body.saturating_add(EACH);
            Arc::clone(room).try_acquire_many_owned(kibibytes).ok()
        };
        let kept = if body <= SMALL {
            take(&self.kept_for_small)
        } else {
            None
        };
        let memory = kept.or_else(|| take(&self.for_all))?;
        Some(Admitted { _memory: memory })
    }
}

/// The KiB that a request says it brings: who does not say counts as the longest.
fn claimed(headers: &HeaderMap, longest_body: usize) -> u32 {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let length = length.unwrap_or(longest_body).min(longest_body);
    u32::try_from(length.div_ceil(1024)).unwrap_or(u32::MAX)
}

impl Default for InFlight {
    /// 64 MiB, a sixth of what the chart lets the container have.
    fn default() -> Self {
        Self::kibibytes(64 * 1024)
    }
}

/// How long this request's body is waited for. The API server says how long it waits for the answer, as Go writes
/// durations (`?timeout=2s`); that may shorten the time, and never makes it longer.
pub(super) fn patience(uri: &Uri) -> Duration {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| pair.strip_prefix("timeout="));
    let told = values
        .next()
        .and_then(|text| text.parse::<jiff::SignedDuration>().ok());
    let told = told.and_then(|told| Duration::try_from(told).ok());
    told.unwrap_or(ARRIVAL).min(ARRIVAL)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::{Admitted, InFlight, patience};

    #[test]
    fn a_body_is_waited_for_as_long_as_the_api_server_waits_and_never_longer_than_3_seconds() {
        for (path, seconds) in [
            ("/enforce?timeout=3s", 3.0),
            ("/enforce?timeout=1m0s", 3.0),
            ("/enforce?timeout=30s", 3.0),
            ("/enforce?dryRun=All&timeout=500ms", 0.5),
            ("/enforce?timeout=2.5s", 2.5),
            ("/enforce?timeout=-1s", 3.0),
            ("/enforce?timeout=soon", 3.0),
            ("/enforce", 3.0),
        ] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(
                patience(&uri).as_secs_f64().to_string(),
                seconds.to_string(),
                "{path}"
            );
        }
    }

    /// Takes in a request that says how many KiB it brings.
    fn admit(in_flight: &InFlight, kibibytes: usize) -> Option<Admitted> {
        let mut headers = HeaderMap::new();
        headers.insert("content-length", (kibibytes * 1024).into());
        in_flight.admit(&headers, 7 * 1024 * 1024)
    }

    /// Takes in requests of so many KiB each until one is refused.
    fn fill(in_flight: &InFlight, kibibytes: usize) -> Vec<Admitted> {
        std::iter::from_fn(|| admit(in_flight, kibibytes)).collect()
    }

    #[test]
    fn there_is_room_for_as_much_as_was_said_and_again_once_it_is_given_back() {
        let in_flight = InFlight::kibibytes(1024);
        let mut large = fill(&in_flight, 320);
        assert_eq!(large.len(), 2, "384 KiB each, of 768 KiB");
        drop(large.pop());
        assert!(admit(&in_flight, 321).is_none());
        assert!(admit(&in_flight, 320).is_some());
    }

    #[test]
    fn a_crowd_of_large_ones_leaves_a_quarter_to_small_ones() {
        let in_flight = InFlight::default();
        let large = fill(&in_flight, 4 * 1024 - 64);
        assert_eq!(large.len(), 12, "4 MiB each, of 48 MiB");
        assert!(
            admit(&in_flight, 193).is_none(),
            "the smallest of the large ones"
        );
        let small = fill(&in_flight, 192);
        assert_eq!(small.len(), 64, "256 KiB each, of 16 MiB");
        drop(small);
        let ordinary = fill(&in_flight, 4);
        assert_eq!(ordinary.len(), 240, "68 KiB each, of 16 MiB");
    }

    #[test]
    fn a_flood_of_small_ones_is_bounded_by_all_there_is_and_takes_its_own_share_first() {
        let in_flight = InFlight::default();
        let small: Vec<_> = (0..64).filter_map(|_| admit(&in_flight, 192)).collect();
        assert_eq!(small.len(), 64, "256 KiB each, of 16 MiB");
        let large = fill(&in_flight, 4 * 1024 - 64);
        assert_eq!(
            large.len(),
            12,
            "no small one took what large ones may have"
        );
        drop((small, large));
        let small = fill(&in_flight, 192);
        assert_eq!(small.len(), 256, "256 KiB each, of 64 MiB");
    }

    #[test]
    fn who_does_not_say_how_much_comes_counts_as_the_longest() {
        let in_flight = InFlight::default();
        let unknown = || in_flight.admit(&HeaderMap::new(), 7 * 1024 * 1024);
        let taken: Vec<_> = std::iter::from_fn(unknown).collect();
        assert_eq!(taken.len(), 6, "7232 KiB each, of 48 MiB");
    }
}
