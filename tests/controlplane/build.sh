#!/bin/sh
# Builds the control plane for tests and the demo out of Go modules that go.mod and go.sum pin:
#
#   $PRODREADY_CONTROLPLANE_DIR (default: target/controlplane)
#     bin/controlplane                                   all components, and "controlplane up"
#     bin/{etcd,kube-apiserver,…,kwok,kubectl}           the same file by the components' names
#     bin/helm
#
# Does nothing when nothing that it builds from has changed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${PRODREADY_CONTROLPLANE_DIR:-$here/../../target/controlplane}
components="etcd kube-apiserver kube-controller-manager kube-scheduler kwok kubectl"

say() { echo "controlplane: $*" >&2; }

if ! command -v go >/dev/null 2>&1; then
    say "needs Go 1.26 or newer to build a Kubernetes control plane for the tests"
    say "install it, or point PRODREADY_TEST_KUBECONFIG at a cluster that tests may use"
    exit 1
fi

digest() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi
}

# What the two builds depend on: their sources, the compiler, and how they are built.
inputs() { { go version; cat "$here/build.sh" "$@"; } | digest; }

is_current() { [ -x "$2" ] && [ "$(cat "$out/$1.stamp" 2>/dev/null)" = "$3" ]; }

# The version of a module that go.mod names.
version_of() { sed -n "s|^[[:space:]]*\(require \)\{0,1\}$1 \(v[^ ]*\).*|\2|p" "$2" | head -n 1; }

# compile DIRECTORY OUTPUT LDFLAGS PACKAGE: through a file of another name, so that a program
# that runs is never half written.
compile() {
    log=$out/build.log
    if ! (cd "$1" && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly \
        go build -trimpath -buildvcs=false -ldflags "-s -w $3" -o "$2.new" "$4") >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
    mv "$2.new" "$2"
}

build_controlplane() {
    began=$(date +%s)
    kubernetes=$(version_of k8s.io/kubernetes "$here/go.mod")
    minor=${kubernetes#v1.}
    minor=${minor%%.*}
    say "building etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl ($kubernetes) and KWOK"
    say "about 5 minutes on two cores, once; seconds where only little has changed"
    flags=
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        flags="$flags -X $package.gitVersion=$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=$minor"
        flags="$flags -X $package.gitTreeState=clean"
    done
    compile "$here" "$out/bin/controlplane" "$flags" .
    for component in $components; do
        ln -sf controlplane "$out/bin/$component"
    done
    say "built in $(($(date +%s) - began)) s"
}

build_helm() {
    began=$(date +%s)
    helm=$(version_of helm.sh/helm/v4 "$here/helm/go.mod")
    say "building helm $helm, about 1 minute, once"
    compile "$here/helm" "$out/bin/helm" "-X helm.sh/helm/v4/internal/version.version=$helm" helm.sh/helm/v4/cmd/helm
    say "built in $(($(date +%s) - began)) s"
}

# bring_up_to_date NAME BINARY STAMP: builds what is not current.
bring_up_to_date() {
    if ! is_current "$1" "$2" "$3"; then
        "build_$1"
        echo "$3" >"$out/$1.stamp"
    fi
}

mkdir -p "$out/bin"
out=$(cd "$out" && pwd)
controlplane_inputs=$(inputs "$here"/go.mod "$here"/go.sum "$here"/*.go)
helm_inputs=$(inputs "$here"/helm/go.mod "$here"/helm/go.sum)
if is_current controlplane "$out/bin/controlplane" "$controlplane_inputs" &&
    is_current helm "$out/bin/helm" "$helm_inputs"; then
    exit 0
fi

# One build at a time, where the system can tell.
exec 9>"$out/lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi
bring_up_to_date controlplane "$out/bin/controlplane" "$controlplane_inputs"
bring_up_to_date helm "$out/bin/helm" "$helm_inputs"
