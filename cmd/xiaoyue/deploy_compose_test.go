package main

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// composed is what the test reads of compose.yaml; its schema is checked by .ci/manifests.sh.
type composed struct {
	Services map[string]struct {
		Image       string
		Ports       []string
		Networks    []string
		Configs     []named
		Secrets     []named
		Volumes     []named
		DependsOn   map[string]any `yaml:"depends_on"`
		Healthcheck map[string]any
		Drop        []string `yaml:"cap_drop"`
		Deploy      struct {
			Resources struct{ Limits map[string]any }
		}
	}
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]any
	Configs  map[string]struct{ File string }
	Secrets  map[string]any
}

// named is a source in short or long form.
type named struct{ source string }

// UnmarshalYAML implements yaml.Unmarshaler.
func (n *named) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		n.source = node.Value
		for i, r := range n.source { // SOURCE:TARGET
			if r == ':' {
				n.source = n.source[:i]
				break
			}
		}
		return nil
	}
	var long struct{ Type, Source string }
	err := node.Decode(&long)
	if long.Type != "bind" {
		n.source = long.Source
	}
	return err
}

// TestComposeHoldsTogether follows every name in compose.yaml.
func TestComposeHoldsTogether(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c composed
	if err := yaml.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	for name, s := range c.Services {
		if len(s.Ports) > 0 && name != "proxy" {
			t.Errorf("%s is published", name)
		}
		if s.Image == "" || s.Healthcheck == nil || s.Deploy.Resources.Limits["memory"] == nil || len(s.Drop) == 0 {
			t.Errorf("%s lacks image, health check, bounds or dropped rights", name)
		}
		for _, network := range s.Networks {
			if n, ok := c.Networks[network]; !ok || !n.Internal && name != "proxy" {
				t.Errorf("%s is in network %s, which is not there or leads outside", name, network)
			}
		}
		for _, v := range s.Volumes {
			if _, ok := c.Volumes[v.source]; !ok && v.source != "" {
				t.Errorf("%s mounts %s, which is not there", name, v.source)
			}
		}
		for _, v := range s.Secrets {
			if _, ok := c.Secrets[v.source]; !ok {
				t.Errorf("%s gets secret %s, which is not there", name, v.source)
			}
		}
		for _, v := range s.Configs {
			if _, err := os.Stat("../../deploy/" + c.Configs[v.source].File); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s waits for %s, which is not there", name, other)
			}
		}
	}
}
