package main

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// makeTemplates turns one VM of each datacenter into the node template.
func makeTemplates(model *simulator.Model, name string) error {
	modernize(model)
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		finder := find.NewFinder(client)
		machines, err := finder.VirtualMachineList(ctx, "/...")
		if err != nil {
			return err
		}
		done := map[string]bool{}
		for _, machine := range machines {
			datacenter := machine.InventoryPath
			if i := indexNth(datacenter, 0x2f, 2); i > 0 {
				datacenter = datacenter[:i]
			}
			if done[datacenter] {
				task, err := machine.Destroy(ctx)
				if err == nil {
					err = task.Wait(ctx)
				}
				if err != nil {
					return err
				}
				continue
			}
			done[datacenter] = true
			task, err := machine.Rename(ctx, name)
			if err == nil {
				err = task.Wait(ctx)
			}
			if err == nil {
				err = machine.MarkAsTemplate(ctx)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// destroy removes a VM behind everybody's back.
func destroy(model *simulator.Model, name string, powerOffOnly bool) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		var machine *object.VirtualMachine
		for _, vm := range machines(model) {
			if vm.Name == name {
				machine = object.NewVirtualMachine(client, vm.Self)
			}
		}
		if machine == nil {
			return fmt.Errorf("there is no VM %q", name)
		}
		if task, err := machine.PowerOff(ctx); err == nil {
			_ = task.Wait(ctx)
		}
		if powerOffOnly {
			return nil
		}
		task, err := machine.Destroy(ctx)
		if err != nil {
			return err
		}
		return task.Wait(ctx)
	})
}

// withClient calls f with a client inside the process: it is in no count and under no fault.
func withClient(model *simulator.Model, f func(context.Context, *vim25.Client) error) error {
	ctx := context.Background()
	client, err := vim25.NewClient(ctx, model.Service)
	if err != nil {
		return err
	}
	return f(ctx, client)
}

// machines returns the VMs that exist.
func machines(model *simulator.Model) []*simulator.VirtualMachine {
	var all []*simulator.VirtualMachine
	for _, entity := range model.Map().All("VirtualMachine") {
		if vm, ok := entity.(*simulator.VirtualMachine); ok {
			all = append(all, vm)
		}
	}
	return all
}

// folders returns the names of the folders that exist.
func folders(model *simulator.Model) []string {
	names := []string{}
	for _, entity := range model.Map().All("Folder") {
		names = append(names, entity.Entity().Name)
	}
	return names
}

// setAddress makes the simulator report a guest's address.
func setAddress(model *simulator.Model, vm mo.Reference, address string) {
	model.Service.Context.Update(vm, []types.PropertyChange{
		{Name: "guest.ipAddress", Val: address},
		{Name: "summary.guest.ipAddress", Val: address},
	})
}

func extraConfig(vm *simulator.VirtualMachine) map[string]string {
	values := map[string]string{}
	if vm.Config == nil {
		return values
	}
	for _, option := range vm.Config.ExtraConfig {
		value := option.GetOptionValue()
		values[value.Key] = fmt.Sprint(value.Value)
	}
	return values
}

func indexNth(text string, c byte, n int) int {
	for i := range text {
		if text[i] == c {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}
