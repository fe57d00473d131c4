package main

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
)

const heartbeatPeriod = 10 * time.Second

// node is this machine, as kubeadm's flags for the kubelet describe it.
type node struct {
	name    string
	address string
	labels  map[string]string
	uid     types.UID
	beat    time.Time
}

func describe(flagsFile string) (*node, error) {
	text, err := os.ReadFile(flagsFile)
	if err != nil {
		return nil, err
	}
	_, quoted, _ := strings.Cut(strings.TrimSpace(string(text)), "=")
	line, err := strconv.Unquote(quoted)
	if err != nil {
		return nil, err
	}
	flags := map[string]string{}
	for _, argument := range strings.Fields(line) {
		name, value, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		flags[name] = value
	}
	name := flags["hostname-override"]
	if name == "" {
		if name, err = os.Hostname(); err != nil {
			return nil, err
		}
	}
	labels := map[string]string{v1.LabelHostname: name, v1.LabelOSStable: runtime.GOOS, v1.LabelArchStable: runtime.GOARCH}
	for _, label := range strings.Split(flags["node-labels"], ",") {
		if key, value, ok := strings.Cut(label, "="); ok {
			labels[key] = value
		}
	}
	return &node{name: strings.ToLower(name), address: flags["node-ip"], labels: labels}, nil
}

// create makes the node's object; one that is there stays.
func (n *node) create(ctx context.Context, client kubernetes.Interface) error {
	object := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: n.labels}}
	made, err := client.CoreV1().Nodes().Create(ctx, object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		made, err = client.CoreV1().Nodes().Get(ctx, n.name, metav1.GetOptions{})
	}
	if err != nil {
		return err
	}
	n.uid = made.UID
	return nil
}

// heartbeat says now and then that the node is ready.
func (n *node) heartbeat(ctx context.Context, client kubernetes.Interface) error {
	if time.Since(n.beat) < heartbeatPeriod {
		return nil
	}
	object, err := client.CoreV1().Nodes().Get(ctx, n.name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	now := metav1.Now()
	capacity := v1.ResourceList{
		v1.ResourceCPU:    resource.MustParse("2"),
		v1.ResourceMemory: resource.MustParse("4Gi"),
		v1.ResourcePods:   resource.MustParse("110"),
	}
	object.Status = v1.NodeStatus{
		Capacity:    capacity,
		Allocatable: capacity,
		Addresses: []v1.NodeAddress{
			{Type: v1.NodeInternalIP, Address: n.address},
			{Type: v1.NodeHostName, Address: n.name},
		},
		Conditions: []v1.NodeCondition{{
			Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "KubeletReady",
			LastHeartbeatTime: now, LastTransitionTime: now,
		}},
		NodeInfo: v1.NodeSystemInfo{
			KubeletVersion:          version.Get().GitVersion,
			ContainerRuntimeVersion: "none://0",
			OperatingSystem:         runtime.GOOS,
			Architecture:            runtime.GOARCH,
		},
	}
	if _, err := client.CoreV1().Nodes().UpdateStatus(ctx, object, metav1.UpdateOptions{}); err != nil {
		return err
	}
	n.beat = time.Now()
	return nil
}
