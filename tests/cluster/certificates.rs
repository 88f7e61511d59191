//! The serving certificate: rotated, deleted, spoilt, and made by somebody else, while requests go on.

use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use prodready_testkit::{helm, kubectl, wait};
use serde_json::{Value, json};

use crate::support::{
    CHART, Installation, LIMIT, Load, NAMESPACE, apply, enforce, lead_to, own_control_plane,
};

const SECRET: &str = "prodready-certificate";

/// How often the certificate is rotated under load.
const ROTATIONS: usize = 10;

fn secrets(client: &Client) -> Api<Secret> {
    Api::namespaced(client.clone(), NAMESPACE)
}

async fn stored(client: &Client) -> Option<ByteString> {
    let found = secrets(client).get_opt(SECRET).await.unwrap()?;
    found.data?.remove("tls.crt")
}

async fn change(client: &Client, change: Value) {
    let secrets = secrets(client);
    let changed = Patch::Merge(change);
    secrets
        .patch(SECRET, &PatchParams::default(), &changed)
        .await
        .unwrap();
}

#[tokio::test]
async fn ten_rotations_under_load_in_two_replicas_fail_no_request() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    let second = installation.further_operator("second").await;
    lead_to(&plane, &[&installation.operator, &second]).await;
    enforce(&plane, "default", json!({})).await;
    let load = Load::start(&client, "default");
    for rotation in 1..=ROTATIONS {
        let before = stored(&client).await;
        let ask = json!({"metadata": {"annotations": {"prodready.dev/rotate": "now"}}});
        change(&client, ask).await;
        wait(
            "both replicas serve the new certificate",
            LIMIT,
            async || {
                let serve = (
                    installation.operator.certificates_served(),
                    second.certificates_served(),
                );
                (serve == (rotation, rotation))
                    .then_some(())
                    .ok_or(format!("{serve:?}"))
            },
        )
        .await;
        assert_ne!(stored(&client).await, before);
    }
    let tally = load.end().await;
    assert!(
        tally.failed.is_empty() && tally.wrong.is_empty(),
        "{tally:?}"
    );
    assert!(tally.admitted > 10 * ROTATIONS, "{tally:?}");
    assert!(tally.denied > 10 * ROTATIONS, "{tally:?}");
}

#[tokio::test]
async fn a_secret_that_is_deleted_or_spoilt_under_load_comes_back_and_no_request_fails() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    enforce(&plane, "default", json!({})).await;
    let before = stored(&client).await;
    let load = Load::start(&client, "default");
    let is_back = async |what: &str| {
        wait(what, LIMIT, async || stored(&client).await == before).await;
    };

    secrets(&client)
        .delete(SECRET, &DeleteParams::default())
        .await
        .unwrap();
    is_back("the deleted Secret is back").await;
    for spoilt in [
        json!({"tls.crt": "bm90aGluZw=="}),
        json!({"tls.key": ""}),
        json!({"ca.crt": ""}),
    ] {
        change(&client, json!({"data": spoilt})).await;
        is_back("the spoilt Secret is mended").await;
    }

    let tally = load.end().await;
    assert!(
        tally.failed.is_empty() && tally.wrong.is_empty(),
        "{tally:?}"
    );
    assert!(tally.admitted > 0 && tally.denied > 0, "{tally:?}");
    assert_eq!(
        installation.operator.certificates_served(),
        0,
        "what is served never changed"
    );
}

/// A Secret as cert-manager writes it for a Certificate with an issuer that is an authority.
fn by_cert_manager() -> Value {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let name = format!("prodready.{NAMESPACE}.svc");
    let certificate = rcgen::CertificateParams::new([name]).unwrap();
    let certificate = certificate.signed_by(&key, &issuer).unwrap();
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": SECRET,
            "namespace": NAMESPACE,
            "annotations": {"cert-manager.io/certificate-name": "prodready"},
        },
        "stringData": {"ca.crt": authority_pem, "tls.crt": certificate.pem(), "tls.key": key.serialize_pem()},
    })
}

#[tokio::test]
async fn a_secret_by_cert_manager_is_served_and_never_written_and_its_renewal_fails_no_request() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    apply(&plane, &namespace).await;
    apply(&plane, &by_cert_manager()).await;
    let first = stored(&client).await;
    let installation =
        Installation::start(&plane, &["extraArgs={--certificate-maker=other}"]).await;
    enforce(&plane, "default", json!({})).await;
    let load = Load::start(&client, "default");
    apply(&plane, &by_cert_manager()).await;
    let renewed = stored(&client).await;
    assert_ne!(renewed, first);
    wait("the renewed certificate is served", LIMIT, async || {
        installation.operator.certificates_served() == 1
    })
    .await;
    let tally = load.end().await;
    assert!(
        tally.failed.is_empty() && tally.wrong.is_empty(),
        "{tally:?}"
    );
    assert_eq!(
        stored(&client).await,
        renewed,
        "it is cert-manager's to write"
    );
}

#[tokio::test]
async fn the_chart_asks_cert_manager_for_the_certificate_and_for_its_authority() {
    let template = ["template", "prodready", CHART, "--namespace", NAMESPACE];
    let values = [
        "--set",
        "webhook.certManager.enabled=true,webhook.certManager.issuerRef.name=house,webhook.certManager.injectCa=true",
    ];
    let plane = prodready_testkit::shared();
    let rendered = helm(plane, &[&template[..], &values].concat())
        .await
        .expect_success();
    for wanted in [
        "kind: Certificate\n",
        "secretName: \"prodready-certificate\"",
        &format!("- \"prodready.{NAMESPACE}.svc\""),
        "--certificate-maker=other",
        &format!("--inject-ca-from={NAMESPACE}/prodready"),
    ] {
        assert!(rendered.contains(wanted), "{wanted}: {rendered}");
    }
    let without_issuer = ["--set", "webhook.certManager.enabled=true"];
    let refused = helm(plane, &[&template[..], &without_issuer].concat())
        .await
        .expect_failure();
    assert!(
        refused.contains("webhook.certManager.issuerRef.name"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_authority_that_cert_manager_injects_is_left_to_it() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let from = format!("{NAMESPACE}/prodready");
    let argument = format!("extraArgs={{--inject-ca-from={from}}}");
    let _installation = Installation::start(&plane, &[&argument]).await;
    let spec = json!({"enforcement": {"mode": "Enforce"}});
    crate::support::apply_policy(&plane, "default", "default", spec).await;
    let get = [
        "get",
        "validatingwebhookconfiguration",
        "prodready",
        "-o",
        "json",
    ];
    let written = wait("the configuration is written", LIMIT, async || {
        let got = kubectl(&plane, &get).await;
        serde_json::from_str::<Value>(&got.stdout).ok()
    })
    .await;
    assert_eq!(
        written["metadata"]["annotations"]["cert-manager.io/inject-ca-from"],
        from
    );
    assert_eq!(
        written["webhooks"][0]["clientConfig"]["caBundle"],
        Value::Null
    );
}
