// Command gen rewrites the documents that are made from the code. Run it from
// anywhere in the repository:
//
//	go run ./dev/gen
//
// With -check it writes nothing, and ends with status 1 if a document is stale.
//
//	go run ./dev/gen man DIR
//
// writes the manual pages to DIR, for packages.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/check"
	"github.com/zimbraloki/zimbraloki/questions"
)

// documents are the files that are generated, by their path in the repository.
var documents = []struct {
	path string
	make func(root string) ([]byte, error)
}{
	{"ARCHITECTURE.md", architecture},
	{"docs/configuration.md", func(string) ([]byte, error) { return config.Markdown(), nil }},
	{"docs/fields.md", fieldsMarkdown},
	{"docs/outcomes.md", outcomesMarkdown},
	{"docs/security.md", securityMarkdown},
	{"docs/formats.md", formatsMarkdown},
	{"docs/metrics.md", metricsMarkdown},
	{"docs/limits.md", limitsMarkdown},
	{"docs/check.md", func(string) ([]byte, error) { return check.Markdown(), nil }},
	{"docs/cli.md", cliMarkdown},
	{"docs/cookbook.md", func(string) ([]byte, error) { return questions.Markdown(), nil }},
	{"conf/zimbraloki.yaml", func(string) ([]byte, error) { return config.Sample(), nil }},
	{"conf/zimbraloki.schema.json", func(string) ([]byte, error) { return config.Schema() }},
}

func main() {
	check := flag.Bool("check", false, "write nothing; say what is stale")
	flag.Parse()
	var err error
	if args := flag.Args(); len(args) == 2 && args[0] == "man" {
		err = manPages(args[1])
	} else if len(args) > 0 {
		err = fmt.Errorf("arguments %q: only man DIR is known", args)
	} else {
		err = run(*check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run writes every document that is not as it should be, or complains of it.
func run(check bool) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range documents {
		text, err := d.make(root)
		if err == nil {
			err = update(filepath.Join(root, d.path), append(bytes.TrimRight(text, "\n"), '\n'), check)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func update(path string, want []byte, check bool) error {
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if bytes.Equal(have, want) {
		return nil
	}
	if check {
		return fmt.Errorf("%s is stale: run go run ./dev/gen", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, want, 0o644)
}

// findRoot returns the nearest directory above with a go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = up
	}
}
