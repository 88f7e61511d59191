package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
	nodestages "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	podstages "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

const region = "region-1"

// writeStages tells KWOK how nodes and pods live: ready at once, Jobs done at once, deletion at once.
func writeStages(path string) error {
	stages := []string{
		nodestages.DefaultNodeInit,
		podstages.DefaultPodReady,
		podstages.DefaultPodComplete,
		podstages.DefaultPodDelete,
	}
	return os.WriteFile(path, []byte(strings.Join(stages, "\n---\n")), 0o600)
}

// makeNodes makes those nodes that are not there yet.
func makeNodes(ctx context.Context, client kubernetes.Interface) error {
	for i, name := range nodeNames() {
		_, err := client.CoreV1().Nodes().Create(ctx, node(name, zones[i]), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("making node %s: %w", name, err)
		}
	}
	return nil
}

func node(name, zone string) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("1000"),
		corev1.ResourceMemory:           resource.MustParse("4Ti"),
		corev1.ResourceEphemeralStorage: resource.MustParse("16Ti"),
		corev1.ResourcePods:             resource.MustParse("100k"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:           name,
				corev1.LabelOSStable:           "linux",
				corev1.LabelArchStable:         "amd64",
				corev1.LabelInstanceTypeStable: "kwok",
				corev1.LabelTopologyRegion:     region,
				corev1.LabelTopologyZone:       region + zone,
			},
		},
		Status: corev1.NodeStatus{
			Capacity:    room,
			Allocatable: room,
			NodeInfo:    corev1.NodeSystemInfo{KubeletVersion: version.Get().GitVersion},
		},
	}
}

// waitUntilPodsCanRun returns when every node is Ready and the default namespace has its
// account, or when a component that is needed for it has ended.
func (p *plane) waitUntilPodsCanRun(ctx context.Context, client kubernetes.Interface) error {
	for {
		missing := whyPodsCannotRun(ctx, client)
		if missing == "" {
			return nil
		}
		if ended := p.endedByItself(); ended != nil {
			return fmt.Errorf("%s ended at its start: %w\n%s", ended.name, ended.failure, p.tail(ended.name))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w\n%s", missing, context.Cause(ctx), p.logs())
		case <-time.After(pollEvery):
		}
	}
}

// whyPodsCannotRun is empty when they can.
func whyPodsCannotRun(ctx context.Context, client kubernetes.Interface) string {
	for _, name := range nodeNames() {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return fmt.Sprintf("node %s cannot be read (%v)", name, err)
		}
		if !isUsable(node) {
			return fmt.Sprintf("node %s is not Ready or still tainted", name)
		}
	}
	_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	if err != nil {
		return fmt.Sprintf("the default service account is not there (%v)", err)
	}
	return ""
}

func isUsable(node *corev1.Node) bool {
	if len(node.Spec.Taints) != 0 {
		return false
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
