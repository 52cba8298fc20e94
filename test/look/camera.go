package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// camera takes pictures of a Grafana, of a time.
type camera struct {
	out, root, grafana string // pictures, the repository, the address
	from, to           time.Time
}

// widths of a screen and of a phone, in pixels.
var widths = []int64{1600, 420}

// browser starts Chromium; it lives until cancel.
func browser(ctx context.Context, chromium string) (_ context.Context, cancel func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.Flag("force-dark-mode", true), chromedp.Flag("hide-scrollbars", true))
	ctx, cancelAll := chromedp.NewExecAllocator(ctx, options...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	cancel = func() { cancelTab(); cancelAll() }
	// The browser lives as long as the context of its first step.
	if err := chromedp.Do(ctx, screen(widths[0], 1000)); err != nil {
		cancel()
		return nil, nil, fmt.Errorf("%s: %w", chromium, err)
	}
	return ctx, cancel, nil
}

// dashboards takes the pictures of those that are wanted. A page that cannot be
// taken does not keep the others from being taken.
func (c camera) dashboards(ctx context.Context, files []string, wanted func(string) bool) error {
	var errs []error
	for _, file := range files {
		uid := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, width := range widths {
			if wanted(uid) {
				errs = append(errs, c.full(ctx, uid, width))
			}
		}
	}
	return errors.Join(errs...)
}

// quiet are the panels that the sample logs leave empty, as they should: no log
// of slow queries, no line that nobody understands.
var quiet = []string{"Slow queries of the database", "Which are not understood", "Times that were not used", "Lines that no parser knows"}

// full takes a picture of a dashboard whose panels have data, but for the quiet.
func (c camera) full(ctx context.Context, uid string, width int64) error {
	name := fmt.Sprintf("%s-%d", uid, width)
	empty, err := c.picture(ctx, name, c.dashboard(uid), width)
	empty = slices.DeleteFunc(empty, func(title string) bool { return slices.Contains(quiet, title) })
	if err == nil && len(empty) > 0 {
		err = fmt.Errorf("%s: panels without data: %s", name, strings.Join(empty, "; "))
	}
	return err
}

// explored takes pictures of Explore with a line opened.
func (c camera) explored(ctx context.Context) error {
	_, err := c.picture(ctx, "explore-1600", c.explore(failedLogins), widths[0], openLine)
	_, err2 := c.picture(ctx, "explore-mail-1600", c.explore(deliveries), widths[0], openLine)
	return errors.Join(err, err2)
}

// What is shown in Explore.
const (
	failedLogins = `{job="zimbra", log="audit"} | outcome="failure"`
	deliveries   = `{job="zimbra", service_name="postfix"} | action="deliver" | message_id!=""`
)

func (c camera) dashboard(uid string) string {
	// A user, and a mail, are chosen by those who look; the time is that of the logs.
	return fmt.Sprintf("%s/d/%s?from=%d&to=%d", c.grafana, uid, c.from.UnixMilli(), c.to.UnixMilli())
}

func (c camera) explore(query string) string {
	state := map[string]any{
		"datasource": "loki", "range": map[string]any{"from": fmt.Sprint(c.from.UnixMilli()), "to": fmt.Sprint(c.to.UnixMilli())},
		"queries": []any{map[string]any{"refId": "A", "expr": query, "queryType": "range", "maxLines": 50, "datasource": map[string]any{"type": "loki", "uid": "loki"}}},
	}
	text, err := json.Marshal(state)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return c.grafana + "/explore?orgId=1&left=" + url.QueryEscape(string(text))
}

// patience bounds the wait for a page.
const patience = 3 * time.Minute

// open opens a page of Grafana, as high as it is: panels ask and draw only when
// they are in sight.
func open(ctx context.Context, address string, width int64, more ...func(context.Context) error) error {
	if err := chromedp.Do(ctx, screen(width, 1000), chromedp.Navigate(address)); err != nil {
		return err
	}
	if err := whole(ctx, width); err != nil {
		return err
	}
	for _, step := range more {
		if err := errors.Join(step(ctx), whole(ctx, width)); err != nil {
			return err
		}
	}
	return nil
}

// whole makes the screen as high as the page.
func whole(ctx context.Context, width int64) error {
	if err := settled(ctx); err != nil {
		return err
	}
	height, err := chromedp.Run(ctx, chromedp.Evaluate[int64](measure))
	if err != nil {
		return err
	}
	if err := chromedp.Do(ctx, screen(width, min(max(height, 1000), 9000))); err != nil {
		return err
	}
	return settled(ctx)
}

// picture takes one, and says which panels have no data. Its errors name it; a
// panel that fails is one.
func (c camera) picture(ctx context.Context, name, address string, width int64, more ...func(context.Context) error) (empty []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var failed []string
	if err = open(ctx, address, width, more...); err == nil {
		empty, failed, err = complaints(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	say := "ok"
	if len(empty) > 0 {
		say = "without data: " + strings.Join(empty, "; ")
	}
	fmt.Printf("%-30s %5d kB  %s\n", name, len(png)/1000, say)
	if len(failed) > 0 {
		err = fmt.Errorf("%s: panels that fail: %s", name, strings.Join(failed, "; "))
	}
	return empty, errors.Join(err, os.WriteFile(filepath.Join(c.out, name+".png"), png, 0o644))
}

func screen(width, height int64) chromedp.Action[chromedp.Void] {
	if width < 600 {
		return chromedp.EmulateViewport(width, height, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, height)
}

// measure returns how high the page is, inside of Grafana's own scroll bars.
const measure = `(() => {
	const grid = document.querySelector('.react-grid-layout');
	if (grid) { return Math.ceil(grid.getBoundingClientRect().top + grid.scrollHeight) + 60; }
	return Math.ceil(Math.max(...[...document.querySelectorAll('.scrollbar-view, body')].map(e => e.scrollHeight))) + 90;
})()`

// complaints are the panels that have no data, and those that failed.
func complaints(ctx context.Context) (empty, failed []string, err error) {
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](complain))
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(text) {
		title, what, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if what == "error" {
			failed = append(failed, title)
		} else {
			empty = append(empty, title)
		}
	}
	return empty, failed, nil
}

// complain lists what panels say instead of showing something.
const complain = `[...document.querySelectorAll('[data-panelid], .react-grid-item, section')].flatMap(e => {
	const head = (e.querySelector('h2, h6') || {}).textContent || '';
	const text = e.innerText || '';
	if (e.querySelector('[aria-label*="Panel status"], [data-testid*="Panel status error"]')) { return [head + '\terror']; }
	if (/No data|Data is missing|nothing in this time/.test(text)) { return [head + '\tempty']; }
	return [];
}).filter((s, i, all) => all.indexOf(s) === i).join('\n')`

// settled waits until something is shown and nothing has been loading for a
// second and a half.
func settled(ctx context.Context) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for quiet := 0; quiet < 6; {
		busy, err := chromedp.Run(ctx, chromedp.Evaluate[bool](loading))
		if err != nil {
			return err
		}
		if quiet++; busy {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

const loading = `!document.querySelector('.react-grid-item, section, .explore, [class*="explore"]') ||
	!!document.querySelector('[aria-label="Panel loading bar"], .preloader, [data-testid="Spinner"], [aria-label*="loading" i]')`
