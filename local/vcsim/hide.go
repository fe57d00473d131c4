package main

import (
	"bytes"
	"context"
	"log"
	"regexp"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
)

var instanceUUID = regexp.MustCompile(`<(?:\w+:)?instanceUuid>([^<]+)<`)

// nowhere takes the place of hidden instance UUIDs; it is as long as they are.
var nowhere = []byte("00000000-0000-4000-8000-000000000000")

// hide makes the VM of a clone request impossible to find: under another name, and with its UUID concealed in every request
// and answer. A client whose answer was lost can not adopt it then, however it searches. A test of the tests needs that.
func (f *front) hide(cloneRequest []byte) {
	match := instanceUUID.FindSubmatch(cloneRequest)
	if match == nil {
		return
	}
	uuid := string(match[1])
	for tries := 100; tries > 0; tries-- {
		if vm := machineOf(f.model, uuid); vm != nil {
			if err := rename(f.model, vm); err != nil {
				log.Printf("renaming a hidden VM: %v", err)
			}
			f.mu.Lock()
			f.hidden[uuid] = true
			f.mu.Unlock()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func machineOf(model *simulator.Model, uuid string) *simulator.VirtualMachine {
	for _, vm := range machines(model) {
		found := false
		model.Service.Context.WithLock(vm, func() { found = vm.Config != nil && vm.Config.InstanceUuid == uuid })
		if found {
			return vm
		}
	}
	return nil
}

func rename(model *simulator.Model, vm *simulator.VirtualMachine) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		task, err := object.NewVirtualMachine(client, vm.Self).Rename(ctx, "hidden-"+vm.Self.Value)
		if err != nil {
			return err
		}
		return task.Wait(ctx)
	})
}

func (f *front) isHiding() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.hidden) > 0
}

// conceal replaces hidden UUIDs in a request or an answer.
func (f *front) conceal(text []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	for uuid := range f.hidden {
		text = bytes.ReplaceAll(text, []byte(uuid), nowhere)
	}
	return text
}
