package lokirun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Kind tells the servers apart that answer Loki's API.
type Kind string

// Kinds of server.
const (
	Serve Kind = "serve" // zimbraloki serve, of this checkout
	Loki  Kind = "loki"  // the real one
)

// Program is a server that can be started.
type Program struct {
	Kind Kind
	Path string
}

// Environment variables.
const (
	// BinEnv names a real Loki. Without it the one on PATH is taken.
	BinEnv = "LOKI"
	// BuildEnv names the folder that make builds into.
	BuildEnv = "ZIMBRALOKI_BUILD"
)

// Asked begins the line that a test logs when it gets a server, and Kind ends it.
const Asked = "asked server: "

// ErrNoLoki is in the error of Find when there is none and none was asked for.
var ErrNoLoki = errors.New("no real Loki: set " + BinEnv + " to its path or put loki on PATH; docs/quickstart.md says how to get it")

// Find returns the real Loki: the one that $LOKI names, else loki on PATH. A variable that names no program is an
// error of its own, so that nobody takes what was left out for what was done.
func Find() (Program, error) {
	if bin := os.Getenv(BinEnv); bin != "" {
		return Program{Loki, bin}, checkExecutable(bin)
	}
	bin, err := exec.LookPath("loki")
	if err != nil {
		return Program{}, ErrNoLoki
	}
	return Program{Loki, bin}, nil
}

func checkExecutable(bin string) error {
	st, err := os.Stat(bin)
	if err != nil {
		return fmt.Errorf("%s=%s: %w", BinEnv, bin, err)
	}
	if st.IsDir() || st.Mode()&0o111 == 0 {
		return fmt.Errorf("%s=%s is not an executable file", BinEnv, bin)
	}
	return nil
}

// Embedded returns the command line of this checkout, whose serve answers Loki's API: $ZIMBRALOKI_BUILD/zimbraloki if
// make says that it has built it, else it is built now, once in a process.
func Embedded() (Program, error) {
	if build := os.Getenv(BuildEnv); build != "" {
		bin := filepath.Join(build, "zimbraloki")
		if _, err := os.Stat(bin); err != nil {
			return Program{}, fmt.Errorf("%s=%s has no command line: run `make cli`: %w", BuildEnv, build, err)
		}
		return Program{Serve, bin}, nil
	}
	bin, err := built()
	return Program{Serve, bin}, err
}

// Build returns the folder that make builds into: $ZIMBRALOKI_BUILD, else build/ of the checkout.
func Build() (string, error) {
	if build := os.Getenv(BuildEnv); build != "" {
		return build, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	root, err := moduleRoot(dir)
	return filepath.Join(root, "build"), err
}

// built builds the command line into the checkout's build folder and returns its path.
var built = sync.OnceValues(func() (string, error) {
	build, err := Build()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(build, 0o750); err != nil {
		return "", err
	}
	// Tests of several packages do this at the same time: each runs a whole program.
	temp, err := os.MkdirTemp(build, "zimbraloki-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp) //nolint:errcheck // below build/, which is not kept
	c := exec.CommandContext(context.Background(), "go", "build", "-o", filepath.Join(temp, "zimbraloki"), "./cmd/zimbraloki")
	c.Dir, c.Env = filepath.Dir(build), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the command line: %w\n%s", err, out)
	}
	bin := filepath.Join(build, "zimbraloki")
	return bin, os.Rename(filepath.Join(temp, "zimbraloki"), bin)
})

// Name is what people call the program.
func (p Program) Name() string {
	return map[Kind]string{Serve: "zimbraloki serve", Loki: "Loki"}[p.Kind]
}

// Version is what the program says of itself, in one line.
func (p Program) Version(ctx context.Context) string {
	args := map[Kind][]string{Serve: {"version"}, Loki: {"-version"}}[p.Kind]
	out, err := exec.CommandContext(ctx, p.Path, args...).CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		return fmt.Sprintf("%s: %v", p.Path, err)
	}
	line, _, _ = strings.Cut(line, " (branch") // Loki adds where it was built
	return line
}

// rootModule is the path of the root module. Those of the nested modules (observe …) are longer.
const rootModule = "github.com/zimbraloki/zimbraloki"

// moduleRoot walks up from dir to the folder of the root go.mod, past the go.mod of a nested module.
func moduleRoot(dir string) (string, error) {
	for d := dir; ; {
		mod, err := os.ReadFile(filepath.Join(d, "go.mod")) // a go.mod above the working directory
		if err == nil && declares(mod, rootModule) {
			return d, nil
		}
		up := filepath.Dir(d)
		if up == d {
			return "", fmt.Errorf("no go.mod of %s in %q or above", rootModule, dir)
		}
		d = up
	}
}

// declares reports whether the go.mod text holds the line "module path".
func declares(mod []byte, path string) bool {
	for line := range bytes.Lines(mod) {
		if f := bytes.Fields(line); len(f) == 2 && string(f[0]) == "module" {
			return string(f[1]) == path
		}
	}
	return false
}
