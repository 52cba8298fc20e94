package envelope

import "github.com/zimbraloki/zimbraloki/chunk"

// Filtered reports whether a record has been through our own filter (package
// filter) without a prefix. Its key log then names the log, as a label does, and
// the line is in message.
func Filtered(body chunk.Map) bool {
	text := func(key string) bool {
		v, ok := body.Get(key)
		return ok && v.Kind() == chunk.KindStr
	}
	return text("detected_level") && text("service_name") && text("log") && text("job")
}

// takeFiltered corrects what a scan took for line and path of such a record: the
// path of a request has the name that the path of a file has elsewhere.
func (r *Reader) takeFiltered(body chunk.Map, s *recordScan) {
	if s.textKey == keyLog {
		s.text, s.hasText = body.Get("message")
		s.hasText = s.hasText && s.text.Kind() == chunk.KindStr
		s.textKey = keyMessageText
	}
	if r.PathKey != "" || looksLikeLog(s.path) {
		return
	}
	s.path = ""
	f := body.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if str, isStr := v.Str(); isStr && recordKeyOf(key) == keyPath && looksLikeLog(str) {
			s.path = str
			return
		}
	}
}
