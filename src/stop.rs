//! The word to end, which every task can wait for.

use tokio::sync::watch;

/// Gives the word.
#[derive(Debug)]
pub struct StopSender(watch::Sender<bool>);

/// Waits for the word.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// The two ends.
pub fn channel() -> (StopSender, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSender(sender), Stop(receiver))
}

impl StopSender {
    /// Tells everybody to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns once the word was given, or can never be given any more.
    pub async fn told(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
