package config

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/deadletter"
)

// TestNamesAreFree checks that Fluent Bit passes every name and alias on, that
// none is there twice, and none is refused as foreign.
func TestNamesAreFree(t *testing.T) {
	seen := make(map[string]string)
	check := func(owner, name string) {
		t.Helper()
		if IsReserved(name) {
			t.Errorf("%s: Fluent Bit keeps %q for itself", owner, name)
		}
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) {
			t.Errorf("%s: %q is not lower case with _", owner, name)
		}
		if first, ok := seen[name]; ok {
			t.Errorf("%q belongs to %s and to %s", name, first, owner)
		}
		seen[name] = owner
	}
	eachName(func(f *Field, name string) { check(f.Name, name) })
	for _, k := range foreignKeys() {
		check("foreign "+k.name, k.name)
		if _, ok := byName[k.nearest]; k.nearest != "" && !ok {
			t.Errorf("foreign %s: no property %q", k.name, k.nearest)
		}
		if k.nearest == "" && k.cure == "" {
			t.Errorf("foreign %s: neither a near property nor a cure", k.name)
		}
	}
}

func TestIsReserved(t *testing.T) {
	f := func(name string, want bool) {
		t.Helper()
		if got := IsReserved(name); got != want {
			t.Errorf("IsReserved(%q) = %v", name, got)
		}
	}
	for _, name := range []string{
		"match", "Match_Regex", "alias", "log_level", "log_suppress_interval", "host", "port", "ipv6",
		"retry_limit", "tls", "tls.verify", "tls.ca_file", "workers", "storage.total_limit_size",
		"net.keepalive", "oauth2", "oauth2.token_url", "oauth2_x", "_debug.http.request_headers",
	} {
		f(name, true)
	}
	f("tls_verify", false)
	f("url", false)
	f("oauth", false)
}

// TestTableIsComplete checks that each row says what a reader needs.
func TestTableIsComplete(t *testing.T) {
	for _, f := range Fields() {
		missing := func(ok bool, what string) {
			t.Helper()
			if !ok {
				t.Errorf("%s: no %s", f.Name, what)
			}
		}
		missing(f.Kind != "", "kind")
		missing(f.Section != "", "section")
		missing(strings.HasSuffix(f.Doc, "."), "whole sentence")
		missing(f.bind != nil, "place in Config")
		missing((f.Kind == KindEnum) == (len(f.Allowed) > 0), "allowed values, or too many")
		numeric := f.Kind == KindInt || f.Kind == KindSize || f.Kind == KindDuration
		missing(!numeric || f.Min > 0, "lower bound")
		missing(!numeric || f.Unit != "", "unit")
		missing(f.Default == "" || f.DefaultText == "", "choice between the two defaults")
		if f.Kind == KindSecret {
			missing(f.Secret, "secrecy")
		}
	}
}

// TestExamples checks that each example of the documentation is taken.
func TestExamples(t *testing.T) {
	for _, f := range Fields() {
		if f.Example == "" {
			continue
		}
		p := &parser{hostname: testHost, cfg: &Config{}}
		if err := p.assign(&f, f.Example); err != nil {
			t.Errorf("%s %s: %v", f.Name, f.Example, err)
		}
	}
}

// TestDefaults checks the values that other parts rely on.
func TestDefaults(t *testing.T) {
	c := defaults()
	if c.BatchBytes != 2<<20 || c.MaxLineBytes != 256<<10 || c.MultilineMaxBytes != c.MaxLineBytes || c.MultilineMaxLines != 1000 {
		t.Errorf("sizes: %+v", c)
	}
	if c.FlushTimeout >= grace || c.RequestTimeout != c.FlushTimeout || c.FlushTimeout <= MinRequest {
		t.Errorf("times: flush %v, request %v", c.FlushTimeout, c.RequestTimeout)
	}
	if c.DeadLetterPath != DefaultDeadLetterPath || c.DeadLetterMaxBytes != deadletter.DefaultMaxBytes {
		t.Errorf("dead letters: %q, %d", c.DeadLetterPath, c.DeadLetterMaxBytes)
	}
	if !c.TLSVerify || c.Compress != "snappy" || c.Location == nil || c.LabelValueLimit != 100 {
		t.Errorf("others: %+v", c)
	}
}

func TestFieldsIsACopy(t *testing.T) {
	Fields()[0].Name = "changed"
	if fields[0].Name == "changed" {
		t.Error("the table can be changed from outside")
	}
}

func TestLookup(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got, ok := Lookup(name); ok != (want != "") || got.Name != want {
			t.Errorf("Lookup(%q) = %q, %v; want %q", name, got.Name, ok, want)
		}
	}
	f("url", "url")
	f("TenantID", "tenant_id")
	f("Header_9", "header")
	f("uri", "")
}

// TestDocsAreFresh fails if docs/configuration.md was not generated from the
// table as it is.
func TestDocsAreFresh(t *testing.T) {
	have, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Markdown()) {
		t.Error("docs/configuration.md is stale: run go run ./dev/gen")
	}
}

func TestDocsNameEverything(t *testing.T) {
	text := string(Markdown())
	eachName(func(_ *Field, name string) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is not in the documentation", name)
		}
	})
	for _, name := range slices.Concat(reservedNames[1:], []string{"tls.*", "net.*", "oauth2*", "_debug.http.*"}) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is not in the documentation", name)
		}
	}
}
