package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/vmware/govmomi/cli"
	"github.com/vmware/govmomi/cli/flags"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
)

// retrieve reads properties of every VM as a program that uses govmomi would, in one request. govc's own `collect` takes them
// from a filter's updates, a hundred objects at a time.
type retrieve struct{ *flags.ClientFlag }

func init() { cli.Register("retrieve", &retrieve{}) }

func (r *retrieve) Register(ctx context.Context, f *flag.FlagSet) {
	r.ClientFlag, ctx = flags.NewClientFlag(ctx)
	r.ClientFlag.Register(ctx, f)
}

func (r *retrieve) Run(ctx context.Context, f *flag.FlagSet) error {
	client, err := r.Client()
	if err != nil {
		return err
	}
	kinds := []string{"VirtualMachine"}
	all, err := view.NewManager(client).CreateContainerView(ctx, client.ServiceContent.RootFolder, kinds, true)
	if err != nil {
		return err
	}
	var vms []mo.VirtualMachine
	if err := all.Retrieve(ctx, kinds, f.Args(), &vms); err != nil {
		return err
	}
	for _, vm := range vms {
		fmt.Println(vm.Self, vm.Name, vm.Config.InstanceUuid, vm.Runtime.PowerState)
	}
	return all.Destroy(ctx)
}
