package loki

import (
	"net/http"
	"strconv"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
)

// settle finds another place for refused entries of a stream: a late stream
// for those that came too late, the dead-letter file for the rest. An error
// means that they must be pushed again.
func (r *run) settle(b *Batch, stream int32, losses []loss, stage int) error {
	var late, dead []loss
	for _, l := range losses {
		if rescue(stage, l.reason) {
			if r.c.keep {
				return r.c.lateError(l)
			}
			late = append(late, l)
		} else {
			dead = append(dead, l)
		}
	}
	if err := r.sendLate(b, stream, late, stage+1); err != nil {
		return err
	}
	return r.bury(b, stream, dead)
}

// lateError says what must be changed in Loki before it takes an entry as it is.
func (c *Client) lateError(l loss) *PushError {
	cure := "it has newer ones in this stream, and takes none that are older than the newest by more than half of max_chunk_age: raise max_chunk_age in its block ingester as long as this takes"
	if l.reason == ReasonTooOld {
		cure = "let it take old entries, with reject_old_samples: false in limits_config or in the overrides of the tenant, or leave them out"
	}
	return &PushError{URL: c.shown, Status: http.StatusBadRequest, Body: c.quote(l.text), Cure: cure, kind: l.reason.String()}
}

// sendLate sends entries to their streams of a late stage.
func (r *run) sendLate(b *Batch, stream int32, late []loss, stage int) error {
	if len(late) == 0 {
		return nil
	}
	if b.late == nil {
		b.late = new(Batch)
	}
	b.late.Reset()
	labels := b.streams[stream].labels
	sets := make(map[string]*entry.Labels) // one per text, as a Batch tells sets apart by pointer
	for _, l := range late {
		set := lateLabels(labels, stage, b.refs[l.ref].time)
		if known := sets[set.Text]; known != nil {
			set = known
		}
		sets[set.Text] = set
		b.late.addEncoded(b, l.ref, set, b.origin(stream))
	}
	b.late.chain()
	return r.batch(b.late, stage)
}

// origin returns the labels that the entries of a stream had before they came
// too late.
func (b *Batch) origin(stream int32) *entry.Labels {
	if o := b.streams[stream].origin; o != nil {
		return o
	}
	return b.streams[stream].labels
}

// bury writes entries to the dead-letter file, or shows them in the log if
// there is none.
func (r *run) bury(b *Batch, stream int32, dead []loss) error {
	if len(dead) == 0 {
		return nil
	}
	if r.c.dead == nil {
		r.show(b, stream, dead)
	} else if err := r.c.dead.Append(r.records(b, stream, dead)...); err != nil {
		return err
	}
	for _, l := range dead {
		r.lost[l.reason]++
		r.fate(b, l.ref).Dead++
		r.c.stats.dead[l.reason].Add(1)
	}
	r.result.Dead += len(dead)
	return nil
}

// records makes the dead letters of entries.
func (r *run) records(b *Batch, stream int32, dead []loss) []deadletter.Record {
	recs := make([]deadletter.Record, len(dead))
	for i, l := range dead {
		var p plain // its own, as the record keeps the metadata
		b.read(l.ref, &p)
		recs[i] = deadletter.Record{
			Kind: deadletter.KindEntry, Reason: l.reason.String(), Detail: r.c.quote(l.text),
			Tenant: b.tenants[b.streams[stream].tenant], Time: p.time, Labels: b.origin(stream).Pairs, Line: p.line, Meta: p.meta,
		}
	}
	return recs
}

// maxShown is how many refused entries of one push are shown in the log if
// there is no dead-letter file.
const maxShown = 10

// show writes the beginnings of refused entries to the log, as the last that
// is seen of them.
func (r *run) show(b *Batch, stream int32, dead []loss) {
	for _, l := range dead[:min(len(dead), max(maxShown-r.shown, 0))] {
		var p plain
		b.read(l.ref, &p)
		r.c.log.Error("Loki refuses an entry, and there is no dead_letter_path to keep it", "reason", l.reason.String(),
			"labels", b.origin(stream).Text, "time_ns", strconv.FormatInt(p.time, 10), "line", oneLine(p.line))
		r.shown++
	}
}

// sayLosses logs what was refused or came late: at once for the first of a
// kind, later as a sum.
func (r *run) sayLosses() {
	if late := r.result.Late; late > 0 {
		if n, say := r.c.losses.Note("late", late); say {
			r.c.log.Info("entries came too late for their streams and went to those with "+labelLate+`="true"`, "entries", n)
		}
	}
	for reason, lost := range r.lost {
		if lost == 0 {
			continue
		}
		n, say := r.c.losses.Note(Reason(reason).String(), lost)
		if !say {
			continue
		}
		where := "nowhere: set dead_letter_path"
		if r.c.dead != nil {
			where = r.c.dead.Path()
		}
		r.c.log.Warn("Loki refused entries for good", "reason", Reason(reason).String(), "entries", n, "kept_in", where)
	}
}
