package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A light guest speaks the node protocol as the node program does, but costs no process: benchmarks and fault tests boot
// hundreds. It runs no shell and no kubeadm.
type light struct {
	name, address string
	env           map[string]string
	authorization string
	shared        *lightClusters
	client        *http.Client
	processID     string
}

// pollMax is the node program's POLL_MAX.
const pollMax = 10 * time.Second

// lightClient is shared: a thousand guests keep their connections in one pool.
var lightClient = &http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
}

var assignment = regexp.MustCompile(`(?m)^([A-Z_]+)='(.*)'$`)

// newLight decodes the user data as cloud-init would.
func newLight(name, address string, data map[string]string, shared *lightClusters) (*light, error) {
	packed, err := base64.StdEncoding.DecodeString(data["guestinfo.userdata"])
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	var config struct {
		WriteFiles []struct{ Path, Content string } `json:"write_files"`
	}
	_, document, _ := strings.Cut(string(text), "\n")
	if err := json.Unmarshal([]byte(document), &config); err != nil {
		return nil, err
	}
	guest := &light{name: name, address: address, env: map[string]string{}, shared: shared, client: lightClient}
	for _, file := range config.WriteFiles {
		switch file.Path {
		case "/etc/slipway/node.env":
			for _, match := range assignment.FindAllStringSubmatch(file.Content, -1) {
				guest.env[match[1]] = match[2]
			}
		case "/etc/slipway/authorization":
			guest.authorization = strings.TrimPrefix(strings.TrimSpace(file.Content), "Authorization: ")
		}
	}
	return guest, nil
}

func (l *light) organization() string {
	return l.env["API_URL"] + "/api/v1/orgs/" + l.env["ORGANIZATION"]
}
func (l *light) cluster() string { return l.organization() + "/clusters/" + l.env["CLUSTER_ID"] }

// response is what a request was answered: no status where there was none.
type response struct {
	status     int
	body       any
	retryAfter time.Duration
}

// field is a value of the answer's object.
func (r response) field(name string) any {
	object, _ := r.body.(map[string]any)
	return object[name]
}

// request makes one request.
func (l *light) request(ctx context.Context, method, url string, body any, authorization string) response {
	var reader io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return response{}
	}
	request.Header.Set("Authorization", authorization)
	request.Header.Set("Content-Type", "application/json")
	answer, err := l.client.Do(request)
	if err != nil {
		return response{}
	}
	defer answer.Body.Close()
	got := response{status: answer.StatusCode}
	_ = json.NewDecoder(answer.Body).Decode(&got.body)
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		got.retryAfter = time.Duration(seconds) * time.Second
	}
	return got
}

// callback is one request of the node protocol.
func (l *light) callback(ctx context.Context, method, url string, body any) response {
	began := time.Now()
	got := l.request(ctx, method, url, body, l.authorization)
	if ctx.Err() == nil {
		l.shared.callbacks.add(method, url, got.status, time.Since(began))
	}
	return got
}

// patient says that the network, the API or its limits ask for patience.
func patient(status int) bool { return status == 0 || status == 429 || status >= 500 }

// call repeats a request, with the program's pauses, while it is asked for patience.
func (l *light) call(ctx context.Context, method, url string, body any) response {
	pause := time.Second
	for attempt := 1; ; attempt++ {
		got := l.callback(ctx, method, url, body)
		if !patient(got.status) || attempt == 10 || ctx.Err() != nil {
			return got
		}
		sleep(ctx, pause+time.Duration(rand.Intn(2))*time.Second)
		pause = min(2*pause, pollMax)
	}
}

func sleep(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

func (l *light) phase(ctx context.Context, phase, message string) {
	got := l.callback(ctx, "POST", l.cluster()+"/pke/status", l.status("running", phase, message, false))
	if id, ok := got.field("processId").(string); ok {
		l.processID = id
	}
}

func (l *light) status(status, phase, message string, final bool) map[string]any {
	body := map[string]any{
		"name": l.name, "nodePool": l.env["NODE_POOL"], "ip": l.address, "status": status, "phase": phase,
		"message": message, "final": final,
	}
	if l.processID != "" {
		body["processId"] = l.processID
	}
	return body
}

// boot runs until the node is ready, failed, or switched off. A failure is told until it was heard.
func (l *light) boot(ctx context.Context) {
	err := l.install(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	log.Printf("%s: %v", l.name, err)
	for attempt := range 5 {
		got := l.callback(ctx, "POST", l.cluster()+"/pke/status", l.status("failed", "install", err.Error(), true))
		if got.status != 0 && got.status < 500 {
			return
		}
		sleep(ctx, time.Duration(attempt+1)*2*time.Second)
	}
}

// install takes the node program's steps, in its order, without what needs a machine.
func (l *light) install(ctx context.Context) error {
	l.phase(ctx, "prepare", "starting containerd and the kubelet")
	master := l.env["NODE_ROLE"] == "master"
	leads := false
	if master {
		if err := l.fetchCertificates(ctx); err != nil {
			return err
		}
		leads = l.leads(ctx)
	}
	if !leads {
		var err error
		if leads, err = l.awaitLeader(ctx, master); err != nil {
			return err
		}
	}
	if leads {
		l.phase(ctx, "init", "kubeadm init, Kubernetes "+l.env["KUBERNETES_VERSION"])
		l.shared.of(l.name).put("nodes", l.name, nodeObject(l.name))
		l.phase(ctx, "rbac", "allowing the control plane its few jobs")
	} else if err := l.join(ctx); err != nil {
		return err
	}
	got := l.call(ctx, "POST", l.cluster()+"/pke/ready", map[string]any{
		"name": l.name, "nodePool": l.env["NODE_POOL"], "ip": l.address, "master": master, "worker": !master,
	})
	if got.status != 200 {
		return fmt.Errorf("ready: HTTP %d: %v", got.status, got.field("message"))
	}
	return nil
}

func (l *light) fetchCertificates(ctx context.Context) error {
	l.phase(ctx, "certificates", "fetching the certificate authorities")
	got := l.call(ctx, "GET", l.organization()+"/secrets?type=pkecert&values=true&tags=clusterID:"+l.env["CLUSTER_ID"], nil)
	secrets, _ := got.body.([]any)
	if got.status != 200 || len(secrets) != 1 {
		return fmt.Errorf("certificates: HTTP %d: %v", got.status, got.field("message"))
	}
	secret, _ := secrets[0].(map[string]any)
	values, _ := secret["values"].(map[string]any)
	return l.shared.serve(ctx, l.name, l.address, values)
}

func (l *light) leads(ctx context.Context) bool {
	got := l.call(ctx, "POST", l.cluster()+"/pke/leader", map[string]any{"hostname": l.name, "ip": l.address})
	return got.status == 201 || (got.status == 409 && got.field("hostname") == l.name && got.field("ip") == l.address)
}

// awaitLeader waits until the cluster has an API server. It returns true where this node has to lead.
func (l *light) awaitLeader(ctx context.Context, master bool) (bool, error) {
	l.phase(ctx, "wait", "waiting for the leader")
	for pause := time.Second; ; pause = min(2*pause, pollMax) {
		got := l.call(ctx, "GET", l.cluster()+"/pke/ready", nil)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if !patient(got.status) {
			if got.status != 200 {
				return false, fmt.Errorf("asking for the leader: HTTP %d: %v", got.status, got.field("message"))
			}
			leader, _ := got.field("master").(map[string]any)
			if leader["ready"] == true {
				return false, nil
			}
		}
		if master && l.leads(ctx) {
			return true, nil
		}
		sleep(ctx, pause)
	}
}

func (l *light) join(ctx context.Context) error {
	l.phase(ctx, "join", "joining the cluster")
	for {
		got := l.callback(ctx, "GET", l.cluster()+"/bootstrap", nil)
		if got.status == 200 {
			url := fmt.Sprintf("https://%v/api/v1/nodes", got.field("masterAddress"))
			joined := l.request(ctx, "POST", url, nodeObject(l.name), fmt.Sprintf("Bearer %v", got.field("token")))
			if joined.status != 201 && joined.status != 409 {
				return fmt.Errorf("the API server refuses the bootstrap token: HTTP %d: %v", joined.status, joined.field("message"))
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !patient(got.status) {
			return fmt.Errorf("bootstrap token: HTTP %d: %v", got.status, got.field("message"))
		}
		sleep(ctx, cmp.Or(got.retryAfter, 2*time.Second))
	}
}
