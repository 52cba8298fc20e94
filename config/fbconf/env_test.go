package fbconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVariables: what a configuration says of its own variables.
func TestVariables(t *testing.T) {
	f := func(name, text, want, problem string) {
		t.Helper()
		dir := tree(t, map[string]string{"secret": "of a file\n\n", "empty": "\n"})
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		c := Read(path, func(name string) (string, bool) { return "environment", name == "a" })
		outputs := c.Of(Output)
		if len(outputs) != 1 || outputs[0].First("x") != want {
			t.Errorf("%s: x of %d outputs is not %q: %+v", name, len(outputs), want, outputs)
		}
		said := ""
		for _, p := range c.Problems {
			said += strings.ReplaceAll(p.String()+": "+p.What, dir+"/", "")
		}
		if said != problem {
			t.Errorf("%s: %q, want %q", name, said, problem)
		}
	}
	const classic, yaml = "[OUTPUT]\n    name null\n    x <${a}>\n", "pipeline:\n  outputs:\n    - name: 'null'\n      x: <${a}>\n"
	f("a.conf", classic, "<environment>", "")
	f("a.yaml", yaml, "<environment>", "")
	f("b.conf", "@SET a=own\n"+classic, "<own>", "")
	f("b.yaml", "env: {a: own}\n"+yaml, "<own>", "")
	f("c.conf", "@SET  a= s p \n"+classic, "< s p>", "")
	f("d.yaml", "env:\n  - a: own\n"+yaml, "<own>", "")
	f("e.yaml", "env:\n  - Name: a\n    Value: own\n"+yaml, "<own>", "")
	f("f.yaml", "env:\n  - name: a\n    value: own\n    uri: file://DIR/secret\n    refresh_interval: 1m\n"+yaml, "<of a file\n>", "")
	f("g.yaml", "env:\n  a: file://DIR/secret\n"+yaml, "<of a file\n>", "")
	f("g.conf", "@SET a=file://DIR/secret\n"+classic, "<of a file\n>", "")
	f("h.yaml", "env:\n  a: file://DIR/nowhere\n"+yaml, "<environment>", `h.yaml:2: cannot read "nowhere" for the variable a (no such file or directory)`)
	f("i.yaml", "env:\n  a: file://DIR/empty\n"+yaml, "<environment>", `i.yaml:2: "empty" is empty, and the variable a without a value`)
}

// TestIncludesFollowTheMainFile: an include has the form of the main file,
// whatever it is called, and begins where that file really is.
func TestIncludesFollowTheMainFile(t *testing.T) {
	dir := tree(t, map[string]string{
		"real/main.conf": "@INCLUDE out.yaml\n",
		"real/out.yaml":  "[OUTPUT]\n    name null\n",
		"real/main.yaml": "includes: [out.conf]\n",
		"real/out.conf":  "pipeline:\n  outputs:\n    - name: 'null'\n",
	})
	if err := os.Symlink("real/main.conf", filepath.Join(dir, "link.conf")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"real/main.conf", "real/main.yaml", "link.conf"} {
		c := Read(filepath.Join(dir, name), nil)
		if len(c.Of(Output)) != 1 || len(c.Problems) > 0 {
			t.Errorf("%s: %d outputs, %+v", name, len(c.Of(Output)), c.Problems)
		}
	}
}
