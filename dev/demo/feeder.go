package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// feeder sends the sample logs through the shared object.
type feeder struct {
	Options
	demo *Demo
}

// start runs Fluent Bit or the host program; stop ends it and returns what
// went wrong in it.
func (f *feeder) start(ctx context.Context) (stop func() error, err error) {
	c := f.host()
	if f.FluentBit != "" {
		if c, err = f.fluentBit(); err != nil {
			return nil, err
		}
	}
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	if err := c.Start(); err != nil {
		return nil, err
	}
	fmt.Fprintf(f.Log, "zimbraloki.so runs in %s\n\n", filepath.Base(c.Path))
	return func() error {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		if err := c.Wait(); err != nil {
			return fmt.Errorf("%s: %w\n%s", c.Path, err, output.String())
		}
		return nil
	}, nil
}

func (f *feeder) properties(s *lokirun.Server) [][2]string {
	list := [][2]string{
		{"url", s.URL()},
		{"dead_letter_path", filepath.Join(f.demo.dir, "dead-letter.jsonl")},
	}
	if s == f.demo.Server {
		list = append(list, f.Properties...)
	}
	return list
}

func (f *feeder) host() *exec.Cmd {
	args := []string{"--path-key", "filename", "--follow"}
	for _, p := range f.properties(f.demo.Server) {
		args = append(args, "-p", p[0]+"="+p[1])
	}
	for _, file := range f.demo.Files {
		args = append(args, "--host", file.Host, "--file", file.Tag+"="+file.Path)
	}
	return exec.Command(filepath.Join(f.Build, "host"), append(args, filepath.Join(f.Build, "zimbraloki.so"))...)
}

// fluentBit writes a configuration of the kind that conf/fluent-bit holds.
func (f *feeder) fluentBit() (*exec.Cmd, error) {
	var b strings.Builder
	b.WriteString("service:\n  flush: 1\n  grace: 5\n  log_level: warn\n")
	if host, port, err := net.SplitHostPort(f.Metrics); err == nil {
		fmt.Fprintf(&b, "  http_server: on\n  http_listen: %s\n  http_port: %s\n", host, port)
	}
	fmt.Fprintf(&b, "plugins:\n  - %s\npipeline:\n  inputs:\n", filepath.Join(f.Build, "zimbraloki.so"))
	for _, file := range f.demo.Files {
		fmt.Fprintf(&b, "    - name: tail\n      path: %s\n      tag: %s\n      path_key: filename\n      read_from_head: true\n", file.Path, file.Tag)
	}
	b.WriteString("  filters:\n")
	for _, file := range f.demo.Files { // the record says whose log it is; syslog does so itself
		fmt.Fprintf(&b, "    - name: record_modifier\n      match: %s\n      record: hostname %s\n", file.Tag, file.Host)
	}
	b.WriteString("  outputs:\n")
	for _, s := range append([]*lokirun.Server{f.demo.Server}, f.Copies...) {
		b.WriteString("    - name: zimbraloki\n      match: '*'\n      workers: 1\n      retry_limit: no_limits\n")
		for _, p := range f.properties(s) {
			fmt.Fprintf(&b, "      %s: %s\n", p[0], p[1])
		}
	}
	conf := filepath.Join(f.demo.dir, "fluent-bit.yaml")
	if err := os.WriteFile(conf, []byte(b.String()), 0o644); err != nil {
		return nil, err
	}
	return exec.Command(f.FluentBit, "-c", conf), nil
}
