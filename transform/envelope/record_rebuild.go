package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// structured makes the line of a record that has none: its JSON, written again
// without what envelopes have added, in the order of its keys.
//
// Which of several keys time and container_name is the program's depends on who
// put them together. filter kubernetes with Merge_Log packs the envelope first,
// filter parser with Reserve_Data packs it last (Fluent Bit v5.1.1
// plugins/filter_kubernetes/kubernetes.c, plugins/filter_parser/filter_parser.c).
// A number is the program's always, since no runtime writes one.
func (r *Reader) structured(body chunk.Map, s *recordScan, p *Payload) {
	b := rebuild{scan: s, merged: p.Namespace != "" || p.Pod != "", stream: p.Stream != "", path: r.PathKey}
	if s.path != "" && (r.PathKey != "" || looksLikeLog(s.path)) {
		p.Path = s.path
		b.usedPath = s.path
	}
	s.time = b.envelopeTime()
	if !s.driver {
		s.container = "" // the program's
		if !p.IsContainer && p.Stream == "" {
			p.ContainerID = ""
		}
	}
	r.envelopeOf(s, p)
	p.Text = r.Arena.Commit(b.append(r.Arena.Alloc(len(body)+len(body)/4+64), body))
	p.Rebuilt = true
}

// rebuild writes a record's own JSON.
type rebuild struct {
	scan     *recordScan
	merged   bool   // filter kubernetes was here
	stream   bool   // a key stream or source names stdout or stderr
	path     string // Reader.PathKey
	usedPath string // path of the log file, "" if the record names none

	texts, names int8 // of the keys passed so far
}

// envelopeTime is the text of key time that is not the program's, "" for none.
func (b *rebuild) envelopeTime() string {
	switch s := b.scan; {
	case s.numbers == 0 && s.texts == 1 && !(b.merged && s.early):
		return "" // it may be the program's
	case b.merged:
		return s.time
	default:
		return s.timeLast
	}
}

// append appends the JSON. Where nothing would be left the whole record is
// written. Where one object is left beside Kubernetes' metadata, it is what
// Merge_Log_Key names, and that object is the line; beside a time that may be
// the program's only if its key has a name like log_processed.
func (b *rebuild) append(dst []byte, body chunk.Map) []byte {
	start, kept := len(dst), 0
	var merged chunk.Map
	dst = append(dst, '{')
	f := body.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if b.leaveOut(key, v) {
			continue
		}
		if kept > 0 {
			dst = append(dst, ',')
		}
		kept++
		if m, ok := v.Map(); ok && b.merged && b.scan.others == 1 && (b.scan.time != "" || b.scan.texts == 0 || strings.Contains(key, "log")) {
			merged = m
		}
		dst = append(scan.AppendJSONString(dst, key), ':')
		dst = v.AppendJSON(dst)
	}
	if kept == 0 {
		return body.AppendJSON(dst[:start])
	}
	if merged != nil {
		return merged.AppendJSON(dst[:start])
	}
	return append(dst, '}')
}

// leaveOut reports whether a field belongs to an envelope.
func (b *rebuild) leaveOut(key string, v chunk.Value) bool {
	str, isStr := v.Str()
	if b.path != "" && key == b.path {
		return b.usedPath != ""
	}
	switch recordKeyOf(key) {
	case keyPath:
		return b.usedPath != "" && str == b.usedPath
	case keyStream, keySource:
		return isStd(str)
	case keyTime:
		return isStr && b.leaveOutTime()
	case keyContainerID, keyPartial, keyPartialID, keyPartialLast:
		return b.scan.driver
	case keyContainerName:
		return b.scan.driver && b.leaveOutName()
	case keyAttrs, keyLogtag, keyJoined:
		return b.stream
	case keyKubernetes, keyDocker:
		return v.Kind() == chunk.KindMap
	case keyComposeService:
		return true
	case keyEnvelope, keyIdent, keyPID, keyPriority, keyFacility:
		return b.leaveOutOther(key)
	}
	return false
}

func (b *rebuild) leaveOutTime() bool {
	b.texts++
	switch {
	case b.scan.numbers > 0:
		return true
	case b.scan.texts == 1:
		return b.merged && b.scan.early
	case b.merged:
		return b.texts == 1
	}
	return b.texts == b.scan.texts
}

// leaveOutName: of two names the last is the driver's. A single one is it too,
// but PLAN-R's records name their container themselves.
func (b *rebuild) leaveOutName() bool {
	b.names++
	if b.scan.names > 1 {
		return b.names == b.scan.names
	}
	return !b.scan.planr
}

func (b *rebuild) leaveOutOther(key string) bool {
	if key == "partial_ordinal" {
		return b.scan.driver
	}
	return strings.HasPrefix(key, "com.docker.")
}
