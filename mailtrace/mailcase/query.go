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
	// Refusals says that what a server did not take is asked for too, if Kind is All.
	Refusals bool
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
	ByDomain    Kind = "domain"
	ByClient    Kind = "client-ip"
	All         Kind = "all"
)

// Parse tells what a word names: "<id@host>" is a message-id, a word of
// Postfix's digits a queue id, "@example.com" a domain, an address or network of
// IP a client, another one with '@' an address (or a message-id that has lost its
// brackets), any other a user. kind, if not empty, says so instead.
func Parse(word string, kind Kind) (Query, error) {
	if word == "" {
		return Query{}, fmt.Errorf("nothing to look for: give a message-id, a queue id, an address, a domain, a client's address or a user")
	}
	if kind == "" {
		switch {
		case word[0] == '<':
			kind = ByMessageID
		case isQueueID(word):
			kind = ByQueueID
		case word[0] == '@':
			kind = ByDomain
		case isClient(word):
			kind = ByClient
		case strings.Contains(word, "@"):
			kind = ByAddress
		default:
			kind = ByUser
		}
	}
	switch kind {
	case ByMessageID:
		word = "<" + strings.Trim(word, "<>") + ">"
	case ByAddress:
		word = strings.Trim(word, "<>") // as it stands: it may be a message-id
	case ByUser, ByDomain:
		word = strings.ToLower(strings.Trim(word, "<>@"))
	case ByClient:
		if !isClient(word) {
			return Query{}, fmt.Errorf("%q is no address of a client: give one as 192.0.2.7, or a network as 192.0.2.0/24", word)
		}
	case ByQueueID, All:
	default:
		return Query{}, fmt.Errorf("--by %q: must be message-id, queue-id, address, domain, client-ip or user", kind)
	}
	return Query{Kind: kind, Value: word}, nil
}

func isClient(word string) bool {
	_, err := network(word)
	return err == nil
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
	case ByClient:
		return inside(e.Get("client_ip"), q.Value)
	case ByDomain:
		return q.anyAddress(e)
	case ByQueueID:
		return e.Get("queue_id") == q.Value
	case ByUser:
		return q.who(e.Get("user"))
	case ByAddress:
		return q.anyAddress(e) || e.Get("message_id") == "<"+q.Value+">"
	}
	return false
}

// anyAddress reports whether the event names the address, or one of the domain.
func (q *Query) anyAddress(e *Event) bool {
	for _, name := range [...]string{"from", "to", "orig_to", "user"} {
		for one := range strings.SplitSeq(e.Get(name), ",") {
			if q.who(one) {
				return true
			}
		}
	}
	return false
}

// who reports whether an address is of whom is asked for.
func (q *Query) who(address string) bool {
	switch q.Kind {
	case ByAddress:
		return strings.EqualFold(address, q.Value)
	case ByDomain:
		return ofDomain(address, q.Value)
	case ByUser:
		user, _, _ := strings.Cut(address, "@")
		return strings.EqualFold(user, q.Value) || strings.EqualFold(address, q.Value)
	}
	return false
}

// Role tells what the mail is to whom is asked for: "sent", "received" or both;
// "" if it was not asked for by a person or a domain.
func (q *Query) Role(s *Story) string {
	sent := q.who(s.User) || q.who(s.From)
	received := false
	for i := range s.Recipients {
		received = received || q.who(s.Recipients[i].Address)
	}
	switch {
	case sent && received:
		return "sent and received"
	case sent:
		return "sent"
	case received:
		return "received"
	}
	return ""
}
