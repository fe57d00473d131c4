package main

import (
	"bytes"
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
	"html"
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

// rule is what happens to calls of a method.
type rule struct {
	DelayMs int    `json:"delayMs"`
	Fail    string `json:"fail"`  // "before" or "after" the effect
	Fault   string `json:"fault"` // a fault's name, "503" or "reset"
	Times   int    `json:"times"` // how often; 0: always
}

// front stands before the simulator with TLS. It counts calls by method, and delays and fails those that it is told to. Clones pass
// through withOwnDisk.
type front struct {
	url, fingerprint string
	model            *simulator.Model
	mu               sync.Mutex
	counts           map[string]int
	rules            map[string]*rule
}

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
	f := &front{
		url:         "https://" + listener.Addr().String(),
		fingerprint: fingerprint,
		model:       model,
		counts:      map[string]int{},
		rules:       map[string]*rule{},
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: innerHost})
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	go func() { _ = http.Serve(listener, f.handler(proxy)) }()
	return f, nil
}

func (f *front) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name := ""
		if match := methodName.FindSubmatch(body); match != nil {
			name = string(match[1])
		}
		if name == "CloneVM_Task" {
			body = withOwnDisk(f.model, body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		rule := f.take(name)
		time.Sleep(time.Duration(rule.DelayMs) * time.Millisecond)
		if rule.Fail == "before" {
			fail(w, name, rule.Fault)
			return
		}
		if rule.Fail == "after" {
			next.ServeHTTP(&discard{header: http.Header{}}, r)
			fail(w, name, rule.Fault)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// take counts a call and returns what is to happen to it.
func (f *front) take(name string) rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[name]++
	found := f.rules[name]
	if found == nil {
		return rule{}
	}
	taken := *found
	if found.Times > 0 {
		if found.Times--; found.Times == 0 {
			delete(f.rules, name)
		}
	}
	return taken
}

func fail(w http.ResponseWriter, method, fault string) {
	switch fault {
	case "503":
		http.Error(w, "503 Service Unavailable", http.StatusServiceUnavailable)
	case "reset":
		if hijacker, ok := w.(http.Hijacker); ok {
			if connection, _, err := hijacker.Hijack(); err == nil {
				_ = connection.Close()
			}
		}
	default:
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		name := html.EscapeString(fault)
		_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s as told by the control endpoint</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, html.EscapeString(method), name, name, name)
	}
}

// discard is where an answer goes that the caller never gets.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

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
