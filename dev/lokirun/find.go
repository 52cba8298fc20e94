package lokirun

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// BinEnv names the environment variable that points at a Loki binary and overrides build/loki.
const BinEnv = "ZIMBRALOKI_LOKI"

// Find returns the path of the Loki binary: $ZIMBRALOKI_LOKI, else build/loki under the root of this module, found
// by walking up from the working directory. Tests skip when it returns an error.
func Find() (string, error) {
	if bin := os.Getenv(BinEnv); bin != "" {
		return bin, checkExecutable(bin)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	root, err := moduleRoot(dir)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(root, "build", "loki")
	return bin, checkExecutable(bin)
}

// rootModule is the path of the root module. Those of the nested modules (test/realloki …) are longer.
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

func checkExecutable(bin string) error {
	st, err := os.Stat(bin)
	if err != nil {
		return fmt.Errorf("no Loki binary, run `make loki` or set %s: %w", BinEnv, err)
	}
	if st.IsDir() || st.Mode()&0o111 == 0 {
		return fmt.Errorf("%q is not an executable file, run `make loki` or set %s", bin, BinEnv)
	}
	return nil
}
