package main

import (
	"bytes"
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

// lightClient is shared: a thousand guests keep their connections in one pool.
var lightClient = &http.Client{
	Timeout:   40 * time.Second,
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

// request makes one request and returns status (0 without an answer) and answer.
func (l *light) request(ctx context.Context, method, url string, body any, authorization string) (int, map[string]any) {
	var reader io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Authorization", authorization)
	request.Header.Set("Content-Type", "application/json")
	response, err := l.client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	answer := map[string]any{}
	_ = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer
}

// call repeats a request while the network or the API asks for patience.
func (l *light) call(ctx context.Context, method, url string, body any) (int, map[string]any) {
	pause := time.Second
	for attempt := 1; ; attempt++ {
		status, answer := l.request(ctx, method, url, body, l.authorization)
		if (status != 0 && status != 429 && status < 500) || attempt == 10 || ctx.Err() != nil {
			return status, answer
		}
		sleep(ctx, pause)
		pause = min(2*pause, 10*time.Second)
	}
}

func sleep(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause + time.Duration(rand.Int63n(int64(pause)/2+1))):
	}
}

func (l *light) phase(ctx context.Context, phase string) {
	_, answer := l.request(ctx, "POST", l.cluster()+"/pke/status", l.status("running", phase, phase, false), l.authorization)
	if id, ok := answer["processId"].(string); ok {
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

// boot runs until the node is ready, failed, or switched off.
func (l *light) boot(ctx context.Context) {
	if err := l.install(ctx); err != nil && ctx.Err() == nil {
		log.Printf("%s: %v", l.name, err)
		l.call(ctx, "POST", l.cluster()+"/pke/status", l.status("failed", "install", err.Error(), true))
	}
}

func (l *light) install(ctx context.Context) error {
	l.phase(ctx, "prepare")
	master := l.env["NODE_ROLE"] == "master"
	leads := false
	if master {
		status, answer := l.call(ctx, "GET", l.organization()+"/secrets?type=pkecert&values=true&tags=clusterID:"+l.env["CLUSTER_ID"], nil)
		values, _ := answer["values"].(map[string]any)
		if status != 200 || values == nil {
			return fmt.Errorf("certificates: HTTP %d: %v", status, answer["message"])
		}
		if err := l.shared.serve(ctx, l.name, l.address, values); err != nil {
			return err
		}
		leads = l.leads(ctx)
	}
	for !leads {
		_, answer := l.call(ctx, "GET", l.cluster()+"/pke/ready", nil)
		if answer["ready"] == true {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if master && l.leads(ctx) {
			leads = true
			break
		}
		sleep(ctx, 2*time.Second)
	}
	if leads {
		l.phase(ctx, "init")
		l.shared.of(l.name).put("nodes", l.name, nodeObject(l.name))
	} else if err := l.join(ctx); err != nil {
		return err
	}
	status, answer := l.call(ctx, "POST", l.cluster()+"/pke/ready", map[string]any{
		"name": l.name, "nodePool": l.env["NODE_POOL"], "ip": l.address, "master": master, "worker": !master,
	})
	if status != 200 {
		return fmt.Errorf("ready: HTTP %d: %v", status, answer["message"])
	}
	return nil
}

func (l *light) leads(ctx context.Context) bool {
	status, answer := l.call(ctx, "POST", l.cluster()+"/pke/leader", map[string]any{"hostname": l.name, "ip": l.address})
	return status == 201 || (status == 409 && answer["hostname"] == l.name && answer["ip"] == l.address)
}

func (l *light) join(ctx context.Context) error {
	l.phase(ctx, "join")
	for {
		status, answer := l.request(ctx, "GET", l.cluster()+"/bootstrap", nil, l.authorization)
		if status == 200 {
			url := fmt.Sprintf("https://%v/api/v1/nodes", answer["masterAddress"])
			joined, refused := l.request(ctx, "POST", url, nodeObject(l.name), fmt.Sprintf("Bearer %v", answer["token"]))
			if joined != 201 && joined != 409 {
				return fmt.Errorf("the API server refuses the bootstrap token: HTTP %d: %v", joined, refused["message"])
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if status != 0 && status != 429 && status < 500 {
			return fmt.Errorf("bootstrap token: HTTP %d: %v", status, answer["message"])
		}
		sleep(ctx, time.Second)
	}
}
