package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// front stands before the simulator with TLS. It counts and traces calls by method, and delays and fails those that it is
// told to. Clones pass through withOwnDisk.
type front struct {
	url, fingerprint string
	model            *simulator.Model
	mu               sync.Mutex
	counts           map[string]int
	trace            []traced
	rules            map[string]*rule
	// hidden are instance UUIDs that no caller finds: see hide.
	hidden map[string]bool
}

// traced is a call that was seen, in the order of arrival, with what was done to it.
type traced struct {
	Method string `json:"method"`
	// Session says whether it came in a session.
	Session bool   `json:"session"`
	Fault   string `json:"fault,omitempty"`
}

// maxTrace keeps a long benchmark from filling the memory.
const maxTrace = 10_000

var methodName = regexp.MustCompile(`(?s)Body>\s*<(?:\w+:)?(\w+)`)

func newFront(listen, innerHost, certificateFile string, model *simulator.Model) (*front, error) {
	certificate, fingerprint, err := keptCertificate(certificateFile)
	if err != nil {
		return nil, err
	}
	listener, err := tls.Listen("tcp", listen, &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return nil, err
	}
	f := &front{url: "https://" + listener.Addr().String(), fingerprint: fingerprint, model: model}
	f.reset()
	f.clearRules()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: innerHost})
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	// A caller that has gone is no news.
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	go func() { _ = http.Serve(listener, f.handler(proxy)) }()
	return f, nil
}

func (f *front) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c := call{front: f, next: next, w: w, r: r, body: body}
		if match := methodName.FindSubmatch(body); match != nil {
			c.method = string(match[1])
		}
		if c.method == "CloneVM_Task" {
			c.body = withOwnDisk(f.model, body)
		}
		taken, hit := f.take(c.method, r)
		time.Sleep(time.Duration(taken.DelayMs) * time.Millisecond)
		if hit {
			c.fail(taken)
			return
		}
		c.forward(w)
	})
}

// reset forgets what was counted and traced.
func (f *front) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts, f.trace = map[string]int{}, []traced{}
}

// clearRules lets every call pass again.
func (f *front) clearRules() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.hidden = map[string]*rule{}, map[string]bool{}
}

// keptCertificate reads the certificate and its key from a file, or makes them and keeps them there.
func keptCertificate(file string) (tls.Certificate, string, error) {
	text, err := os.ReadFile(file)
	if file == "" || errors.Is(err, os.ErrNotExist) {
		if text, err = selfSigned(); err == nil && file != "" {
			err = os.WriteFile(file, text, 0o600)
		}
	}
	if err != nil {
		return tls.Certificate{}, "", err
	}
	certificate, err := tls.X509KeyPair(text, text)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	sum := sha256.Sum256(certificate.Certificate[0])
	var pairs []string
	for _, octet := range sum {
		pairs = append(pairs, fmt.Sprintf("%02X", octet))
	}
	return certificate, strings.Join(pairs, ":"), nil
}

// selfSigned makes a certificate and its key, in PEM.
func selfSigned() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "vcsim"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...), nil
}
