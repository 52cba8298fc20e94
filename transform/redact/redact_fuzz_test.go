package redact

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// FuzzRedact: what comes out holds no more to redact, the filter lets nothing
// pass that the rules would replace, and a text without triggers is the same
// memory.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{
		`{"password":"a\"b","x":{"token":["1","2"]}}`, "Cookie: a=b; c=\"d;e\"; f", "<password>a</password><session id=1>",
		"amqp://u:p@h/x?password=y", "zmprov sp a b ca c d", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", "&lt;password&gt;x&lt;",
		`\"authToken\":\"x\\\"y`, "Authorization: Digest username=\"a\", response=\"b\"", "password: x y", `a LOGIN "u" "p"`, "PASS a b", `zauthtoken%3D0_abc%26`,
		`\u003cpassword\u003ea\u003c/password\u003e`,
	} {
		f.Add(s)
	}
	var arena scan.Arena
	clean := NewCleaner(&arena)
	f.Fuzz(func(t *testing.T, s string) {
		arena.Reset()
		s = strings.ToValidUTF8(s, "?")
		out, ok := clean.Text(s, -1)
		if ok && !MaySecret(s) && !MayUserinfo(s) {
			t.Fatalf("the filter lets pass %q, which becomes %q", s, out)
		}
		if !ok && (len(out) != len(s) || unsafe.StringData(out) != unsafe.StringData(s)) {
			t.Fatalf("%q was copied", s)
		}
		if again, ok := clean.Text(out, -1); ok && again != out {
			t.Fatalf("%q becomes %q, and that %q", s, out, again)
		}
	})
}

// TestRedactAllocates nothing where there is nothing to do.
func TestRedactAllocates(t *testing.T) {
	line := sample.Mailbox
	if n := testing.AllocsPerRun(100, func() {
		if MaySecret(line) || MayUserinfo(line) {
			t.Error("a plain line is suspicious")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
