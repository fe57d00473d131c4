package main

import (
	"fmt"
	"regexp"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

var (
	cloneName      = regexp.MustCompile(`</folder><name>([^<]*)</name>`)
	cloneDatastore = regexp.MustCompile(`<location><datastore type="Datastore">([^<]*)</datastore>`)
	editedFile     = regexp.MustCompile(`<fileName>\[([^\]]+)\] [^<]*</fileName>`)
)

// withOwnDisk gives the disk that a clone grows the file that the clone's disk will have. The simulator takes an edited disk's file
// as it is written, so that the clone would get its template's, and delete it with itself. vCenter goes by the disk's key.
func withOwnDisk(model *simulator.Model, request []byte) []byte {
	name := cloneName.FindSubmatch(request)
	if name == nil {
		return request
	}
	datastore := "$1"
	if match := cloneDatastore.FindSubmatch(request); match != nil {
		ref := types.ManagedObjectReference{Type: "Datastore", Value: string(match[1])}
		if found, ok := model.Map().Get(ref).(*simulator.Datastore); ok {
			datastore = found.Name
		}
	}
	own := fmt.Sprintf("<fileName>[%s] %s/%s.vmdk</fileName>", datastore, name[1], name[1])
	return editedFile.ReplaceAll(request, []byte(own))
}
