package importer

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// done is how an import ended.
type done struct {
	html, json []byte
	err        error
}

// errQuarantine is why an archive is not read any further: it breaks a limit.
type errQuarantine struct{ what string }

func (e *errQuarantine) Error() string {
	return e.what + ". It was put into quarantine and is not read any further; the limits are the settings IMPORT_MAX_…"
}

func quarantined(err error) bool {
	_, yes := errors.AsType[*errQuarantine](err)
	return yes
}

// work reads one archive, from its claim to its end.
func (i *Importer) work(ctx context.Context, a model.Archive, owner string) {
	m := a.Import
	m.Owner, m.Done, m.Total, m.Entries, m.Unparsed = owner, 0, a.Size, 0, 0
	i.o.Log.InfoContext(ctx, "import begins", "archive", a.ID, "ticket", a.Ticket, "bytes", a.Size, "try", m.Tries)
	h, held := i.hold(ctx, m)
	var d done
	if m.Tries > maxTries {
		d.err = fmt.Errorf("it was begun %d times, and each time the program was killed", maxTries)
	} else {
		d = i.guarded(held, a, h)
	}
	lost := errors.Is(context.Cause(held), errLost)
	m = h.release()
	switch {
	case lost:
		i.o.Log.WarnContext(ctx, "import given up", "archive", a.ID, "reason", errLost)
	case ctx.Err() != nil && d.err != nil && !quarantined(d.err):
		// What fails while the program ends fails for that, however it says so.
		i.giveBack(ctx, a, owner)
	default:
		i.finish(ctx, a, m, d)
	}
}

// guarded is read and ship; a fault of the program on one archive is not one of
// all others.
func (i *Importer) guarded(ctx context.Context, a model.Archive, h *hold) (d done) {
	defer func() {
		if p := recover(); p != nil {
			i.o.Log.ErrorContext(ctx, "reading an archive panicked", "archive", a.ID, "panic", p, "stack", string(debug.Stack()))
			d.err = fmt.Errorf("the program failed on it: %v", p)
		}
	}()
	path, release, err := i.o.Blobs.Path(ctx, a.Blob)
	if err != nil {
		d.err = fmt.Errorf("the file cannot be opened: %w", err)
		return d
	}
	defer release()
	return i.readAndShip(ctx, a, path, h)
}

func (i *Importer) readAndShip(ctx context.Context, a model.Archive, path string, h *hold) (d done) {
	reading := 1.0
	if i.o.Loki != nil {
		reading = 0.5
	}
	limited, cancel := context.WithTimeoutCause(ctx, i.o.Limits.MaxTime, &errQuarantine{"It takes longer than " + i.o.Limits.MaxTime.String() + " to be read"})
	r, err := i.read(limited, a, path, h.part(0, reading))
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = context.Cause(limited)
	}
	cancel()
	if err != nil {
		d.err = err
		return d
	}
	r.fill(h)
	if d.html, d.json, d.err = i.render(a, r.report); d.err != nil {
		return d
	}
	if i.o.Loki == nil || r.report.Entries == 0 {
		return d
	}
	// Whoever waits sees the report now, however long Loki takes.
	if d.err = i.o.Store.KeepReport(ctx, h.now(), d.html, d.json, now()); d.err != nil {
		return d
	}
	i.ship(ctx, a, path, h)
	d.err = ctx.Err()
	return d
}

// part is a stretch of the whole work, for telling the progress: done of all of
// it, from 0 to 1.
func (h *hold) part(from, to float64) func(done float64) {
	return func(done float64) {
		h.set(func(m *model.Import) {
			m.Done = max(m.Done, int64(float64(m.Total)*(from+(to-from)*min(max(done, 0), 1))))
		})
	}
}

func (i *Importer) giveBack(ctx context.Context, a model.Archive, owner string) {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := i.o.Store.ReleaseImport(after, a.ID, owner)
	i.o.Log.InfoContext(ctx, "import put back into the queue", "archive", a.ID, "error", err)
}

// finish keeps how an import ended, and tells it.
func (i *Importer) finish(ctx context.Context, a model.Archive, m model.Import, d done) {
	m.State = model.ImportDone
	switch {
	case quarantined(d.err):
		m.State = model.ImportQuarantined
	case d.err != nil:
		m.State = model.ImportFailed
	default:
		m.Done = m.Total
	}
	if d.err != nil {
		m.Error = capital(d.err.Error())
	}
	if len(d.html) == 0 {
		m.Findings, m.Critical = 0, 0 // those of an earlier report go with it
	}
	i.opened.forget(a.Blob)
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := i.o.Store.FinishImport(after, m, d.html, d.json, now()); err != nil {
		i.o.Log.ErrorContext(ctx, "the end of an import cannot be kept; it will be read again", "archive", a.ID, "error", err)
		return
	}
	e := model.Event{Action: model.ActionImport, Object: fmt.Sprintf("archive/%d", a.ID), Outcome: model.OutcomeSuccess}
	e.Detail = fmt.Sprintf("ticket=%s state=%s entries=%d unparsed=%d findings=%d critical=%d shipped=%t", a.Ticket, m.State, m.Entries, m.Unparsed, m.Findings, m.Critical, m.Shipped)
	if m.State != model.ImportDone {
		e.Outcome = model.OutcomeFailure
	}
	if m.Error != "" {
		e.Detail += fmt.Sprintf(" reason=%q", m.Error)
	}
	i.o.Record(after, e)
	i.o.Log.InfoContext(ctx, "import ends", "archive", a.ID, "state", m.State, "entries", m.Entries, "findings", m.Findings, "shipped", m.Shipped, "reason", m.Error)
}

// capital makes a sentence of an error.
func capital(s string) string {
	if first, n := utf8.DecodeRuneInString(s); first != utf8.RuneError {
		s = string(unicode.ToUpper(first)) + s[n:]
	}
	return sentence(s)
}

// sentence ends a text as one. In it may be a name that an archive gives, in any
// encoding and with signs that a database, or a terminal, does not take.
func sentence(s string) string {
	s = terminal.Safe(s)
	if s != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}
