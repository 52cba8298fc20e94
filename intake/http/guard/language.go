package guard

import (
	"net/http"
	"strconv"
	"strings"
)

// Languages that pages have; the first one is for who asks for none of them.
var Languages = []string{"en", "ru"}

const languageCookie = "lang"

func known(lang string) bool {
	for _, l := range Languages {
		if l == lang {
			return true
		}
	}
	return false
}

// language is what a request wants: ?lang=, then the cookie, then preset, or what
// the browser asks for if preset is none of Languages. chosen says that ?lang= has
// it, so that it is worth a cookie.
func language(r *http.Request, preset string) (lang string, chosen bool) {
	if q := r.URL.Query().Get("lang"); known(q) {
		return q, true
	}
	if c, err := r.Cookie(languageCookie); err == nil && known(c.Value) {
		return c.Value, false
	}
	if known(preset) {
		return preset, false
	}
	return accepted(r.Header.Get("Accept-Language")), false
}

// accepted is the language of ours with the greatest weight in an
// Accept-Language header; the earlier one of equal weights.
func accepted(header string) string {
	best, weight := Languages[0], 0.0
	for n, part := range strings.Split(header, ",") {
		if n == 20 {
			break
		}
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		if known(lang) && q > weight {
			best, weight = lang, q
		}
	}
	return best
}
