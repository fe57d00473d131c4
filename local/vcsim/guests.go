package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// lookEvery is how often the VMs that were touched are compared with the guests that run.
const lookEvery = 100 * time.Millisecond

// guests runs one process for each VM that is powered on and has user data.
type guests struct {
	model           *simulator.Model
	command, rootfs string
	// network is the first two octets of the guests' addresses.
	network string
	mu      sync.Mutex
	running map[types.ManagedObjectReference]*guest
	// addresses are the guests', by instance UUID: a VM that is switched on again has the one that it had.
	addresses map[string]string
	uuids     map[types.ManagedObjectReference]string
	// disks are the directories of the VMs' files, named as the VMs were when they were first seen.
	disks map[types.ManagedObjectReference]string
	state *state
	watch *watch
	// light is set where guests are light.
	light *lightClusters
}

type guest struct {
	process *exec.Cmd
	stdin   io.Closer
	// ended is closed when the process has ended.
	ended chan struct{}
	// end ends a light guest, which has no process.
	end context.CancelFunc
}

// machine is a VM as the control endpoint tells of it.
type machine struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	InstanceUUID string `json:"instanceUuid"`
	Power        string `json:"power"`
	Address      string `json:"address"`
	Template     bool   `json:"template"`
	// Marks are what Slipway wrote into the VM to know it again.
	Marks map[string]string `json:"marks"`
}

func newGuests(model *simulator.Model, command, rootfs, network string, state *state, known []saved) *guests {
	addresses := map[string]string{}
	for _, one := range known {
		if one.Address != "" {
			addresses[one.InstanceUUID] = one.Address
		}
	}
	return &guests{
		model: model, command: command, rootfs: rootfs, network: network, state: state, watch: newWatch(model),
		running: map[types.ManagedObjectReference]*guest{}, uuids: map[types.ManagedObjectReference]string{},
		disks:     map[types.ManagedObjectReference]string{},
		addresses: addresses,
	}
}

// address gives a VM its address: the one that it was told, or the lowest that is free, kept for as long as the VM exists.
func (g *guests) address(uuid, told string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known := g.addresses[uuid]; known != "" {
		return known
	}
	if told != "" {
		g.addresses[uuid] = told
		return told
	}
	taken := map[string]bool{}
	for _, address := range g.addresses {
		taken[address] = true
	}
	for i := 1; ; i++ {
		address := fmt.Sprintf("%s.%d.%d", g.network, i/250, i%250+1)
		if !taken[address] {
			g.addresses[uuid] = address
			return address
		}
	}
}

func (g *guests) addressOf(uuid string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.addresses[uuid]
}

// run looks at every VM once, and from then on at those that are touched, until ctx ends. What changed last is kept as well.
func (g *guests) run(ctx context.Context) {
	for _, vm := range machines(g.model) {
		g.watch.touch(vm.Self)
	}
	for ctx.Err() == nil {
		for ref := range g.watch.take() {
			g.look(ref)
		}
		g.state.write(false)
		sleep(ctx, lookEvery)
	}
	g.stopAll()
	g.state.write(true)
}

// look starts the guest of a VM that came on, and ends that of a VM that went off or is gone.
func (g *guests) look(ref types.ManagedObjectReference) {
	vm, ok := g.model.Map().Get(ref).(*simulator.VirtualMachine)
	if !ok {
		g.gone(ref)
		return
	}
	var data map[string]string
	name, uuid, powered := "", "", false
	g.model.Service.Context.WithLock(vm, func() {
		name = vm.Name
		if vm.Config != nil {
			uuid = vm.Config.InstanceUuid
		}
		powered = vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
		data = extraConfig(vm)
	})
	on := powered && data["guestinfo.userdata"] != "" && (g.command != "" || g.light != nil)
	g.mu.Lock()
	g.uuids[ref] = uuid
	if g.disks[ref] == "" && uuid != "" && g.command != "" {
		g.disks[ref] = filepath.Join(g.rootfs, name+"-"+uuid)
	}
	disk := g.disks[ref]
	running := g.running[ref]
	if running != nil && !on {
		delete(g.running, ref)
	}
	g.mu.Unlock()
	switch {
	case on && running == nil:
		g.start(vm, name, uuid, disk, data)
	case !on && running != nil:
		running.stop()
	}
	g.state.note(g.model, vm, g.addressOf(uuid), data)
}

// gone ends what ran in a VM that no longer exists, and frees its address.
func (g *guests) gone(ref types.ManagedObjectReference) {
	g.mu.Lock()
	defer g.mu.Unlock()
	running := g.running[ref]
	if running != nil {
		running.stop()
		delete(g.running, ref)
	}
	if disk := g.disks[ref]; disk != "" {
		go removeDisk(disk, running)
	}
	delete(g.addresses, g.uuids[ref])
	delete(g.uuids, ref)
	delete(g.disks, ref)
	g.state.forget(ref)
}

func (g *guests) start(vm *simulator.VirtualMachine, name, uuid, disk string, data map[string]string) {
	address := g.address(uuid, toldAddress(data))
	if g.light != nil {
		g.startLight(vm, name, address, data)
		return
	}
	words := strings.Fields(g.command)
	process := exec.Command(words[0], words[1:]...)
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		log.Printf("guest of %s: %v", name, err)
		return
	}
	running := &guest{process: process, stdin: stdin, ended: make(chan struct{})}
	g.mu.Lock()
	g.running[vm.Self] = running
	g.mu.Unlock()
	go func() {
		defer close(running.ended)
		_ = process.Wait()
	}()
	_ = json.NewEncoder(stdin).Encode(map[string]any{
		"name": name, "address": address, "extraConfig": data,
		"rootfs": disk, "shared": filepath.Join(g.rootfs, "shared"),
	})
	setAddress(g.model, vm, address)
}

// removeDisk removes the files of a VM that is gone, once its guest has ended. Processes that end with it may still write a
// moment longer.
func removeDisk(directory string, running *guest) {
	if running != nil {
		<-running.ended
	}
	var err error
	for range 50 {
		if err = os.RemoveAll(directory); err == nil {
			return
		}
		time.Sleep(lookEvery)
	}
	log.Printf("removing a disk: %v", err)
}

func (g *guests) startLight(vm *simulator.VirtualMachine, name, address string, data map[string]string) {
	ctx, end := context.WithCancel(context.Background())
	g.mu.Lock()
	g.running[vm.Self] = &guest{end: end}
	g.mu.Unlock()
	setAddress(g.model, vm, address)
	boot, err := newLight(name, address, data, g.light)
	if err != nil {
		log.Printf("guest of %s: %v", name, err)
		return
	}
	go boot.boot(ctx)
}

func (g *guest) stop() {
	if g.end != nil {
		g.end()
		return
	}
	_ = g.stdin.Close()
	if g.process.Process != nil {
		_ = syscall.Kill(-g.process.Process.Pid, syscall.SIGKILL)
	}
}

func (g *guests) stopAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, running := range g.running {
		running.stop()
	}
}

func (g *guests) list() []machine {
	all := []machine{}
	for _, vm := range machines(g.model) {
		one := machine{ID: vm.Self.Value, Name: vm.Name}
		g.model.Service.Context.WithLock(vm, func() {
			one.Power = string(vm.Runtime.PowerState)
			if vm.Config != nil {
				one.InstanceUUID, one.Template = vm.Config.InstanceUuid, vm.Config.Template
				one.Marks = marks(vm)
			}
			if vm.Guest != nil {
				one.Address = vm.Guest.IpAddress
			}
		})
		all = append(all, one)
	}
	return all
}
