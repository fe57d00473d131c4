package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// destroyContents has a folder's Destroy_Task destroy the VMs in it, as a vCenter does: the simulator lets them go without a
// folder. As there, one that is on keeps the folder from being destroyed.
func destroyContents(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if method.Name != "Destroy_Task" || method.This.Type != "Folder" {
		return nil, nil
	}
	folder, ok := ctx.Map.Get(method.This).(*simulator.Folder)
	if !ok {
		return nil, nil
	}
	for _, child := range append([]types.ManagedObjectReference{}, folder.ChildEntity...) {
		vm, ok := ctx.Map.Get(child).(*simulator.VirtualMachine)
		if !ok {
			continue
		}
		body, _ := vm.DestroyTask(ctx, &types.Destroy_Task{This: child}).(*methods.Destroy_TaskBody)
		if body == nil || body.Res == nil {
			return nil, &types.InvalidState{}
		}
		if task, ok := ctx.Map.Get(body.Res.Returnval).(*simulator.Task); ok {
			task.Wait()
			if task.Info.Error != nil {
				return nil, task.Info.Error.Fault
			}
		}
	}
	return nil, nil
}
