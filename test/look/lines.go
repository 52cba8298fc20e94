package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// clickButton clicks on a link of an opened line that has this text, in the same
// window, and returns its address, or its text where it opens a question.
const clickButton = `(title) => {
	const a = [...document.querySelectorAll('a')].find(a => a.textContent.trim() === title);
	if (!a) { return ''; }
	const what = a.getAttribute('href') || title;
	a.removeAttribute('target');
	(a.getAttribute('href') ? a : a.querySelector('button') || a).click();
	return what;
}`

// ofLine are the links of a line: what they are called, where they lead.
var ofLine = []struct {
	title, query string
	link
}{
	{"What else happened to this user", failedLogins, link{to: "zimbra-security", variable: "user", shows: "Failed logins by protocol"}},
	{"What else came from this address", failedLogins, link{to: "zimbra-security", variable: "client_ip", shows: "Failed logins by protocol"}},
	{"Follow this mail through all hosts", deliveries, link{to: "zimbra-message-trace", variable: "message_id", shows: "The way of the mail"}},
	{"Follow this queue id", deliveries, link{to: "zimbra-message-trace", variable: "queue_id", shows: "The way of the mail"}},
}

// withLabels is the first Grafana whose derived fields take labels by a pattern,
// as major*100+minor.
const withLabels = 1105

// lines clicks on the links of a line in Explore.
func (c camera) lines(ctx context.Context) error {
	version, err := c.version(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range ofLine {
		err := c.ofLine(ctx, l.title, l.query, l.link)
		if errors.Is(err, errNone) && version < withLabels {
			fmt.Printf("no link %q: this Grafana is older than 11.5\n", l.title)
			continue
		}
		errs = append(errs, said("line: "+l.title, err))
	}
	err = c.beside(ctx, "Logins of this user", failedLogins)
	if errors.Is(err, errNone) && version < withLabels {
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, said("question beside a line", err))...)
}

// errNone is that there is nothing to click on.
var errNone = errors.New("nothing to click on")

func (c camera) ofLine(ctx context.Context, title, query string, l link) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := errors.Join(glance(ctx, c.explore(query)), openLine(ctx)); err != nil {
		return err
	}
	value, err := evaluate(ctx, `() => [...document.querySelectorAll('a[href*="/d/"]')].map(a => a.textContent.trim() + '\t' + a.href).join('\n')`)
	if err != nil {
		return err
	}
	for line := range strings.Lines(value) {
		if name, address, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == title {
			if value, err = valueOf(address, l.variable); err != nil {
				return err
			}
			if _, err := click(ctx, clickButton, title); err != nil {
				return err
			}
			return c.arrived(ctx, l, value)
		}
	}
	return errNone
}

// beside clicks on a correlation, which opens a question beside the first one.
func (c camera) beside(ctx context.Context, title, query string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := errors.Join(glance(ctx, c.explore(query)), openLine(ctx)); err != nil {
		return err
	}
	what, err := evaluate(ctx, clickButton, title)
	if err != nil {
		return err
	}
	if what == "" {
		return errNone
	}
	if err := settled(ctx); err != nil {
		return err
	}
	got, err := evaluate(ctx, `() => {
		const panes = [...document.querySelectorAll('[data-testid="data-testid Explore"], section[class*="explore"], .explore')];
		const lines = panes.length > 1 && panes[1].querySelector('[class*="logs-row"], [data-testid="log-row"]');
		return panes.length + ' panes, the second ' + (lines ? 'with' : 'without') + ' lines';
	}`)
	if err == nil && got != "2 panes, the second with lines" {
		err = fmt.Errorf("shows %s", got)
	}
	return err
}

// version is the Grafana's, as major*100+minor.
func (c camera) version(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.grafana+"/api/health", http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var health struct{ Version string }
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil {
		return 0, err
	}
	var major, minor int
	if _, err := fmt.Sscanf(health.Version, "%d.%d", &major, &minor); err != nil {
		return 0, fmt.Errorf("version %q: %w", health.Version, err)
	}
	return major*100 + minor, nil
}

// menu opens the menu of the dashboards, which lists all of them, and goes to
// another one, which keeps the time.
func (c camera) menu(ctx context.Context, all int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := glance(ctx, c.dashboard("zimbra-overview")); err != nil {
		return err
	}
	if _, err := click(ctx, `() => {
		const button = [...document.querySelectorAll('button, [role="button"]')].find(b => b.textContent.trim() === 'Zimbra');
		if (button) { button.click(); }
		return button ? 'the menu' : '';
	}`); err != nil {
		return err
	}
	if err := until(ctx, `(n) => new Set([...document.querySelectorAll('a[href*="/d/zimbra-"]')].map(a => a.pathname.split('/')[2])).size + ' of ' + n`, fmt.Sprintf("%d of %d", all, all), fmt.Sprint(all)); err != nil {
		return fmt.Errorf("dashboards in the menu: %w", err)
	}
	if _, err := click(ctx, `() => {
		const a = [...document.querySelectorAll('a[href*="/d/zimbra-content"]')][0];
		if (a) { a.removeAttribute('target'); a.click(); }
		return a ? a.href : '';
	}`); err != nil {
		return err
	}
	if err := c.arrived(ctx, link{to: "zimbra-content", shows: "Mails by category"}, ""); err != nil {
		return err
	}
	from, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new URLSearchParams(location.search).get('from') ?? ''`))
	if err == nil && from != fmt.Sprint(c.from.UnixMilli()) {
		err = fmt.Errorf("the menu loses the time: from=%s", from)
	}
	return err
}

// until waits for what a function returns.
func until(ctx context.Context, function, want string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := evaluate(ctx, function, args...)
		if err == nil && got == want {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%q, want %q: %w", got, want, errors.Join(err, ctx.Err()))
		case <-tick.C:
		}
	}
}
