package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// evaluate runs a function of JavaScript with texts and returns the text that it
// returns.
func evaluate(ctx context.Context, function string, args ...string) (string, error) {
	text, err := json.Marshal(append([]string{}, args...))
	if err != nil {
		return "", err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[string]("("+function+")(..."+string(text)+")"))
}

// click runs what clicks, and fails if it finds nothing to click on.
func click(ctx context.Context, function string, args ...string) (what string, err error) {
	what, err = evaluate(ctx, function, args...)
	if err == nil && what == "" {
		err = fmt.Errorf("nothing to click on for %s", strings.Join(args, ", "))
	}
	return what, err
}

// openLine opens the first line of the logs.
func openLine(ctx context.Context) error {
	_, err := click(ctx, `() => {
		const row = document.querySelector('tr[class*="logs-row"] td:last-child, [class*="logs-row"] td:last-child, [data-testid="log-row"]');
		if (row) { row.click(); }
		return row ? 'a line' : '';
	}`)
	return errors.Join(err, settled(ctx))
}

// openRow opens the closed row of a dashboard.
func openRow(ctx context.Context) error {
	_, err := click(ctx, `() => {
		const row = document.querySelector('.dashboard-row--collapsed button, [aria-label*="Expand row" i], [data-testid*="dashboard-row-title"]');
		if (row) { row.click(); }
		return row ? 'a row' : '';
	}`)
	return errors.Join(err, settled(ctx))
}

// link is one that people click on, and where it leads.
type link struct {
	from, panel string // uid of the page, title of the panel
	to          string // uid of the target
	variable    string // that the link hands over, "" for none
	shows       string // panel of the target, at its top, that shows something
}

// links are one for each variable that a table hands over, and those in the head
// of a panel.
var links = []link{
	{"zimbra-security", "By account", "zimbra-security", "user", "Failed logins by protocol"},
	{"zimbra-security", "By address", "zimbra-security", "client_ip", "Failed logins by protocol"},
	{"zimbra-overview", "Errors by service", "zimbra-overview", "host", "Warnings and errors"},
	{"zimbra-overview", "States of services", "zimbra-overview", "host", "Warnings and errors"},
	{"zimbra-message-trace", "Which mails", "zimbra-message-trace", "message_id", "The way of the mail"},
	{"zimbra-message-trace", "Deliveries", "zimbra-message-trace", "queue_id", "Deliveries"},
	{"zimbra-mail-flow", "Senders", "zimbra-message-trace", "sender", "Which mails"},
	{"zimbra-mail-flow", "Recipients", "zimbra-message-trace", "recipient", "Deliveries"},
	{"zimbra-platforms", "Slowest requests", "zimbra-platforms", "trace_id", "Events by service"},
	{"zimbra-platforms", "Users", "zimbra-platforms", "user", "Events by service"},
	{"zimbra-overview", "Deliveries", "zimbra-mail-flow", "", "Deliveries by outcome"},
	{"zimbra-overview", "Logins", "zimbra-security", "", "Logins by outcome"},
}

// clickLink clicks on the first link that hands the variable over, in the same
// window, and returns the value.
const clickLink = `(uid, variable) => {
	const value = a => new URL(a.href).searchParams.get('var-' + variable);
	const a = [...document.querySelectorAll('a[href*="/d/' + uid + '?"]')].find(a => variable === '' ? !a.closest('[role="cell"]') : value(a));
	if (!a) { return ''; }
	const what = variable === '' ? a.href : value(a);
	a.removeAttribute('target');
	a.click();
	return what;
}`

// where is the page that is open: its uid, and the value of a variable.
const where = `(variable) => location.pathname.split('/')[2] + ' ' + (new URLSearchParams(location.search).get('var-' + variable) ?? '')`

// shows returns what a panel says, with its graph as a word.
const shows = `(title) => {
	const panel = [...document.querySelectorAll('section, .react-grid-item')].find(e => (e.querySelector('h2, h6') || {}).textContent === title);
	if (!panel) { return ''; }
	return panel.innerText.replace(title, '') + (panel.querySelector('canvas') ? ' graph' : '');
}`

// showing fails if a panel shows nothing.
func showing(ctx context.Context, title string) error {
	text, err := evaluate(ctx, shows, title)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	for _, bad := range []string{"No data", "nothing in this time", "Data is missing"} {
		if text == "" || strings.Contains(text, bad) {
			return fmt.Errorf("panel %q shows %q", title, text)
		}
	}
	return nil
}

// follow clicks on a link and looks at what opens.
func (c camera) follow(ctx context.Context, l link) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address, err := c.panel(l.from, l.panel)
	if err != nil {
		return err
	}
	if err := glance(ctx, address); err != nil {
		return err
	}
	value, err := click(ctx, clickLink, l.to, l.variable)
	if err != nil {
		return err
	}
	return c.arrived(ctx, l, value)
}

// panel is the address of one panel of a dashboard alone.
func (c camera) panel(uid, title string) (string, error) {
	text, err := os.ReadFile(filepath.Join(c.root, "conf", "grafana", "dashboards", uid+".json"))
	if err != nil {
		return "", err
	}
	var d struct {
		Panels []struct {
			ID    int
			Title string
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return "", fmt.Errorf("%s: %w", uid, err)
	}
	for _, p := range d.Panels {
		if p.Title == title {
			return fmt.Sprintf("%s&viewPanel=%d", c.dashboard(uid), p.ID), nil
		}
	}
	return "", fmt.Errorf("%s has no panel %q", uid, title)
}

// glance opens a page and sees what a screen shows of it: the rest is not asked.
func glance(ctx context.Context, address string) error {
	if err := chromedp.Do(ctx, screen(widths[0], 1000), chromedp.Navigate(address)); err != nil {
		return err
	}
	return settled(ctx)
}

// arrived looks at what a click opened.
func (c camera) arrived(ctx context.Context, l link, value string) error {
	if err := reach(ctx, l, value); err != nil {
		return err
	}
	if err := settled(ctx); err != nil {
		return err
	}
	if _, failed, err := complaints(ctx); err != nil || len(failed) > 0 {
		return errors.Join(err, fmt.Errorf("panels that fail: %s", strings.Join(failed, "; ")))
	}
	return showing(ctx, l.shows)
}

// reach waits until the target is the page that is open.
func reach(ctx context.Context, l link, value string) error {
	want := l.to + " "
	if l.variable != "" {
		want += value
	}
	return until(ctx, where, want, l.variable)
}

// valueOf is what an address hands over in a variable.
func valueOf(address, variable string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	value := u.Query().Get("var-" + variable)
	if value == "" {
		return "", fmt.Errorf("%s has no value for %s", address, variable)
	}
	return value, nil
}

// said names what failed, and prints what did not.
func said(name string, err error) error {
	if err != nil {
		fmt.Printf("%-45s %v\n", name, err)
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Printf("%-45s ok\n", name)
	return nil
}

// clicks follows the links of dashboards.
func (c camera) clicks(ctx context.Context, all int) error {
	var errs []error
	for _, l := range links {
		errs = append(errs, said(fmt.Sprintf("link %s → %s %s", l.from, l.to, l.variable), c.follow(ctx, l)))
	}
	return errors.Join(append(errs, said("menu of the dashboards", c.menu(ctx, all)))...)
}
