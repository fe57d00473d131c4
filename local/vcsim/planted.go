package main

import (
	"context"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
)

// plant makes VMs as somebody else would: of any name, instance UUID and extraConfig, beside the template where no folder is
// given.
func plant(model *simulator.Model, all []saved, t *twins) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		for _, one := range all {
			if one.Folder == "" || one.Pool == "" {
				one.Folder, one.Pool = beside(model)
			}
			before := map[string]bool{}
			for _, vm := range machines(model) {
				before[vm.Self.Value] = true
			}
			if err := one.make(ctx, client, model); err != nil {
				return err
			}
			for _, vm := range machines(model) {
				if !before[vm.Self.Value] && vm.Name == one.Name {
					t.plant(vm.Self.Value)
				}
			}
		}
		return nil
	})
}

// beside is the template's folder and a resource pool.
func beside(model *simulator.Model) (folder, pool string) {
	for _, vm := range machines(model) {
		if vm.Config.Template && vm.Parent != nil {
			folder = vm.Parent.Value
		}
	}
	return folder, model.Map().Any("ResourcePool").Reference().Value
}

// clearMachines destroys every VM but the templates.
func clearMachines(model *simulator.Model) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		for _, vm := range machines(model) {
			if vm.Config.Template {
				continue
			}
			machine := object.NewVirtualMachine(client, vm.Self)
			if task, err := machine.PowerOff(ctx); err == nil {
				_ = task.Wait(ctx)
			}
			if task, err := machine.Destroy(ctx); err == nil {
				_ = task.Wait(ctx)
			}
		}
		return nil
	})
}
