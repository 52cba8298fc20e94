package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretPrints(t *testing.T) {
	s := NewSecret("hunter2")
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%30s"} {
		f(fmt.Sprintf(verb, s), mask)
	}
	f(fmt.Sprint(NewSecret("")), "")
	f(s.String(), mask)
	f(s.Reveal(), "hunter2")
	f(Secret{}.Reveal(), "")

	js, err := json.Marshal(map[string]any{"a": s, "b": &s})
	if err != nil {
		t.Fatal(err)
	}
	f(string(js), `{"a":"***","b":"***"}`)
}

// TestSecretHides puts a secret where others print it: in a Config, in an
// unexported field, in slog.
func TestSecretHides(t *testing.T) {
	cfg, err := parse(section("url http://127.0.0.1/?t=hunter2\nhttp_user a\nhttp_passwd hunter2\nheader X-A: hunter2"), testHost)
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ s Secret }{cfg.HTTPPasswd}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v\n", hidden, hidden, hidden)
	fmt.Fprintf(&b, "%v %+v %#v\n", cfg.Headers, cfg.Headers, cfg.HTTPPasswd)
	fmt.Fprintf(&b, "%v %+v %s\n", cfg, cfg, cfg)
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("start", "config", cfg, "passwd", cfg.HTTPPasswd, "header", cfg.Headers[0].Value)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("a secret shows:\n%s", b.String())
	}
	if n := strings.Count(b.String(), mask); n < 10 {
		t.Errorf("only %d of the masks are there:\n%s", n, b.String())
	}
}

func TestLogValue(t *testing.T) {
	cfg, err := parse(section("tenant_id mail\nurl http://127.0.0.1:3100"), testHost)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop})).Info("start", "config", cfg)
	want := `level=INFO msg=start config.url=http://127.0.0.1:3100/loki/api/v1/push config.tenant_id=mail ` +
		`config.timezone=local ` +
		`config.dead_letter_path=/var/lib/zimbraloki/dead-letter.jsonl` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}

func TestRedactURL(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := redactURL(in); got != want {
			t.Errorf("redactURL(%q) = %q, want %q", in, got, want)
		}
	}
	f("http://h:1/p", "http://h:1/p")
	f("http://u:p@h/p", "http://***@h/p")
	f("http://u:p@x@h/p", "http://***@h/p")
	f("u:p@h", "***@h")
	f("http://h/p?a=1&b&c=2", "http://h/p?a=***&b&c=***")
	f("http://h/p?a@b=1", "http://h/p?a@b=***")
}
