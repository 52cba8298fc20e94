package importer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/report"
	"github.com/zimbraloki/zimbraloki/report/page"
)

// Source is the label source of all that was uploaded.
const Source = "upload"

// config says what becomes of the lines of an archive: what ship would make of
// them, under the labels of their ticket. The archive is one of the labels: those
// of a ticket come in any order of time, and Loki takes a stream in one.
func (i *Importer) config(a model.Archive) (*config.Config, error) {
	flush := min(max(i.o.Patience/10, time.Second), time.Minute).Round(time.Second) // one that fails tells why
	values := map[string]string{
		"labels":        fmt.Sprintf("platform=%s, ticket=%s, source=%s, archive=%d", a.Platform, a.Ticket, Source, a.ID),
		"timezone":      i.o.Zone.String(),
		"tenant_id":     i.o.Tenant,
		"flush_timeout": flush.String(), "request_timeout": min(flush, 30*time.Second).String(),
		"dead_letter_path": filepath.Join(i.place(a.Blob), refused),
	}
	if i.o.Loki != nil {
		values["url"] = i.o.Loki.String()
	}
	c, err := config.ParseValues(func(key string) string { return values[key] })
	if err != nil {
		return nil, err
	}
	c.MetricsListen = "" // those of this program are its own
	return c, nil
}

// options are those of reading an archive that lies at path.
func (i *Importer) options(a model.Archive, path string, c *config.Config) logs.Options {
	l := i.o.Limits
	return logs.Options{
		Paths: []string{path}, Names: map[string]string{path: a.Name}, Config: c, TmpDir: filepath.Join(i.o.Dir, tmp),
		// A tar that is packed is two deep already, and is no archive in an archive.
		Limits: archive.Limits{Bytes: l.MaxBytes, Ratio: int64(l.MaxRatio), Depth: max(l.MaxNesting+1, 2), Entries: l.MaxMembers},
		Now:    a.Created, // no line is later than its archive; the same however often it is read
		Stderr: io.Discard, Log: slog.New(slog.DiscardHandler),
	}
}

// reading is what an archive came to.
type reading struct {
	report *report.Report
}

func (r *reading) fill(h *hold) {
	h.set(func(m *model.Import) {
		m.Entries, m.Unparsed = r.report.Entries, r.report.Unparsed
		m.Findings, m.Critical = len(r.report.Findings), int(r.report.Told(findings.Critical))
		m.From, m.To = instant(r.report.First), instant(r.report.Last)
		m.Error = r.note()
	})
}

// note is what a person should know although the import is done.
func (r *reading) note() string {
	if r.report.Entries > 0 {
		return ""
	}
	const none = "No log was found in it."
	if len(r.report.Notices) == 0 {
		return none
	}
	return none + " " + sentence(r.report.Notices[0])
}

func instant(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// maxNotices bounds what a report tells of files that were left out.
const maxNotices = 50

// read looks at all entries of an archive once.
func (i *Importer) read(ctx context.Context, a model.Archive, path string, at func(done float64)) (*reading, error) {
	c, err := i.config(a)
	if err != nil {
		return nil, err
	}
	collector, err := report.New(i.o.Zone)
	if err != nil {
		return nil, err
	}
	// Walking unpacks as much as reading does.
	walked, o, notices := int64(0), i.options(a, path, c), logs.NewNotices(io.Discard)
	walk, stop := context.WithCancel(ctx)
	defer stop()
	o.Walked = func(n int) {
		walked += int64(n)
		at(float64(walked) / float64(max(a.Size, 1)) / 2)
		if notices.Over() != nil {
			stop() // at the first breach
		}
	}
	set, err := logs.Open(walk, o, notices)
	if breach := breached(notices); breach != nil {
		if err == nil {
			set.Close()
		}
		return nil, breach
	}
	if err != nil {
		return nil, err
	}
	defer set.Close()
	if err := i.entries(ctx, set, o, notices, at, collector.See); err != nil {
		return nil, err
	}
	return &reading{collector.Report(left(notices))}, nil
}

// entries gives see all entries of a set, within the limits.
func (i *Importer) entries(ctx context.Context, set *logs.Set, o logs.Options, notices *logs.Notices, at func(float64), see func(*entry.Entry)) error {
	var whole, stored, unpacked int64
	for _, f := range set.Files() {
		whole += f.Stored
	}
	read := func(n int) {
		stored += int64(n)
		at(0.5 + float64(stored)/float64(max(whole, 1))/2)
	}
	for _, l := range set.Lanes {
		made := logs.NewTransforms(o.Config, o.Log)
		err := set.Chunks(ctx, l, read, func(b *logs.Block) error {
			if unpacked += b.Bytes; unpacked > i.o.Limits.MaxBytes {
				return &errQuarantine{fmt.Sprintf("It unpacks to more than %s", say.Size(i.o.Limits.MaxBytes))}
			}
			if breach := breached(notices); breach != nil {
				return breach
			}
			if err := made.Block(b, see); err != nil {
				return err
			}
			return ctx.Err()
		})
		if breach := breached(notices); breach != nil {
			return breach
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// breached is the limit that was reached first, or nil.
func breached(n *logs.Notices) error {
	if l := n.Over(); l != nil {
		return &errQuarantine{strconv.Quote(l.Path) + " " + l.Limit}
	}
	return nil
}

func left(n *logs.Notices) (list []string) {
	for _, l := range n.Left() {
		if len(list) == maxNotices {
			break
		}
		list = append(list, l.Path+": "+l.Text)
	}
	return list
}

// render writes the report as a page, in both languages, and for programs.
func (i *Importer) render(a model.Archive, r *report.Report) (html, json []byte, err error) {
	var h, j bytes.Buffer
	o := page.Options{
		Title: a.Name + ", " + a.Ticket, Lang: i.o.Language, Location: i.o.Zone, Ask: say.Quote(a.Name),
		Link: func(logQL string) string { return "/tickets/ask/" + a.Ticket + "/?q=" + url.QueryEscape(logQL) },
	}
	if err := page.HTML(&h, r, o); err != nil {
		return nil, nil, err
	}
	if err := page.JSON(&j, r); err != nil {
		return nil, nil, err
	}
	return h.Bytes(), j.Bytes(), nil
}
