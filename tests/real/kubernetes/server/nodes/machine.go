package nodes

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

const pause = time.Second // before a container is begun again

// A machine is what a pod has here: a folder, and processes.
type machine struct {
	uid        types.UID
	root       string
	containers map[string]*container
	changed    func()
	isEnding   atomic.Bool
	number     atomic.Int64 // of what has happened in its containers
	reported   atomic.Int64 // up to which the pod's status says it
}

// A container is idle, or a process where the pod says so.
type container struct {
	machine     *machine
	name, image string
	path        string
	environment []string
	command     []string // none: it is idle
	restart     corev1.RestartPolicy
	restarts    atomic.Int32

	mutex sync.Mutex
	state corev1.ContainerState
}

func newContainer(
	machine *machine, pod *corev1.Pod, spec *corev1.Container, path string, variables map[string]string,
) *container {
	made := &container{
		machine: machine, name: spec.Name, image: spec.Image, path: path, restart: pod.Spec.RestartPolicy,
	}
	environment := map[string]string{
		"PATH": path, "HOME": filepath.Join(machine.root, "home"), "TMPDIR": filepath.Join(machine.root, "tmp"),
		"HOSTNAME": pod.Name, "LANG": "C.UTF-8",
	}
	for name, value := range variables {
		environment[name] = value
	}
	environment[marker] = identity(machine.uid)
	for name, value := range environment {
		made.environment = append(made.environment, name+"="+value)
	}
	if pod.Annotations[run] == "true" {
		mapping := expansion.MappingFuncFor(environment)
		for _, word := range append(append([]string{}, spec.Command...), spec.Args...) {
			made.command = append(made.command, expansion.Expand(word, mapping))
		}
	}
	return made
}

// process returns a command in this container, which is not started yet.
func (c *container) process(command []string) (*exec.Cmd, error) {
	if len(command) == 0 {
		return nil, errors.New("no command")
	}
	file, err := lookPath(command[0], c.path)
	if err != nil {
		return nil, err
	}
	return &exec.Cmd{
		Path: file, Args: command, Env: c.environment, Dir: filepath.Join(c.machine.root, "home"),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}, nil
}

// begin runs what the container is for; it comes back at once.
func (c *container) begin() {
	started := metav1.Now()
	c.set(corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}})
	if len(c.command) == 0 {
		return
	}
	go func() {
		code := int32(c.execute())
		again := c.restart == corev1.RestartPolicyAlways || c.restart == corev1.RestartPolicyOnFailure && code != 0
		if again && !c.machine.isEnding.Load() {
			time.Sleep(pause)
			c.restarts.Add(1)
			c.begin()
			return
		}
		reason := "Completed"
		if code != 0 {
			reason = "Error"
		}
		c.set(corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: code, Reason: reason, StartedAt: started, FinishedAt: metav1.Now(),
		}})
	}()
}

func (c *container) execute() int {
	log, err := os.OpenFile(c.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 128
	}
	defer log.Close()
	process, err := c.process(c.command)
	if err != nil {
		_, _ = log.WriteString(err.Error() + "\n")
		return 127
	}
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		_, _ = log.WriteString(err.Error() + "\n")
		return 128
	}
	_ = process.Wait()
	return exitCode(process.ProcessState)
}

func (c *container) isRunning() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.state.Running != nil
}

func (c *container) log() string { return filepath.Join(c.machine.root, c.name+".log") }

func (c *container) set(state corev1.ContainerState) {
	c.mutex.Lock()
	c.state = state
	c.mutex.Unlock()
	c.machine.number.Add(1)
	c.machine.changed()
}

// exitCode returns what a runtime of containers reports: that of a shell for a process that a signal has ended.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
