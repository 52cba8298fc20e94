package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// podLines are the lines of each log in TestHelmUser.
const podLines = 300

// TestHelmUser runs the configuration of the DaemonSet with a real Fluent Bit as
// the user that the values name, with the rights that they leave, on folders and
// files as a node has them, and one log that belongs to somebody else.
func TestHelmUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("becomes another user: needs root")
	}
	setpriv := need(t, "setpriv")
	fluentBits := runtest.FluentBits(t)
	so := filepath.Join(runtest.Build(t, "zimbraloki.so"), "zimbraloki.so")
	text, err := os.ReadFile(helmValues)
	if err != nil {
		t.Fatal(err)
	}
	var v values
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	serve, err := lokirun.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, fluentBit := range fluentBits {
		server := runtest.Start(t, lokirun.Options{Bin: serve})
		n := node{dir: t.TempDir(), so: so, url: server.URL()}
		n.fill(t)
		log := n.start(t, fluentBit, setpriv, v)
		if got := n.arrived(t, server); got != 2*podLines {
			t.Errorf("%s: %d of %d lines arrive\n%s", fluentBit, got, 2*podLines, log())
		}
		if text := log(); strings.Contains(text, "[error]") {
			t.Error(text)
		}
	}
}

// node is a folder that stands for a node's.
type node struct{ dir, so, url string }

// fill makes the logs of two pods as the kubelet does.
func (n node) fill(t *testing.T) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(n.dir, "state"), 0o755))
	must(os.MkdirAll(filepath.Join(n.dir, "log", "containers"), 0o755))
	for i, owner := range []int{0, 1000} {
		pod := filepath.Join(n.dir, "log", "pods", fmt.Sprint("mail_api-", i, "_uid"), "api")
		must(os.MkdirAll(pod, 0o755))
		var b strings.Builder
		for k := range podLines {
			at := time.Now().Add(time.Duration(k-podLines) * time.Millisecond).UTC()
			fmt.Fprintf(&b, "%s stdout F line %d of pod %d\n", at.Format("2006-01-02T15:04:05.000000000Z"), k, i)
		}
		file := filepath.Join(pod, "0.log")
		must(os.WriteFile(file, []byte(b.String()), 0o640))
		must(os.Chown(file, owner, owner))
		must(os.Symlink(file, filepath.Join(n.dir, "log", "containers", fmt.Sprintf("api-%d_mail_api-%064d.log", i, i))))
	}
}

// start runs Fluent Bit until the test ends, and gives what it has said so far.
func (n node) start(t *testing.T, fluentBit, setpriv string, v values) func() string {
	t.Helper()
	config := strings.NewReplacer("/usr/lib/zimbraloki/zimbraloki.so", n.so, "/var/lib/zimbraloki", n.dir+"/state",
		"/var/log", n.dir+"/log", "http_server: on", "http_server: off").Replace(v.Config.ExtraFiles["zimbraloki.yaml"])
	file := filepath.Join(n.dir, "zimbraloki.yaml")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	s := v.SecurityContext
	rights := "-all"
	for _, name := range s.Capabilities.Add {
		rights += ",+" + strings.ToLower(name)
	}
	out, err := os.Create(filepath.Join(n.dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(setpriv, "--no-new-privs", "--reuid", strconv.Itoa(s.RunAsUser), "--regid", strconv.Itoa(s.RunAsGroup),
		"--clear-groups", "--inh-caps="+rights, "--bounding-set="+rights, fluentBit, "-c", file)
	c.Stdout, c.Stderr = out, out
	c.Env = append(os.Environ(), "LOKI_URL="+n.url, "NODE_NAME=node1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v", fluentBit, err)
		}
		_ = out.Close()
	})
	return func() string {
		text, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(bytes.ToValidUTF8(text, nil))
	}
}

// arrived waits for all lines, for half a minute, and counts them.
func (n node) arrived(t *testing.T, server *lokirun.Server) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := server.Count(t.Context(), `{host="node1"} | namespace="mail"`, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-tick.C:
			if got < 2*podLines {
				continue
			}
		case <-ctx.Done():
		}
		return got
	}
}
