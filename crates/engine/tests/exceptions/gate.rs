//! Exceptions at the gate, and its memory of before.

use prodready_engine::gate::{Case, Decision, Reach, decide_scale};
use serde_json::json;

use super::support::{
    END, IN_FORCE, agent, allowed, at, cluster, decided, denial, privileged, strict,
};

#[test]
fn what_an_exception_let_in_is_no_fault_of_before_once_it_has_ended() {
    let exceptions = [agent(json!({}))];
    let (old, mut new) = (privileged(), privileged());
    new.metadata.labels.insert("touched".into(), "yes".into());
    assert_eq!(
        decided(&new, Some(&old), &exceptions, IN_FORCE),
        allowed(&[])
    );
    denial(decided(&new, Some(&old), &exceptions, END));
    // Nobody ever excepted it: the ratchet keeps it.
    assert!(matches!(
        decided(&new, Some(&old), &[], END),
        Decision::Allowed { .. }
    ));
    // Another container is not what the exception is for.
    let scoped = [agent(json!({"containers": [{"name": "proxy"}]}))];
    assert!(matches!(
        decided(&new, Some(&old), &scoped, END),
        Decision::Allowed { .. }
    ));
}

#[test]
fn a_scale_goes_through_with_the_parent_s_exception_and_after_it() {
    let policy = strict();
    let (cluster, parent) = (cluster(&[agent(json!({}))]), privileged());
    for now in [IN_FORCE, END] {
        let case = Case {
            workload: &parent,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: at(now),
        };
        let decision = decide_scale(&case, 3).decision;
        assert!(
            matches!(decision, Decision::Allowed { .. }),
            "{now}: {decision:?}"
        );
    }
}
