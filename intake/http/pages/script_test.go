package pages

import (
	_ "embed"
	"os/exec"
	"strings"
	"testing"
)

//go:embed testdata/upload.test.js
var uploadTest string

// TestUploadScript drives upload.js over a server that fails in each way. Times
// are those of a clock of the test's.
func TestUploadScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node in PATH: upload.js is not run")
	}
	script, err := staticFiles.ReadFile("static/upload.js")
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(uploadTest, "// upload.js stands here.\n")
	if !ok {
		t.Fatal("the test does not say where the script stands")
	}
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-")
	cmd.Stdin = strings.NewReader(before + string(script) + after)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "done\n") {
		t.Errorf("%v:\n%s", err, out)
	}
}
