package importer

import (
	"context"
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// selector selects the entries of a ticket in Loki, or those of one archive.
func (l labels) selector(one bool) string {
	s := fmt.Sprintf("platform=%q, ticket=%q, source=%q", l.Platform, l.Ticket, Source)
	if one {
		s += fmt.Sprintf(`, archive="%d"`, l.Archive)
	}
	return "{" + s + "}"
}

// Explore is a link to a ticket's entries in Grafana, over the whole time of its
// archives that are shipped: "" if none is, or there is no Grafana.
func (i *Importer) Explore(ctx context.Context, ticket string) string {
	if i.o.Grafana == nil {
		return ""
	}
	list, err := i.o.Store.Archives(ctx, model.ArchiveFilter{Ticket: ticket})
	if err != nil {
		return ""
	}
	var from, to time.Time
	var of labels
	for _, a := range list {
		m := a.Import
		if !m.Shipped || m.From.IsZero() {
			continue
		}
		of = labelsOf(a)
		if from.IsZero() || m.From.Before(from) {
			from = m.From
		}
		if m.To.After(to) {
			to = m.To
		}
	}
	return i.link(of.selector(false), from, to)
}

// ExploreArchive is the same for one archive.
func (i *Importer) ExploreArchive(a model.Archive) string {
	if !a.Import.Shipped {
		return ""
	}
	return i.link(labelsOf(a).selector(true), a.Import.From, a.Import.To)
}

func (i *Importer) link(selector string, from, to time.Time) string {
	if i.o.Grafana == nil || from.IsZero() {
		return ""
	}
	return ship.ExploreLink(i.o.Grafana.String(), i.o.Datasource, selector, from.UnixNano(), to.UnixNano()+int64(time.Microsecond))
}
