package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// recordScan is what one pass over a record's fields finds, beyond what goes
// straight to the payload.
type recordScan struct {
	text      chunk.Value // the line
	textKey   recordKey   // where it is from; keyOther: the configured key
	hasText   bool
	driver    bool // written by Docker's fluentd driver
	partial   bool
	last      bool
	cut       bool // CRI's tag P
	planr     bool // keys of PLAN-R stand among the record's own
	filtered  int8 // keys that only our own filter writes, see Filtered
	others    int  // keys of the program's own
	texts     int8 // times that key time holds a text
	numbers   int8 // times that it holds a number
	names     int8 // times that a container's name stands there
	early     bool // a text of key time came before the stream, nothing of the program before both
	path      string
	host      string
	container string
	syslog    syslogFields
	time      string // the first text of key time
	timeLast  string // the last
}

// Unwrap fills p from a record: the line, if one of its keys holds it, and what
// the other keys say about it. A record without a line is one that was
// structured on its way, its JSON is written again then (see rebuild).
//
// The line is the text under PayloadKey, else log, else MESSAGE; or
// message, but only in a record that has no keys but those of envelopes: a
// program's own JSON has a message too.
func (r *Reader) Unwrap(body chunk.Map, p *Payload) {
	p.Record = body
	if r.fromTail(body, p) {
		return
	}
	var s recordScan
	f := body.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		r.field(&s, p, key, v)
	}
	if s.filtered > 1 && Filtered(body) {
		r.takeFiltered(body, &s)
	}
	if !s.hasText || s.textKey == keyMessageText && s.filtered < 2 && r.ownMessage(&s) {
		r.structured(body, &s, p)
		return
	}
	r.setText(&s, p)
	r.setProgram(&s, p)
	r.envelopeOf(&s, p)
}

// fromTail is Unwrap for what tail makes, by far the most records: the key log
// and perhaps that of the path.
func (r *Reader) fromTail(body chunk.Map, p *Payload) bool {
	var text, path string
	f := body.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		str, isStr := v.Str()
		switch {
		case !isStr:
			return false
		case key == "log" && text == "" && str != "":
			text = str
		case r.PathKey != "" && key == r.PathKey, r.PathKey == "" && path == "" && recordKeyOf(key) == keyPath:
			path = str
		default:
			return false
		}
	}
	if text == "" {
		return false
	}
	p.Text, p.Path = strings.TrimSuffix(text, "\n"), scan.OrElse(path, p.Path)
	return true
}

// ownMessage reports whether the key message is one of several keys that the
// program has written.
func (r *Reader) ownMessage(s *recordScan) bool {
	return s.others > 0 || s.path != "" && r.PathKey == "" && !looksLikeLog(s.path)
}

// offer takes v for the line unless a better key has one.
func (s *recordScan) offer(k recordKey, v chunk.Value) {
	switch v.Kind() {
	case chunk.KindNil, chunk.KindMap, chunk.KindArray:
		s.others++
		return
	}
	if s.hasText && k > s.textKey {
		return
	}
	s.text, s.textKey, s.hasText = v, k, true
}

// field takes one field: the options' keys, what the scan must weigh, and what
// belongs to the payload whatever else the record holds.
func (r *Reader) field(s *recordScan, p *Payload, key string, v chunk.Value) {
	if r.PayloadKey != "" && key == r.PayloadKey {
		s.offer(keyOther, v)
		return
	}
	str, isStr := v.Str()
	if r.PathKey != "" && key == r.PathKey {
		s.path = str
		return
	}
	switch k := recordKeyOf(key); k {
	case keyOther:
		s.others++
	case keyPlanr:
		s.planr = true
		s.others++
	case keyFiltered:
		s.filtered++
		s.others++
	case keyLog, keyMessage, keyMessageText:
		s.offer(k, v)
	case keyPath:
		if s.path == "" && r.PathKey == "" {
			s.path = str
		} else {
			s.others++
		}
	case keyTime:
		s.timeField(str, isStr)
	case keyStream, keySource:
		s.streamField(p, k, str)
	case keyContainerName:
		s.container = str
		s.names++
	case keyPartial:
		s.partial = isTrue(str, v)
	case keyPartialLast:
		s.last = isTrue(str, v)
	case keyHost:
		s.host = scan.OrElse(s.host, str)
	case keyLogtag, keyJoined:
		s.cut = k == keyLogtag && strings.HasPrefix(str, "P")
		s.early = s.early || s.texts > 0 && s.others == 0
		p.IsContainer = true
	case keyIdent, keyPID, keyPriority, keyFacility:
		s.syslog.take(k, v)
	default:
		p.field(k, str, v)
	}
}

// streamField reads stream, and source as Docker's fluentd driver names it.
func (s *recordScan) streamField(p *Payload, k recordKey, str string) {
	if !isStd(str) {
		s.others++
		return
	}
	p.Stream = str
	s.early = s.early || s.texts > 0 && s.others == 0
	s.driver = s.driver || k == keySource
}

// field takes the keys that only envelopes have.
func (p *Payload) field(k recordKey, str string, v chunk.Value) {
	m, isMap := v.Map()
	switch k {
	case keyContainerID:
		p.ContainerID = str
	case keyComposeService:
		p.Service = str
	case keyPartialID:
		p.partialID = str
	case keyAttrs:
		if isMap {
			p.attributes(m)
		}
	case keyKubernetes:
		if isMap {
			p.kubernetes(m)
		}
	case keyDocker:
		if isMap {
			p.dockerKey(m)
		}
	}
}

func (s *recordScan) timeField(str string, isStr bool) {
	if !isStr {
		s.numbers++
		s.others++
		return
	}
	if s.texts == 0 {
		s.time = str
	}
	s.timeLast = str
	s.texts++
}

// isTrue reads a bool, or a text as Docker's drivers write it.
func isTrue(str string, v chunk.Value) bool {
	b, _ := v.Bool()
	return b || str == "true"
}

// setText makes the value that holds the line the payload's text, without the
// newline that ends it.
func (r *Reader) setText(s *recordScan, p *Payload) {
	text, ok := s.text.Str()
	if !ok {
		text = r.Arena.Commit(s.text.AppendText(r.Arena.Alloc(32)))
	}
	newline := strings.HasSuffix(text, "\n") && s.filtered < 2
	if newline {
		text = text[:len(text)-1]
	}
	p.Text, p.Path, p.Host = text, scan.OrElse(s.path, p.Path), scan.OrElse(s.host, p.Host)
	switch {
	case s.partial && s.last:
		p.Partial = partialLast
	case s.partial, s.cut:
		p.Partial = PartialMore
	case !newline && len(text) >= dockerPiece && p.Stream != "" && !s.driver && !p.IsContainer:
		p.Partial = PartialMore
	}
}

// dockerPiece is the size in bytes at which Docker cuts a line (moby,
// daemon/logger/copier.go, defaultBufSize). In a record that parser docker made
// of a json-file line, a text of this size without a newline is such a piece;
// a shorter one may have lost its newline to a filter on the way.
const dockerPiece = 16 << 10

// envelopeOf sets what the keys of a container runtime say.
func (r *Reader) envelopeOf(s *recordScan, p *Payload) {
	p.IsContainer = p.IsContainer || p.Stream != "" || p.ContainerID != ""
	if !p.IsContainer {
		return
	}
	if s.container != "" && p.Container == "" {
		p.Container = CleanName(s.container)
	}
	if s.time != "" {
		if t, ok := r.Clock.ISOTime(s.time, p.Arrival); ok {
			p.Time = t
		}
	}
	p.complete()
}

// attributes reads attrs of Docker's json-file.
func (p *Payload) attributes(m chunk.Map) {
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if val, ok := v.Str(); ok {
			p.attribute(key, val)
		}
	}
	p.IsContainer = true
}

// dockerKey reads the key docker, which log shippers before Fluent Bit add.
func (p *Payload) dockerKey(m chunk.Map) {
	if v, ok := m.Get("container_id"); ok {
		p.ContainerID, _ = v.Str()
		p.IsContainer = true
	}
}

// kubernetes reads what filter kubernetes adds. The service is the label
// app.kubernetes.io/name, else app, else k8s-app, else the container's name.
func (p *Payload) kubernetes(m chunk.Map) {
	p.IsContainer = true
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		str, _ := v.Str()
		switch key {
		case "pod_name":
			p.Pod = str
		case "namespace_name":
			p.Namespace = str
		case "host":
			p.Node = str
		case "container_name":
			p.Container = str
		case "docker_id":
			p.ContainerID = str
		case "labels":
			if labels, ok := v.Map(); ok {
				p.podLabels(labels)
			}
		}
	}
	if p.Service == "" {
		p.Service = p.Container
	}
}

func (p *Payload) podLabels(m chunk.Map) {
	rank := 0
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		n := 0
		switch key {
		case "app.kubernetes.io/name":
			n = 3
		case "app":
			n = 2
		case "k8s-app":
			n = 1
		}
		if str, _ := v.Str(); n > rank && str != "" {
			p.Service, rank = str, n
		}
	}
}
