package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"
)

// deployed reads a configuration as serve does.
func deployed(t *testing.T, content []byte) config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := source{file: file}
	s.flags(pflag.NewFlagSet("", pflag.ContinueOnError))
	s.file = file
	conf, err := s.read()
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// secretsOf returns the names of the files with secrets that a configuration reads from a folder.
func secretsOf(t *testing.T, c config, folder string) []string {
	t.Helper()
	files := []string{c.Catalog.PasswordFile, c.Index.Milvus.PasswordFile}
	for _, b := range c.Tokens {
		files = append(files, b.File)
	}
	for i, f := range files {
		name, ok := strings.CutPrefix(f, folder+"/")
		if !ok || name == "" {
			t.Errorf("secret %q is not in %s", f, folder)
		}
		files[i] = name
	}
	return files
}

// TestDeployedConfigurations reads the configurations in deploy/ strictly, and finds their secrets where
// they are mounted and their servers where they run.
func TestDeployedConfigurations(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	one := deployed(t, raw)
	secrets, services := composedNames(t)
	for _, name := range secretsOf(t, one, "/run/secrets") {
		if !secrets[name] {
			t.Errorf("compose.yaml gives the replicas no secret %s", name)
		}
	}
	checkServers(t, one, services)
	secrets, services = map[string]bool{}, map[string]bool{}
	var other config
	for _, m := range manifests(t) {
		switch {
		case m.Kind == "ConfigMap" && m.Metadata.Name == "xiaoyue-config":
			other = deployed(t, []byte(m.Data["config.yaml"]))
		case m.Kind == "Service":
			services[m.Metadata.Name] = true
		case m.Kind == "Secret" && m.Metadata.Name == "xiaoyue-secrets":
			for key := range m.Strings {
				secrets[key] = true
			}
		case m.Kind == "Deployment" && m.Metadata.Name == "xiaoyue":
			checkGrace(t, m.Spec.Template)
		}
	}
	for _, name := range secretsOf(t, other, "/run/secrets/xiaoyue") {
		if !secrets[name] {
			t.Errorf("xiaoyue-secrets has no key %s", name)
		}
	}
	checkServers(t, other, services)
}

// composedNames returns the secrets of a replica and the names of the services.
func composedNames(t *testing.T) (secrets, services map[string]bool) {
	t.Helper()
	raw, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c composed
	if err := yaml.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	secrets, services = map[string]bool{}, map[string]bool{}
	for _, s := range c.Services["xiaoyue-1"].Secrets {
		secrets[s.source] = true
	}
	for name := range c.Services {
		services[name] = true
	}
	return secrets, services
}

// checkServers looks for the hosts that a configuration names.
func checkServers(t *testing.T, c config, services map[string]bool) {
	t.Helper()
	addresses := []string{c.Catalog.Postgres, c.Index.Milvus.Address}
	for _, s := range c.Servers.Chat {
		addresses = append(addresses, s.address())
	}
	for _, a := range addresses {
		_, host, found := strings.Cut(a, "://")
		if !found {
			host = a
		}
		if at := strings.LastIndex(host, "@"); at >= 0 {
			host = host[at+1:]
		}
		if host, _, _ = strings.Cut(host, ":"); !services[host] {
			t.Errorf("no service %s behind %s", host, a)
		}
	}
}

// checkGrace wants time for everything that a replica does before it ends.
func checkGrace(t *testing.T, p podTemplate) {
	t.Helper()
	grace := time.Duration(p.Spec.Grace) * time.Second
	wait := time.Duration(p.Spec.Containers[0].Lifecycle.PreStop.Sleep.Seconds) * time.Second
	if wait == 0 || grace < wait+drainTime+shutdownTimeout+5*time.Second {
		t.Errorf("a pod has %v to end, of which it waits %v, drains up to %v and closes within %v", grace, wait, drainTime, shutdownTimeout)
	}
}
