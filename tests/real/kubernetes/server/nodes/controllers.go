package nodes

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/controller/cronjob"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
)

const (
	workers = 2
	resync  = time.Minute
)

// control runs Kubernetes' own controllers, which kube-controller-manager runs elsewhere.
func control(ctx context.Context, config *rest.Config, factory informers.SharedInformerFactory) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	contents, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	pods, apps, batch := factory.Core().V1().Pods(), factory.Apps().V1(), factory.Batch().V1()
	jobs, err := job.NewController(ctx, client, pods, batch.Jobs(), nil, nil)
	if err != nil {
		return err
	}
	cronJobs, err := cronjob.NewControllerV2(ctx, batch.Jobs(), batch.CronJobs(), client)
	if err != nil {
		return err
	}
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), pods, client)
	if err != nil {
		return err
	}
	replicaSets := replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), pods, client, replicaset.BurstReplicas)
	namespaces := namespace.NewNamespaceController(
		ctx, client, contents, client.Discovery().ServerPreferredNamespacedResources,
		factory.Core().V1().Namespaces(), resync, corev1.FinalizerKubernetes,
	)
	for _, run := range []func(context.Context, int){
		jobs.Run, cronJobs.Run, deployments.Run, replicaSets.Run, namespaces.Run,
	} {
		go run(ctx, workers)
	}
	return nil
}
