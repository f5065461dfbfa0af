package nodes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// variables returns the environment that a container's `env` says: values, fields of the pod, keys of Secrets and ConfigMaps.
func variables(
	ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, spec *corev1.Container,
) (map[string]string, error) {
	found := map[string]string{}
	mapping := expansion.MappingFuncFor(found)
	for _, variable := range spec.Env {
		if variable.ValueFrom == nil {
			found[variable.Name] = expansion.Expand(variable.Value, mapping)
			continue
		}
		value, err := from(ctx, client, pod, variable.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", variable.Name, err)
		}
		found[variable.Name] = value
	}
	return found, nil
}

func from(
	ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, source *corev1.EnvVarSource,
) (string, error) {
	core := client.CoreV1()
	switch {
	case source.FieldRef != nil:
		return fieldpath.ExtractFieldPathAsString(pod, source.FieldRef.FieldPath)
	case source.SecretKeyRef != nil:
		secret, err := core.Secrets(pod.Namespace).Get(ctx, source.SecretKeyRef.Name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		return string(secret.Data[source.SecretKeyRef.Key]), nil
	case source.ConfigMapKeyRef != nil:
		data, err := core.ConfigMaps(pod.Namespace).Get(ctx, source.ConfigMapKeyRef.Name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		return data.Data[source.ConfigMapKeyRef.Key], nil
	}
	return "", fmt.Errorf("a source that is not known here")
}
