// Command demo shows the main job on one machine without Docker: sample logs go
// through zimbraloki.so into a server that answers Loki's API, which is then asked:
// zimbraloki serve, or the real Loki that $LOKI names or that is on PATH. `make
// demo` runs it.
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
	if len(os.Args) > 1 && os.Args[1] == string(lokirun.Serve) {
		os.Exit(runServe(os.Args[2:]))
	}
	keep := flag.Bool("keep", false, "leave the server running until Ctrl-C")
	useHost := flag.Bool("host", false, "use the host program though fluent-bit is there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *keep, *useHost); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, keep, useHost bool) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o := demo.Options{Build: filepath.Dir(self), Log: os.Stdout}
	if _, err := os.Stat(filepath.Join(o.Build, "zimbraloki.so")); err != nil {
		return fmt.Errorf("run it by `make demo`, which builds what it needs: %w", err)
	}
	if path, err := exec.LookPath("fluent-bit"); err == nil && !useHost {
		o.FluentBit = path
	}
	if o.Server, err = program(self); err != nil {
		return err
	}
	d, err := demo.Run(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if cerr := d.Close(ctx); err == nil {
			err = cerr
		}
	}()
	if err := d.Ask(ctx, os.Stdout); err != nil {
		return err
	}
	if keep {
		fmt.Printf("%s listens on %s until you press Ctrl-C.\n", o.Server.Name(), d.Server.URL())
		<-ctx.Done()
	}
	fmt.Printf("The demo stops %s and removes its files. `make demo DEMOFLAGS=-keep` leaves it running.\n", o.Server.Name())
	return nil
}

// program returns the real Loki if there is one, else the serve that is inside of
// the program self, this one: a command line beside it would be compiled for a
// minute to do the same.
func program(self string) (lokirun.Program, error) {
	p, err := lokirun.Find()
	if errors.Is(err, lokirun.ErrNoLoki) {
		return lokirun.Program{Kind: lokirun.Serve, Path: self}, nil
	}
	return p, err
}
