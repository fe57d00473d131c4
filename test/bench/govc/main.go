// Command govc is govmomi's own command line with its commands on objects, and one of ours: what the inventory benchmark compares with.
package main

import (
	"os"

	"github.com/vmware/govmomi/cli"
	_ "github.com/vmware/govmomi/cli/object"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
