package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// What is kept of an archive that is shipped, in its place.
const (
	labelsFile = "labels.json"   // the labels under which Loki has something of it
	refused    = "refused.jsonl" // what Loki would not take
)

// place is the folder of an archive.
func (i *Importer) place(blob string) string {
	return filepath.Join(i.o.Dir, "a-"+strings.ReplaceAll(blob, "/", "-"))
}

// labels are those of an archive's entries in Loki.
type labels struct {
	Platform string `json:"platform"`
	Ticket   string `json:"ticket"`
	Archive  int64  `json:"archive"`
}

// record is what the place of an archive tells of it.
type record struct {
	Blob   string `json:"blob"`
	Labels []sent `json:"labels"`
}

// sent is what Loki has something of: the entries of an archive under some
// labels, and from when to when they go.
type sent struct {
	labels
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// with adds what is going to be sent; another time only makes the span longer.
func (r *record) with(s sent) (changed bool) {
	n := slices.IndexFunc(r.Labels, func(x sent) bool { return x.labels == s.labels })
	if n < 0 {
		r.Labels = append(r.Labels, s)
		return true
	}
	x := &r.Labels[n]
	if s.From.Before(x.From) {
		x.From, changed = s.From, true
	}
	if s.To.After(x.To) {
		x.To, changed = s.To, true
	}
	return changed
}

// ship sends the entries of an archive to Loki. What keeps it from that is noted
// in the import: its report is there, and good.
func (i *Importer) ship(ctx context.Context, a model.Archive, path string, h *hold) {
	text, shipped := i.shipped(ctx, a, path, h)
	h.set(func(m *model.Import) { m.Shipped, m.Error = shipped, text })
}

func (i *Importer) shipped(ctx context.Context, a model.Archive, path string, h *hold) (note string, whole bool) {
	if other := i.twin(ctx, a); other != 0 {
		return fmt.Sprintf("Loki has these entries already, of archive %d of the same ticket, which is the same file.", other), true
	}
	c, err := i.config(a)
	if err == nil {
		err = i.note(a, h.now())
	}
	if err != nil {
		return capital("nothing was shipped to Loki: " + err.Error()), false
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	at, since := h.part(0.5, 1), time.Time{}
	out, err := ship.Run(ctx, ship.Options{
		Options: i.options(a, path, c), Jobs: 1, SharedHeap: true, Stdout: io.Discard,
		State: filepath.Join(i.place(a.Blob), a.Platform+"-"+a.Ticket+".json"),
		Watch: func(p ship.Progress) {
			at(float64(p.Stored) / float64(max(p.Whole, 1)))
			switch {
			case p.Waits == "":
				since = time.Time{}
			case since.IsZero():
				since = time.Now()
			case time.Since(since) > i.o.Patience:
				cancel(fmt.Errorf("it takes nothing for %s: %s", i.o.Patience, p.Waits))
			}
		},
	})
	if err == nil && out.Interrupted {
		err = context.Cause(ctx)
	}
	return ending(out, err), err == nil
}

// ending tells how shipping ended, "" if nothing is to be said of it.
func ending(out ship.Outcome, err error) string {
	var say []string
	if err != nil {
		say = append(say, capital("not all was shipped to Loki: "+err.Error()), "Another import goes on where this one ended.")
	}
	if out.Refused > 0 {
		say = append(say, refusal(out))
	}
	return strings.Join(say, " ")
}

func refusal(out ship.Outcome) string {
	return fmt.Sprintf("Loki refused %s of %s, mostly those that are older than its limits allow (limits_config: reject_old_samples).",
		say.Number(out.Refused), say.Count(out.Entries, "entry", "entries"))
}

// twin is another archive of the same ticket with the same content that was
// shipped, 0 if there is none.
func (i *Importer) twin(ctx context.Context, a model.Archive) int64 {
	if a.SHA256 == "" || i.begun(a) {
		return 0
	}
	list, err := i.o.Store.Archives(ctx, model.ArchiveFilter{Ticket: a.Ticket})
	if err != nil {
		return 0 // shipping both is no harm
	}
	for _, b := range list {
		if b.ID != a.ID && b.SHA256 == a.SHA256 && b.Import.Shipped && i.begun(b) {
			return b.ID
		}
	}
	return 0
}

// begun reports whether something of an archive was shipped from here under the
// labels that it has now.
func (i *Importer) begun(a model.Archive) bool {
	r, err := readRecord(i.place(a.Blob))
	return err == nil && slices.ContainsFunc(r.Labels, func(s sent) bool { return s.labels == labelsOf(a) })
}

func labelsOf(a model.Archive) labels { return labels{a.Platform, a.Ticket, a.ID} }

// note keeps under which labels, and of which time, Loki gets something of an
// archive, before it gets it.
func (i *Importer) note(a model.Archive, m model.Import) error {
	place := i.place(a.Blob)
	if err := os.MkdirAll(place, 0o700); err != nil {
		return err
	}
	r, err := readRecord(place)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	r.Blob = a.Blob
	if !r.with(sent{labelsOf(a), m.From, m.To}) {
		return nil
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	name := filepath.Join(place, labelsFile)
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

func readRecord(place string) (r record, err error) {
	data, err := os.ReadFile(filepath.Join(place, labelsFile))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("%s: %w", filepath.Join(place, labelsFile), err)
	}
	return r, nil
}
