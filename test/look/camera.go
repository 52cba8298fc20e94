package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// camera takes pictures of a Grafana, of a time.
type camera struct {
	out, grafana string
	from, to     time.Time
}

// widths of a screen and of a phone, in pixels.
var widths = []int64{1600, 420}

// all takes all pictures. A page that cannot be taken does not keep the others
// from being taken.
func (c camera) all(ctx context.Context, chromium, root, only string) error {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.Flag("force-dark-mode", true), chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	// The browser lives as long as the context of its first step.
	if err := chromedp.Do(ctx, screen(widths[0], 1000)); err != nil {
		return fmt.Errorf("%s: %w", chromium, err)
	}
	files, err := filepath.Glob(filepath.Join(root, "conf", "grafana", "dashboards", "*.json"))
	if err != nil {
		return err
	}
	var failed []string
	shoot := func(name, address string, width int64, more ...func(context.Context) error) {
		if err := c.picture(ctx, name, address, width, more...); err != nil {
			fmt.Printf("%s: %v\n", name, err)
			failed = append(failed, name)
		}
	}
	for _, file := range files {
		uid := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, width := range widths {
			if only == "" || only == uid {
				shoot(fmt.Sprintf("%s-%d", uid, width), c.dashboard(uid), width)
			}
		}
	}
	if only == "" || only == "explore" {
		shoot("explore-1600", c.explore(`{job="zimbra", log="audit"} | outcome="failure"`), widths[0], openLine)
		shoot("explore-mail-1600", c.explore(`{job="zimbra", service_name="postfix"} | action="deliver" | message_id!=""`), widths[0], openLine)
	}
	if len(failed) > 0 {
		return fmt.Errorf("no picture of %s", strings.Join(failed, ", "))
	}
	return nil
}

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

// openLine opens the first line of the logs.
func openLine(ctx context.Context) error {
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(() => {
		const row = document.querySelector('tr[class*="logs-row"] td:last-child, [class*="logs-row"] td:last-child, [data-testid="log-row"]');
		if (row) { row.click(); }
		return !!row;
	})()`))
	if err != nil {
		return err
	}
	return settled(ctx)
}

// patience bounds the wait for a page.
const patience = 2 * time.Minute

func (c camera) picture(ctx context.Context, name, address string, width int64, more ...func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, screen(width, 1000), chromedp.Navigate(address)); err != nil {
		return err
	}
	if err := settled(ctx); err != nil {
		return err
	}
	height, err := chromedp.Run(ctx, chromedp.Evaluate[int64](measure))
	if err != nil {
		return err
	}
	// Panels ask and draw only when they are in sight.
	if err := chromedp.Do(ctx, screen(width, min(max(height, 1000), 9000))); err != nil {
		return err
	}
	for _, step := range append([]func(context.Context) error{settled}, more...) {
		if err := step(ctx); err != nil {
			return err
		}
	}
	complaints, err := chromedp.Run(ctx, chromedp.Evaluate[string](complain))
	if err != nil {
		return err
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	if complaints == "" {
		complaints = "ok"
	}
	fmt.Printf("%-30s %5d kB  %s\n", name, len(png)/1000, complaints)
	return os.WriteFile(filepath.Join(c.out, name+".png"), png, 0o644)
}

func screen(width, height int64) chromedp.Action[chromedp.Void] {
	if width < 600 {
		return chromedp.EmulateViewport(width, height, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, height)
}

// measure returns how high the page is, inside of Grafana's own scroll bars.
const measure = `Math.ceil(Math.max(...[...document.querySelectorAll('.react-grid-layout, .scrollbar-view, body')].map(e => e.scrollHeight))) + 90`

// complain lists what panels say instead of showing something.
const complain = `[...document.querySelectorAll('[data-panelid], .react-grid-item, section')].flatMap(e => {
	const head = (e.querySelector('h2, h6') || {}).textContent || '';
	const text = e.innerText || '';
	if (/No data|Data is missing/.test(text)) { return [head + ': No data']; }
	if (e.querySelector('[aria-label*="Panel status"], [data-testid*="Panel status error"]')) { return [head + ': error']; }
	return [];
}).filter((s, i, all) => all.indexOf(s) === i).join('; ')`

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
