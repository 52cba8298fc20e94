package lokitest

import (
	"fmt"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// validate is Loki's distributor looking at one entry (v3.7.8
// pkg/distributor/validator.go): the text that refuses it, "" if it is valid.
// fatal is Loki's answer 500 for a metadata name with nothing to call it by.
func (s *Server) validate(e *Entry) (text string, fatal bool) {
	stream := withServiceName(e.Labels)
	at := time.Unix(0, e.Time).UTC()
	now := s.o.Now().UTC()
	for _, p := range e.Meta {
		if strings.Trim(p.Name, "_-.$ ") == "" {
			if p.Name == "" {
				return "label name is empty", true
			}
			return fmt.Sprintf("normalization for label name %q resulted in invalid name %q", p.Name, "_"), true
		}
	}
	if oldest := now.Add(-s.o.MaxAge); s.o.MaxAge > 0 && at.Before(oldest) {
		return fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s",
			stream, at.Format(time.RFC3339), oldest.Format(time.RFC3339)), false
	}
	if s.o.MaxFuture > 0 && at.After(now.Add(s.o.MaxFuture)) {
		return fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", stream, at.Format(time.RFC3339)), false
	}
	if s.o.MaxLine > 0 && len(e.Line) > s.o.MaxLine {
		return fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes",
			s.o.MaxLine, stream, len(e.Line)), false
	}
	if s.o.Refuse != nil {
		return s.o.Refuse(e), false
	}
	return "", false
}

// maxIgnored is Loki's max_ignored_stream_errors.
const maxIgnored = 10

// ingest is Loki's ingester storing a push, stream by stream (v3.7.8
// pkg/ingester/instance.go and stream.go). As there, the result of a stream
// replaces that of the one before: only the last one's error is returned.
func (s *Server) ingest(entries []Entry) (text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].Labels == entries[0].Labels {
			n++
		}
		text = s.ingestStream(entries[:n])
		entries = entries[n:]
	}
	return text
}

func (s *Server) ingestStream(entries []Entry) string {
	name := entries[0].Tenant + "\x00" + entries[0].Labels
	var refused []string
	for i := range entries {
		e := &entries[i]
		if newest, ok := s.highest[name]; ok && s.o.Window > 0 && e.Time < newest-int64(s.o.Window) {
			refused = append(refused, tooFarBehind(e.Time, newest-int64(s.o.Window)))
			continue
		}
		s.store(e)
		if newest, ok := s.highest[name]; !ok || e.Time > newest {
			s.highest[name] = e.Time
		}
	}
	return ignoredText(refused, entries)
}

// tooFarBehind is the line of one entry in the ingester's list.
func tooFarBehind(t, cutoff int64) string {
	at := time.Unix(0, t).UTC()
	return fmt.Sprintf("entry with timestamp %s ignored, reason: 'entry too far behind, entry timestamp is: %s, oldest acceptable timestamp is: %s',\n",
		at, at.Format(time.RFC3339), time.Unix(0, cutoff).UTC().Format(time.RFC3339))
}

// ignoredText is the ingester's whole list, "" if nothing was refused.
func ignoredText(refused []string, entries []Entry) string {
	if len(refused) == 0 {
		return ""
	}
	tenant := entries[0].Tenant
	if tenant == "" {
		tenant = "fake"
	}
	return strings.Join(refused[:min(len(refused), maxIgnored)], "") + fmt.Sprintf(
		"user '%s', total ignored: %d out of %d for stream: %s", tenant, len(refused), len(entries), withServiceName(entries[0].Labels))
}

// storeAllBut refuses the first n entries of a push as too far behind,
// whatever their times, and stores the rest.
func (s *Server) storeAllBut(entries []Entry, n int) (status int, text string) {
	n = min(n, len(entries))
	var refused []string
	for _, e := range entries[:n] {
		refused = append(refused, tooFarBehind(e.Time, e.Time+int64(time.Second)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries[n:] {
		s.store(&entries[n+i])
	}
	return 400, ignoredText(refused, entries)
}

// store keeps an entry, once however often it comes. s.mu is held.
func (s *Server) store(e *Entry) {
	key := fmt.Sprintf("%q %q %d %q %q", e.Tenant, e.Labels, e.Time, e.Line, e.Meta)
	known := s.stored[key]
	if known == nil {
		known = new(Entry)
		*known = *e
		s.stored[key] = known
		s.order = append(s.order, known)
	}
	known.Copies++
}

// withServiceName adds the label that Loki adds to every stream.
func withServiceName(text string) string {
	pairs := parseText(text)
	if lookup(pairs, "service_name") != "" {
		return text
	}
	name := lookup(pairs, "job")
	if name == "" {
		name = "unknown_service"
	}
	return labelsText(append(pairs, entry.Pair{Name: "service_name", Value: name}))
}
