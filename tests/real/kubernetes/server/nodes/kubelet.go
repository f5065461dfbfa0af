package nodes

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

const (
	nodeName = "node-1"
	run      = "nodes.test/run"
	unready  = "nodes.test/unready"
	stubborn = "nodes.test/stubborn"
)

// A kubelet takes care of the pods of all nodes, and of those that have none yet.
type kubelet struct {
	client   kubernetes.Interface
	pods     corelisters.PodLister
	machines *machines
	port     int32
	queue    workqueue.TypedRateLimitingInterface[string]
	nodes    sync.Map // names of those that are there
}

func newKubelet(
	client kubernetes.Interface, pods coreinformers.PodInformer, machines *machines, port int32,
) *kubelet {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](10*time.Millisecond, time.Second)
	k := &kubelet{
		client: client, pods: pods.Lister(), machines: machines, port: port,
		queue: workqueue.NewTypedRateLimitingQueue[string](limiter),
	}
	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			k.queue.Add(key)
		}
	}
	_, _ = pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add,
	})
	machines.changed = k.queue.Add
	return k
}

func (k *kubelet) start(ctx context.Context) {
	for range 4 {
		go func() {
			for {
				key, done := k.queue.Get()
				if done {
					return
				}
				if err := k.sync(ctx, key); err == nil {
					k.queue.Forget(key)
				} else {
					if !errors.IsConflict(err) && !errors.IsNotFound(err) {
						fmt.Fprintln(os.Stderr, "node:", key, err)
					}
					k.queue.AddRateLimited(key)
				}
				k.queue.Done(key)
			}
		}()
	}
}

func (k *kubelet) sync(ctx context.Context, key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	pod, err := k.pods.Pods(namespace).Get(name)
	if errors.IsNotFound(err) {
		k.machines.remove(key, "")
		return nil
	}
	if err != nil {
		return err
	}
	k.machines.remove(key, pod.UID) // those of another pod of this name
	switch {
	case pod.DeletionTimestamp != nil:
		return k.end(ctx, key, pod)
	case pod.Spec.NodeName == "":
		return k.bind(ctx, pod)
	case pod.Annotations[unready] == "true":
		return nil
	}
	if err := k.haveNode(ctx, pod.Spec.NodeName); err != nil {
		return err
	}
	machine, err := k.machines.have(ctx, key, pod, k.client)
	if err != nil {
		return err
	}
	return k.report(ctx, pod, machine)
}

func (k *kubelet) bind(ctx context.Context, pod *corev1.Pod) error {
	if err := k.haveNode(ctx, nodeName); err != nil {
		return err
	}
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
	}
	return k.client.CoreV1().Pods(pod.Namespace).Bind(ctx, binding, metav1.CreateOptions{})
}

// haveNode makes a node that the API server finds this kubelet by; one that somebody else has made is left as it is.
func (k *kubelet) haveNode(ctx context.Context, name string) error {
	if _, known := k.nodes.Load(name); known {
		return nil
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	made, err := k.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		k.nodes.Store(name, true)
		return nil
	}
	if err != nil {
		return err
	}
	made.Status = corev1.NodeStatus{
		Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: k.port}},
		Conditions:      []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}
	if _, err := k.client.CoreV1().Nodes().UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	k.nodes.Store(name, true)
	return nil
}

// report writes the status of a pod where something has happened in its containers since it was written last.
func (k *kubelet) report(ctx context.Context, pod *corev1.Pod, machine *machine) error {
	status, number := machine.status(pod)
	if machine.reported.Load() == number {
		return nil
	}
	changed := pod.DeepCopy()
	changed.Status = status
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	if err == nil {
		machine.reported.Store(number)
	}
	return err
}

// end lets a pod go: its processes are told to end, and when they have, or its grace period is over, it is no more.
func (k *kubelet) end(ctx context.Context, key string, pod *corev1.Pod) error {
	left := time.Until(pod.DeletionTimestamp.Time) // The API server has added the grace period to it.
	isOver := left <= 0 || k.machines.told(key, pod.UID) && pod.Annotations[stubborn] != "true"
	if !isOver {
		k.queue.AddAfter(key, min(left, time.Second))
		return nil
	}
	k.machines.remove(key, "")
	none := int64(0)
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &none, Preconditions: &metav1.Preconditions{UID: &pod.UID},
	})
	if errors.IsNotFound(err) || errors.IsConflict(err) {
		return nil
	}
	return err
}
