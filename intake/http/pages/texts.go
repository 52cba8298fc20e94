package pages

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed texts/*.txt
var textFiles embed.FS

// texts are the sentences of one language, by key. `key = value`, one a line.
type texts map[string]string

func loadTexts(lang string) (texts, error) {
	data, err := textFiles.ReadFile("texts/" + lang + ".txt")
	if err != nil {
		return nil, err
	}
	t := texts{}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, " = ")
		if !ok || t[key] != "" {
			return nil, fmt.Errorf("texts/%s.txt:%d: want `key = value`, each key once: %q", lang, n+1, line)
		}
		t[key] = value
	}
	return t, nil
}

// or is the text of a key; the key itself, which then is a name, if there is
// none.
func (t texts) or(key string) string {
	if s := t[key]; s != "" {
		return s
	}
	return key
}

// must is for templates: a key without a text is a mistake of ours.
func (t texts) must(key string) (string, error) {
	if s := t[key]; s != "" {
		return s, nil
	}
	return "", fmt.Errorf("no text %q", key)
}

// plural is the word for n things: Russian has three forms.
func (t texts) plural(lang, key string, n int) string {
	form := "many"
	switch {
	case lang == "ru" && n%10 == 1 && n%100 != 11, lang != "ru" && n == 1:
		form = "one"
	case lang == "ru" && n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		form = "few"
	}
	return t["plural."+key+"."+form]
}
