package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// modernize makes the simulator, which says of itself that it is a vCenter 6.5, one that Slipway supports: 8.0, with
// templates of today that have open-vm-tools.
func modernize(model *simulator.Model) {
	if instance, ok := model.Map().Get(vim25.ServiceInstance).(*simulator.ServiceInstance); ok {
		about := &instance.Content.About
		about.FullName = "VMware vCenter Server 8.0.3 build-24022515"
		about.Version, about.Build, about.ApiVersion = "8.0.3", "24022515", "8.0.3.0"
	}
	for _, vm := range machines(model) {
		vm.Config.Version = "vmx-19"
		// What vCenter records of open-vm-tools, which it does not manage, in a VM that is switched off.
		vm.Config.Tools = &types.ToolsConfigInfo{ToolsVersion: 2147483647}
		vm.Guest.ToolsStatus = types.VirtualMachineToolsStatusToolsNotRunning
		vm.Guest.ToolsVersionStatus2 = string(types.VirtualMachineToolsVersionStatusGuestToolsUnmanaged)
	}
}
