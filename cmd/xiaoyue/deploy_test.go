package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// manifest is what the tests read of a Kubernetes object; the schemas are checked by .ci/manifests.sh.
type manifest struct {
	file     string
	Kind     string
	Metadata struct{ Name, Namespace string }
	Data     map[string]string
	Strings  map[string]string `yaml:"stringData"`
	Spec     struct {
		Selector    yaml.Node
		PodSelector selector `yaml:"podSelector"`
		Template    podTemplate
		Ports       []struct {
			TargetPort string `yaml:"targetPort"`
		}
		Job struct {
			Spec struct{ Template podTemplate }
		} `yaml:"jobTemplate"`
		Claims  []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
		Ingress yaml.Node
		Egress  []edge
	}
}

type selector struct {
	Labels map[string]string `yaml:"matchLabels"`
}

type edge struct {
	To, From []struct {
		Pods       *selector `yaml:"podSelector"`
		Namespaces *selector `yaml:"namespaceSelector"`
	}
	Ports []struct{ Port int }
}

type podTemplate struct {
	Metadata struct{ Labels map[string]string }
	Spec     struct {
		Grace      int `yaml:"terminationGracePeriodSeconds"`
		Containers []container
		Volumes    []struct {
			Name      string
			ConfigMap struct{ Name string } `yaml:"configMap"`
			Secret    struct {
				Name string `yaml:"secretName"`
			}
			Claim struct {
				Name string `yaml:"claimName"`
			} `yaml:"persistentVolumeClaim"`
		}
	}
}

type container struct {
	Name, Image string
	Ports       []struct {
		Name   string
		Number int `yaml:"containerPort"`
	}
	Startup   yaml.Node `yaml:"startupProbe"`
	Readiness yaml.Node `yaml:"readinessProbe"`
	Liveness  yaml.Node `yaml:"livenessProbe"`
	Lifecycle struct {
		PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
	}
	Resources struct{ Requests, Limits map[string]string }
	Security  struct {
		Escalation   *bool `yaml:"allowPrivilegeEscalation"`
		Capabilities struct{ Drop []string }
	} `yaml:"securityContext"`
	Mounts []struct {
		Name string
		Path string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

// pods returns the template of an object that makes pods.
func (m manifest) pods() (podTemplate, bool) {
	if m.Kind == "CronJob" {
		return m.Spec.Job.Spec.Template, true
	}
	return m.Spec.Template, len(m.Spec.Template.Spec.Containers) > 0
}

// fits reports whether a pod has all the labels of a selector.
func (p podTemplate) fits(labels map[string]string) bool {
	for k, v := range labels {
		if p.Metadata.Labels[k] != v {
			return false
		}
	}
	return true
}

func (p podTemplate) listens(name string, number int) bool {
	for _, c := range p.Spec.Containers {
		for _, port := range c.Ports {
			if port.Name == name || port.Number == number {
				return true
			}
		}
	}
	return false
}

// manifests reads deploy/kubernetes.
func manifests(t *testing.T) []manifest {
	t.Helper()
	files, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no manifests", err)
	}
	var all []manifest
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := yaml.NewDecoder(bytes.NewReader(raw)); ; {
			m := manifest{file: filepath.Base(file)}
			err := decoder.Decode(&m)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if m.file != "kustomization.yaml" {
				all = append(all, m)
			}
		}
	}
	return all
}

// TestManifestsHoldTogether follows every name from one object to another.
func TestManifestsHoldTogether(t *testing.T) {
	all := manifests(t)
	there := map[string]bool{"PersistentVolumeClaim documents": true} // of the example, the reader's own
	var pods []podTemplate
	for _, m := range all {
		there[m.Kind+" "+m.Metadata.Name] = true
		if p, ok := m.pods(); ok {
			pods = append(pods, p)
		}
	}
	for _, m := range all {
		if m.Metadata.Namespace != "xiaoyue" && m.Kind != "Namespace" {
			t.Errorf("%s: %s %s is in namespace %q", m.file, m.Kind, m.Metadata.Name, m.Metadata.Namespace)
		}
		if p, ok := m.pods(); ok {
			checkPod(t, m, p, there)
		}
		switch m.Kind {
		case "Service":
			checkService(t, m, pods)
		case "NetworkPolicy":
			checkPolicy(t, m, pods)
		case "Deployment", "StatefulSet", "PodDisruptionBudget":
			var s selector
			if err := m.Spec.Selector.Decode(&s); err != nil || !slices.ContainsFunc(pods, func(p podTemplate) bool { return p.fits(s.Labels) }) {
				t.Errorf("%s: %s %s selects nothing, %v", m.file, m.Kind, m.Metadata.Name, err)
			}
		case "Secret":
			for key, value := range m.Strings {
				if value != "" && key != "user.yaml" {
					t.Errorf("%s: a template holds a value for %s", m.file, key)
				}
			}
		}
	}
}

func checkService(t *testing.T, m manifest, pods []podTemplate) {
	t.Helper()
	labels := map[string]string{}
	if err := m.Spec.Selector.Decode(&labels); err != nil {
		t.Fatal(err)
	}
	for _, port := range m.Spec.Ports {
		if !slices.ContainsFunc(pods, func(p podTemplate) bool { return p.fits(labels) && p.listens(port.TargetPort, -1) }) {
			t.Errorf("%s: no pod behind service %s listens on %s", m.file, m.Metadata.Name, port.TargetPort)
		}
	}
}

// checkPolicy looks for a pod at both ends of every edge.
func checkPolicy(t *testing.T, m manifest, pods []podTemplate) {
	t.Helper()
	some := func(labels map[string]string, port int) bool {
		return slices.ContainsFunc(pods, func(p podTemplate) bool { return p.fits(labels) && (port == 0 || p.listens("", port)) })
	}
	if !some(m.Spec.PodSelector.Labels, 0) {
		t.Errorf("%s: policy %s is for no pod", m.file, m.Metadata.Name)
	}
	var ingress []edge
	if m.Spec.Ingress.Kind != 0 {
		if err := m.Spec.Ingress.Decode(&ingress); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range append(ingress, m.Spec.Egress...) {
		for _, other := range append(e.From, e.To...) {
			for _, port := range e.Ports {
				target := m.Spec.PodSelector.Labels
				if len(e.To) > 0 && other.Pods != nil {
					target = other.Pods.Labels
				}
				if other.Namespaces == nil && (!some(other.Pods.Labels, 0) || !some(target, port.Port)) {
					t.Errorf("%s: policy %s leads to no pod on %d", m.file, m.Metadata.Name, port.Port)
				}
			}
		}
	}
}

// checkPod wants what every pod here has, and what it names to be there.
func checkPod(t *testing.T, m manifest, p podTemplate, there map[string]bool) {
	t.Helper()
	volumes := map[string]bool{}
	for _, c := range m.Spec.Claims {
		volumes[c.Metadata.Name] = true
	}
	for _, v := range p.Spec.Volumes {
		volumes[v.Name] = true
		for kind, name := range map[string]string{"ConfigMap": v.ConfigMap.Name, "Secret": v.Secret.Name, "PersistentVolumeClaim": v.Claim.Name} {
			if name != "" && !there[kind+" "+name] {
				t.Errorf("%s: %s names %s %s, which is not there", m.file, m.Metadata.Name, kind, name)
			}
		}
	}
	for _, c := range p.Spec.Containers {
		for _, mount := range c.Mounts {
			if !volumes[mount.Name] {
				t.Errorf("%s: container %s mounts %s, which is not there", m.file, c.Name, mount.Name)
			}
		}
		if _, tag, _ := strings.Cut(c.Image, ":"); tag == "" || tag == "latest" || !strings.HasPrefix(c.Image, "registry.example/") {
			t.Errorf("%s: image %s", m.file, c.Image)
		}
		if c.Resources.Requests["memory"] == "" || c.Resources.Limits["memory"] == "" || c.Resources.Limits["cpu"] == "" {
			t.Errorf("%s: container %s has no bounds", m.file, c.Name)
		}
		if c.Security.Escalation == nil || *c.Security.Escalation || !slices.Contains(c.Security.Capabilities.Drop, "ALL") {
			t.Errorf("%s: container %s has more rights than it needs", m.file, c.Name)
		}
		runs := m.Kind == "Deployment" || m.Kind == "StatefulSet"
		if runs && (c.Readiness.Kind == 0 || c.Liveness.Kind == 0) {
			t.Errorf("%s: container %s has no probes", m.file, c.Name)
		}
	}
}

// TestKustomization wants every manifest listed, and one tag per image.
func TestKustomization(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/kubernetes/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var k struct {
		Resources []string
		Images    []struct {
			Name string
			Tag  string `yaml:"newTag"`
		}
	}
	if err := yaml.Unmarshal(raw, &k); err != nil {
		t.Fatal(err)
	}
	listed, tags := map[string]bool{}, map[string]string{}
	for _, r := range k.Resources {
		listed[r] = true
	}
	for _, i := range k.Images {
		tags[i.Name] = i.Tag
	}
	files := map[string]bool{}
	for _, m := range manifests(t) {
		if !strings.Contains(m.file, ".example.") {
			files[m.file] = true
		}
		p, _ := m.pods()
		for _, c := range p.Spec.Containers {
			if name, tag, _ := strings.Cut(c.Image, ":"); tags[name] != tag {
				t.Errorf("%s: image %s, in kustomization.yaml %q", m.file, c.Image, tags[name])
			}
		}
	}
	if !maps.Equal(listed, files) {
		t.Errorf("kustomization.yaml lists %v, there are %v", slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(files)))
	}
}
