package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const helmValues = "../conf/kubernetes/values.yaml"

// object is what the tests read of an object of Kubernetes.
type object struct {
	Kind string
	Data map[string]string // of a ConfigMap
	Spec struct {
		Template struct{ Spec podSpec }
	}
}

type podSpec struct {
	InitContainers                []container `yaml:"initContainers"`
	Containers                    []container
	TerminationGracePeriodSeconds int `yaml:"terminationGracePeriodSeconds"` // seconds
	Volumes                       []struct {
		Name      string
		HostPath  struct{ Path, Type string } `yaml:"hostPath"`
		ConfigMap struct{ Name string }       `yaml:"configMap"`
	}
}

type container struct {
	Image           string
	SecurityContext securityContext `yaml:"securityContext"`
	Command, Args   []string
	Env             []struct{ Name string }
	Ports           []struct {
		Name          string
		ContainerPort int `yaml:"containerPort"`
	}
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
	ReadinessProbe struct {
		HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
	} `yaml:"readinessProbe"`
}

type securityContext struct {
	RunAsUser                int  `yaml:"runAsUser"`
	RunAsGroup               int  `yaml:"runAsGroup"`
	ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
	AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
	Capabilities             struct{ Drop, Add []string }
}

// render gives the pod and the configuration that Helm makes of our values with
// the chart. Helm and the chart are no part of this repository: HELM names the
// program, if it is not on PATH, and HELM_CHART the folder of the chart.
func render(t *testing.T) (podSpec, map[string]string) {
	t.Helper()
	helm, chart := os.Getenv("HELM"), os.Getenv("HELM_CHART")
	if helm == "" {
		helm = "helm"
	}
	helm, err := exec.LookPath(helm)
	if err != nil || chart == "" {
		t.Skip("no helm (HELM or on PATH) or no chart fluent-bit (HELM_CHART, a folder)")
	}
	out := run(t, nil, helm, "template", "zimbraloki", chart, "--values", helmValues)
	var pod *podSpec
	var data map[string]string
	for d := yaml.NewDecoder(strings.NewReader(out)); ; {
		var o object
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		switch o.Kind {
		case "DaemonSet":
			pod = &o.Spec.Template.Spec
		case "ConfigMap":
			data = o.Data
		}
	}
	if pod == nil || len(pod.Containers) != 1 || len(pod.InitContainers) != 0 || data == nil {
		t.Fatalf("no DaemonSet of one container and its ConfigMap in\n%s", out)
	}
	return *pod, data
}

// values are what the test reads of our file.
type values struct {
	SecurityContext securityContext `yaml:"securityContext"`
	Image           struct{ Repository, Tag string }
	Config          struct {
		ExtraFiles map[string]string `yaml:"extraFiles"`
	}
}

// TestHelmRender: the chart makes of our values what they mean. It passes on
// what it does not know without a word, and takes files for templates.
func TestHelmRender(t *testing.T) {
	pod, data := render(t)
	text, err := os.ReadFile(helmValues)
	if err != nil {
		t.Fatal(err)
	}
	var v values
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	c := pod.Containers[0]
	if !reflect.DeepEqual(c.SecurityContext, v.SecurityContext) || c.SecurityContext.Capabilities.Add == nil {
		t.Errorf("security context %+v, want %+v", c.SecurityContext, v.SecurityContext)
	}
	if want := v.Image.Repository + ":" + v.Image.Tag; c.Image != want {
		t.Errorf("image %s, want %s", c.Image, want)
	}
	file := configFile(t, c)
	name := path.Base(file)
	if data[name] == "" || data[name] != v.Config.ExtraFiles[name] {
		t.Errorf("%s is\n%s\nwant\n%s", name, data[name], v.Config.ExtraFiles[name])
	}
	if source, _ := mounted(pod, file); source != "ConfigMap" {
		t.Errorf("%s comes from %q", file, source)
	}
	fluentBitIn(t, pod, data[name])
}

// configFile is the configuration that the container's arguments name.
func configFile(t *testing.T, c container) string {
	t.Helper()
	for _, arg := range c.Args {
		if f, ok := strings.CutPrefix(arg, "--config="); ok {
			return f
		}
	}
	t.Fatalf("no --config in %q", c.Args)
	return ""
}

// mounted says what is at a path of the container, "ConfigMap" or the path of
// the node, and whether it may be written.
func mounted(pod podSpec, inside string) (source string, writable bool) {
	for _, m := range pod.Containers[0].VolumeMounts {
		if !strings.HasPrefix(inside, m.MountPath+"/") {
			continue
		}
		for _, v := range pod.Volumes {
			if v.Name == m.Name && v.ConfigMap.Name != "" {
				source = "ConfigMap"
			} else if v.Name == m.Name {
				source, writable = v.HostPath.Path, !m.ReadOnly
			}
		}
	}
	return source, writable
}

var (
	inState  = regexp.MustCompile(`: (/var/lib/\S+)`)
	inLogs   = regexp.MustCompile(`: (/var/log/\S+)`)
	asked    = regexp.MustCompile(`\$\{(\w+)\}`)
	seconds  = regexp.MustCompile(`(?m)^ +grace: (\d+)$`)
	httpPort = regexp.MustCompile(`(?m)^ +http_port: (\d+)$`)
)

// fluentBitIn: what the configuration asks of the container is there.
func fluentBitIn(t *testing.T, pod podSpec, config string) {
	t.Helper()
	f := func(paths *regexp.Regexp, least int, sound func(source string, writable bool) bool) {
		t.Helper()
		all := paths.FindAllStringSubmatch(config, -1)
		if len(all) < least {
			t.Errorf("%d paths, want %d", len(all), least)
		}
		for _, m := range all {
			if source, writable := mounted(pod, m[1]); !sound(source, writable) {
				t.Errorf("%s is on the node %q, writable: %v", m[1], source, writable)
			}
		}
	}
	f(inState, 3, func(source string, writable bool) bool { return source == "/var/lib/zimbraloki" && writable })
	f(inLogs, 2, func(source string, _ bool) bool { return source == "/var/log" })
	c := pod.Containers[0]
	for _, m := range asked.FindAllStringSubmatch(config, -1) {
		if !slices.ContainsFunc(c.Env, func(e struct{ Name string }) bool { return e.Name == m[1] }) {
			t.Errorf("the container has no variable %s", m[1])
		}
	}
	if p := httpPort.FindStringSubmatch(config); p == nil || c.ReadinessProbe.HTTPGet.Port != "http" || len(c.Ports) == 0 || p[1] != strconv.Itoa(c.Ports[0].ContainerPort) {
		t.Errorf("the probe asks %+v of %+v, Fluent Bit listens on %q", c.ReadinessProbe, c.Ports, p)
	}
	if g := seconds.FindStringSubmatch(config); g == nil || len(g[1]) > 1 || pod.TerminationGracePeriodSeconds < 10 {
		t.Errorf("grace %q, the pod is killed after %d s", g, pod.TerminationGracePeriodSeconds)
	}
}
