// Package push reads what clients send to Loki's push endpoint: protobuf in
// snappy, JSON, either in gzip. What it returns is a batch for the store, and in
// Loki's own words what is wrong.
package push

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// Options say what is taken and what is added. The limits are Loki's defaults.
type Options struct {
	// ServiceName gives a stream without label service_name one, as Loki's
	// discover_service_name does.
	ServiceName bool
	// Level gives an entry without metadata detected_level one, as Loki's
	// discover_log_levels does.
	Level  bool
	MaxAge time.Duration // of entries; 0 takes all
	Now    func() time.Time
}

// Limits of Loki 3.7 (limits_config), in bytes unless said.
const (
	maxLabels      = 15 // labels of a stream
	maxLabelName   = 1024
	maxLabelValue  = 2048
	maxLine        = 256 << 10
	maxMeta        = 64 << 10
	maxMetaEntries = 128
	maxFuture      = 10 * time.Minute
	// MaxBody bounds a body as it comes, and MaxRaw what it unpacks to.
	MaxBody = 32 << 20
	MaxRaw  = 128 << 20
)

// Error is why a push, or a part of it, is refused.
type Error struct {
	Status int
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func badf(format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Reader reads requests. What it returns holds until it reads the next, whose
// memory is the same.
type Reader struct {
	body    bytes.Buffer
	raw     []byte // unpacked
	metas   []entry.Pair
	entries []store.Entry
	spare   []entry.Pair
	shapes  shapes
}

// maxKept bounds the memory, in bytes of a body, that is kept for the next.
const maxKept = 8 << 20

// Read reads a request of a length, -1 if that is not known. The batch holds
// what may be stored; an *Error says what was left out, or if there is no batch,
// why.
func (r *Reader) Read(h http.Header, length int64, body io.Reader, o *Options) (*store.Batch, error) {
	if cap(r.raw) > maxKept || r.body.Cap() > maxKept {
		*r = Reader{}
	}
	raw, err := r.readAll(body, length)
	switch {
	case err != nil:
		return nil, badf("%v", err)
	case len(raw) > MaxBody:
		return nil, tooLarge(MaxBody)
	}
	streams, err := r.decode(h, raw)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			return nil, e
		}
		return nil, badf("%v", err)
	}
	if len(streams) == 0 {
		return nil, &Error{http.StatusUnprocessableEntity, "error at least one valid stream is required for ingestion"}
	}
	return o.check(streams, r)
}

// readAll reads up to a byte more than is allowed; length is what the client
// says it is.
func (r *Reader) readAll(body io.Reader, length int64) ([]byte, error) {
	r.body.Reset()
	if length > 0 && length <= MaxBody {
		r.body.Grow(int(length) + bytes.MinRead)
	}
	_, err := r.body.ReadFrom(io.LimitReader(body, MaxBody+1))
	return r.body.Bytes(), err
}

func tooLarge(limit int) *Error {
	return &Error{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes; send less at a time", limit)}
}

// stream is one stream as it came.
type stream struct {
	labels  string       // {job="zimbra"}; unless pairs has them
	pairs   []entry.Pair // of the JSON form
	entries []store.Entry
}

// decode undoes encodings and forms.
func (r *Reader) decode(h http.Header, body []byte) ([]stream, error) {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	switch enc := h.Get("Content-Encoding"); enc {
	case "", "snappy":
	case "gzip":
		if body, err = gunzip(body); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("Content-Encoding %q not supported", enc) // Loki's words
	}
	if kind == "application/json" {
		return decodeJSON(body)
	}
	n, err := s2.DecodedLen(body)
	if err != nil {
		return nil, errors.New("snappy: corrupt input")
	}
	if n > MaxRaw {
		return nil, tooLarge(MaxRaw)
	}
	if body, err = s2.Decode(r.raw[:cap(r.raw)], body); err != nil {
		return nil, errors.New("snappy: corrupt input")
	}
	r.raw = body
	return r.decodeProto(body)
}

func gunzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(z, MaxRaw+1))
	if err == nil && len(raw) > MaxRaw {
		err = tooLarge(MaxRaw)
	}
	return raw, err
}

// check makes a batch of the streams that are valid.
func (o *Options) check(streams []stream, r *Reader) (*store.Batch, error) {
	b := &store.Batch{Streams: make([]store.Stream, 0, len(streams))}
	var bad refusals
	now := o.Now()
	for i := range streams {
		st := &streams[i]
		labels, err := st.parse()
		if err != nil {
			return nil, err
		}
		if o.ServiceName {
			labels = addServiceName(labels)
		}
		if text := checkLabels(labels); text != "" {
			bad.add(text)
			continue
		}
		kept := st.entries[:0]
		for j := range st.entries {
			e := &st.entries[j]
			if text, fatal := o.checkEntry(e, labels, now, r); fatal {
				return nil, &Error{http.StatusInternalServerError, text}
			} else if text != "" {
				bad.add(text)
				continue
			}
			if o.Level {
				addLevel(e)
			}
			kept = append(kept, *e)
		}
		if len(kept) > 0 {
			b.Streams = append(b.Streams, store.Stream{Labels: labels, Entries: kept})
		}
	}
	return b, bad.err()
}

// parse returns the labels of the stream.
func (st *stream) parse() (*entry.Labels, error) {
	pairs := st.pairs
	if pairs == nil {
		var err error
		if pairs, err = parseLabels(st.labels); err != nil {
			return nil, badf("couldn't parse labels: %v", err)
		}
	}
	pairs = slices.DeleteFunc(pairs, func(p entry.Pair) bool { return p.Value == "" })
	if len(pairs) == 0 {
		return nil, badf("error at least one label pair is required per stream")
	}
	l := store.NewLabels(pairs)
	for i := 1; i < len(pairs); i++ {
		if pairs[i].Name == pairs[i-1].Name {
			return nil, badf("stream '%s' has duplicate label name: '%s'", l.Text, pairs[i].Name)
		}
	}
	return l, nil
}

func checkLabels(l *entry.Labels) string {
	if n := len(l.Pairs); n > maxLabels {
		return fmt.Sprintf("entry for stream '%s' has %d label names; limit %d", l.Text, n, maxLabels)
	}
	for _, p := range l.Pairs {
		switch {
		case len(p.Name) > maxLabelName:
			return fmt.Sprintf("stream '%s' has label name too long: '%s'", l.Text, p.Name)
		case len(p.Value) > maxLabelValue:
			return fmt.Sprintf("stream '%s' has label value too long: '%s'", l.Text, p.Value)
		}
	}
	return ""
}

// checkEntry returns what is wrong with an entry, and brings its metadata into
// the order of names. fatal is Loki's answer 500 for a name with nothing to call
// it by.
func (o *Options) checkEntry(e *store.Entry, l *entry.Labels, now time.Time, r *Reader) (text string, fatal bool) {
	pairs, size := len(e.Meta), 0
	if s := r.shapes.find(e.Meta); s != nil && s.plain {
		e.Meta, r.spare, size = s.arrange(e.Meta, r.spare)
	} else if size, text = nameMeta(e.Meta); text != "" {
		return text, true
	}
	if text := o.limits(e, l, now, size, pairs); text != "" {
		return text, false
	}
	e.Meta = orderMeta(e.Meta)
	return "", false
}

// nameless reports whether Loki finds no name for metadata in this one.
func nameless(name string) bool { return strings.Trim(name, "_-.$ ") == "" }

// nameMeta gives metadata valid names and returns its bytes as they came, or
// what is wrong.
func nameMeta(meta []entry.Pair) (size int, text string) {
	for i := range meta {
		p := &meta[i]
		size += len(p.Name) + len(p.Value)
		if nameless(p.Name) {
			if p.Name == "" {
				return 0, "label name is empty"
			}
			return 0, fmt.Sprintf("normalization for label name %q resulted in invalid name %q", p.Name, "_")
		}
		p.Name = metaName(p.Name)
	}
	return size, ""
}

// limits returns what of an entry is beyond its limits; its metadata came as so
// many bytes and pairs.
func (o *Options) limits(e *store.Entry, l *entry.Labels, now time.Time, size, pairs int) string {
	at := time.Unix(0, e.Time).UTC()
	switch {
	case o.MaxAge > 0 && at.Before(now.Add(-o.MaxAge)), e.Time < 0:
		return fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s", l.Text, at.Format(time.RFC3339), o.oldest(now).Format(time.RFC3339))
	case at.After(now.Add(maxFuture)):
		return fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", l.Text, at.Format(time.RFC3339))
	case len(e.Line) > maxLine:
		return fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes", maxLine, l.Text, len(e.Line))
	case size > maxMeta:
		return fmt.Sprintf("stream '%s' has structured metadata too large: '%d' bytes, limit: '%d' bytes", l.Text, size, maxMeta)
	case pairs > maxMetaEntries:
		return fmt.Sprintf("stream '%s' has too many structured metadata labels: '%d', limit: '%d'", l.Text, pairs, maxMetaEntries)
	}
	return ""
}

func (o *Options) oldest(now time.Time) time.Time {
	if o.MaxAge > 0 {
		return now.Add(-o.MaxAge).UTC()
	}
	return time.Unix(0, 0).UTC()
}

// metaName makes a valid name of metadata, as Loki does: other characters than
// letters, digits and '_' become '_', and a leading digit gets key_ before it.
func metaName(name string) string {
	for i := range len(name) {
		c := name[i]
		if c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && c >= '0' && c <= '9' {
			continue
		}
		if c := name[0]; c >= '0' && c <= '9' {
			return "key_" + entry.LabelName("x" + name)[1:]
		}
		return entry.LabelName(name)
	}
	return name
}

// orderMeta sorts by name; of one name, the last value counts, and "" is none.
func orderMeta(meta []entry.Pair) []entry.Pair {
	ordered := true
	for i := range meta {
		ordered = ordered && meta[i].Value != "" && (i == 0 || meta[i-1].Name < meta[i].Name)
	}
	if ordered {
		return meta
	}
	slices.SortStableFunc(meta, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
	kept := meta[:0]
	for i, p := range meta {
		if p.Value != "" && (i+1 == len(meta) || meta[i+1].Name != p.Name) {
			kept = append(kept, p)
		}
	}
	return kept
}

// refusals counts equal errors, as Loki's GroupedErrors.
type refusals struct {
	texts []string
	count map[string]int
}

// maxRefusals bounds the different texts of one answer.
const maxRefusals = 100

func (r *refusals) add(text string) {
	if r.count == nil {
		r.count = map[string]int{}
	}
	if r.count[text] == 0 {
		if len(r.texts) == maxRefusals {
			return
		}
		r.texts = append(r.texts, text)
	}
	r.count[text]++
}

// err is nil if nothing was refused.
func (r *refusals) err() error {
	if len(r.texts) == 0 {
		return nil
	}
	parts := make([]string, 0, len(r.texts))
	for _, text := range r.texts {
		if len(r.texts) > 1 || r.count[text] > 1 {
			text = fmt.Sprintf("%d errors like: %s", r.count[text], text)
		}
		parts = append(parts, text)
	}
	return badf("%s", strings.Join(parts, "; "))
}
