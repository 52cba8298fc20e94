// Package check is zimbraloki check: it prints what package config/check finds.
package check

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config/check"
	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// checker reads configurations and prints what is wrong with them.
type checker struct {
	output   flags.Output
	strict   bool
	noFiles  bool
	quiet    bool
	env      []string
	envFiles []string

	vars map[string]string // of --env and --env-file
}

const checkLong = `Read configurations of Fluent Bit, YAML or classic, with all that they include,
and print what is wrong with them and the cure: unknown properties, keys that
Fluent Bit keeps for itself, repeated keys of which the plugin gets the first
only, and settings with which lines are lost. FILE is the main file, the one
that Fluent Bit is started with, or "-" for standard input. Nothing is changed.

Exit codes: 0 no error, 1 an error, with --strict also a warning, 2 a mistake in
the command line.`

const checkExample = `  zimbraloki check /etc/fluent-bit/fluent-bit.yaml
  zimbraloki check --strict --env-file /etc/default/fluent-bit fluent-bit.conf
  kubectl get configmap fluent-bit -o jsonpath='{.data.fluent-bit\.yaml}' | zimbraloki check --no-files -
  zimbraloki check --no-files --env LOKI_URL=https://loki.example.com conf/*.yaml`

// Command is zimbraloki check.
func Command() *cobra.Command {
	x := &checker{}
	c := &cobra.Command{
		Use:     "check FILE...|-",
		Short:   "Find mistakes in configurations of Fluent Bit",
		Long:    checkLong,
		Example: checkExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return flags.Usagef("check needs a file, as in zimbraloki check /etc/fluent-bit/fluent-bit.yaml")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			x.quiet = flags.Quiet(c)
			return x.run(args, c.InOrStdin(), c.OutOrStdout())
		},
	}
	f := c.Flags()
	x.output.Add(f, "text", "text or json")
	f.BoolVar(&x.strict, "strict", false, "end with 1 for warnings too")
	f.BoolVar(&x.noFiles, "no-files", false, "do not look for the files that the configuration names")
	f.StringArrayVar(&x.env, "env", nil, "variable of the environment, `NAME=VALUE`; may repeat")
	f.StringArrayVar(&x.envFiles, "env-file", nil, "`file` of NAME=VALUE lines, as systemd's EnvironmentFile; may repeat")
	return c
}

func (x *checker) run(files []string, in io.Reader, out io.Writer) error {
	if err := x.setup(); err != nil {
		return flags.UsageError{Err: err}
	}
	for _, file := range files {
		if file == stdin {
			continue
		}
		if info, err := os.Stat(file); err != nil {
			return flags.UsageError{Err: err}
		} else if info.IsDir() {
			return flags.Usagef("%s is a folder: name the file that Fluent Bit is started with", file)
		}
	}
	counts := map[check.Severity]int{}
	for _, file := range files {
		found, err := x.check(file, in)
		if err != nil {
			return err
		}
		for i := range found {
			f := &found[i]
			counts[f.Level()]++
			if x.quiet && !x.counts(f.Level()) {
				continue
			}
			if err := x.output.PrintFinding(out, f, f.Where()+": ", f.Severity, ": "+f.Text()); err != nil {
				return err
			}
		}
	}
	return x.verdict(counts)
}

// stdin is the name of standard input.
const stdin = "-"

func (x *checker) check(file string, in io.Reader) ([]check.Finding, error) {
	o := check.Options{Env: x.lookup, Files: !x.noFiles}
	if file != stdin {
		return check.File(file, o), nil
	}
	text, err := io.ReadAll(io.LimitReader(in, smallfile.Max+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("standard input: %w", err)
	case len(text) > smallfile.Max:
		return nil, flags.Usagef("standard input is larger than %d KiB: this is no configuration", smallfile.Max>>10)
	}
	return check.Text(stdin, text, o), nil
}

// counts reports whether the command fails for a severity.
func (x *checker) counts(s check.Severity) bool {
	return s == check.Error || x.strict && s == check.Warning
}

func (x *checker) setup() error {
	if err := x.output.Check(); err != nil {
		return err
	}
	x.vars = map[string]string{}
	for _, file := range x.envFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
			if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
				x.vars[name] = strings.Trim(value, `"'`)
			}
		}
	}
	for _, e := range x.env {
		name, value, ok := strings.Cut(e, "=")
		if !ok {
			return fmt.Errorf("--env %q: must be NAME=VALUE", e)
		}
		x.vars[name] = value
	}
	return nil
}

func (x *checker) lookup(name string) (string, bool) {
	if v, ok := x.vars[name]; ok {
		return v, true
	}
	return os.LookupEnv(name)
}

func (x *checker) verdict(counts map[check.Severity]int) error {
	errors, warnings := counts[check.Error], counts[check.Warning]
	if errors > 0 || x.strict && warnings > 0 {
		return fmt.Errorf("%s, %s, %s", say.Count(errors, "error", "errors"), say.Count(warnings, "warning", "warnings"), say.Count(counts[check.Hint], "hint", "hints"))
	}
	return nil
}
