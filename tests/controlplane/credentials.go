package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// accounts are the users of the token file: a name and its groups.
var accounts = []struct{ name, groups string }{
	{admin, "system:masters"},
	{"system:kube-controller-manager", ""},
	{"system:kube-scheduler", ""},
}

const admin = "admin"

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// credentials are the files by which the components know each other.
type credentials struct {
	caCertificate, caKey           string
	servingCertificate, servingKey string
	proxyCA                        string
	proxyCertificate, proxyKey     string
	serviceAccountKey              string
	tokens                         string
	token                          map[string]string
}

// makeCredentials writes all of them into a directory, new for each start.
func makeCredentials(dir string, address string) (*credentials, error) {
	at := func(name string) string { return dir + "/" + name }
	made := &credentials{
		caCertificate: at("ca.crt"), caKey: at("ca.key"),
		servingCertificate: at("apiserver.crt"), servingKey: at("apiserver.key"),
		proxyCA:          at("front-proxy-ca.crt"),
		proxyCertificate: at("front-proxy-client.crt"), proxyKey: at("front-proxy-client.key"),
		serviceAccountKey: at("service-account.key"),
		tokens:            at("tokens.csv"),
	}
	ca, err := newAuthority("controlplane-ca")
	if err != nil {
		return nil, err
	}
	proxyCA, err := newAuthority("front-proxy-ca")
	if err != nil {
		return nil, err
	}
	steps := []error{
		ca.write(made.caCertificate, made.caKey),
		proxyCA.write(made.proxyCA, at("front-proxy-ca.key")),
		ca.issue(servingTemplate(address), made.servingCertificate, made.servingKey),
		proxyCA.issue(clientTemplate("front-proxy-client"), made.proxyCertificate, made.proxyKey),
		writeNewKey(made.serviceAccountKey),
		made.writeTokens(),
	}
	for _, err := range steps {
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// writeTokens gives each account a token of its own.
func (c *credentials) writeTokens() error {
	c.token = map[string]string{}
	var lines strings.Builder
	for _, account := range accounts {
		secret := make([]byte, 16)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		c.token[account.name] = hex.EncodeToString(secret)
		fmt.Fprintf(&lines, "%s,%s,%s,%q\n", c.token[account.name], account.name, account.name, account.groups)
	}
	return os.WriteFile(c.tokens, []byte(lines.String()), 0o600)
}

// writeKubeconfig makes the file with which one account reaches the server.
func (c *credentials) writeKubeconfig(path, server, account string) error {
	ca, err := os.ReadFile(c.caCertificate)
	if err != nil {
		return err
	}
	const name = "controlplane"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: ca}
	config.AuthInfos[account] = &clientcmdapi.AuthInfo{Token: c.token[account]}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: account}
	config.CurrentContext = name
	return clientcmd.WriteToFile(*config, path)
}

func servingTemplate(address string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local",
		},
		IPAddresses: []net.IP{
			net.ParseIP(loopback), net.IPv6loopback, net.ParseIP(firstServiceAddress), net.ParseIP(address),
		},
	}
}

func clientTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

func newAuthority(name string) (*authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	made := &authority{certificate: template, key: key}
	der, err := made.sign(template, key)
	if err != nil {
		return nil, err
	}
	made.certificate, err = x509.ParseCertificate(der)
	return made, err
}

// issue writes a certificate after a template, and its key.
func (a *authority) issue(template *x509.Certificate, certificatePath, keyPath string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := a.sign(template, key)
	if err != nil {
		return err
	}
	return writePair(certificatePath, der, keyPath, key)
}

func (a *authority) write(certificatePath, keyPath string) error {
	return writePair(certificatePath, a.certificate.Raw, keyPath, a.key)
}

// sign dates and numbers the template, and signs it for the key.
func (a *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().AddDate(1, 0, 0)
	return x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
}

func newKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func writePair(certificatePath string, certificate []byte, keyPath string, key *ecdsa.PrivateKey) error {
	if err := writePEM(certificatePath, "CERTIFICATE", certificate); err != nil {
		return err
	}
	return writeKey(keyPath, key)
}

func writeNewKey(path string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	return writeKey(path, key)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
