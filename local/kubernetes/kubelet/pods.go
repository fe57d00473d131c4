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
	kubelettypes "k8s.io/kubernetes/pkg/kubelet/types"
)

// mirror shows the static pods in the API: kubeadm finds the members of etcd by theirs.
func (n *node) mirror(ctx context.Context, client kubernetes.Interface, static []*v1.Pod) error {
	for _, pod := range static {
		wanted, err := n.mirrorOf(pod)
		if err != nil {
			return err
		}
		pods := client.CoreV1().Pods(wanted.Namespace)
		found, err := pods.Get(ctx, wanted.Name, metav1.GetOptions{})
		if err == nil && found.Annotations[kubelettypes.ConfigMirrorAnnotationKey] == wanted.Annotations[kubelettypes.ConfigMirrorAnnotationKey] {
			continue
		}
		if err == nil {
			none := int64(0)
			if err := pods.Delete(ctx, wanted.Name, metav1.DeleteOptions{GracePeriodSeconds: &none}); err != nil {
				return err
			}
		} else if !apierrors.IsNotFound(err) {
			return err
		}
		if _, err := pods.Create(ctx, wanted, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
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

// attend says that the node's pods run, and ends those that are deleted.
func (n *node) attend(ctx context.Context, client kubernetes.Interface) error {
	selector := fields.OneTermEqualSelector("spec.nodeName", n.name).String()
	list, err := client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		return err
	}
	for i := range list.Items {
		pod := &list.Items[i]
		pods := client.CoreV1().Pods(pod.Namespace)
		if pod.DeletionTimestamp != nil {
			none := int64(0)
			err = pods.Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &none})
		} else if pod.Status.Phase == v1.PodPending {
			now := metav1.Now()
			pod.Status.Phase = v1.PodRunning
			pod.Status.HostIP = n.address
			pod.Status.PodIP = n.address
			pod.Status.StartTime = &now
			pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodReady, Status: v1.ConditionTrue, LastTransitionTime: now}}
			_, err = pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
