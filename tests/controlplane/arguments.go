package main

import (
	"fmt"
	"net"
	"strconv"
)

const (
	serviceRange        = "10.96.0.0/16"
	firstServiceAddress = "10.96.0.1"
	// podRange is where KWOK takes pod addresses from; nothing is ever sent there.
	podRange = "10.128.0.1/9"
)

// ports are those that one start of the plane uses.
type ports struct{ etcd, etcdPeer, apiserver int }

func choosePorts() (ports, error) {
	var chosen [3]int
	for i := range chosen {
		port, err := freePort()
		if err != nil {
			return ports{}, err
		}
		chosen[i] = port
	}
	return ports{etcd: chosen[0], etcdPeer: chosen[1], apiserver: chosen[2]}, nil
}

func url(scheme string, port int) string {
	return scheme + "://" + net.JoinHostPort(loopback, strconv.Itoa(port))
}

// arguments are the command line of each component, given what this start decided.
func (p *plane) arguments(component string) []string {
	switch component {
	case etcd:
		return p.etcdArguments()
	case apiServer:
		return p.apiServerArguments()
	case controllerManager:
		return p.controllerManagerArguments()
	case kubeScheduler:
		return p.schedulerArguments()
	default:
		return p.kwokArguments()
	}
}

func (p *plane) etcdArguments() []string {
	client, peer := url("http", p.ports.etcd), url("http", p.ports.etcdPeer)
	return []string{
		"--name=default",
		"--data-dir=" + p.at("etcd-data"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync",
		"--snapshot-count=5000",
		"--quota-backend-bytes=" + strconv.Itoa(4<<30),
		"--log-level=warn",
	}
}

func (p *plane) apiServerArguments() []string {
	c := p.credentials
	arguments := []string{
		"--etcd-servers=" + url("http", p.ports.etcd),
		"--bind-address=" + loopback,
		"--secure-port=" + strconv.Itoa(p.ports.apiserver),
		"--advertise-address=" + p.nodeAddress,
		"--tls-cert-file=" + c.servingCertificate,
		"--tls-private-key-file=" + c.servingKey,
		"--client-ca-file=" + c.caCertificate,
		"--token-auth-file=" + c.tokens,
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--enable-aggregator-routing=true",
		"--requestheader-client-ca-file=" + c.proxyCA,
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.proxyCertificate,
		"--proxy-client-key-file=" + c.proxyKey,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.serviceAccountKey,
		"--service-account-signing-key-file=" + c.serviceAccountKey,
		"--service-cluster-ip-range=" + serviceRange,
		"--profiling=false",
	}
	if p.nodeAddress == loopback {
		// The Service "kubernetes" cannot have a loopback address as its endpoint.
		arguments = append(arguments, "--endpoint-reconciler-type=none")
	}
	return arguments
}

func (p *plane) controllerManagerArguments() []string {
	c := p.credentials
	return append(clientArguments(p.kubeconfig(controllerManager)),
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+c.serviceAccountKey,
		"--root-ca-file="+c.caCertificate,
		"--cluster-signing-cert-file="+c.caCertificate,
		"--cluster-signing-key-file="+c.caKey,
		// A machine that is busy with compiling must not make nodes seem lost.
		"--node-monitor-grace-period=5m",
	)
}

func (p *plane) schedulerArguments() []string {
	return clientArguments(p.kubeconfig(kubeScheduler))
}

// clientArguments are common to the two that only talk to the API server: alone in their role,
// serving nothing, and not slowed by limits meant for clusters that other people use too.
func clientArguments(kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	}
}

func (p *plane) kwokArguments() []string {
	return []string{
		"--kubeconfig=" + p.kubeconfig(kwokName),
		"--config=" + p.at("stages.yaml"),
		"--manage-all-nodes=true",
		"--enable-crds=",
		"--node-ip=" + p.nodeAddress,
		"--cidr=" + podRange,
		"--node-lease-duration-seconds=40",
		"--v=WARN",
	}
}

// nodes that are made, one in each zone.
func nodeNames() []string {
	names := make([]string, 0, len(zones))
	for _, zone := range zones {
		names = append(names, fmt.Sprintf("node-%s", zone))
	}
	return names
}

var zones = []string{"a", "b", "c"}
