package mailcase

import (
	"fmt"
	"strings"
	"time"
)

// Query is what a trace is asked for.
type Query struct {
	Kind  Kind
	Value string
	IDs   map[string]bool // further message-ids: of the mails that another query found
	// Since and Until bound the time of a matching line, ns; 0 is no bound.
	Since, Until int64
}

// Kind is what the value of a query names.
type Kind string

// The kinds of a query.
const (
	ByMessageID Kind = "message-id"
	ByQueueID   Kind = "queue-id"
	ByAddress   Kind = "address"
	ByUser      Kind = "user"
	All         Kind = "all"
)

// Parse tells what a word names: "<id@host>" is a message-id, a word of
// Postfix's digits a queue id, one with '@' an address, any other a user. kind,
// if not empty, says so instead.
func Parse(word string, kind Kind) (Query, error) {
	if word == "" {
		return Query{}, fmt.Errorf("nothing to look for: give a message-id, a queue id, an address or a user")
	}
	if kind == "" {
		switch {
		case word[0] == '<':
			kind = ByMessageID
		case isQueueID(word):
			kind = ByQueueID
		case strings.Contains(word, "@"):
			kind = ByAddress
		default:
			kind = ByUser
		}
	}
	switch kind {
	case ByMessageID:
		word = "<" + strings.Trim(word, "<>") + ">"
	case ByAddress, ByUser:
		word = strings.ToLower(strings.Trim(word, "<>"))
	case ByQueueID, All:
	default:
		return Query{}, fmt.Errorf("--by %q: must be message-id, queue-id, address or user", kind)
	}
	return Query{Kind: kind, Value: word}, nil
}

// isQueueID reports whether a word looks like a queue id of Postfix: upper-case
// hexadecimal digits, or 52 digits without vowels (src/global/mail_queue.h).
func isQueueID(s string) bool {
	const long = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
	only := func(set string) bool { return strings.Trim(s, set) == "" }
	return len(s) >= 6 && len(s) <= 20 && only("0123456789ABCDEF") ||
		len(s) >= 12 && len(s) <= 24 && only(long) && strings.ContainsAny(s, "0123456789")
}

// Between bounds a query in time; zero times are no bounds.
func (q *Query) Between(since, until time.Time) {
	if !since.IsZero() {
		q.Since = since.UnixNano()
	}
	if !until.IsZero() {
		q.Until = until.UnixNano()
	}
}

// Matches reports whether an event is of a mail that is asked for.
func (q *Query) Matches(e *Event) bool {
	if q.Since != 0 && e.Time < q.Since || q.Until != 0 && e.Time > q.Until {
		return false
	}
	if q.Kind == All {
		return true
	}
	if len(q.IDs) > 0 && q.IDs[e.Get("message_id")] {
		return true
	}
	switch q.Kind {
	case ByMessageID:
		return e.Get("message_id") == q.Value
	case ByQueueID:
		return e.Get("queue_id") == q.Value
	case ByUser:
		user, _, _ := strings.Cut(e.Get("user"), "@")
		return strings.EqualFold(user, q.Value) || strings.EqualFold(e.Get("user"), q.Value)
	case ByAddress:
		for _, name := range [...]string{"from", "to", "orig_to", "user"} {
			for one := range strings.SplitSeq(e.Get(name), ",") {
				if strings.EqualFold(one, q.Value) {
					return true
				}
			}
		}
	}
	return false
}
