package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func TestReplayCommand(t *testing.T) {
	l := lokitest.New(lokitest.Options{MaxLine: 10})
	defer l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "dead.jsonl")
	letter := func(line string) {
		t.Helper()
		w, err := deadletter.Open(deadletter.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if err := w.Append(deadletter.Record{Kind: deadletter.KindEntry, Time: time.Now().UnixNano(), Labels: []entry.Pair{{Name: "job", Value: "x"}}, Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	conf := filepath.Join(dir, "out.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[OUTPUT]\n  Name zimbraloki\n  url %s\n  tenant_id mail\n", l.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want int, args ...string) {
		t.Helper()
		if out, code := flagtest.Run(t.Context(), Command(), args...); code != want {
			t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, out)
		}
	}
	f(2)
	f(2, "--config", filepath.Join(dir, "nowhere"), path)
	f(2, "--url", "no-url", path)
	f(1, "--config", conf, path)
	letter("short")
	f(0, "--config", conf, "--dry-run", dir)
	f(0, "--config", conf, dir)
	letter("longer than Loki takes")
	f(3, "--config", conf, path)
	if all := l.Entries(); len(all) != 1 || all[0].Tenant != "mail" {
		t.Errorf("Loki has %+v", all)
	}
}
