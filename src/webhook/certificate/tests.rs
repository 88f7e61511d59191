use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{ByteString, api::core::v1::Secret};

use super::{
    Certificate, CertificateError, Maker, Place, ROTATE, Step, make::make, secret, step,
    trust::lasts,
};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn later(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

fn place(maker: Maker) -> Place {
    Place {
        namespace: "shop".to_owned(),
        secret: "gate-certificate".to_owned(),
        service: "gate".to_owned(),
        owner: None,
        maker,
    }
}

fn made() -> Certificate {
    make(&place(Maker::Operator).names(), now()).unwrap()
}

fn stored(certificate: &Certificate) -> Secret {
    secret(&place(Maker::Operator), certificate, None)
}

/// What is to be written; nothing where the Secret is good.
fn written(
    stored: Option<&Secret>,
    held: Option<&Certificate>,
    at: Timestamp,
) -> Option<Certificate> {
    match step(&place(Maker::Operator), stored, held, at).unwrap() {
        Step::Keep(_) => None,
        Step::Write(certificate) => Some(certificate),
    }
}

#[test]
fn a_certificate_lasts_until_thirty_days_before_its_end_and_for_its_own_names_only() {
    let (made, names) = (made(), place(Maker::Operator).names());
    assert!(lasts(&made, &names, now()));
    assert!(lasts(&made, &names, later(24 * 59)));
    assert!(!lasts(&made, &names, later(24 * 61)));
    assert!(!lasts(&made, &["other.shop.svc".to_owned()], now()));
}

#[test]
fn a_clock_that_runs_up_to_a_day_behind_accepts_a_new_certificate() {
    let made = made();
    let place = place(Maker::Operator);
    for (hours, accepts) in [(0, true), (-1, true), (-23, true), (-25, false)] {
        assert_eq!(
            made.is_trusted_by(&made.ca, &place, later(hours)),
            accepts,
            "{hours} hours"
        );
        assert_eq!(
            written(Some(&stored(&made)), None, later(hours)).is_none(),
            accepts,
            "{hours} hours"
        );
    }
}

#[test]
fn a_new_certificate_is_trusted_together_with_the_one_before_it() {
    let first = made();
    let place = place(Maker::Operator);
    let second = written(Some(&stored(&first)), None, later(24 * 61)).unwrap();
    assert_ne!(second.certificate, first.certificate);
    for certificate in [&first, &second] {
        assert!(certificate.is_trusted_by(&second.ca, &place, later(24 * 61)));
    }
    assert!(!second.is_trusted_by(&first.ca, &place, later(24 * 61)));
    // Of the bundle no more than the last authority is carried on.
    let third = written(Some(&stored(&second)), None, later(24 * 122)).unwrap();
    assert!(second.is_trusted_by(&third.ca, &place, later(24 * 122)));
    assert!(!first.is_trusted_by(&third.ca, &place, later(24 * 61)));
}

#[test]
fn whoever_asks_for_a_new_certificate_gets_one_once() {
    let first = made();
    let mut asked = stored(&first);
    asked.metadata.annotations = Some(BTreeMap::from([(ROTATE.to_owned(), "now".to_owned())]));
    let second = written(Some(&asked), Some(&first), now()).unwrap();
    assert_ne!(second.certificate, first.certificate);
    let after = stored(&second);
    assert_eq!(after.metadata.annotations, None);
    assert!(written(Some(&after), Some(&first), now()).is_none());
}

#[test]
fn a_secret_that_was_deleted_or_spoilt_gets_back_what_is_served() {
    let (served, other) = (made(), made());
    let mut spoilt = vec![None];
    for (key, value) in [
        ("tls.crt", "no certificate".to_owned()),
        ("tls.key", other.key.clone()),
        ("ca.crt", other.ca.clone()),
        ("ca.crt", String::new()),
    ] {
        let mut secret = stored(&served);
        let data = secret.data.as_mut().unwrap();
        data.insert(key.to_owned(), ByteString(value.into_bytes()));
        spoilt.push(Some(secret));
    }
    let mut emptied = stored(&served);
    emptied.data = None;
    spoilt.push(Some(emptied));
    for secret in &spoilt {
        let restored = written(secret.as_ref(), Some(&served), now());
        assert!(restored == Some(served.clone()), "{secret:?}");
        let made_anew = written(secret.as_ref(), None, now()).unwrap();
        assert_ne!(made_anew.certificate, served.certificate);
    }
    // What is served has run out meanwhile.
    let anew = written(None, Some(&served), later(24 * 91)).unwrap();
    assert_ne!(anew.certificate, served.certificate);
}

#[test]
fn the_secret_of_somebody_else_is_read_and_never_written() {
    let place = place(Maker::Other);
    // cert-manager writes `tls.crt` with the chain, `tls.key` and `ca.crt`, here for the short name alone.
    let theirs = make(&place.names(), now()).unwrap();
    let mut secret = stored(&theirs);
    secret.metadata.annotations = Some(BTreeMap::from([(ROTATE.to_owned(), "now".to_owned())]));
    let kept = step(&place, Some(&secret), None, later(24 * 61)).unwrap();
    assert!(matches!(kept, Step::Keep(found) if found == theirs));
    for (found, told) in [
        (None, "there is no such Secret"),
        (
            Some(Secret::default()),
            "tls.crt, tls.key or ca.crt is missing",
        ),
    ] {
        let refused = step(&place, found.as_ref(), Some(&theirs), now());
        let Err(refused) = refused.map(drop) else {
            panic!("{told}: it is used")
        };
        assert!(matches!(refused, CertificateError::Given { .. }));
        assert!(refused.to_string().contains(told), "{refused}");
    }
    let expired = step(&place, Some(&secret), None, later(24 * 91));
    assert!(
        expired
            .map(drop)
            .unwrap_err()
            .to_string()
            .contains("expired")
    );
}
