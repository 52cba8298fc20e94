package pages

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

var (
	noteMarkdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithHardWraps()))
	notePolicy   = policy()
)

// policy is what may be left of a note: text, lists, tables, code and links. No
// pictures: one of another site would tell it who reads the note, and the
// pages' own policy shows none of them anyway.
func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}

// markdown is a note as HTML that can do no harm.
func markdown(note string) template.HTML {
	var b bytes.Buffer
	if err := noteMarkdown.Convert([]byte(note), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(note))
	}
	// The page has headings of its own above: those of a note are below them.
	out := headings.Replace(b.String())
	return template.HTML(notePolicy.Sanitize(out))
}

// headings makes of h1 and h2 an h3.
var headings = strings.NewReplacer("<h1", "<h3", "</h1>", "</h3>", "<h2", "<h3", "</h2>", "</h3>")
