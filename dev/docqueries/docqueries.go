// Package docqueries finds the LogQL that the documentation shows, for tests
// that ask it.
package docqueries

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/zimbraloki/zimbraloki/logql"
)

// Query is one of LogQL. $__range stands in it for the range of time.
type Query struct {
	File   string // base name
	Text   string
	Marked bool // it stands in a block that is marked as LogQL
}

// Where LogQL stands in a text: blocks, spans of code, arguments of a shell.
var (
	block    = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)^ *```")
	inline   = regexp.MustCompile("`([^`\n]+)`|``(.+?)``")
	argument = regexp.MustCompile(`'([^'\n]+)'`)
)

// Read returns the queries of the READMEs and of docs below root: what is in a
// block marked logql, one query a paragraph, and whatever else is LogQL, has a
// selector and is in code. An error is a block that cannot be read.
func Read(root string) (list []Query, err error) {
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		return nil, err
	}
	for _, file := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "README.ru.md")) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r := reader{file: filepath.Base(file)}
		if r.text(string(text)); r.err != nil {
			return nil, r.err
		}
		list = append(list, r.list...)
	}
	return list, nil
}

// reader reads one file.
type reader struct {
	file string
	list []Query
	err  error // the first one
}

func (r *reader) text(text string) {
	prose := block.ReplaceAllStringFunc(text, func(whole string) string {
		m := block.FindStringSubmatch(whole)
		r.block(m[2], m[1] == "logql")
		return ""
	})
	for _, m := range inline.FindAllStringSubmatch(prose, -1) {
		r.add(strings.ReplaceAll(m[1]+m[2], `\|`, "|"), false) // so in tables
		r.arguments(m[1] + m[2])
	}
}

// block takes what a block of code holds: one query a paragraph, or a line.
func (r *reader) block(text string, marked bool) {
	if marked {
		for q := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
			r.add(q, true)
		}
		return
	}
	for line := range strings.Lines(text) {
		r.add(strings.TrimSpace(line), false)
		r.arguments(line)
	}
}

func (r *reader) arguments(text string) {
	for _, m := range argument.FindAllStringSubmatch(text, -1) {
		r.add(m[1], false)
	}
}

func (r *reader) add(text string, marked bool) {
	_, err := logql.Parse(strings.ReplaceAll(text, "$__range", "1h"))
	switch {
	case err == nil && (marked || strings.Contains(text, "{")):
		r.list = append(r.list, Query{r.file, text, marked})
	case marked && r.err == nil:
		r.err = fmt.Errorf("%s: %w\n\t%s", r.file, err, text)
	}
}
