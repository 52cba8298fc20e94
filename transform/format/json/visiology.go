package json

import "strings"

// Fixed words of an event of Visiology ("Логирование событий": Operation,
// access, object, user, status; the values are open sets).
const (
	visOperation = "OperationName:"
	visAccess    = " with AccessType:"
	visObject    = " on ObjectType:"
	visObjectID  = " with ObjectId:"
	visWorkspace = " with WorkspaceId:"
	visUser      = " completed by User:"
	visStatus    = " with OperationStatus:"
	visError     = "ErrorMessage:"
)

// visEvent is an event of Visiology, taken apart.
type visEvent struct {
	operation, access, objectType, objectID, workspaceID string
	user, status, err                                    string
	hasError                                             bool
}

// IsVisiologyHead reports whether an event of Visiology starts somewhere in s,
// as far as its first line tells.
func IsVisiologyHead(s string) bool {
	i := strings.Index(s, visOperation)
	return i >= 0 && strings.Contains(s[i:], visAccess)
}

// findVisiology returns where an event starts in s, -1 if there is none; it
// ends with s. A logger's time and level may stand before it.
func findVisiology(s string, e *visEvent) int {
	const tries = 4
	for from, n := 0, 0; n < tries; n++ {
		i := strings.Index(s[from:], visOperation)
		if i < 0 {
			return -1
		}
		if from += i; e.scan(s[from:]) {
			return from
		}
		from++
	}
	return -1
}

// scan reads
//
//	OperationName:x with AccessType:x on ObjectType:x[ with ObjectId:x][ with WorkspaceId:x]
//	completed by User:x with OperationStatus:x[, ErrorMessage:x]
//
// in one line. Blanks may stand behind each colon. The user is free text and may
// hold the fixed words: the status that counts is the first one behind which the
// event ends or its error starts.
func (e *visEvent) scan(s string) bool {
	*e = visEvent{}
	s, ok := strings.CutPrefix(s, visOperation)
	if !ok {
		return false
	}
	if e.operation, s, ok = visWord(s, visAccess); !ok {
		return false
	}
	if e.access, s, ok = visWord(s, visObject); !ok {
		return false
	}
	return e.scanObject(s, visBlanks(s)+1) ||
		// A type that is nothing but one of the blanks.
		visBlanks(s) > 1 && e.scanObjectAt(s, visBlanks(s)-2, visBlanks(s)-1)
}

// visWord reads a word without blanks up to next.
func visWord(s, next string) (word, rest string, ok bool) {
	s = s[visBlanks(s):]
	n := 0
	for n < len(s) && !isVisBlank(s[n]) {
		n++
	}
	rest, ok = strings.CutPrefix(s[n:], next)
	return s[:n], rest, ok && n > 0
}

func isVisBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\v' }

func visBlanks(s string) int {
	n := 0
	for n < len(s) && isVisBlank(s[n]) {
		n++
	}
	return n
}

// scanObject reads the object's type up to the first place from s[from:] on
// where the identifiers and the user follow.
func (e *visEvent) scanObject(s string, from int) bool {
	start := visBlanks(s)
	for i := from; i < len(s); i++ {
		j := strings.IndexByte(s[i:], ' ')
		if j < 0 {
			return false
		}
		i += j
		if rest, ok := e.scanIDs(s[i:]); ok {
			e.objectType = s[start:i]
			return e.scanUser(rest)
		}
	}
	return false
}

func (e *visEvent) scanObjectAt(s string, start, end int) bool {
	rest, ok := e.scanIDs(s[end:])
	if !ok {
		return false
	}
	e.objectType = s[start:end]
	return e.scanUser(rest)
}

// scanIDs reads the identifiers, any number in any order, of each the last
// counts, and the words before the user.
func (e *visEvent) scanIDs(s string) (rest string, ok bool) {
	e.objectID, e.workspaceID = "", ""
	for {
		id := &e.objectID
		v, ok := strings.CutPrefix(s, visObjectID)
		if !ok {
			id = &e.workspaceID
			if v, ok = strings.CutPrefix(s, visWorkspace); !ok {
				return strings.CutPrefix(s, visUser)
			}
		}
		v = v[visBlanks(v):]
		n := 0
		for n < len(v) && !isVisBlank(v[n]) {
			n++
		}
		if n == 0 {
			return "", false
		}
		*id, s = v[:n], v[n:]
	}
}

// scanUser reads user, status and error.
func (e *visEvent) scanUser(s string) bool {
	start := visBlanks(s)
	for i := start; ; i++ {
		j := strings.Index(s[i:], visStatus)
		if j < 0 {
			break
		}
		i += j
		if e.scanStatus(s[i+len(visStatus):]) {
			e.user = s[start:i]
			return true
		}
	}
	if start > 0 && strings.HasPrefix(s[start-1:], visStatus) && e.scanStatus(s[start-1+len(visStatus):]) {
		e.user = "" // the blank belongs to the words behind it
		return true
	}
	return false
}

// scanStatus reads "Success" or "Failed, ErrorMessage: text" to the end of s.
func (e *visEvent) scanStatus(s string) bool {
	s = s[visBlanks(s):]
	n := 0
	for n < len(s) && 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z' {
		n++
	}
	if n == 0 {
		return false
	}
	rest := s[n:]
	rest = rest[visBlanks(rest):]
	e.hasError = false
	if after, ok := strings.CutPrefix(rest, ","); ok {
		if text, ok := strings.CutPrefix(after[visBlanks(after):], visError); ok {
			e.err, e.hasError = strings.Trim(text, " \t\n\f\r"), true
			e.status = s[:n]
			return true
		}
	}
	e.status, e.err = s[:n], ""
	return rest == ""
}
