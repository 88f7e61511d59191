package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/version"
)

const (
	etcd              = "etcd"
	apiServer         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	kubeScheduler     = "kube-scheduler"
	kwokName          = "kwok"

	pollEvery = 25 * time.Millisecond
	// startLimit is generous: a machine may be compiling meanwhile.
	startLimit = 3 * time.Minute
	// An API server with watches open takes a minute to drain; nobody waits for that here.
	stopPatience = time.Second
	startTries   = 3
)

// components in the order in which they start.
var components = []string{etcd, apiServer, controllerManager, kubeScheduler, kwokName}

// accountOf says as whom a component talks to the API server.
var accountOf = map[string]string{
	controllerManager: "system:kube-controller-manager",
	kubeScheduler:     "system:kube-scheduler",
	kwokName:          admin,
}

// plane is one control plane: what it decided at its start, and its processes.
type plane struct {
	dir         string
	assets      string
	nodeAddress string
	warning     string
	ports       ports
	credentials *credentials
	starter     starter
	report      func(kind, text string)

	lock    sync.Mutex
	running map[string]*process
}

// facts are what a user of the plane needs to know.
type facts struct {
	Dir         string         `json:"dir"`
	Kubeconfig  string         `json:"kubeconfig"`
	Server      string         `json:"server"`
	NodeAddress string         `json:"nodeAddress"`
	Warning     string         `json:"warning,omitempty"`
	Nodes       []string       `json:"nodes"`
	Version     string         `json:"version"`
	Pids        map[string]int `json:"pids"`
}

// newPlane prepares a control plane in a directory that exists.
func newPlane(dir, assets string, report func(kind, text string)) *plane {
	address, warning := nodeAddress()
	return &plane{
		dir: dir, assets: assets, nodeAddress: address, warning: warning,
		starter: newStarter(), report: report, running: map[string]*process{},
	}
}

// up starts everything and returns when pods can run. Where a port was taken in the moment
// between choosing and using it, all begins anew with others.
func (p *plane) up(ctx context.Context) error {
	var err error
	for range startTries {
		if err = p.prepare(); err != nil {
			return err
		}
		if err = p.startAll(ctx); err == nil {
			return nil
		}
		p.killAll()
		if !strings.Contains(err.Error(), "address already in use") {
			return err
		}
	}
	return err
}

// prepare decides ports and writes every file that the components read.
func (p *plane) prepare() error {
	var err error
	if p.ports, err = choosePorts(); err != nil {
		return err
	}
	if err = os.RemoveAll(p.at("etcd-data")); err != nil {
		return err
	}
	if p.credentials, err = makeCredentials(p.dir, p.nodeAddress); err != nil {
		return err
	}
	if err = writeStages(p.at("stages.yaml")); err != nil {
		return err
	}
	for component, account := range accountOf {
		if err = p.credentials.writeKubeconfig(p.kubeconfig(component), p.server(), account); err != nil {
			return err
		}
	}
	return p.credentials.writeKubeconfig(p.kubeconfig(admin), p.server(), admin)
}

// startAll starts what does not run, in order, and waits until pods can run.
func (p *plane) startAll(ctx context.Context) error {
	for _, component := range components {
		if err := p.start(ctx, component); err != nil {
			return err
		}
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	if err := makeNodes(ctx, client); err != nil {
		return err
	}
	return p.waitUntilPodsCanRun(ctx, client)
}

// start starts one component and, where others depend on it, waits until it answers.
func (p *plane) start(ctx context.Context, component string) error {
	p.lock.Lock()
	already := p.running[component]
	p.lock.Unlock()
	if already != nil && !already.hasEnded() {
		return nil
	}
	if component == kwokName {
		if err := p.dropLeases(ctx); err != nil {
			return err
		}
	}
	started, err := p.starter.start(component, p.executable(component), p.arguments(component), p.log(component), p.dir)
	if err != nil {
		return err
	}
	p.lock.Lock()
	p.running[component] = started
	p.lock.Unlock()
	if err := p.waitUntilItAnswers(ctx, started); err != nil {
		return err
	}
	go p.tellOfEnd(started)
	return nil
}

// waitUntilItAnswers returns at once for a component that nothing depends on.
func (p *plane) waitUntilItAnswers(ctx context.Context, started *process) error {
	switch started.name {
	case etcd:
		return p.waitForAnswer(ctx, started, url("http", p.ports.etcd)+"/readyz", http.DefaultClient)
	case apiServer:
		client, err := p.httpClient()
		if err != nil {
			return err
		}
		return p.waitForAnswer(ctx, started, p.server()+"/readyz", client)
	default:
		return nil
	}
}

// dropLeases takes the nodes from a KWOK that is gone; its successor would otherwise leave
// them alone until their leases expire.
func (p *plane) dropLeases(ctx context.Context) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	return client.CoordinationV1().Leases(corev1.NamespaceNodeLease).
		DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
}

// tellOfEnd reports a component that ended without being asked to.
func (p *plane) tellOfEnd(ended *process) {
	<-ended.ended
	p.lock.Lock()
	unasked := p.running[ended.name] == ended
	p.lock.Unlock()
	if unasked {
		p.report("died", fmt.Sprintf("%s: %v; see %s", ended.name, ended.failure, p.log(ended.name)))
	}
}

// endedByItself is a component that should run and does not.
func (p *plane) endedByItself() *process {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, component := range components {
		if running := p.running[component]; running != nil && running.hasEnded() {
			return running
		}
	}
	return nil
}

// waitForAnswer returns when an address answers 200, or when the process behind it is gone.
func (p *plane) waitForAnswer(ctx context.Context, behind *process, address string, client *http.Client) error {
	for {
		why := whyNotOK(ctx, address, client)
		if why == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w (%w)\n%s", behind.name, context.Cause(ctx), why, p.tail(behind.name))
		case <-behind.ended:
			return fmt.Errorf("%s ended at its start: %w\n%s", behind.name, behind.failure, p.tail(behind.name))
		case <-time.After(pollEvery):
		}
	}
}

func whyNotOK(ctx context.Context, address string, client *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// take forgets a process, so that its end is no news, and returns it.
func (p *plane) take(component string) *process {
	p.lock.Lock()
	defer p.lock.Unlock()
	taken := p.running[component]
	delete(p.running, component)
	return taken
}

// stop ends one component in an orderly way.
func (p *plane) stop(component string) {
	if running := p.take(component); running != nil {
		running.stop(stopPatience)
	}
}

// kill ends one component as a crash would.
func (p *plane) kill(component string) {
	if running := p.take(component); running != nil {
		running.kill()
	}
}

// killAll ends everything; the data is not needed any more.
func (p *plane) killAll() {
	for _, component := range slices.Backward(components) {
		p.kill(component)
	}
}

// facts of the plane as it runs now.
func (p *plane) facts() facts {
	p.lock.Lock()
	defer p.lock.Unlock()
	pids := map[string]int{"controlplane": os.Getpid()}
	for name, process := range p.running {
		pids[name] = process.command.Process.Pid
	}
	return facts{
		Dir: p.dir, Kubeconfig: p.kubeconfig(admin), Server: p.server(),
		NodeAddress: p.nodeAddress, Warning: p.warning, Nodes: nodeNames(),
		Version: version.Get().GitVersion, Pids: pids,
	}
}

// client reaches the API server as its administrator.
func (p *plane) client() (kubernetes.Interface, error) {
	config, err := p.config()
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

func (p *plane) config() (*rest.Config, error) {
	return clientcmd.BuildConfigFromFlags("", p.kubeconfig(admin))
}

// httpClient trusts the API server's certificate; /readyz may be asked by anybody.
func (p *plane) httpClient() (*http.Client, error) {
	ca, err := os.ReadFile(p.credentials.caCertificate)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	return &http.Client{Transport: transport, Timeout: 5 * time.Second}, nil
}

// executable is a component's program: one that was given, else this one under another name.
func (p *plane) executable(component string) string {
	if p.assets != "" {
		given := filepath.Join(p.assets, component)
		if _, err := os.Stat(given); err == nil {
			return given
		}
	}
	self, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return self
}

func (p *plane) at(name string) string { return filepath.Join(p.dir, name) }

func (p *plane) log(component string) string { return p.at(component + ".log") }

func (p *plane) kubeconfig(account string) string { return p.at(account + ".kubeconfig") }

func (p *plane) server() string { return url("https", p.ports.apiserver) }

func (p *plane) tail(component string) string { return lastLines(p.log(component), 15) }

// logs is the end of every component's log.
func (p *plane) logs() string {
	var all strings.Builder
	for _, component := range components {
		fmt.Fprintf(&all, "--- %s\n%s\n", component, p.tail(component))
	}
	return all.String()
}
