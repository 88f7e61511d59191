package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

const (
	loopback = "127.0.0.1"
	// Ports are taken from below the range that systems give to outgoing connections, so that
	// none of those can take the port of an API server that is down for a moment, and from
	// below the range of NodePorts.
	lowestPort, highestPort = 20000, 29999
)

// nodeAddress is the address at which pods on the host's network are reached. An API object
// may not hold a loopback address as an endpoint, so it must be another one of this machine's.
func nodeAddress() (address, warning string) {
	const missing = "this machine has no address besides loopback; " +
		"webhooks and API services behind a Service cannot be reached"
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return loopback, missing + ": " + err.Error()
	}
	var sixth string
	for _, each := range addresses {
		network, ok := each.(*net.IPNet)
		if !ok || !network.IP.IsGlobalUnicast() {
			continue
		}
		if network.IP.To4() != nil {
			return network.IP.String(), ""
		}
		if sixth == "" {
			sixth = network.IP.String()
		}
	}
	if sixth != "" {
		return sixth, "this machine has no IPv4 address besides loopback; pods on the host's network have " + sixth
	}
	return loopback, missing
}

// freePort is a port of loopback that nobody listens on now. Somebody may take it before it is
// used; whoever asked then finds out and asks again.
func freePort() (int, error) {
	for range 1000 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, fmt.Errorf("no free port between %d and %d", lowestPort, highestPort)
}
