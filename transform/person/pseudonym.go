package person

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

const (
	pseudonymMark   = "p_"
	pseudonymDigits = 16
	// maxPseudonyms bounds the cache: 64 Ki names of some 60 bytes are 4 MB.
	maxPseudonyms = 64 << 10
)

// Pseudonyms gives names of persons their keyed hashes. The same name gives the
// same pseudonym in every log and on every host that has the key. It may be
// used by several goroutines.
type Pseudonyms struct {
	key   []byte
	mu    sync.RWMutex
	known map[string]string
}

// NewPseudonyms takes a key, which config bounds from below.
func NewPseudonyms(key []byte) *Pseudonyms {
	return &Pseudonyms{key: append([]byte(nil), key...), known: map[string]string{}}
}

// Name returns what stands for a name or an address: p_ and the first 16
// hexadecimal digits of HMAC-SHA256 over the name in lower case. Of an address
// the local part is hashed, up to its '+', and the domain kept in lower case.
// Names of the system stay, and so do pseudonyms.
func (p *Pseudonyms) Name(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return p.local(s)
	}
	local := p.local(s[:at])
	if local == s[:at] {
		return s
	}
	return local + strings.ToLower(s[at:])
}

func (p *Pseudonyms) local(s string) string {
	if n := len(s); n > 2 && s[n-1] == '"' { // "ivanov i"@example.org, escaped or not
		if inner := strings.Trim(s, `"\`); inner != "" {
			s = inner
		}
	}
	if isPseudonym(s) || isSystemName(s) {
		return s
	}
	p.mu.RLock()
	v, ok := p.known[s]
	p.mu.RUnlock()
	if ok {
		return v
	}
	name := strings.ToLower(s)
	if i := strings.IndexByte(name, '+'); i > 0 {
		name = name[:i]
	}
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte(name))
	v = pseudonymMark + hex.EncodeToString(h.Sum(nil)[:pseudonymDigits/2])
	p.mu.Lock()
	if len(p.known) >= maxPseudonyms {
		clear(p.known)
	}
	p.known[strings.Clone(s)] = v
	p.mu.Unlock()
	return v
}

func isPseudonym(s string) bool {
	if len(s) != len(pseudonymMark)+pseudonymDigits || s[:len(pseudonymMark)] != pseudonymMark {
		return false
	}
	for i := len(pseudonymMark); i < len(s); i++ {
		if !scan.IsDigit(s[i]) && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

// systemNames are names and local parts that are no persons (RFC 2142, and the
// accounts that Zimbra makes for itself).
var systemNames = map[string]bool{
	"": true, "-": true, "***": true, "unknown": true, "(unknown)": true, "none": true, "null": true, "anonymous": true,
	"postmaster": true, "mailer-daemon": true, "double-bounce": true, "hostmaster": true, "abuse": true, "webmaster": true,
	"root": true, "zimbra": true, "zextras": true, "amavis": true, "postfix": true, "nobody": true, "daemon": true, "system": true,
	"noreply": true, "no-reply": true, "galsync": true,
}

// systemPrefixes begin the accounts that Zimbra makes for its own use, with a
// random text behind.
var systemPrefixes = [...]string{"spam.", "ham.", "virus-quarantine.", "galsync.", "galsync-", "zimbraproxy"}

func isSystemName(s string) bool {
	if len(s) > 80 {
		return false
	}
	s = strings.ToLower(s)
	if systemNames[s] {
		return true
	}
	for _, p := range systemPrefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			// Behind those of junk stands a random text; a name may stand there too.
			return strings.HasPrefix(p, "galsync") || p == "zimbraproxy" || strings.ContainsAny(rest, "0123456789")
		}
	}
	return false
}

// SystemNames returns the names that stay, and what further ones begin with.
func SystemNames() (names, prefixes []string) {
	for n := range systemNames {
		names = append(names, n)
	}
	return names, systemPrefixes[:]
}
