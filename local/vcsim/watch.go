package main

import (
	"slices"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// watch is told of every object that is made, changed or removed: which VMs are to be looked at, and how many clones run at
// once. It is called under the object's lock, so it takes notes and nothing more.
type watch struct {
	mu      sync.Mutex
	touched map[types.ManagedObjectReference]bool
	clones  clones
	running map[types.ManagedObjectReference]bool
}

// cloneTask is what the simulator calls the task of a CloneVM_Task.
const cloneTask = "CloneVm"

// clones are counted as tasks: from the request's answer until the VM is there and on.
type clones struct {
	Total   int `json:"total"`
	Running int `json:"running"`
	Peak    int `json:"peak"`
}

// newWatch begins to watch. What is there already is not told of.
func newWatch(model *simulator.Model) *watch {
	w := &watch{touched: map[types.ManagedObjectReference]bool{}, running: map[types.ManagedObjectReference]bool{}}
	model.Map().AddHandler(w)
	return w
}

// Reference is the name under which the registry keeps the handler.
func (w *watch) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "SlipwayWatch", Value: "watch"}
}

func (w *watch) PutObject(_ *simulator.Context, item mo.Reference) {
	if task, ok := item.(*simulator.Task); ok {
		if task.Info.Name == cloneTask {
			w.cloning(task.Self)
		}
		return
	}
	w.touch(item.Reference())
}

func (w *watch) UpdateObject(_ *simulator.Context, item mo.Reference, changes []types.PropertyChange) {
	ref := item.Reference()
	if ref.Type != "Task" {
		w.touch(ref)
		return
	}
	for _, change := range changes {
		ended := []types.AnyType{types.TaskInfoStateSuccess, types.TaskInfoStateError}
		if change.Name == "info.state" && slices.Contains(ended, change.Val) {
			w.cloned(ref)
		}
	}
}

func (w *watch) RemoveObject(_ *simulator.Context, ref types.ManagedObjectReference) { w.touch(ref) }

func (w *watch) touch(ref types.ManagedObjectReference) {
	if ref.Type != "VirtualMachine" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched[ref] = true
}

// take returns the VMs that were touched since it was last called.
func (w *watch) take() map[types.ManagedObjectReference]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.touched
	w.touched = map[types.ManagedObjectReference]bool{}
	return taken
}

func (w *watch) cloning(task types.ManagedObjectReference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[task] = true
	w.clones.Total++
	w.clones.Running = len(w.running)
	w.clones.Peak = max(w.clones.Peak, w.clones.Running)
}

func (w *watch) cloned(task types.ManagedObjectReference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, task)
	w.clones.Running = len(w.running)
}

func (w *watch) counted() clones {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clones
}

// forget begins to count anew.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clones = clones{Running: len(w.running), Peak: len(w.running)}
}
