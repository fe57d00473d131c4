package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	kubelettypes "k8s.io/kubernetes/pkg/kubelet/types"
)

// tend shows the static pods in the API, says that the node's pods run, and ends those that are deleted. A kubelet may read the
// pods of its own node alone.
func (n *node) tend(ctx context.Context, client kubernetes.Interface, static []*v1.Pod) error {
	selector := fields.OneTermEqualSelector("spec.nodeName", n.name).String()
	list, err := client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		return err
	}
	shown := map[string]*v1.Pod{}
	for i := range list.Items {
		pod := &list.Items[i]
		shown[pod.Namespace+"/"+pod.Name] = pod
		if err := n.attend(ctx, client.CoreV1().Pods(pod.Namespace), pod); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	for _, pod := range static {
		wanted, err := n.mirrorOf(pod)
		if err != nil {
			return err
		}
		found := shown[wanted.Namespace+"/"+wanted.Name]
		if err := mirror(ctx, client.CoreV1().Pods(wanted.Namespace), found, wanted); err != nil {
			return err
		}
	}
	return nil
}

// mirror makes the object of a static pod, by which kubeadm finds the members of etcd.
func mirror(ctx context.Context, pods corev1.PodInterface, found, wanted *v1.Pod) error {
	hash := kubelettypes.ConfigMirrorAnnotationKey
	if found != nil && found.Annotations[hash] == wanted.Annotations[hash] {
		return nil
	}
	if found != nil {
		if err := pods.Delete(ctx, wanted.Name, atOnce()); err != nil {
			return err
		}
	}
	_, err := pods.Create(ctx, wanted, metav1.CreateOptions{})
	return err
}

func atOnce() metav1.DeleteOptions {
	none := int64(0)
	return metav1.DeleteOptions{GracePeriodSeconds: &none}
}

func (n *node) mirrorOf(static *v1.Pod) (*v1.Pod, error) {
	text, err := json.Marshal(static)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:16])
	yes := true
	pod := static.DeepCopy()
	pod.Name += "-" + n.name
	pod.Spec.NodeName = n.name
	pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: n.name, UID: n.uid, Controller: &yes}}
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, v1.Toleration{Operator: v1.TolerationOpExists, Effect: v1.TaintEffectNoExecute})
	if pod.Annotations == nil {
		pod.Annotations = map[string]string{}
	}
	pod.Annotations[kubelettypes.ConfigHashAnnotationKey] = hash
	pod.Annotations[kubelettypes.ConfigMirrorAnnotationKey] = hash
	pod.Annotations[kubelettypes.ConfigSourceAnnotationKey] = kubelettypes.FileSource
	return pod, nil
}

func (n *node) attend(ctx context.Context, pods corev1.PodInterface, pod *v1.Pod) error {
	if pod.DeletionTimestamp != nil {
		return pods.Delete(ctx, pod.Name, atOnce())
	}
	if pod.Status.Phase != v1.PodPending {
		return nil
	}
	now := metav1.Now()
	pod.Status.Phase = v1.PodRunning
	pod.Status.HostIP = n.address
	pod.Status.PodIP = n.address
	pod.Status.StartTime = &now
	pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodReady, Status: v1.ConditionTrue, LastTransitionTime: now}}
	if _, static := pod.Annotations[kubelettypes.ConfigMirrorAnnotationKey]; static {
		// These alone do run.
		for _, container := range pod.Spec.Containers {
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, v1.ContainerStatus{
				Name: container.Name, Image: container.Image, Ready: true,
				State: v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: now}},
			})
		}
	}
	_, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}
