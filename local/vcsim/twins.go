package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// markPrefix begins each key in a VM's extraConfig by which Slipway knows it again.
const markPrefix = "guestinfo.slipway."

// marks are a VM's.
func marks(vm *simulator.VirtualMachine) map[string]string {
	found := map[string]string{}
	for key, value := range extraConfig(vm) {
		if strings.HasPrefix(key, markPrefix) {
			found[key] = value
		}
	}
	return found
}

// twins watches for two VMs of one node: with one instance UUID, or with the same marks.
type twins struct {
	model *simulator.Model
	mu    sync.Mutex
	seen  map[string]bool
	// planted are VMs that the control endpoint made.
	planted map[string]bool
}

func (t *twins) run() {
	for {
		t.look()
		time.Sleep(50 * time.Millisecond)
	}
}

// look notes those that exist now.
func (t *twins) look() {
	byKey := map[string][]string{}
	for _, vm := range machines(t.model) {
		t.mu.Lock()
		planted := t.planted[vm.Self.Value]
		t.mu.Unlock()
		if planted {
			continue
		}
		t.model.Service.Context.WithLock(vm, func() {
			own := marks(vm)
			if vm.Config == nil || vm.Config.Template || len(own) == 0 {
				return
			}
			who := vm.Name + " (" + vm.Self.Value + ")"
			byKey["instance UUID "+vm.Config.InstanceUuid] = append(byKey["instance UUID "+vm.Config.InstanceUuid], who)
			all := "marks"
			for _, key := range slices.Sorted(maps.Keys(own)) {
				all += " " + own[key]
			}
			byKey[all] = append(byKey[all], who)
		})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, names := range byKey {
		if len(names) > 1 {
			slices.Sort(names)
			if t.seen == nil {
				t.seen = map[string]bool{}
			}
			t.seen[fmt.Sprintf("%s: %s", key, strings.Join(names, ", "))] = true
		}
	}
}

// list returns what was noted since the last clear.
func (t *twins) list() []string {
	t.look()
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, slices.Sorted(maps.Keys(t.seen))...)
}

func (t *twins) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = nil
}

func (t *twins) plant(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.planted == nil {
		t.planted = map[string]bool{}
	}
	t.planted[id] = true
}
