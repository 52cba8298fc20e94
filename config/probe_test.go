package config

import (
	"strings"
	"testing"
)

// unknownKey parses a section with one more key than it should have.
func unknownKey(key string) error {
	_, err := parse(section("url http://127.0.0.1\n"+key+" something"), testHost)
	return err
}

func TestUnknownKeys(t *testing.T) {
	f := func(key, want string) {
		t.Helper()
		err := unknownKey(key)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", key, err, want)
		}
	}
	f("Lables", `lables: unknown key; did you mean "labels"?`)
	f("label", `label: unknown key; did you mean "labels"?`)
	f("label_key", `label_key: unknown key; did you mean "label_keys"?`)
	f("LabelKey", `labelkey: unknown key; did you mean "label_keys"?`)
	f("tenant", `tenant: unknown key; did you mean "tenant_id"?`)
	f("urll", `urll: unknown key; did you mean "url"?`)
	f("batch-bytes", `batch-bytes: unknown key; did you mean "batch_bytes"?`)
	f("BatchBytes", `batchbytes: unknown key; did you mean "batch_bytes"?`)
	f("flush.timeout", `flush.timeout: unknown key; did you mean "flush_timeout"?`)
	f("header_0", `header_0: unknown key; did you mean "header"?`)
	f("remove_keys", `remove_keys: unknown key; leave it out: the line is always sent as it was written`)
}

// TestEverySlip tries each single slip in a name, without help from the code
// that looks for them: a letter left out, doubled, swapped, replaced.
func TestEverySlip(t *testing.T) {
	if testing.Short() {
		t.Skip("tries thousands of names: not with -short")
	}
	known := func(s string) bool { _, ok := byName[s]; return ok }
	var slipped []string
	for _, f := range Fields() {
		for i, r := range f.Name {
			slipped = append(slipped,
				f.Name[:i]+f.Name[i+1:],
				f.Name[:i]+string(r)+f.Name[i:],
				f.Name[:i]+"x"+f.Name[i+1:])
			if i > 0 {
				slipped = append(slipped, f.Name[:i-1]+string(r)+string(f.Name[i-1])+f.Name[i+1:])
			}
		}
	}
	written := make(map[string]bool)
	for _, s := range slipped {
		written[s] = !known(s)
	}
	_, err := parse(func(key string) string {
		if written[key] {
			return "something"
		}
		return ""
	}, testHost)
	if err == nil {
		t.Fatal("no error")
	}
	for s, want := range written {
		if got := strings.Contains("\n"+err.Error(), "\n"+s+": unknown key"); got != want {
			t.Errorf("%s: refused %v, want %v", s, got, want)
		}
	}
	if len(written) < 1000 {
		t.Errorf("only %d slips tried", len(written))
	}
}

// TestProbesAreFew keeps the look-ups at start within what a start may cost.
func TestProbesAreFew(t *testing.T) {
	n := 0
	if _, err := parse(func(string) string { n++; return "" }, testHost); err != nil {
		t.Fatal(err)
	}
	if n > 100_000 {
		t.Errorf("%d look-ups", n)
	}
	t.Logf("%d look-ups", n)
}

// BenchmarkParse measures one start without the cost of crossing into C.
func BenchmarkParse(b *testing.B) {
	get := section("url http://127.0.0.1\nlabels job=zimbra")
	for b.Loop() {
		if _, err := parse(get, testHost); err != nil {
			b.Fatal(err)
		}
	}
}
