package main

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// populate makes `count` VMs. The first `ours` have instance UUIDs that begin with the prefix, as the VMs of a deployment have
// (a UUIDv8 with cluster 1 and the number as serial); the others' are random.
func populate(model *simulator.Model, count, ours int, prefix string) error {
	if count == 0 {
		return nil
	}
	return withClient(model, func(ctx context.Context, client *vim25.Client) error {
		finder := find.NewFinder(client)
		datacenter, err := finder.DefaultDatacenter(ctx)
		if err != nil {
			return err
		}
		finder.SetDatacenter(datacenter)
		folders, err := datacenter.Folders(ctx)
		if err != nil {
			return err
		}
		pools, err := finder.ResourcePoolList(ctx, "*")
		if err != nil {
			return err
		}
		datastores, err := finder.DatastoreList(ctx, "*")
		if err != nil {
			return err
		}
		var made []*simulator.Task
		for number := 1; number <= count; number++ {
			config := types.VirtualMachineConfigSpec{
				Name:    fmt.Sprintf("vm-%05d", number),
				GuestId: string(types.VirtualMachineGuestOsIdentifierOtherGuest64),
				Files:   &types.VirtualMachineFileInfo{VmPathName: "[" + datastores[0].Name() + "]"},
			}
			if number <= ours {
				config.InstanceUuid = fmt.Sprintf("%s-8000-8000-%012x", prefix, 1<<30|number)
			}
			task, err := folders.VmFolder.CreateVM(ctx, config, pools[0], nil)
			if err != nil {
				return err
			}
			made = append(made, model.Map().Get(task.Reference()).(*simulator.Task))
		}
		for _, task := range made {
			task.Wait()
			if task.Info.Error != nil {
				return fmt.Errorf("making %d VMs: %s", count, task.Info.Error.LocalizedMessage)
			}
		}
		return nil
	})
}
