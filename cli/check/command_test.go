package check

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/config/check"
)

func TestCheckCommand(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	warned := write("warned.yaml", "plugins: [/x/zimbraloki.so]\npipeline:\n  outputs:\n    - {name: zimbraloki, match: '*', url: '${U}', workers: 1, retry_limit: no_limits}\n")
	wrong := write("wrong.yaml", "pipeline:\n  outputs:\n    - {name: zimbraloki, match: '*', urll: x, workers: 1, retry_limit: no_limits}\n")
	env := write("env", "# x\nexport U=\"http://192.0.2.1\"\n")
	f := func(want int, args ...string) {
		t.Helper()
		if out, code := flagtest.Run(t.Context(), Command(), args...); code != want {
			t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, out)
		}
	}
	f(0, "--no-files", "--env-file", env, warned)
	f(1, "--no-files", "--strict", "--env", "U=http://192.0.2.1", warned)
	f(1, "--no-files", wrong)
	f(1, "--no-files", warned, wrong)
	f(2)
	f(2, filepath.Join(dir, "nowhere.yaml"))
	f(2, "-o", "xml", wrong)
	f(2, "--env", "U", wrong)
	f(2, "--env-file", filepath.Join(dir, "nowhere"), wrong)

	if out, _ := flagtest.Run(t.Context(), Command(), "--no-files", warned); !strings.Contains(out, "unset-variable") {
		t.Errorf("no hint:\n%s", out)
	}
	var buf bytes.Buffer
	x := &checker{output: "json", noFiles: true}
	if err := x.run([]string{wrong}, nil, &buf); err == nil {
		t.Error("no error")
	}
	if out, _ := flagtest.Run(t.Context(), Command(), "--no-files", wrong); !strings.HasSuffix(out, "zimbraloki: 1 error, 3 warnings, 1 hint\n") {
		t.Errorf("verdict:\n%s", out)
	}
	var got check.Finding
	line, _, _ := strings.Cut(buf.String(), "\n")
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.File != wrong || got.Rule == "" || got.Cure == "" {
		t.Errorf("%v: %s", err, line)
	}
}

// TestStandardInput: - is the configuration that comes from elsewhere; findings
// name it so.
func TestStandardInput(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		var out bytes.Buffer
		x := &checker{output: "text", noFiles: true}
		err := x.run([]string{"-"}, strings.NewReader(text), &out)
		if err == nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v\n%s\nwant %q", err, out.String(), want)
		}
	}
	f("[OUTPUT]\n    Name zimbraloki\n    Match *\n    Urll http://192.0.2.1\n", "-:4: error: unknown key Urll")
	f("pipeline:\n  outputs:\n    - name: zimbraloki\n      urll: http://192.0.2.1\n", "-:4: error: unknown key urll")
	f("\x7fELF\x00\xff", "-: error: is no text but binary")
	x := &checker{output: "text"}
	if err := x.run([]string{"-"}, strings.NewReader(strings.Repeat("#", 2<<20)), io.Discard); err == nil || !strings.Contains(err.Error(), "no configuration") {
		t.Error(err)
	}
}
