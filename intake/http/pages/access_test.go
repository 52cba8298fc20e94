package pages

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestAccess reads every page as a program that speaks it would: each has a
// language, a title, one h1 and headings in order; each input a label, each
// picture a text, each button and link a name; IDs are there once, what points
// to one finds it.
func TestAccess(t *testing.T) {
	s, admin := furnished(t)
	s.archive(admin, "1488228", "logs.tar.gz", "the bytes", model.ImportDone)
	s.archive(admin, "1488228", "next.gz", "the bytes", model.ImportRunning)
	guest := s.browser()
	for _, path := range []string{"/account/login/", "/archives/upload/", "/nothing/"} {
		checkPage(t, path, guest.get(path).Body, "en")
	}
	maria := s.browser()
	maria.signIn("maria")
	checkPage(t, "setup", maria.get("/account/two_factor/setup/").Body, "en")
	b := s.browser()
	b.signIn("admin")
	for _, path := range allPages {
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		for _, lang := range []string{"en", "ru"} {
			checkPage(t, path+" "+lang, b.get(path+sign+"lang="+lang).Body, lang)
		}
	}
}

type checker struct {
	t        *testing.T
	page     string
	ids      map[string]int
	labels   map[string]bool
	wanted   []string // IDs that something points to
	inputs   []string // IDs of inputs that need a label
	headings []int
	title    string
}

func checkPage(t *testing.T, page, body, lang string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{t: t, page: page, ids: map[string]int{}, labels: map[string]bool{}}
	c.walk(doc, false)
	if !strings.Contains(body, `<html lang="`+lang+`">`) {
		t.Errorf("%s has no language", page)
	}
	if strings.Contains(body, "ZgotmplZ") {
		t.Errorf("%s: a template was made harmless; write it in another way", page)
	}
	if c.title == "" {
		t.Errorf("%s has no title", page)
	}
	for n, h := range c.headings {
		if n == 0 && h != 1 || n > 0 && (h == 1 || h > c.headings[n-1]+1) {
			t.Errorf("%s: headings %v", page, c.headings)
			break
		}
	}
	if len(c.headings) == 0 {
		t.Errorf("%s has no heading", page)
	}
	for id, n := range c.ids {
		if n > 1 {
			t.Errorf("%s: %d elements are %q", page, n, id)
		}
	}
	for _, id := range c.wanted {
		if c.ids[id] == 0 {
			t.Errorf("%s: nothing is %q", page, id)
		}
	}
	for _, id := range c.inputs {
		if !c.labels[id] {
			t.Errorf("%s: the input %q has no label", page, id)
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	s := attr(n, "alt")
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s += text(c)
	}
	return s
}

func (c *checker) walk(n *html.Node, labelled bool) {
	if n.Type == html.ElementNode {
		c.element(n, labelled)
		labelled = labelled || n.Data == "label"
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.walk(k, labelled)
	}
}

func (c *checker) element(n *html.Node, labelled bool) {
	if id := attr(n, "id"); id != "" {
		c.ids[id]++
	}
	c.wanted = append(c.wanted, strings.Fields(attr(n, "aria-describedby"))...)
	name := strings.TrimSpace(text(n)) + attr(n, "aria-label") + attr(n, "title")
	switch n.Data {
	case "title":
		c.title = text(n)
	case "h1", "h2", "h3", "h4":
		c.headings = append(c.headings, int(n.Data[1]-'0'))
	case "label":
		if f := attr(n, "for"); f != "" {
			c.labels[f] = true
			c.wanted = append(c.wanted, f)
		}
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && !labelled && attr(n, "aria-label") == "" {
			c.inputs = append(c.inputs, attr(n, "id"))
		}
	case "img":
		if attr(n, "alt") == "" {
			c.t.Errorf("%s: a picture has no text", c.page)
		}
	case "a", "button":
		if name == "" {
			c.t.Errorf("%s: a %s has no name", c.page, n.Data)
		}
	case "iframe", "progress":
		if name == "" && attr(n, "aria-hidden") == "" {
			c.t.Errorf("%s: a %s has no name", c.page, n.Data)
		}
	case "svg":
		if attr(n, "aria-hidden") == "" && attr(n, "aria-label") == "" {
			c.t.Errorf("%s: a drawing has no name", c.page)
		}
	case "th":
		if attr(n, "scope") == "" && name == "" {
			c.t.Errorf("%s: a head of a table has no scope", c.page)
		}
	}
	if tab := attr(n, "tabindex"); tab != "" && tab != "0" {
		c.t.Errorf("%s: tabindex %s changes the order of the keyboard", c.page, tab)
	}
}

// pairs are the colours that stand on each other in style.css, and the contrast
// they need (WCAG 2.2 AA): 4.5 for text, 3 for what bounds an input or a chart.
var pairs = []struct {
	front, back string
	least       float64
}{
	{"text", "bg", 4.5},
	{"text", "surface", 4.5},
	{"text", "sunken", 4.5},
	{"text", "accent-soft", 4.5},
	{"dim", "bg", 4.5},
	{"dim", "surface", 4.5},
	{"dim", "sunken", 4.5},
	{"accent", "bg", 4.5},
	{"accent", "surface", 4.5},
	{"accent", "sunken", 4.5},
	{"accent", "accent-soft", 4.5},
	{"on-accent", "accent", 4.5},
	{"good", "good-soft", 4.5},
	{"warn", "warn-soft", 4.5},
	{"bad", "bad-soft", 4.5},
	{"bad", "surface", 4.5},
	{"good", "surface", 3},
	{"warn", "surface", 3},
	{"edge", "surface", 3},
	{"edge", "bg", 3},
	{"accent", "sunken", 3},
	{"#3b6fe0", "surface", 3},
	{"#d2691e", "surface", 3},
	{"#2b9a66", "surface", 3},
	{"#b0429c", "surface", 3},
	{"#8a7a00", "surface", 3},
	{"#1593a8", "surface", 3},
	{"#d0454c", "surface", 3},
	{"#7b61d1", "surface", 3},
}

func TestContrast(t *testing.T) {
	for _, file := range []string{"static/style.css"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		roots := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(data), -1)
		if len(roots) != 2 {
			t.Fatalf("%s has %d sets of colours, want light and dark", file, len(roots))
		}
		colours := map[string]string{}
		for n, root := range roots { // dark changes what light has
			for _, m := range regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6})`).FindAllStringSubmatch(root[1], -1) {
				colours[m[1]] = m[2]
			}
			for _, p := range pairs {
				front := colours[p.front]
				if strings.HasPrefix(p.front, "#") {
					front = p.front
				}
				if got := contrast(t, front, colours[p.back]); got < p.least {
					t.Errorf("%s %s: %s on %s is %.2f, want %.1f", file, []string{"light", "dark"}[n], p.front, p.back, got, p.least)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is that of WCAG.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("colour %q", colour)
	}
	sum := 0.0
	for n, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(colour[1+2*n:3+2*n], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestLuminance(t *testing.T) {
	for _, c := range []struct {
		a, b, want string
	}{{"#000000", "#ffffff", "21.00"}, {"#777777", "#ffffff", "4.48"}} {
		if got := fmt.Sprintf("%.2f", contrast(t, c.a, c.b)); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}
