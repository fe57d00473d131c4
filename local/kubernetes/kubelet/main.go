// Command kubelet stands in for the kubelet on a machine that has no containers: it runs what static pod manifests say as
// plain processes, gets its client certificate as the kubelet does (with the kubelet's own code), registers its node, shows
// its static pods, and ends the pods that are deleted from its node. A container runtime that pulls and runs nothing answers
// at containerd's socket. SIGHUP stops it and SIGUSR1 starts it again, as systemctl would, but for the container runtime.
// With --relay=PORT, a port of the host's loopback is one of the machine's, too.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/version"
	criruntime "k8s.io/cri-client/pkg/fake"
	"k8s.io/kubernetes/pkg/kubelet/certificate/bootstrap"
)

const (
	containerdSocket = "unix:///run/containerd/containerd.sock"
	healthAddress    = "127.0.0.1:10248"
	manifests        = "/etc/kubernetes/manifests"
	kubeconfig       = "/etc/kubernetes/kubelet.conf"
	bootstrapConfig  = "/etc/kubernetes/bootstrap-kubelet.conf"
	certificates     = "/var/lib/kubelet/pki"
	flagsFile        = "/var/lib/kubelet/kubeadm-flags.env"
	logs             = "/var/log/pods"
	pidFile          = "/run/kubelet-stand-in.pid"
	stoppedFile      = "/run/kubelet-stand-in.stopped"
	period           = 500 * time.Millisecond
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Printf("Kubernetes %s\n", version.Get())
		return
	}
	for _, argument := range os.Args[1:] {
		if port, ok := strings.CutPrefix(argument, "--relay="); ok {
			go relay(port)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := criruntime.NewFakeRemoteRuntime().Start(containerdSocket); err != nil {
		log.Fatal(err)
	}
	go serveHealth()
	changes := make(chan os.Signal, 8)
	signal.Notify(changes, syscall.SIGHUP, syscall.SIGUSR1)
	report(os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())), 0o600))
	for end := begin(ctx); ; {
		select {
		case <-ctx.Done():
			end()
			return
		case change := <-changes:
			end()
			end = func() {}
			if change == syscall.SIGUSR1 {
				end = begin(ctx)
			} else {
				report(os.WriteFile(stoppedFile, nil, 0o600))
			}
		}
	}
}

// begin lets the kubelet live until the answer is called.
func begin(ctx context.Context) func() {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		live(ctx)
	}()
	return func() {
		stop()
		<-done
	}
}

func live(ctx context.Context) {
	processes := newProcesses()
	defer processes.end()
	go every(ctx, func() { processes.follow(ctx, manifests) })
	node, client, err := register(ctx)
	if err != nil {
		report(err)
		return
	}
	go every(ctx, func() { report(node.heartbeat(ctx, client)) })
	every(ctx, func() { report(node.tend(ctx, client, processes.pods())) })
}

func serveHealth() {
	answer := func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, "ok") }
	log.Fatal(http.ListenAndServe(healthAddress, http.HandlerFunc(answer)))
}

// register waits for kubeadm, asks for a client certificate where it has none, and makes the node's object.
func register(ctx context.Context) (*node, kubernetes.Interface, error) {
	for !exists(flagsFile) || !exists(kubeconfig) && !exists(bootstrapConfig) {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(period):
		}
	}
	node, err := describe(flagsFile)
	if err != nil {
		return nil, nil, err
	}
	for {
		client, err := node.connect(ctx)
		if err == nil {
			return node, client, nil
		}
		report(err)
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (n *node) connect(ctx context.Context) (kubernetes.Interface, error) {
	if !exists(kubeconfig) {
		if err := os.MkdirAll(certificates, 0o700); err != nil {
			return nil, err
		}
		if err := bootstrap.LoadClientCert(ctx, kubeconfig, bootstrapConfig, certificates, types.NodeName(n.name)); err != nil {
			return nil, err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return client, n.create(ctx, client)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func every(ctx context.Context, work func()) {
	for ctx.Err() == nil {
		work()
		select {
		case <-ctx.Done():
		case <-time.After(period):
		}
	}
}

func report(err error) {
	if err != nil {
		log.Print(err)
	}
}
