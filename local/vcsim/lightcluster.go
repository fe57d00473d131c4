package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// lightClusters holds what the etcd of each cluster of light guests would, and serves it on the addresses of its
// control-plane nodes: enough of an API server and of etcd for Slipway's own client. It checks client certificates, not RBAC.
type lightClusters struct {
	mu   sync.Mutex
	byCA map[string]*objects
	byVM map[string]*objects
	// callbacks counts what the guests ask of the API.
	callbacks callbacks
}

type objects struct {
	mu    sync.Mutex
	kinds map[string]map[string]any
}

func newLightClusters() *lightClusters {
	return &lightClusters{byCA: map[string]*objects{}, byVM: map[string]*objects{}}
}

// heard sums up the callbacks; without light guests there are none.
func (c *lightClusters) heard() map[string]any {
	if c == nil {
		return (&callbacks{}).summary()
	}
	return c.callbacks.summary()
}

func (o *objects) put(kind, name string, value any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kinds[kind] == nil {
		o.kinds[kind] = map[string]any{}
	}
	o.kinds[kind][name] = value
}

func (o *objects) get(kind, name string) any {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kinds[kind][name]
}

func (o *objects) remove(kind, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.kinds[kind], name)
}

func (o *objects) list(kind string) []any {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []any{}
	for _, value := range o.kinds[kind] {
		all = append(all, value)
	}
	return all
}

func nodeObject(name string) map[string]any {
	return map[string]any{"kind": "Node", "metadata": map[string]any{"name": name}}
}

func (c *lightClusters) of(node string) *objects {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byVM[node]
}

// serve starts a control-plane node's API server and etcd, until the node is switched off.
func (c *lightClusters) serve(ctx context.Context, node, address string, values map[string]any) error {
	ca, _ := values["kubernetesCaSigningCert"].(string)
	c.mu.Lock()
	if c.byCA[ca] == nil {
		c.byCA[ca] = &objects{kinds: map[string]map[string]any{}}
	}
	state := c.byCA[ca]
	c.byVM[node] = state
	c.mu.Unlock()
	state.put("members", node, map[string]any{"ID": node, "name": node})
	for port, authority := range map[int][2]string{
		6443: {"kubernetesCaSigningCert", "kubernetesCaKey"}, 2379: {"etcdCaCert", "etcdCaKey"},
	} {
		certificate, pool, err := serverCertificate(fmt.Sprint(values[authority[0]]), fmt.Sprint(values[authority[1]]), address)
		if err != nil {
			return err
		}
		listener, err := tls.Listen("tcp", fmt.Sprintf("%s:%d", address, port), &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool,
		})
		if err != nil {
			return err
		}
		handler := state.kubernetes
		if port == 2379 {
			handler = state.etcd
		}
		server := &http.Server{Handler: http.HandlerFunc(handler)}
		go func() { _ = server.Serve(listener) }()
		go func() { <-ctx.Done(); _ = server.Close() }()
	}
	return nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (o *objects) authorized(r *http.Request) bool {
	if len(r.TLS.VerifiedChains) > 0 {
		return true
	}
	id, secret, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	token, _ := o.get("secrets", "bootstrap-token-"+id).(map[string]any)
	data, _ := token["data"].(map[string]any)
	return data != nil && data["token-secret"] == base64.StdEncoding.EncodeToString([]byte(secret))
}

func (o *objects) kubernetes(w http.ResponseWriter, r *http.Request) {
	if !o.authorized(r) {
		reply(w, 401, map[string]any{"message": "Unauthorized"})
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	if parts[0] == "namespaces" && len(parts) > 2 {
		parts = parts[2:]
	}
	kind := parts[0]
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	if len(parts) == 1 {
		if r.Method == http.MethodGet {
			reply(w, 200, map[string]any{"items": o.list(kind)})
			return
		}
		metadata, _ := body["metadata"].(map[string]any)
		name := fmt.Sprint(metadata["name"])
		if o.get(kind, name) != nil {
			reply(w, 409, map[string]any{"message": name + " already exists"})
			return
		}
		o.put(kind, name, body)
		reply(w, 201, body)
		return
	}
	found := o.get(kind, parts[1])
	switch {
	case found == nil:
		reply(w, 404, map[string]any{"message": parts[1] + " not found"})
	case r.Method == http.MethodDelete:
		o.remove(kind, parts[1])
		reply(w, 200, found)
	default:
		if r.Method == http.MethodPut {
			o.put(kind, parts[1], body)
		}
		reply(w, 200, found)
	}
}

func (o *objects) etcd(w http.ResponseWriter, r *http.Request) {
	var body struct{ ID string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	if strings.HasSuffix(r.URL.Path, "/remove") {
		o.remove("members", body.ID)
	}
	reply(w, 200, map[string]any{"members": o.list("members")})
}

// serverCertificate issues a certificate for an address by an authority of the cluster's.
func serverCertificate(caText, keyText, address string) (tls.Certificate, *x509.CertPool, error) {
	caBlock, _ := pem.Decode([]byte(caText))
	keyBlock, _ := pem.Decode([]byte(keyText))
	if caBlock == nil || keyBlock == nil {
		return tls.Certificate{}, nil, errors.New("an authority is not PEM")
	}
	ca, err := x509.ParseCertificate(caBlock.Bytes)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	caKey, err := parseKey(keyBlock.Bytes)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: address},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.ParseIP(address)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca, &key.PublicKey, caKey)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return tls.Certificate{Certificate: [][]byte{der, ca.Raw}, PrivateKey: key}, pool, nil
}

func parseKey(der []byte) (crypto.PrivateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return x509.ParsePKCS1PrivateKey(der)
}
