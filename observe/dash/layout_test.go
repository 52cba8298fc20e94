package dash

import (
	"fmt"
	"strings"
	"testing"
)

// screen is how many rows of the grid a screen of 1080 lines shows below the
// head of the page; each is 38 pixels.
const screen = 24

// lintLayout returns what is wrong with how the panels stand together.
func lintLayout(panels []panelModel) (out []string) {
	titles := map[string]bool{}
	width, height := map[int]int{}, map[int]int{}
	for _, p := range panels {
		if titles[p.Title] {
			out = append(out, "title twice: "+p.Title)
		}
		titles[p.Title] = true
		width[p.GridPos.Y] += p.GridPos.W
		if h, ok := height[p.GridPos.Y]; ok && h != p.GridPos.H {
			out = append(out, "beside others of another height: "+p.Title)
		}
		height[p.GridPos.Y] = p.GridPos.H
		// 3 of 24 columns of a screen 1600 wide hold 15 letters, with the sign of the help.
		if p.Type == "stat" && len(p.Title) > 5*p.GridPos.W+2 {
			out = append(out, "title is cut: "+p.Title)
		}
	}
	for y, w := range width {
		if w != 24 && y < closed(panels) {
			out = append(out, fmt.Sprintf("hole in the row at %d: %d of 24 columns", y, w))
		}
	}
	return append(out, lintCrowd(panels)...)
}

// closed is where the first row that is closed stands: what is inside of it has
// the places that follow, as has what stands below.
func closed(panels []panelModel) int {
	for _, p := range panels {
		if p.Collapsed {
			return p.GridPos.Y
		}
	}
	return 1 << 30
}

// lintCrowd allows eight panels on a screen, a strip of numbers for one.
func lintCrowd(panels []panelModel) []string {
	for _, first := range panels {
		n, strips := 0, map[int]bool{}
		for _, p := range panels {
			switch top := p.GridPos.Y - first.GridPos.Y; {
			case top < 0 || top+p.GridPos.H > screen || p.Type == "row":
			case p.Type == "stat":
				strips[p.GridPos.Y] = true
			default:
				n++
			}
		}
		if n+len(strips) > 8 {
			return []string{fmt.Sprintf("more than 8 panels on a screen from %s on", first.Title)}
		}
	}
	return nil
}

// lintLook returns what would be hard to read.
func lintLook(p panelModel) (out []string) {
	d := p.FieldConfig.Defaults
	switch p.Type {
	case "timeseries":
		if !d.Custom.SpanNulls || d.Custom.ShowPoints != "never" {
			out = append(out, "lines are broken, with stray dots")
		}
		if d.Unit == "cps" {
			out = append(out, `the unit reads "c/s"`)
		}
	case "table":
		number := p.number()
		if p.Datasource.Type == "loki" && (d.Custom.MinWidth == 0 || p.override(number, "custom.width") == nil || p.override(number, "custom.align") == nil) {
			out = append(out, "a phone pushes the number out of sight")
		}
		for _, h := range p.headings() {
			if p.Datasource.Type == "loki" && (h == "" || strings.ToUpper(h[:1]) != h[:1] || strings.Contains(h, "_")) {
				out = append(out, "a raw label for a heading: "+h)
			}
		}
	case "logs":
		if p.Options.SortOrder != "Descending" || !p.Options.WrapLogMessage {
			out = append(out, "opens at its end, or cuts lines")
		}
	case "stat":
		if steps := d.Thresholds.Steps; len(steps) == 1 && steps[0].Color != "text" {
			out = append(out, "a neutral number has the colour "+steps[0].Color)
		}
	}
	return out
}

// TestLookFinds plants in a good panel what is hard to read.
func TestLookFinds(t *testing.T) {
	f := func(uid, title string, plant func(*panelModel), want string) {
		t.Helper()
		p := panelOf(t, uid, title)
		if got := lintLook(p); len(got) > 0 {
			t.Errorf("%s, %s: not good at first: %q", uid, title, got)
		}
		plant(&p)
		if got := strings.Join(lintLook(p), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s, %s: lint says %q, want %q", uid, title, got, want)
		}
	}
	f("zimbra-mail-flow", "Delay", func(p *panelModel) { p.FieldConfig.Defaults.Custom.SpanNulls = false }, "stray dots")
	f("zimbra-mail-flow", "Delay", func(p *panelModel) { p.FieldConfig.Defaults.Custom.ShowPoints = "auto" }, "stray dots")
	f("zimbra-shipper", "Flushes", func(p *panelModel) { p.FieldConfig.Defaults.Unit = "cps" }, "c/s")
	f("zimbra-mail-flow", "Received", func(p *panelModel) { p.FieldConfig.Defaults.Thresholds.Steps[0].Color = "green" }, "neutral number")
	f("zimbra-message-trace", "Every line", func(p *panelModel) { p.Options.SortOrder = "Ascending" }, "opens at its end")
	f("zimbra-security", "By account", func(p *panelModel) { p.FieldConfig.Defaults.Custom.MinWidth = 0 }, "out of sight")
	f("zimbra-security", "By account", func(p *panelModel) { p.step("organize").Options.RenameByName["user"] = "user" }, "raw label")
}

// TestPhone holds that the number of each table is in sight on a phone, and what
// stands first in those by time.
func TestPhone(t *testing.T) {
	for _, m := range models(t) {
		for _, p := range m.Panels {
			if p.Type == "table" && p.Datasource.Type == "loki" {
				if got := p.wide(); got > phone {
					t.Errorf("%s, %s: %v of %d pixels", m.UID, p.Title, got, phone)
				}
			}
		}
	}
	p := panelOf(t, "zimbra-security", "Account and address")
	p.FieldConfig.Defaults.Custom.MinWidth = 150
	if got := p.wide(); got <= phone {
		t.Errorf("with wide columns %v pixels are not too many", got)
	}
}

// wide is how much of a table must be in sight: all of it, or the time and what
// stands beside it.
func (p panelModel) wide() (sum float64) {
	headings := append(p.headings(), p.number())
	if p.override(p.number(), "unit") == timeOfDay && p.step("groupBy").ID == "" {
		headings = []string{p.number(), p.headings()[0]}
	}
	for _, h := range headings {
		width, _ := p.override(h, "custom.width").(float64)
		least, _ := p.override(h, "custom.minWidth").(float64)
		if width == 0 {
			width = max(least, p.FieldConfig.Defaults.Custom.MinWidth)
		}
		sum += width
	}
	return sum
}

// TestRed holds that red is for failure, everywhere where a series is named by
// its meaning.
func TestRed(t *testing.T) {
	bad := map[string]bool{}
	for _, v := range []string{"failure", "bounced", "lockout", "infected", "error", "fatal", "INFECTED", "config", "refused"} {
		bad[v] = true
	}
	for label, values := range colors {
		for value, color := range values {
			if got := strings.Contains(color, red); got != bad[value] {
				t.Errorf("%s %s is %s", label, value, color)
			}
			if color == "green" && bad[value] {
				t.Errorf("%s %s is green", label, value)
			}
		}
	}
}
