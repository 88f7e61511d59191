#!/usr/bin/env bash
# The demo: a real control plane, prodready installed by Helm, a shop that is not ready and then is.
#
#   demo.sh run    all of it, ends by itself and leaves no process behind
#   demo.sh up     the same, and keeps running to look around
#   demo.sh down   ends what `up` left running
#
# The control plane's nodes are KWOK's and run no containers, so the operator runs as a process on this
# machine, with the account and the arguments that the chart gives it, behind the chart's Service.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly DIR="$PWD/target/demo"
readonly TOOLS="${PRODREADY_CONTROLPLANE_DIR:-$PWD/target/controlplane}/bin"
readonly PROGRAM="$PWD/target/debug/prodready"
readonly NAMESPACE=prodready-system
export KUBECONFIG="$DIR/plane/admin.kubeconfig"
export PATH="$TOOLS:$PATH"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
quietly() { "$@" >"$DIR/last.log" 2>&1 || { cat "$DIR/last.log" >&2; return 1; }; }

wait_for() { # what, seconds, command...
    local what=$1 limit=$2
    shift 2
    for ((tenth = 0; tenth < limit * 10; tenth++)); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    echo "$what did not come about within $limit seconds; see $DIR/operator.log" >&2
    return 1
}

free_port() {
    local port
    for ((tries = 0; tries < 100; tries++)); do
        port=$((RANDOM % 9000 + 11000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    echo "no free port found between 11000 and 20000" >&2
    return 1
}

down() {
    if [ -e "$DIR/operator.pid" ]; then
        kill "$(cat "$DIR/operator.pid")" 2>/dev/null || true
        wait_for "the operator's end" 20 operator_is_gone || true
    fi
    controlplane down --dir "$DIR/plane" >/dev/null 2>&1 || true
    rm -rf "$DIR"
}
operator_is_gone() { ! kill -0 "$(cat "$DIR/operator.pid")" 2>/dev/null; }

install() {
    local gate admin
    gate=$(free_port)
    admin=$(free_port)
    quietly kubectl create namespace "$NAMESPACE"
    quietly kubectl label namespace "$NAMESPACE" pod-security.kubernetes.io/enforce=privileged
    show helm install prodready charts/prodready --namespace "$NAMESPACE" \
        --set replicaCount=1,hostNetwork=true,webhook.port="$gate",admin.port="$admin" \
        | grep -E '^(\$|STATUS)'
    wait_for "the chart's pod" 60 pod_exists
    start_operator "$admin"
}
pod_exists() { [ -n "$(kubectl get pods --namespace "$NAMESPACE" --output name)" ]; }

start_operator() {
    local pod arguments
    pod=$(kubectl get pods --namespace "$NAMESPACE" --output jsonpath='{.items[0].metadata.name}')
    mapfile -t arguments < <(kubectl get deployment prodready --namespace "$NAMESPACE" \
        --output jsonpath='{range .spec.template.spec.containers[0].args[*]}{@}{"\n"}{end}' \
        | sed "s/\$(POD_NAMESPACE)/$NAMESPACE/; s/\$(POD_NAME)/$pod/")
    account >"$DIR/operator.kubeconfig"
    KUBECONFIG="$DIR/operator.kubeconfig" nohup "$PROGRAM" "${arguments[@]}" >"$DIR/operator.log" 2>&1 </dev/null &
    echo $! >"$DIR/operator.pid"
    wait_for "the operator's readiness" 60 curl --silent --fail "http://127.0.0.1:$1/readyz"
}

# The kubeconfig of the chart's own ServiceAccount: the operator has no more rights here than in a cluster.
account() {
    local server authority token
    server=$(kubectl config view --raw --output jsonpath='{.clusters[0].cluster.server}')
    authority=$(kubectl config view --raw --output jsonpath='{.clusters[0].cluster.certificate-authority-data}')
    token=$(kubectl create token prodready --namespace "$NAMESPACE" --duration=24h)
    cat <<YAML
apiVersion: v1
kind: Config
current-context: demo
clusters: [{name: demo, cluster: {server: "$server", certificate-authority-data: "$authority"}}]
users: [{name: operator, user: {token: "$token"}}]
contexts: [{name: demo, context: {cluster: demo, user: operator}}]
YAML
}

story() {
    say "A web shop as teams really write it before a review, under an Audit policy"
    quietly kubectl apply -f manifests/policies/audit.yaml
    quietly kubectl apply -f manifests/demo/shop-bad
    wait_for "a report for each workload of the shop" 30 reports_of_the_shop
    show kubectl get readiness --all-namespaces --field-selector spec.policy=audit

    say "A namespace in which the gate enforces: a bad Deployment is refused, with the reason and the fix"
    quietly kubectl apply -f manifests/demo/policy-enforce.yaml -f manifests/demo/payments-namespace.yaml
    wait_for "the gate's configuration" 30 gate_is_armed
    wait_for "the gate's answer" 30 gate_denies
    show kubectl apply -f manifests/demo/payments-bad.yaml || true

    say "Repaired, it is let in"
    show kubectl apply -f manifests/demo/payments-fixed.yaml

    say "The shop is repaired, and the scores move"
    quietly kubectl apply -f manifests/demo/shop-good
    wait_for "better scores" 60 shop_is_ready
    wait_for "the policy's counts" 30 policy_counts_ten
    show kubectl get readiness --all-namespaces
    show kubectl get prp
}
reports_of_the_shop() { [ "$(kubectl get readiness --namespace shop --output name | wc -l)" -ge 8 ]; }
gate_is_armed() { kubectl get validatingwebhookconfiguration prodready --output jsonpath='{.webhooks[0].name}' | grep -q enforce; }
gate_denies() {
    local told
    told=$(kubectl apply --dry-run=server -f manifests/demo/payments-bad.yaml 2>&1) && return 1
    grep -q 'denied the request' <<<"$told"
}
shop_is_ready() {
    local verdicts
    verdicts=$(kubectl get readiness --namespace shop --output jsonpath='{.items[*].status.verdict}')
    [ -n "$verdicts" ] && ! grep -qE 'NotReady|DoNotLaunch' <<<"$verdicts"
}

policy_counts_ten() { [ "$(kubectl get prp production --output jsonpath='{.status.ready}')" = 10/10 ]; }

up() {
    down
    mkdir -p "$DIR"
    say "A Kubernetes control plane on this machine"
    quietly controlplane up --detach --dir "$DIR/plane"
    kubectl version | tail -1
    install
    story
}

case "${1:-}" in
run)
    trap down EXIT
    up
    say "That was it; nothing is left running. \`make demo-up\` keeps it."
    ;;
up)
    up
    say "It keeps running. Look around with:"
    echo "export KUBECONFIG=$KUBECONFIG"
    echo "make demo-down    # ends it"
    ;;
down) down ;;
*)
    echo "usage: demo.sh run|up|down" >&2
    exit 2
    ;;
esac
