//! Keeps the serving certificate valid, and every replica on the same one.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::Client;
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::webhook::{
    certificate::{self, Certificate, Place},
    tls::Serving,
};

/// How often the certificate is looked at.
const EVERY: Duration = Duration::from_secs(30);

/// Follows the Secret, and makes a new certificate in time.
pub(super) async fn keep(
    client: Client,
    place: Place,
    serving: Arc<Serving>,
    newest: watch::Sender<Certificate>,
) {
    loop {
        tokio::time::sleep(EVERY).await;
        match certificate::ensure(&client, &place, Timestamp::now()).await {
            Ok(found) if *newest.borrow() != found => {
                match serving.set(&found.certificate, &found.key) {
                    Ok(()) => {
                        info!("serving a new certificate");
                        newest.send_replace(found);
                    }
                    Err(err) => {
                        error!(error = %err, "the new certificate cannot be served; the old one stays");
                    }
                }
            }
            Ok(_) => {}
            Err(err) => warn!(error = %err, "the certificate could not be looked at"),
        }
    }
}
