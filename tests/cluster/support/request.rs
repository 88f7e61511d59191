//! One request to the API server, and its answer with the warnings that kubectl would print.

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kube::{Client, client::Body};
use serde_json::Value;

/// A request that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    method: Method,
    path: String,
    media_type: &'static str,
    body: Option<Value>,
    /// The user and the groups to act as.
    acting: Option<(String, Vec<String>)>,
}

/// What the API server answers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The warnings, as they were written.
    pub(crate) warnings: Vec<String>,
    /// The object, or the Status that says why not.
    pub(crate) body: Value,
}

impl Sent {
    /// Creates an object in a collection, or at a sub-resource.
    pub(crate) fn create(path: &str, object: Value) -> Self {
        Self::new(Method::POST, path, "application/json", Some(object))
    }

    /// Reads an object.
    pub(crate) fn read(path: &str) -> Self {
        Self::new(Method::GET, path, "application/json", None)
    }

    /// Replaces an object.
    pub(crate) fn replace(path: &str, object: Value) -> Self {
        Self::new(Method::PUT, path, "application/json", Some(object))
    }

    /// A JSON Patch (RFC 6902).
    pub(crate) fn json_patch(path: &str, change: Value) -> Self {
        Self::new(
            Method::PATCH,
            path,
            "application/json-patch+json",
            Some(change),
        )
    }

    /// A JSON Merge Patch (RFC 7396).
    pub(crate) fn merge_patch(path: &str, change: Value) -> Self {
        Self::new(
            Method::PATCH,
            path,
            "application/merge-patch+json",
            Some(change),
        )
    }

    /// A strategic merge patch, as kubectl sends by default.
    pub(crate) fn strategic_patch(path: &str, change: Value) -> Self {
        let media_type = "application/strategic-merge-patch+json";
        Self::new(Method::PATCH, path, media_type, Some(change))
    }

    /// Deletes an object, and what it owns after it, as kubectl does.
    pub(crate) fn delete(path: &str) -> Self {
        let options = serde_json::json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
        });
        Self::new(Method::DELETE, path, "application/json", Some(options))
    }

    fn new(method: Method, path: &str, media_type: &'static str, body: Option<Value>) -> Self {
        Self {
            method,
            path: path.to_owned(),
            media_type,
            body,
            acting: None,
        }
    }

    /// The same as a dry run.
    pub(crate) fn in_dry_run(mut self) -> Self {
        self.path.push_str("?dryRun=All");
        self
    }

    /// The same by another account.
    pub(crate) fn acting_as(mut self, user: &str, groups: &[&str]) -> Self {
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        self.acting = Some((user.to_owned(), groups));
        self
    }

    /// Sends it as administrator, or on behalf of the account that was named.
    pub(crate) async fn send(&self, client: &Client) -> Answer {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header("Content-Type", self.media_type);
        if let Some((user, groups)) = &self.acting {
            request = request.header("Impersonate-User", user);
            for group in groups {
                request = request.header("Impersonate-Group", group);
            }
        }
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let request = request.body(Body::from(body.into_bytes())).unwrap();
        let response = client.send(request).await.unwrap();
        let warnings = response.headers().get_all("Warning").iter();
        let warnings = warnings.map(|value| warning(&String::from_utf8_lossy(value.as_bytes())));
        let (status, warnings) = (response.status().as_u16(), warnings.collect());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            warnings,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }
}

impl Answer {
    /// Whether it was done.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Why it was not done.
    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// The text of a header such as `299 - "the text"`.
fn warning(header: &str) -> String {
    let text = header.split_once('"').map_or(header, |(_, text)| text);
    text.trim_end_matches('"').replace("\\\"", "\"")
}
