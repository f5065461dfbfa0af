package nodes

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

const marker = "NODES_TEST_POD" // marks the processes of a pod, also those that have left their session

// Machines are the folders and processes of pods, by namespace/name.
type machines struct {
	folder, programs string
	changed          func(key string) // called when a container begins or ends
	mutex            sync.Mutex
	byKey            map[string]*machine
}

func newMachines(folder, programs string) *machines {
	return &machines{folder: folder, programs: programs, byKey: map[string]*machine{}}
}

// have returns the machine of a pod, and makes it where there is none yet.
func (m *machines) have(
	ctx context.Context, key string, pod *corev1.Pod, client kubernetes.Interface,
) (*machine, error) {
	if found := m.of(key); found != nil && found.uid == pod.UID {
		return found, nil
	}
	made := &machine{
		uid: pod.UID, root: filepath.Join(m.folder, string(pod.UID)), containers: map[string]*container{},
		changed: func() { m.changed(key) },
	}
	for _, folder := range []string{"home", "tmp"} {
		if err := os.MkdirAll(filepath.Join(made.root, folder), 0o700); err != nil {
			return nil, err
		}
	}
	for _, spec := range pod.Spec.Containers {
		environment, err := variables(ctx, client, pod, &spec)
		if err != nil {
			return nil, fmt.Errorf("container %s: %w", spec.Name, err)
		}
		path := filepath.Join(m.programs, spec.Name) + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
		one := newContainer(made, pod, &spec, path, environment)
		if err := os.WriteFile(one.log(), nil, 0o600); err != nil {
			return nil, err
		}
		made.containers[spec.Name] = one
	}
	m.mutex.Lock()
	m.byKey[key] = made
	m.mutex.Unlock()
	for _, one := range made.containers {
		one.begin()
	}
	return made, nil
}

func (m *machines) of(key string) *machine {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.byKey[key]
}

// told tells the processes of a pod to end, the first time, and returns whether none is left.
func (m *machines) told(key string, uid types.UID) bool {
	found := m.of(key)
	if found == nil || found.uid != uid {
		return true
	}
	running := processes(found.uid)
	if !found.isEnding.Swap(true) {
		signal(running, syscall.SIGTERM)
	}
	return len(running) == 0
}

// remove kills what runs in a pod, and removes its files; but not where the pod is still the one with this UID.
func (m *machines) remove(key string, but types.UID) {
	m.mutex.Lock()
	found := m.byKey[key]
	if found == nil || found.uid == but {
		m.mutex.Unlock()
		return
	}
	delete(m.byKey, key)
	m.mutex.Unlock()
	found.isEnding.Store(true)
	signal(processes(found.uid), syscall.SIGKILL)
	_ = os.RemoveAll(found.root)
}

func (m *machines) stop() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, found := range m.byKey {
		found.isEnding.Store(true)
	}
	signal(processes(""), syscall.SIGKILL)
}

func signal(numbers []int, number syscall.Signal) {
	for _, process := range numbers {
		_ = syscall.Kill(process, number)
	}
}

func identity(uid types.UID) string { return fmt.Sprintf("%d/%s", os.Getpid(), uid) }

// processes returns the running processes of a pod, or of all pods of this program where uid is empty.
func processes(uid types.UID) []int {
	wanted := []byte(marker + "=" + identity(uid))
	if uid != "" {
		wanted = append(wanted, 0)
	}
	entries, _ := os.ReadDir("/proc")
	var found []int
	for _, entry := range entries {
		number, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		environment, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if err == nil && bytes.Contains(environment, wanted) {
			found = append(found, number)
		}
	}
	return found
}

// lookPath finds a program on the PATH that a container has.
func lookPath(name, path string) (string, error) {
	places := strings.Split(path, ":")
	if strings.Contains(name, "/") {
		places = []string{""}
	}
	for _, place := range places {
		file := filepath.Join(place, name)
		if found, err := os.Stat(file); err == nil && !found.IsDir() && found.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH", name)
}
