package redact

import (
	"encoding/binary"
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
	"bearer", "basic ", "basic\t", "negotiate ", "negotiate\t", "ntlm ", "ntlm\t", " login ", `"login `, "'login ", " plain ",
	"m-md5 ", "t-md5 ", "scram-", "gssapi ", "external ",
	"eyjhb", "eyj0e", "eyjra", "eyjlb", "eyj6a", "eyj4n", "eyjjd", "eyjqa", "eyjjc", "eyjjr", "eyjqd", "eyjub", "eyjld", "eyj1c", "eyjpdi",
	"erkey", "er_ke", "er-ke", "ngkey", "ng_ke", "ng-ke", "ss_wo", "ss-wo", "pcode", "facod", "incod", "oncod", "n_cod", "p_cod", "a_cod",
	"nio prov ", "rov> ", `\u006`, `\u007`,
	"tycod", "ty_co", "mscod", "ms_co", "etcod", "et_co", "thcod", "th_co", "mecod", "me_co", "thkey", "th_ke", "th-ke", "ppkey", "pp_ke", "pp-ke", "on-ke", "mackey", "mac_k", "mac-k",
	"ss_ph", "ss-ph", "mbra-auth", "stry-auth",
	`auth" "`, "@tcp(", "@unix(", "thin:", "simple_bind", "cred=", "sterauth",
	"decoded respo", "decoded init", "ncoded init", "ncoded client",
}

// edgedTriggers are words too short, or too common, for the filter, which looks
// at what stands before and behind them.
var edgedTriggers = func() []filterTrigger {
	list := []filterTrigger{
		{text: "ntrasen"},
		{text: "ntrase\u00f1"[:7]},
		{text: "ntrase\u00d1"[:7]},
		{text: "pass", after: shortAfter + "."}, // pass.1
		{text: "sion", after: shortAfter},       // session
		{text: "pwd", before: pwdBefore, after: shortAfter},
		{text: "gnature", after: "=%"},
		{text: "code", before: urlBefore, after: "=%"},
		{text: "sig", before: urlBefore, after: "=%"},
		{text: " -p ", after: argStart},
		{text: " -w ", after: argStart},
		{text: "<<<", before: " \"'", after: " "},
		{text: " -p", before: beforeJoined, after: argStart},
		{text: " -pw "},
		{text: ":aa", before: "0123456789", after: "efgh"},
		{text: "| kinit"},
		{text: "| sudo -"},
		{text: "|sudo -s"},
		{text: "sid", before: urlBefore, after: "=%"},
		{text: "key", before: urlBefore, after: "=%"},
		{text: "auth", before: urlBefore, after: "=%"},
		{text: "hmac", before: urlBefore, after: "=%"},
		{text: "sign", before: urlBefore, after: "=%"},
		{text: "sertion", after: "=%"},
		{text: "jwt", before: shortBefore + "_-.", after: shortAfter},
		{text: "csrf", after: shortAfter},
		{text: "xsrf", after: shortAfter},
		{text: "ticket", before: urlBefore, after: "=%"},
		{text: "_code", after: "=%"},
		{text: "rifier", after: "=%"},
		{text: "amlart", after: "=%"},
		{text: "tified", after: " \t\n\\"},
		{text: "pswd", after: shortAfter},
		{text: "xoauth2", after: " \t\\\"'"},
		{text: "totp", after: shortAfter},
		{text: `"plain"`},
		{text: "otpw", after: shortAfter}, // of rootpw
		{text: "inpw", after: shortAfter}, // of adminpw
		{text: "resp=", before: "\tntr1"},
		{text: "client in: cont"},
		{text: ") != '"},
	}
	// A URL with a password inside of another.
	list = append(list, filterTrigger{text: "%3a%2f%2f", also: "%40"}, filterTrigger{text: "%3a//", also: "%40"}, filterTrigger{text: "%253a%252f", also: "%2540"},
		filterTrigger{text: `\u0430\u0440\u043e\u043b`}) // and the Russian word, escaped
	list = append(list, pwTriggers...)
	list = append(list, filterTrigger{text: "/pw>", before: "<"})
	for _, f := range tokenForms {
		list = append(list, filterTrigger{text: f.text, before: tokenBefore})
	}
	for _, p := range hookPaths {
		list = append(list, filterTrigger{text: p})
	}
	for _, p := range phrases {
		list = append(list, filterTrigger{text: p})
	}
	for _, t := range [...]string{"users values", "users` values", `users" values`, "accounts values", "accounts` values", `accounts" values`} {
		list = append(list, filterTrigger{text: t})
	}
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
	pwdBefore   = "= #&?;\"',{([<_.-\t/:\\\n|>" + escapeEnds + "rntplsamoyuihkgwxzjqv" //nolint:gosec // no password, what stands before its name
	toolBefore  = " \t/\"'(;|&=>:`$\\\nntr" + escapeEnds                               // of tools whose names have common words in them
	urlBefore   = "?&;" + escapeEnds
	escapeEnds  = "6fbdec7203"
	argStart    = "abcdefghijklmnopqrstuvwxyz0123456789\"'"
	shortAfter  = "=:\r\"'\\ >&%\n\t]\x1b\xe2\xef"
)

// pwTriggers find pw, which has too few letters for the filter to look at them
// alone: what may stand behind it, and the first sign of its value, count too.
var pwTriggers = []filterTrigger{
	{text: "pw=", before: pwdBefore, after: pwAfter},
	{text: "pw:", before: pwdBefore, after: " \t\"'\\"},
	{text: `pw"`, before: pwdBefore, after: ":=, "},
	{text: "pw'", before: pwdBefore, after: ":=, "},
	{text: "pw ", before: pwdBefore, after: "=:-"},
	{text: `pw\`, before: pwdBefore, after: `"'\u`},
	{text: "pw%", before: pwdBefore, after: "23"},
	{text: "pw&", before: pwdBefore, after: "g#"},
}

const pwAfter = "abcdefghijklmnopqrstuvwxyz0123456789\"'"

// pwPlace reports whether pw, the end of the name that ends at end, stands where
// the filter looks for it.
func pwPlace(s string, end int) bool {
	if end == 2 {
		return true // see startsShort
	}
	for i := range pwTriggers {
		if t := &pwTriggers[i]; scan.FoldPrefix(s[end-2:], t.text) && t.fits(s, end-2) {
			return true
		}
	}
	return false
}

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

// filter is the table of groups: whether a trigger has one, and which do.
type filter struct {
	table [1 << filterBits]uint8 // 1 for a group of a trigger: small, as every third byte of all logs is looked up
	list  [1 << filterBits]uint16
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

func groupHash(g string) uint32 {
	return filterHash(uint32(g[0]) | uint32(g[1])<<8 | uint32(g[2])<<16)
}

func (f *filter) build(list []filterTrigger) {
	var usual [1 << filterBits]uint16
	for i := range len(usualText) - 2 {
		usual[groupHash(usualText[i:])]++
	}
	f.lists = make([][]filterPlace, 1, 1<<11)
	var groups []uint32 // scratch
	for i := range list {
		t := &list[i]
		for residue := range filterStride {
			var at int
			at, groups = t.rarest(residue, &usual, groups)
			place := t.place(at)
			groups = t.groups(groups[:0], at)
			for _, h := range groups {
				if f.list[h] == 0 {
					f.table[h], f.list[h] = 1, uint16(len(f.lists))
					f.lists = append(f.lists, nil)
				}
				if l := &f.lists[f.list[h]]; !slices.Contains(*l, place) { // signs that fold to the same
					*l = append(*l, place)
				}
			}
		}
	}
}

// rarest is the place in the trigger, of those that leave this residue, whose
// groups stand in the fewest places of usual lines; groups is scratch.
func (t *filterTrigger) rarest(residue int, usual *[1 << filterBits]uint16, groups []uint32) (best int, scratch []uint32) {
	best, fewest := -2, 0
	for at := (residue+1)%filterStride - 1; at <= len(t.text)-2; at += filterStride {
		if groups = t.groups(groups[:0], at); len(groups) == 0 {
			continue
		}
		n := 0
		for _, h := range groups {
			n += int(usual[h])
		}
		if best == -2 || n < fewest {
			best, fewest = at, n
		}
	}
	return best, groups
}

// groups appends the hashes of the three bytes that may stand at a place of the
// trigger, whose first or last may be one of those around it.
func (t *filterTrigger) groups(hashes []uint32, at int) []uint32 {
	switch n := len(t.text); {
	case at < 0:
		two := uint32(t.text[0])<<8 | uint32(t.text[1])<<16
		for i := range len(t.before) {
			hashes = append(hashes, filterHash(uint32(t.before[i])|two))
		}
	case at+filterStride <= n:
		hashes = append(hashes, groupHash(t.text[at:]))
	case at+2 == n:
		two := uint32(t.text[at]) | uint32(t.text[at+1])<<8
		for i := range len(t.after) {
			hashes = append(hashes, filterHash(two|uint32(t.after[i])<<16))
		}
	}
	return hashes
}

func (t *filterTrigger) place(at int) filterPlace {
	var b, m [8]byte
	copy(b[:], t.text)
	copy(m[:min(8, len(t.text))], "\xff\xff\xff\xff\xff\xff\xff\xff")
	mask := binary.LittleEndian.Uint64(m[:]) & filterFold
	return filterPlace{binary.LittleEndian.Uint64(b[:]) & mask, mask, t, at}
}

// MaySecret reports whether s may hold a secret. Texts that start or end in the
// middle of a trigger cannot.
func MaySecret(s string) bool {
	if len(s) > 3 && startsShort(s) || encodesLetters(s) {
		return true
	}
	t := &filterTable.table
	i := 0
	for ; len(s)-i >= 16; i += 12 {
		// Two loads hold four groups.
		x, y := scan.EightBytes(s, i), scan.EightBytes(s, i+6)
		a, c := filterHash(uint32(x)), filterHash(uint32(x>>24))
		d, e := filterHash(uint32(y)), filterHash(uint32(y>>24))
		if t[a]|t[c]|t[d]|t[e] != 0 && (t[a] != 0 && confirmTrigger(s, i, a) || t[c] != 0 && confirmTrigger(s, i+3, c) ||
			t[d] != 0 && confirmTrigger(s, i+6, d) || t[e] != 0 && confirmTrigger(s, i+9, e)) {
			return true
		}
	}
	for ; len(s)-i >= 3; i += filterStride {
		if h := groupHash(s[i:]); t[h] != 0 && confirmTrigger(s, i, h) {
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
	if tokenShape[s[0]] && startsToken(s) {
		return true
	}
	switch scan.LowerByte[s[0]] {
	case 'p':
		return scan.FoldPrefix(s, "pw") || scan.FoldPrefix(s, "pin") && !scan.KeyByte[s[3]]
	case 'z':
		return scan.FoldPrefix(s, "zmsoap") || scan.FoldPrefix(s, "zmmailb")
	case 'j':
		return scan.FoldPrefix(s, "jwt")
	case 'o':
		return scan.FoldPrefix(s, "otp") && !scan.KeyByte[s[3]]
	}
	return false
}

// confirmTrigger compares the triggers that have the group at i, whose hash is h,
// with the text around it.
func confirmTrigger(s string, i int, h uint32) bool {
	list := filterTable.lists[filterTable.list[h]]
	for j := range list {
		p := &list[j]
		k := i - p.at
		if k < 0 || k >= len(s) || k+8 <= len(s) && scan.EightBytes(s, k)&p.mask != p.word {
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
		if s[min(end, len(s)-1)] == ' ' && k > 0 && strings.IndexByte(" =?;\"',{([\n", s[k-1]) >= 0 && !signBehind(s, end) && !strongBehind(s, end) && !strings.HasSuffix(s[:k], "lt;") {
			return false
		}
	}
	return (t.before == "" || k > 0 && strings.IndexByte(t.before, scan.LowerByte[s[k-1]]) >= 0) &&
		(t.after == "" || end < len(s) && strings.IndexByte(t.after, scan.LowerByte[s[end]]) >= 0) && (t.also == "" || strings.Contains(s[end:], t.also))
}

// signBehind reports whether a sign between name and value stands behind blanks.
func signBehind(s string, i int) bool {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i < len(s) && strings.IndexByte("=:%-", s[i]) >= 0
}
