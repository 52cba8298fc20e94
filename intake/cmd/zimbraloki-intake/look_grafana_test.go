package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// grafana is where the link of a ticket leads: a real one, or a page that takes
// its place.
type grafana struct {
	url    string
	real   bool
	opened chan string // queries of those who came to the stand-in
}

// startGrafana starts the Grafana that GRAFANA names, with GRAFANA_HOME as its
// home, over a Loki. Everybody may look.
func startGrafana(t *testing.T, loki string) grafana {
	t.Helper()
	bin, home := os.Getenv("GRAFANA"), os.Getenv("GRAFANA_HOME")
	if bin == "" {
		t.Log("GRAFANA names no Grafana: the link to it leads to a stand-in, and nobody sees what Explore shows")
		g := grafana{opened: make(chan string, 1)}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/explore" {
				g.opened <- r.URL.RawQuery
			}
			_, _ = io.WriteString(w, "<!doctype html><title>Explore</title>")
		}))
		t.Cleanup(s.Close)
		g.url = s.URL
		return g
	}
	if home == "" {
		home = "/usr/share/grafana"
	}
	dir, port := t.TempDir(), freePort(t)
	source := fmt.Sprintf("apiVersion: 1\ndatasources:\n  - {name: Loki, uid: loki, type: loki, access: proxy, url: %q, isDefault: true}\n", loki)
	file := filepath.Join(dir, "provisioning", "datasources", "loki.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "server", "--homepath", home)
	cmd.Dir = home
	cmd.Env = os.Environ()
	for _, v := range [][2]string{
		{"SERVER_HTTP_ADDR", "127.0.0.1"},
		{"SERVER_HTTP_PORT", port},
		{"PATHS_DATA", filepath.Join(dir, "data")},
		{"PATHS_LOGS", filepath.Join(dir, "logs")},
		{"PATHS_PLUGINS", filepath.Join(dir, "plugins")},
		{"PATHS_PROVISIONING", filepath.Join(dir, "provisioning")},
		{"AUTH_ANONYMOUS_ENABLED", "true"},
		{"AUTH_ANONYMOUS_ORG_ROLE", "Editor"},
		{"AUTH_DISABLE_LOGIN_FORM", "true"},
		{"SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "true"},
		{"USERS_DEFAULT_THEME", "light"},
		{"DATE_FORMATS_DEFAULT_TIMEZONE", "UTC"},
		{"NEWS_NEWS_FEED_ENABLED", "false"},
		{"ANALYTICS_REPORTING_ENABLED", "false"},
		{"ANALYTICS_CHECK_FOR_UPDATES", "false"},
		{"ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"},
		{"PLUGINS_PREINSTALL_DISABLED", "true"},
		{"LOG_LEVEL", "warn"},
	} {
		cmd.Env = append(cmd.Env, "GF_"+v[0]+"="+v[1])
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("GRAFANA=%s: %v", bin, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	g := grafana{url: "http://127.0.0.1:" + port, real: true}
	g.ready(t, &said)
	return g
}

func freePort(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(nil)
	defer s.Close()
	return s.URL[strings.LastIndexByte(s.URL, ':')+1:]
}

// ready waits until Grafana answers, at most three minutes.
func (g grafana) ready(t *testing.T, said *bytes.Buffer) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); <-tick.C {
		res, err := http.Get(g.url + "/api/health")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("Grafana does not answer on %s; it wrote:\n%s", g.url, said)
}

// explores follows the link to Grafana, which has to show the ticket's logs over
// the time of the logs.
func (b *tab) explores(g grafana, m model.Import) {
	b.t.Helper()
	const link = `main a.button[rel=noreferrer]`
	b.open("/tickets/show/zimbra/SUP-1488/")
	href, err := url.Parse(b.js(`document.querySelector("` + link + `").href`))
	if err != nil || !strings.HasPrefix(href.String(), g.url+"/explore?") {
		b.t.Fatalf("the link leads to %s, %v", href, err)
	}
	b.panes(href.Query().Get("panes"), m)
	b.click(link)
	if !g.real {
		select {
		case query := <-g.opened:
			if query != href.RawQuery {
				b.t.Errorf("Grafana is asked %s, want %s", query, href.RawQuery)
			}
		case <-time.After(20 * time.Second):
			b.t.Fatal("nobody came to Grafana")
		}
		return
	}
	// A page of Explore is busy for long: each step is asked for until it is done.
	const rows = `document.querySelectorAll('tr[class*="logs-row"], [data-testid="log-row"]')`
	b.within(5*time.Minute, `location.pathname === "/explore" && `+rows+`.length >= 10`)
	b.within(2*time.Minute, `document.querySelector(".u-over") !== null && document.querySelector(".monaco-editor .view-line") !== null`)
	b.window("explore-desktop")
	// The first line, opened once, has the labels of the ticket.
	b.within(5*time.Minute, `globalThis.opened ??= ((`+rows+`[0].querySelector("td:last-child") ?? `+rows+`[0]).click(), true)`)
	b.within(5*time.Minute, `["SUP-1488", "upload", "zimbra"].every((text) => [...document.querySelectorAll("td, span")].some((e) => e.textContent.trim() === text))`)
}

// window keeps a picture of what the window shows, at once: a page that is drawn
// anew all the time has no picture that stays.
func (b *tab) window(name string) {
	b.t.Helper()
	if os.Getenv("INTAKE_LOOK_PICTURES") == "off" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	b.keep(name, data)
}

// panes are what a link says of its panes: one question, over the time of the
// import.
func (b *tab) panes(text string, m model.Import) {
	b.t.Helper()
	var panes map[string]struct {
		Queries []struct{ Expr string }
		Range   struct{ From, To string }
	}
	if err := json.Unmarshal([]byte(text), &panes); err != nil {
		b.t.Fatal(err)
	}
	for _, pane := range panes {
		from, to := fmt.Sprint(m.From.UnixMilli()), fmt.Sprint(m.To.UnixMilli()+1)
		if pane.Range.From != from || pane.Range.To != to {
			b.t.Errorf("the link's range is %+v, want %s to %s", pane.Range, from, to)
		}
		if want := `{platform="zimbra", ticket="SUP-1488", source="upload"}`; len(pane.Queries) != 1 || pane.Queries[0].Expr != want {
			b.t.Errorf("the link asks %+v, want %s", pane.Queries, want)
		}
	}
	if len(panes) != 1 {
		b.t.Errorf("%d panes", len(panes))
	}
}
