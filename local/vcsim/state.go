package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// saved is a VM as it is kept over a restart of the simulator.
type saved struct {
	Name         string            `json:"name"`
	InstanceUUID string            `json:"instanceUuid"`
	On           bool              `json:"on"`
	Address      string            `json:"address"`
	CPUs         int32             `json:"cpus"`
	MemoryMB     int32             `json:"memoryMB"`
	ExtraConfig  map[string]string `json:"extraConfig"`
	Folder       string            `json:"folder"`
	Pool         string            `json:"pool"`
}

// state keeps the VMs in a file, written soon after they have changed. Without a path nothing is kept.
type state struct {
	path    string
	vms     map[types.ManagedObjectReference]json.RawMessage
	changed bool
	// rest is the time before which the file is not written again: writing takes a twentieth of the time at most.
	rest time.Time
}

// note keeps what a VM is now, templates aside.
func (s *state) note(model *simulator.Model, vm *simulator.VirtualMachine, address string, data map[string]string) {
	if s.path == "" {
		return
	}
	var one *saved
	model.Service.Context.WithLock(vm, func() {
		if vm.Config == nil || vm.Config.Template || vm.Parent == nil || vm.ResourcePool == nil {
			return
		}
		one = &saved{
			Name: vm.Name, InstanceUUID: vm.Config.InstanceUuid, Address: address,
			On:   vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn,
			CPUs: vm.Config.Hardware.NumCPU, MemoryMB: vm.Config.Hardware.MemoryMB,
			ExtraConfig: data, Folder: vm.Parent.Value, Pool: vm.ResourcePool.Value,
		}
	})
	if one == nil {
		s.forget(vm.Self)
		return
	}
	text, err := json.Marshal(one)
	if err != nil || bytes.Equal(text, s.vms[vm.Self]) {
		return
	}
	if s.vms == nil {
		s.vms = map[types.ManagedObjectReference]json.RawMessage{}
	}
	s.vms[vm.Self], s.changed = text, true
}

// forget drops a VM that is gone.
func (s *state) forget(vm types.ManagedObjectReference) {
	if s.vms[vm] != nil {
		delete(s.vms, vm)
		s.changed = true
	}
}

// write writes the file where the VMs have changed.
func (s *state) write() {
	if s.path == "" || !s.changed || time.Now().Before(s.rest) {
		return
	}
	began := time.Now()
	all := slices.Collect(maps.Values(s.vms))
	if all == nil {
		all = []json.RawMessage{}
	}
	text, err := json.Marshal(all)
	// Whole or not at all. It holds the nodes' tokens.
	if err == nil {
		err = os.WriteFile(s.path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	if err != nil {
		log.Printf("keeping the VMs: %v", err)
		return
	}
	s.changed, s.rest = false, time.Now().Add(20*time.Since(began))
}

// restore makes the VMs that were saved, again from the template. Their managed object ids are new, as after a vCenter's own
// restoration from a backup.
func (s *state) restore(model *simulator.Model) ([]saved, error) {
	text, err := os.ReadFile(s.path)
	if s.path == "" || errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var all []saved
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, err
	}
	return all, withClient(model, func(ctx context.Context, client *vim25.Client) error {
		for _, one := range all {
			if err := one.make(ctx, client, model); err != nil {
				return err
			}
		}
		return nil
	})
}

func (one saved) make(ctx context.Context, client *vim25.Client, model *simulator.Model) error {
	var template *object.VirtualMachine
	for _, vm := range machines(model) {
		if vm.Config.Template {
			template = object.NewVirtualMachine(client, vm.Self)
		}
	}
	if template == nil {
		return errors.New("there is no template to restore VMs from")
	}
	var options []types.BaseOptionValue
	for key, value := range one.ExtraConfig {
		options = append(options, &types.OptionValue{Key: key, Value: value})
	}
	pool := types.ManagedObjectReference{Type: "ResourcePool", Value: one.Pool}
	folder := object.NewFolder(client, types.ManagedObjectReference{Type: "Folder", Value: one.Folder})
	task, err := template.Clone(ctx, folder, one.Name, types.VirtualMachineCloneSpec{
		Location: types.VirtualMachineRelocateSpec{Pool: &pool},
		PowerOn:  one.On,
		Config: &types.VirtualMachineConfigSpec{
			InstanceUuid: one.InstanceUUID, NumCPUs: one.CPUs, MemoryMB: int64(one.MemoryMB), ExtraConfig: options,
		},
	})
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}
