package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// process runs what one manifest says, again and again until it is stopped.
type process struct {
	manifest []byte
	pod      *v1.Pod
	stop     context.CancelFunc
	done     chan struct{}
}

// processes are those of a directory of static pod manifests, by file.
type processes struct {
	mutex sync.Mutex
	files map[string]*process
}

func newProcesses() *processes {
	return &processes{files: map[string]*process{}}
}

// follow starts what is new, starts again what has changed, and stops what is gone.
func (p *processes) follow(ctx context.Context, directory string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found, _ := filepath.Glob(filepath.Join(directory, "*.yaml"))
	present := map[string]bool{}
	for _, file := range found {
		manifest, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		present[file] = true
		if running, ok := p.files[file]; ok {
			if bytes.Equal(running.manifest, manifest) {
				continue
			}
			running.end()
			delete(p.files, file)
		}
		pod := &v1.Pod{}
		if err := yaml.Unmarshal(manifest, pod); err != nil || len(pod.Spec.Containers) == 0 {
			log.Printf("%s is no pod yet: %v", file, err)
			continue
		}
		p.files[file] = start(ctx, manifest, pod)
	}
	for file, running := range p.files {
		if !present[file] {
			running.end()
			delete(p.files, file)
		}
	}
}

// pods are the static pods that run.
func (p *processes) pods() []*v1.Pod {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var pods []*v1.Pod
	for _, running := range p.files {
		pods = append(pods, running.pod)
	}
	return pods
}

func (p *processes) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, running := range p.files {
		running.end()
	}
}

func (p *process) end() {
	p.stop()
	<-p.done
}

func start(ctx context.Context, manifest []byte, pod *v1.Pod) *process {
	ctx, stop := context.WithCancel(ctx)
	running := &process{manifest: manifest, pod: pod, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(running.done)
		for ctx.Err() == nil {
			log.Printf("%s ended: %v", pod.Name, run(ctx, pod))
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}()
	return running
}

func run(ctx context.Context, pod *v1.Pod) error {
	container := pod.Spec.Containers[0]
	line := append(append([]string{}, container.Command...), container.Args...)
	if err := os.MkdirAll(logs, 0o700); err != nil {
		return err
	}
	output, err := os.OpenFile(filepath.Join(logs, pod.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	command.Stdout = output
	command.Stderr = output
	command.Env = os.Environ()
	for _, variable := range container.Env {
		command.Env = append(command.Env, variable.Name+"="+variable.Value)
	}
	return command.Run()
}
