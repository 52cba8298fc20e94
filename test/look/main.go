// Command look shows the dashboards in a real Grafana to a real browser: the
// sample logs go through zimbraloki.so into a server that answers Loki's API,
// Grafana reads conf/grafana, Chromium opens every dashboard at the width of a
// screen and of a phone, and Explore with a line opened, and takes pictures.
// `make look` runs it. What the pictures show is for a person to judge; that a
// panel says "No data" or fails is said in words.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

func main() {
	out := flag.String("out", "pictures", "directory for the pictures")
	keep := flag.Bool("keep", false, "leave Grafana running until Ctrl-C")
	only := flag.String("only", "", "take pictures of this dashboard only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *only, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "look:", err)
		os.Exit(1)
	}
}

// found is what the pictures need and the repository does not have.
type found struct{ grafana, home, chromium string }

// find says all that is missing at once.
func find() (f found, err error) {
	var errs []error
	program := func(variable string, names ...string) string {
		if path := os.Getenv(variable); path != "" {
			if _, err := os.Stat(path); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", variable, err))
			}
			return path
		}
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		errs = append(errs, fmt.Errorf("no %s in PATH: set %s to the program", names[0], variable))
		return ""
	}
	f.grafana = program("GRAFANA", "grafana")
	f.chromium = program("CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	if f.home = os.Getenv("GRAFANA_HOME"); f.home == "" {
		f.home = "/usr/share/grafana"
	}
	if _, err := os.Stat(filepath.Join(f.home, "public", "build")); err != nil {
		errs = append(errs, fmt.Errorf("GRAFANA_HOME %q is not the home of a Grafana, which has public/build: set it to the folder of your installation", f.home))
	}
	return f, errors.Join(errs...)
}

func run(ctx context.Context, out, only string, keep bool) (err error) {
	f, err := find()
	if err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	o := demo.Options{Log: os.Stdout}
	if o.Build, err = lokirun.Build(); err != nil {
		return err
	}
	if o.Server, err = lokirun.Find(); errors.Is(err, lokirun.ErrNoLoki) {
		o.Server, err = lokirun.Embedded()
	}
	if err != nil {
		return err
	}
	d, err := demo.Run(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err = errors.Join(err, d.Close(ctx))
	}()
	p, err := startPrometheus(ctx, d)
	if err != nil {
		return err
	}
	defer p.stop()
	g, err := startGrafana(ctx, f, root, d.Server.URL(), p.url)
	if err != nil {
		return err
	}
	defer g.stop()
	fmt.Printf("Grafana listens on %s\n", g.url)
	c := camera{out: out, grafana: g.url, from: d.Start, to: d.End}
	if err := c.all(ctx, f.chromium, root, only); err != nil {
		return err
	}
	if keep {
		fmt.Println("It runs until you press Ctrl-C.")
		<-ctx.Done()
	}
	return nil
}
