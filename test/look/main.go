// Command look shows the dashboards in a real Grafana to a real browser: the
// sample logs go through zimbraloki.so into a server that answers Loki's API,
// Grafana reads conf/grafana, Chromium opens every dashboard at the width of a
// screen and of a phone, and Explore with a line opened, and takes pictures. It
// clicks on links and imports the dashboards into another Grafana. `make look`
// runs it. What the pictures show is for a person to judge; a panel without data,
// one that fails and a link that leads nowhere are errors.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/demo"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

func main() {
	out := flag.String("out", "pictures", "directory for the pictures")
	keep := flag.Bool("keep", false, "leave Grafana running until Ctrl-C")
	only := flag.String("only", "", "comma-separated: a dashboard's uid, "+strings.Join(parts, ", "))
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *only, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "look:", err)
		os.Exit(1)
	}
}

// parts are what can be asked for beside dashboards: pictures of Explore, of the
// row of recording rules in Overview; clicks in dashboards, and on lines in Explore;
// the import into a Grafana that is not ours.
var parts = []string{"explore", "recorded", "clicks", "lines", "import"}

// found is what the pictures need and the repository does not have.
type found struct {
	grafana, home, chromium string
	fluentBit               string // "" for the host program
}

// find says all that is missing at once.
func find() (f found, err error) {
	var errs []error
	program := func(variable string, names ...string) string {
		if path := os.Getenv(variable); path != "" {
			if _, err := os.Stat(path); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", variable, err))
			}
			return path
		}
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		errs = append(errs, fmt.Errorf("no %s in PATH: set %s to the program", names[0], variable))
		return ""
	}
	f.grafana = program("GRAFANA", "grafana")
	f.chromium = program("CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	if f.fluentBit, _, _ = strings.Cut(os.Getenv("FLUENT_BIT"), string(os.PathListSeparator)); f.fluentBit == "" {
		f.fluentBit, _ = exec.LookPath("fluent-bit") // or the host program
	}
	if f.home = os.Getenv("GRAFANA_HOME"); f.home == "" {
		f.home = "/usr/share/grafana"
	}
	if _, err := os.Stat(filepath.Join(f.home, "public", "build")); err != nil {
		errs = append(errs, fmt.Errorf("GRAFANA_HOME %q is not the home of a Grafana, which has public/build: set it to the folder of your installation", f.home))
	}
	return f, errors.Join(errs...)
}

func run(ctx context.Context, out, only string, keep bool) (err error) {
	f, err := find()
	if err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	m, err := newMetrics()
	if err != nil {
		return err
	}
	defer os.RemoveAll(m.dir) // of os.MkdirTemp
	p, err := m.start(ctx, root)
	if err != nil {
		return err
	}
	defer p.stop()
	d, err := filled(ctx, f, m, root)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err = errors.Join(err, d.Close(ctx))
	}()
	ctx, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() {
		followed <- samplelogs.Follow(ctx, d.Logs(), samplelogs.Options{Location: time.Local, Seed: 1, MailsPerMinute: 30})
	}()
	defer func() { stop(); err = errors.Join(err, <-followed) }()
	g, err := startGrafana(ctx, f, setting{d.Server.URL(), p.url, "Viewer", ours(root)})
	if err != nil {
		return err
	}
	defer g.stop()
	fmt.Printf("Grafana listens on %s\n", g.url)
	c := camera{out: out, root: root, grafana: g.url, from: d.Start, to: d.End}
	err = c.look(ctx, f, m, d, p, only)
	if keep {
		fmt.Printf("%v\nIt runs until you press Ctrl-C.\n", err)
		<-ctx.Done()
	}
	return err
}

// filled starts the server and sends the logs of the past through the plugin.
func filled(ctx context.Context, f found, m metrics, root string) (*demo.Demo, error) {
	o := demo.Options{Log: os.Stdout, FluentBit: f.fluentBit}
	var err error
	if o.Build, err = lokirun.Build(); err != nil {
		return nil, err
	}
	if o.Server, err = lokirun.Find(); errors.Is(err, lokirun.ErrNoLoki) {
		o.Server, err = lokirun.Embedded()
	}
	if err != nil {
		return nil, err
	}
	if err := m.options(root, &o); err != nil {
		return nil, err
	}
	return demo.Run(ctx, o)
}

// look does all that is wanted: pictures of the logs of the past, clicks, then
// what needs numbers of some minutes.
func (c camera) look(ctx context.Context, f found, m metrics, d *demo.Demo, p *server, only string) error {
	list := strings.Split(only, ",")
	wanted := func(name string) bool { return only == "" || slices.Contains(list, name) }
	tab, cancel, err := browser(ctx, f.chromium)
	if err != nil {
		return err
	}
	defer cancel()
	files, err := filepath.Glob(filepath.Join(c.root, "conf", "grafana", "dashboards", "*.json"))
	if err != nil {
		return err
	}
	past := func(uid string) bool { return uid != shipper && wanted(uid) }
	errs := []error{c.dashboards(tab, files, past)}
	if wanted("explore") {
		errs = append(errs, c.explored(tab))
	}
	if wanted("clicks") {
		errs = append(errs, c.clicks(tab, len(files)))
	}
	if wanted("lines") {
		errs = append(errs, c.lines(tab))
	}
	if p.cmd != nil && (wanted(shipper) || wanted("recorded")) {
		errs = append(errs, c.live(tab, m, d, files, wanted))
	}
	if wanted("import") {
		g, err := startGrafana(ctx, f, setting{d.Server.URL(), p.url, "Admin", foreign})
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		defer g.stop()
		theirs := c
		theirs.grafana = g.url
		if p.cmd == nil { // its panels fail here and there
			files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == shipper+".json" })
		}
		errs = append(errs, imported(tab, c, theirs, files))
	}
	return errors.Join(errs...)
}

const shipper = "zimbra-shipper"

// live takes the pictures that are of the time since the start.
func (c camera) live(ctx context.Context, m metrics, d *demo.Demo, files []string, wanted func(string) bool) error {
	errs := []error{m.ripe(ctx, `up{job="zimbraloki"}`)}
	c.from, c.to = m.started, time.Now()
	errs = append(errs, c.dashboards(ctx, files, func(uid string) bool { return uid == shipper && wanted(uid) }))
	if !wanted("recorded") || d.Server.Kind() != lokirun.Loki {
		return errors.Join(errs...)
	}
	errs = append(errs, m.ripe(ctx, "zimbra:lines:rate5m"))
	c.to = time.Now()
	for _, width := range widths {
		_, err := c.picture(ctx, fmt.Sprintf("recorded-%d", width), c.dashboard("zimbra-overview"), width, openRow)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
