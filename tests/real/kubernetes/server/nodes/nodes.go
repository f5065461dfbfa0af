// Package nodes stands for the nodes of a cluster, and runs Kubernetes' own controllers.
//
// Every pod is bound to a node, and is ready at once: its containers are idle. What a client executes in one is a real process
// of this machine, in a folder that only the pod has, and its streams are the kubelet's. There are no images, volumes, limits
// or addresses. Annotations of a pod say what else is wanted of it:
//
//	nodes.test/run: "true"         the commands of its containers are run, as processes of this machine
//	nodes.test/unready: "true"     it stays Pending
//	nodes.test/stubborn: "true"    it takes all of its grace period to end
package nodes

import (
	"context"
	"path/filepath"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Settings are what the stand-in needs to know.
type Settings struct {
	Address string // of the API server
	Token   string // of one who may do everything
	Folder  string // for the files of pods; FOLDER/programs/CONTAINER is on the PATH of a container of this name
	CA      string // of the API server's certificate, and of its certificate as a client
	Server  string // file with the certificate and the key of the node's own server
}

// Start begins, and comes back as soon as pods are taken care of. What runs in pods ends with what stop is called for.
func Start(ctx context.Context, settings Settings) (stop func(), err error) {
	config := &rest.Config{
		Host:            "https://" + settings.Address,
		BearerToken:     settings.Token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: settings.CA},
		QPS:             1000,
		Burst:           1000,
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	machines := newMachines(filepath.Join(settings.Folder, "pods"), filepath.Join(settings.Folder, "programs"))
	port, err := serve(settings, machines)
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 10*time.Hour)
	if err := control(ctx, config, factory); err != nil {
		return nil, err
	}
	kubelet := newKubelet(client, factory.Core().V1().Pods(), machines, port)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	kubelet.start(ctx)
	return machines.stop, nil
}
