package redact

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// The filter answers, for almost no cost, whether a text can hold a secret at
// all. Each trigger is a piece of text of which one stands in everything that
// the scrubber replaces. Its first five bytes hold three groups of three bytes;
// looking at every third position of a text therefore meets one of the groups,
// wherever the trigger stands.
const (
	filterStride = 3
	filterBits   = 15
)

// filterTriggers are in lower case and at least five bytes long. Where a word
// is common only its rare part stands here, with what has to follow.
var filterTriggers = []string{
	"passw", "passp", "passc", "passk", "pass_k", "token", "secre", "preau", "ivate", "bindp", "redent", "cooki", "thoriz", "scratc", "rycod", "ry_cod", "twofa",
	"samlr", "amz-sig", "goog-sig", "zm_auth", "sionid", "sion_i", "sion-i", "essid", "<sess", ":sess", "lt;sess",
	"apike", "api_k", "api-k", "access_k", "access-k", "accessk", "t_cod", "ntcod", "ntkey", "t_key", "t-key", "redkey", "onkey", "on_key",
	"turev", "ture_v", "th-co", "kennw", "depasse", "de_passe", "de-passe", "de passe", "parola", "twoord", "a-passe", "senord",
	"\u0430\u0440\u043e\u043b", "\u0410\u0420\u041e\u041b", "_69643d", "ct.sid",
	"bearer", "basic ", "basic\t", "negotiate ", "negotiate\t", "ntlm ", "ntlm\t", " login ", `"login `, "'login ", " plain ", "oauth2 ", "oauth2\t",
	"m-md5 ", "t-md5 ", "scram-", "gssapi ", "external ",
	"eyjhb", "eyj0e", "eyjra", "eyjlb", "eyj6a", "eyj4n", "eyjjd", "eyjqa", "eyjjc", "eyjjr", "eyjqd", "eyjub", "eyjld", "eyj1c", "eyjpdi",
	"erkey", "er_ke", "er-ke", "ngkey", "ng_ke", "ng-ke", "ss_wo", "ss-wo", "pcode", "facod", "incod", "oncod", "n_cod", "p_cod", "a_cod",
	"nio prov ", "rov> ", `\u006`, `\u007`,
	"decoded respo", "decoded init", "ncoded init", "ncoded client",
}

// edgedTriggers are words too short, or too common, for the filter, which looks
// at what stands before and behind them.
var edgedTriggers = func() []filterTrigger {
	list := []filterTrigger{
		{text: "ntrasen"},
		{text: "ntrase\u00f1"[:7]},
		{text: "ntrase\u00d1"[:7]},
		{text: "pass", after: shortAfter},
		{text: "sion", after: shortAfter}, // session
		{text: "pwd", before: pwdBefore, after: shortAfter},
		{text: "gnature", after: "=%"},
		{text: "code", before: urlBefore, after: "=%"},
		{text: "sig", before: urlBefore, after: "=%"},
		{text: "ticket", before: urlBefore, after: "=%"},
		{text: "_code", after: "=%"},
		{text: "rifier", after: "=%"},
		{text: "amlart", after: "=%"},
		{text: "tified", after: " \t\n\\"},
		{text: "pswd", after: shortAfter},
		{text: "totp", after: shortAfter},
		{text: `"plain"`},
		{text: "otpw", after: shortAfter}, // of rootpw
		{text: "inpw", after: shortAfter}, // of adminpw
		{text: "resp=", before: "\t1"},
	}
	// A URL with a password inside of another.
	list = append(list, filterTrigger{text: "%3a%2f%2f", also: "%40"}, filterTrigger{text: "%3a//", also: "%40"}, filterTrigger{text: "%253a%252f", also: "%2540"},
		filterTrigger{text: `\u0430\u0440\u043e\u043b`}) // and the Russian word, escaped
	for _, name := range [...]string{"otp", "pin"} {
		list = append(list, filterTrigger{text: name, before: shortBefore + "ntr1", after: shortAfter})
	}
	for name, t := range tools {
		if t == &wordTool || t == &dockerTool { // found by the words of their arguments
			continue
		}
		trigger := filterTrigger{text: name, after: " \t\"'-"}
		if t == &zimbraPW {
			trigger.before = toolBefore
		}
		list = append(list, trigger)
	}
	return list
}()

// What may stand before and behind short names. The last signs of the first are
// the ends of escapes (%26pwd%3D); those of pwdBefore are the ends of what pwd may
// be joined to (dbPwd, userPwd, adminPwd, ldapPwd).
const (
	shortBefore = "= #&?;\"',{([<>\\\n" + "6fbce7203"
	pwdBefore   = "= #&?;\"',{([<_.-\t/:\\\n|>" + escapeEnds + "rnp" //nolint:gosec // no password, what stands before its name
	toolBefore  = " \t/\"'(;|&=>:`$\\\nntr" + escapeEnds             // of tools whose names have common words in them
	urlBefore   = "?&;" + escapeEnds
	escapeEnds  = "6fbdec7203"
	shortAfter  = "=:\"'\\ >&%\n\t]\x1b\xe2\xef"
)

// pwdTwo are the ends of what pwd may be joined to.
var pwdTwo = [...]string{"db", "er", "in", "op", "ap"}

// filterTrigger is a text; if they are not empty, one of the bytes of before
// stands before it, and one of those of after behind it, and also somewhere.
type filterTrigger struct{ text, before, after, also string }

func init() {
	list := edgedTriggers
	for _, t := range filterTriggers {
		list = append(list, filterTrigger{text: t})
	}
	filterTable.build(list)
}

// filter is the table of groups: the number of a list of triggers, 0 for none.
type filter struct {
	table [1 << filterBits]uint8
	lists [][]filterPlace
}

// filterPlace says that a group stands so many bytes behind a trigger's start,
// one before it if at is -1. word and mask are the trigger's first bytes, as many
// as eight, folded.
type filterPlace struct {
	word, mask uint64
	trigger    *filterTrigger
	at         int
}

// filterFold clears the bit that tells small letters from capitals.
const filterFold = 0xdfdfdfdfdfdfdfdf

var filterTable filter

func filterHash(w uint32) uint32 {
	return (w & 0x00dfdfdf) * 0x9e3779b1 >> (32 - filterBits) & (1<<filterBits - 1)
}

func (f *filter) build(list []filterTrigger) {
	places := map[uint32][]filterPlace{}
	for i := range list {
		list[i].eachGroup(func(group string, p filterPlace) {
			h := filterHash(uint32(group[0]) | uint32(group[1])<<8 | uint32(group[2])<<16)
			if !slices.Contains(places[h], p) { // signs that fold to the same
				places[h] = append(places[h], p)
			}
		})
	}
	f.lists = make([][]filterPlace, 1)
	shared := 0
	for _, h := range slices.Sorted(maps.Keys(places)) {
		n := slices.IndexFunc(f.lists, func(l []filterPlace) bool { return slices.Equal(l, places[h]) })
		switch {
		case n >= 0:
		case len(f.lists) <= 255:
			n = len(f.lists)
			f.lists = append(f.lists, places[h])
		default: // with another group: a longer list, the same answer
			n = 128 + shared%128
			shared++
			f.lists[n] = slices.Concat(f.lists[n], places[h])
		}
		f.table[h] = uint8(n)
	}
}

// eachGroup calls add with three groups, one of which is met.
func (t *filterTrigger) eachGroup(add func(group string, p filterPlace)) {
	var b, m [8]byte
	copy(b[:], t.text)
	copy(m[:min(8, len(t.text))], "\xff\xff\xff\xff\xff\xff\xff\xff")
	mask := binary.LittleEndian.Uint64(m[:]) & filterFold
	word := binary.LittleEndian.Uint64(b[:]) & mask
	n := len(t.text)
	for at := range filterStride {
		switch {
		case at == 2 && t.before != "": // the group before it
			for _, c := range []byte(t.before) {
				add(string([]byte{c})+t.text[:2], filterPlace{word, mask, t, -1})
			}
		case at+filterStride <= n:
			if at == 1 && (t.text == "zmmailbox" || t.text[0] == 'n' && n == 7) {
				at += filterStride // as good a place, and in no common word
			}
			add(t.text[at:at+filterStride], filterPlace{word, mask, t, at})
		default:
			for _, c := range []byte(t.after) {
				add(t.text[at:]+string([]byte{c}), filterPlace{word, mask, t, at})
			}
		}
	}
}

// MaySecret reports whether s may hold a secret. Texts that start or end in the
// middle of a trigger cannot.
func MaySecret(s string) bool {
	b := scan.BytesOf(s)
	if len(b) > 3 && startsShort(s) || encodesLetters(s) {
		return true
	}
	t := &filterTable.table
	i := 0
	for ; len(b)-i >= 16; i += 12 {
		w := b[i : i+16 : i+16]
		// Two loads hold four groups.
		x, y := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[6:])
		a, c := t[filterHash(uint32(x))], t[filterHash(uint32(x>>24))]
		d, e := t[filterHash(uint32(y))], t[filterHash(uint32(y>>24))]
		if a|c|d|e != 0 && (confirmTrigger(s, i, a) || confirmTrigger(s, i+3, c) || confirmTrigger(s, i+6, d) || confirmTrigger(s, i+9, e)) {
			return true
		}
	}
	for ; len(b)-i >= 3; i += filterStride {
		if n := t[filterHash(uint32(b[i])|uint32(b[i+1])<<8|uint32(b[i+2])<<16)]; n != 0 && confirmTrigger(s, i, n) {
			return true
		}
	}
	return false
}

// encodesLetters reports whether letters are written as those of a URL, which no
// encoder does; or the Russian word for password, which has to be.
func encodesLetters(s string) bool {
	for i := 0; ; i += 3 {
		k := strings.IndexByte(s[i:], '%')
		if k < 0 || i+k+3 > len(s) {
			return false
		}
		i += k
		switch c := s[i+1]; {
		case (c == '6' && s[i+2] != '0' || c == '7' && s[i+2] <= '9') && scan.IsHexDigit(s[i+2]), c == '7' && s[i+2]|0x20 == 'a':
			return true
		case (c == 'D' || c == 'd') && scan.FoldPrefix(s[i:], "%d1%80%d0%be%d0%bb"):
			return true
		}
	}
}

// startsShort reports whether a short name, or a tool's, stands at the start of a text, where
// nothing is before it.
func startsShort(s string) bool {
	switch scan.LowerByte[s[0]] {
	case 'p':
		return scan.FoldPrefix(s, "pwd") || scan.FoldPrefix(s, "pin") && !scan.KeyByte[s[3]]
	case 'z':
		return scan.FoldPrefix(s, "zmsoap") || scan.FoldPrefix(s, "zmmailb")
	case 'o':
		return scan.FoldPrefix(s, "otp") && !scan.KeyByte[s[3]]
	}
	return false
}

// confirmTrigger compares the triggers of list n with the text around the
// group at i.
func confirmTrigger(s string, i int, n uint8) bool {
	list := filterTable.lists[n]
	for j := range list {
		p := &list[j]
		k := i - p.at
		if k < 0 || k >= len(s) || k+8 <= len(s) && binary.LittleEndian.Uint64(scan.BytesOf(s[k:k+8]))&p.mask != p.word {
			continue
		}
		if scan.FoldPrefix(s[k:], p.trigger.text) && p.trigger.fits(s, k) {
			return true
		}
	}
	return false
}

// fits looks at what stands around the trigger at k of s.
func (t *filterTrigger) fits(s string, k int) bool {
	end := k + len(t.text)
	if n := len(t.before); n > 4 && t.before[n-4:] == "ntr1" { // a short name, with something to follow
		if strings.IndexByte("ntr1", s[max(0, k-1)]) >= 0 && !escapedBreak(s, k) {
			return false
		}
		if s[min(end, len(s)-1)] == ' ' && k > 0 && strings.IndexByte(" =?;\"',{([\n", s[k-1]) >= 0 && !signBehind(s, end) && !strings.HasSuffix(s[:k], "lt;") {
			return false
		}
	}
	return (t.before == "" || k > 0 && strings.IndexByte(t.before, scan.LowerByte[s[k-1]]) >= 0) &&
		(t.after == "" || end < len(s) && strings.IndexByte(t.after, s[end]) >= 0) && (t.also == "" || strings.Contains(s[end:], t.also))
}

// signBehind reports whether a sign between name and value stands behind blanks.
func signBehind(s string, i int) bool {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i < len(s) && strings.IndexByte("=:%-", s[i]) >= 0
}

// MayUserinfo reports whether s may hold a URL with a name and password, or a
// token in place of them. The filter has no trigger for it: "://" stands in too
// many lines.
func MayUserinfo(s string) bool {
	first := strings.IndexByte(s, '/') // most lines with an address have no URL before it
	if first < 0 {
		return false
	}
	for i := first; i < len(s); i++ {
		j := indexAt(s, i)
		if j < 0 {
			return false
		}
		colon, path := false, false
		for k := j - 1; k >= first && k > j-520; k-- {
			switch c := s[k]; {
			case c == '/':
				if !strings.HasSuffix(s[:k], ":/") && !strings.HasSuffix(s[:k], `/\`) {
					path = true // or a password with the sign in it
					continue
				}
				if colon || !path && looksRandom(s[k+1:j]) {
					return true
				}
				k = first
			case c == '%' && k+2 < j && s[k+1] == '3' && s[k+2]|0x20 == 'a':
				colon = true
			case c == ':':
				n := len(scan.Number(s[k+1 : j]))
				colon = colon || !path || n == 0 || strings.IndexByte("/?#", s[k+1+n]) < 0
			case c == '?', c == '#':
				path = true
			case c <= ' ', c == '<', c == '>', c == '"', c == '\\' && !strings.HasPrefix(s[k:], `\/`), c == '\'':
				k = first
			}
		}
		i = j
	}
	return false
}

// indexAt is the position of the next '@' of s from i on, or -1.
func indexAt(s string, i int) int {
	if j := strings.IndexByte(s[i:], '@'); j >= 0 {
		return i + j
	}
	return -1
}
