package envelope

import "strings"

// unwrapCRI replaces p.Text by the text of the CRI line that it is:
//
//	2006-01-02T15:04:05.000000000Z stdout F text
//
// time in RFC 3339 with a fraction and any zone, stream, tags separated by ':'
// of which the first is F (full) or P (partial: the line goes on in the next of
// the same stream), the text. Source: Kubernetes, KEP-2411 and
// pkg/kubelet/kuberuntime/logs/logs.go (parseCRILog). Lenient as kubelet: the
// blank before an empty text may be missing.
func (r *Reader) unwrapCRI(p *Payload) bool {
	s := p.Text
	stamp := strings.IndexByte(s, ' ')
	if stamp < len("2006-01-02T15:04:05Z") || stamp > len("2006-01-02T15:04:05.000000000+00:00") {
		return false
	}
	rest := s[stamp+1:]
	var stream string
	switch {
	case strings.HasPrefix(rest, "stdout "):
		stream = "stdout"
	case strings.HasPrefix(rest, "stderr "):
		stream = "stderr"
	default:
		return false
	}
	tags, text, _ := strings.Cut(rest[len("stdout "):], " ")
	if tags == "" || tags[0] != 'F' && tags[0] != 'P' || len(tags) > 1 && tags[1] != ':' {
		return false
	}
	t, ok := r.Clock.ISOTime(s[:stamp], p.Arrival)
	if !ok {
		return false
	}
	p.Text, p.Time, p.Stream, p.IsContainer = text, t, stream, true
	p.Partial = PartialNone
	if tags[0] == 'P' {
		p.Partial = PartialMore
	}
	return true
}
