package nodes

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// status returns the status of a pod as its containers are, and the number of the last thing that happened in them.
func (m *machine) status(pod *corev1.Pod) (corev1.PodStatus, int64) {
	number := m.number.Load()
	status := *pod.Status.DeepCopy()
	status.ContainerStatuses = nil
	ended, failed := 0, 0
	for _, spec := range pod.Spec.Containers {
		c := m.containers[spec.Name]
		c.mutex.Lock()
		isRunning := c.state.Running != nil
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.name, Image: c.image, State: c.state, Ready: isRunning, Started: &isRunning, RestartCount: c.restarts.Load(),
		})
		if end := c.state.Terminated; end != nil {
			ended++
			if end.ExitCode != 0 {
				failed++
			}
		}
		c.mutex.Unlock()
	}
	status.Phase = corev1.PodRunning
	if ended == len(pod.Spec.Containers) {
		status.Phase = corev1.PodSucceeded
		if failed > 0 {
			status.Phase = corev1.PodFailed
		}
	}
	if status.StartTime == nil {
		now := metav1.Now()
		status.StartTime = &now
	}
	isReady := corev1.ConditionTrue
	if ended > 0 {
		isReady = corev1.ConditionFalse
	}
	setCondition(&status, corev1.PodScheduled, corev1.ConditionTrue)
	setCondition(&status, corev1.PodInitialized, corev1.ConditionTrue)
	setCondition(&status, corev1.ContainersReady, isReady)
	setCondition(&status, corev1.PodReady, isReady)
	return status, number
}

func setCondition(status *corev1.PodStatus, kind corev1.PodConditionType, value corev1.ConditionStatus) {
	condition := corev1.PodCondition{Type: kind, Status: value, LastTransitionTime: metav1.Now()}
	for index := range status.Conditions {
		if found := &status.Conditions[index]; found.Type == kind {
			if found.Status != value {
				*found = condition
			}
			return
		}
	}
	status.Conditions = append(status.Conditions, condition)
}
