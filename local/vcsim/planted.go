package main

import (
	"context"
	"errors"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// planted is a VM that somebody else made: it may have a name, an instance UUID or an extraConfig like ours.
type planted struct {
	Name         string            `json:"name"`
	InstanceUUID string            `json:"instanceUuid"`
	On           bool              `json:"on"`
	ExtraConfig  map[string]string `json:"extraConfig"`
}

// plant makes VMs in the template's folder, under everybody's eyes but the twins'.
func plant(model *simulator.Model, all []planted, t *twins) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		folder, pool, datastore := beside(model)
		if folder == nil {
			return errors.New("there is no template to plant VMs beside")
		}
		var creations []*simulator.Task
		for _, one := range all {
			task, err := object.NewFolder(client, *folder).CreateVM(ctx, one.config(datastore), object.NewResourcePool(client, pool), nil)
			if err != nil {
				return err
			}
			creations = append(creations, taskOf(model, task))
		}
		for i, task := range creations {
			task.Wait()
			if task.Info.Error != nil {
				return errors.New(all[i].Name + ": " + task.Info.Error.LocalizedMessage)
			}
			vm := task.Info.Result.(types.ManagedObjectReference)
			t.plant(vm.Value)
			if all[i].On {
				if on, err := object.NewVirtualMachine(client, vm).PowerOn(ctx); err == nil {
					taskOf(model, on).Wait()
				}
			}
		}
		return nil
	})
}

func (one planted) config(datastore string) types.VirtualMachineConfigSpec {
	config := types.VirtualMachineConfigSpec{
		Name: one.Name, InstanceUuid: one.InstanceUUID,
		GuestId: string(types.VirtualMachineGuestOsIdentifierOtherGuest64),
		Files:   &types.VirtualMachineFileInfo{VmPathName: "[" + datastore + "]"},
	}
	for key, value := range one.ExtraConfig {
		config.ExtraConfig = append(config.ExtraConfig, &types.OptionValue{Key: key, Value: value})
	}
	return config
}

// beside is the template's folder, and a resource pool and a datastore.
func beside(model *simulator.Model) (folder *types.ManagedObjectReference, pool types.ManagedObjectReference, datastore string) {
	for _, vm := range machines(model) {
		if vm.Config.Template {
			folder = vm.Parent
		}
	}
	return folder, model.Map().Any("ResourcePool").Reference(), model.Map().Any("Datastore").(*simulator.Datastore).Name
}

// clearMachines destroys every VM but the templates.
func clearMachines(model *simulator.Model) error {
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		each := func(start func(*object.VirtualMachine) (*object.Task, error)) {
			var tasks []*simulator.Task
			for _, vm := range machines(model) {
				if vm.Config.Template {
					continue
				}
				// One that is off, or gone, is as wanted.
				if task, err := start(object.NewVirtualMachine(client, vm.Self)); err == nil {
					tasks = append(tasks, taskOf(model, task))
				}
			}
			for _, task := range tasks {
				task.Wait()
			}
		}
		each(func(vm *object.VirtualMachine) (*object.Task, error) { return vm.PowerOff(ctx) })
		each(func(vm *object.VirtualMachine) (*object.Task, error) { return vm.Destroy(ctx) })
		return nil
	})
}

func taskOf(model *simulator.Model, task *object.Task) *simulator.Task {
	return model.Map().Get(task.Reference()).(*simulator.Task)
}
