package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

var thisObject = regexp.MustCompile(`<(?:\w+:)?_this[^>]*type="(\w+)"[^>]*>([^<]+)<`)

// failedTask makes a task on the object of a call that ends in error, and returns its id.
func (f *front) failedTask(method string, body []byte) (string, error) {
	match := thisObject.FindSubmatch(body)
	if match == nil {
		return "", fmt.Errorf("%s names no object", method)
	}
	entity := types.ManagedObjectReference{Type: string(match[1]), Value: string(match[2])}
	task := simulator.CreateTask(entity, method, func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, &types.GenericVmConfigFault{Reason: "as told by the control endpoint"}
	})
	ctx := &simulator.Context{Context: context.Background(), Map: f.model.Map()}
	return task.Run(ctx).Value, nil
}
