//! Waiting for a state, with a limit and a picture of what was there instead.

use std::fmt::Display;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

const POLL_EVERY: Duration = Duration::from_millis(50);

/// What one look at the state gives.
pub trait Progress {
    /// What there is when the state is reached.
    type Reached;

    /// What was waited for, or a picture of what is there instead.
    fn reached(self) -> Result<Self::Reached, String>;
}

impl Progress for bool {
    type Reached = ();

    fn reached(self) -> Result<(), String> {
        if self {
            Ok(())
        } else {
            Err("false".to_owned())
        }
    }
}

impl<T> Progress for Option<T> {
    type Reached = T;

    fn reached(self) -> Result<T, String> {
        self.ok_or_else(|| "nothing".to_owned())
    }
}

impl<T, E: Display> Progress for Result<T, E> {
    type Reached = T;

    fn reached(self) -> Result<T, String> {
        self.map_err(|err| err.to_string())
    }
}

/// Looks again and again until a state is reached, and returns what was found. A look that
/// gives a `Result` puts into its error what it saw; that is shown when time is up.
///
/// # Panics
/// When the state is not reached within the limit.
#[track_caller]
pub fn wait<P: Progress, F: AsyncFnMut() -> P>(
    what: &str,
    limit: Duration,
    mut look: F,
) -> impl Future<Output = P::Reached> {
    let called_at = Location::caller();
    async move {
        let deadline = Instant::now() + limit;
        let mut seen = "the first look did not end".to_owned();
        while let Ok(progress) = timeout_at(deadline, look()).await {
            match progress.reached() {
                Ok(reached) => return reached,
                Err(picture) => seen = picture,
            }
            if Instant::now() + POLL_EVERY >= deadline {
                break;
            }
            sleep(POLL_EVERY).await;
        }
        panic!("{called_at}: not within {limit:?}: {what}; last seen: {seen}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn what_is_found_is_returned() {
        let mut looks = 0;
        let found = wait("third look", SHORT, async || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(found.await, 3);
    }

    #[tokio::test]
    async fn the_failure_shows_the_last_state() {
        let failed = tokio::spawn(async {
            wait("pods are ready", SHORT, async || Err::<(), _>("2 of 3")).await;
        });
        let message = panic_message(failed.await.expect_err("it must not be reached"));
        assert!(
            message.ends_with("pods are ready; last seen: 2 of 3"),
            "{message}"
        );
        assert!(message.contains("wait.rs"), "{message}");
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_cut_off() {
        let failed = tokio::spawn(wait("an answer", SHORT, async || {
            std::future::pending::<bool>().await
        }));
        let message = panic_message(failed.await.expect_err("it must not be reached"));
        assert!(message.ends_with("the first look did not end"), "{message}");
    }

    fn panic_message(failure: tokio::task::JoinError) -> String {
        let message = failure.into_panic().downcast::<String>();
        *message.expect("a panic with a text")
    }
}
