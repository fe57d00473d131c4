// Command vcsim is VMware's own vCenter simulator with what Slipway's embedded cloud needs around it: a front that counts,
// delays and fails calls, and guests that run while their VMs are powered on.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/vmware/govmomi/pbm/simulator" // answers at /pbm
	"github.com/vmware/govmomi/simulator"
)

func main() {
	model := simulator.VPX()
	listen := flag.String("listen", "127.0.0.1:0", "address of the vCenter")
	controlListen := flag.String("control", "127.0.0.1:0", "address of the control endpoint")
	user := flag.String("user", "administrator@vsphere.local", "user name")
	password := flag.String("password", "", "password")
	template := flag.String("template", "ubuntu-24.04", "name of the node template")
	command := flag.String("guest", "", "program that is a guest; none runs where it is left out")
	rootfs := flag.String("rootfs", os.TempDir(), "directory for the guests' file systems")
	network := flag.String("network", "127.1", "first two octets of the guests' addresses; two simulators at once need two")
	statePath := flag.String("state", "", "file in which the VMs are kept over a restart")
	certificate := flag.String("certificate", "", "file in which certificate and key are kept over a restart")
	watchTwins := flag.Bool("watch-twins", false, "watch for nodes that have two VMs; slow with thousands of VMs")
	others := flag.Int("machines", 0, "number of further VMs, powered off")
	ours := flag.Int("ours", 0, "how many of them have an instance UUID that begins with -uuid-prefix")
	prefix := flag.String("uuid-prefix", "", "first two groups of a UUID, xxxxxxxx-xxxx")
	profile := flag.String("pprof", "", "address on which to serve profiles, for work on the simulator itself")
	light := flag.Bool("light-guests", false, "guests speak the node protocol but are no processes")
	cloneDelay := flag.Int("clone-delay", 0, "milliseconds that a clone takes")
	withParent := flag.Bool("with-parent", false, "end when standard input is closed")
	flag.IntVar(&model.Datacenter, "datacenters", 1, "number of datacenters")
	flag.IntVar(&model.Cluster, "clusters", 1, "number of clusters a datacenter")
	flag.IntVar(&model.Pool, "pools", 0, "number of resource pools a cluster")
	flag.IntVar(&model.Datastore, "datastores", 1, "number of datastores")
	flag.IntVar(&model.Portgroup, "portgroups", 1, "number of distributed port groups a datacenter")
	flag.IntVar(&model.OpaqueNetwork, "opaque-networks", 0, "number of NSX opaque networks a datacenter")
	flag.IntVar(&model.Host, "hosts", 0, "number of hosts by themselves a datacenter")
	flag.IntVar(&model.Pod, "pods", 0, "number of datastore clusters a datacenter")
	flag.Parse()
	if *profile != "" {
		go func() { must(http.ListenAndServe(*profile, nil)) }()
	}
	model.ClusterHost = 3
	model.Machine = 1
	model.Autostart = false
	must(model.Create())
	defer model.Remove()
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(*user, *password)}
	model.Service.RegisterEndpoints = true
	inner := model.Service.NewServer()
	defer inner.Close()

	model.Service.Context.Map.Handler = destroyContents
	must(makeTemplates(model, *template))
	must(populate(model, *others, *ours, *prefix))
	state := &state{path: *statePath}
	known, err := state.restore(model)
	must(err)
	guests := newGuests(model, *command, *rootfs, *network, state, known)
	if *light {
		guests.light = newLightClusters()
	}
	// Without the hand-off a template is not locked while a clone of it waits.
	simulator.TaskDelay.MethodDelay = map[string]int{cloneTask: *cloneDelay, "LockHandoff": 0}
	front, err := newFront(*listen, inner.URL.Host, *certificate, model)
	must(err)
	twins := &twins{model: model}
	if *watchTwins {
		go twins.run()
	}
	control, err := serveControl(*controlListen, front, guests, twins)
	must(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { guests.run(ctx); close(ended) }()
	must(json.NewEncoder(os.Stdout).Encode(map[string]string{
		"url": front.url, "fingerprint": front.fingerprint, "control": control,
	}))

	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	if *withParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			end <- syscall.SIGTERM
		}()
	}
	<-end
	stop()
	<-ended
}

func must(err error) {
	if err != nil {
		log.Fatal(fmt.Errorf("vcsim: %w", err))
	}
}
