package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/intake/http/pages/answer"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// set is the pages of one language.
type set struct {
	texts texts
	pages map[string]*template.Template
}

// shared are the files that every page may use.
var shared = []string{"templates/layout.html", "templates/askform.html"}

func (p *Pages) parse(lang string) (set, error) {
	t, err := loadTexts(lang)
	if err != nil {
		return set{}, err
	}
	s := set{texts: t, pages: map[string]*template.Template{}}
	base, err := template.New("layout").Funcs(p.funcs(lang, t)).ParseFS(templateFiles, shared...)
	if err != nil {
		return set{}, fmt.Errorf("templates: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return set{}, err
	}
	for _, f := range files {
		if f == shared[0] || f == shared[1] {
			continue
		}
		page, err := base.Clone()
		if err == nil {
			page, err = page.ParseFS(templateFiles, f)
		}
		if err != nil {
			return set{}, fmt.Errorf("template %s: %w", f, err)
		}
		s.pages[strings.TrimSuffix(path.Base(f), ".html")] = page
	}
	return s, nil
}

func (p *Pages) funcs(lang string, t texts) template.FuncMap {
	return template.FuncMap{
		"t":      t.must,
		"plural": func(key string, n int) string { return t.plural(lang, key, n) },
		"size":   func(n int64) string { return size(lang, n) },
		"num": func(n any) string {
			if i, ok := n.(int); ok {
				return answer.Count(int64(i))
			}
			return answer.Count(n.(int64))
		},
		"levelclass": levelClass,
		"rename": func(action, name string) renaming {
			return renaming{action, name, strings.ReplaceAll("name"+action, "/", "-")}
		},
		"date":      func(at time.Time) string { return p.date(at, "2006-01-02 15:04") },
		"datesec":   func(at time.Time) string { return p.date(at, "2006-01-02 15:04:05") },
		"static":    staticURL,
		"ticketurl": ticketURL,
		"importclass": func(s model.ImportState) string {
			return map[model.ImportState]string{model.ImportDone: "good", model.ImportFailed: "bad", model.ImportQuarantined: "bad"}[s] + importInfo(s)
		},
		"attemptclass": func(n int) string {
			switch {
			case n <= 0:
				return "bad"
			case n < 3:
				return "warn"
			}
			return "info"
		},
		"outcomeclass": func(s string) string {
			switch s {
			case model.OutcomeSuccess:
				return "good"
			case model.OutcomeAdmin:
				return "info"
			case model.OutcomeRejected:
				return "warn"
			}
			return "bad"
		},
	}
}

// renaming is the form that gives something another name.
type renaming struct{ Action, Name, ID string }

// levelClass is the colour of a level.
func levelClass(level string) string {
	switch level {
	case "fatal", "critical", "error":
		return "bad"
	case "warn", "warning":
		return "warn"
	case "info":
		return "info"
	}
	return ""
}

func importInfo(s model.ImportState) string {
	if s == model.ImportQueued || s == model.ImportRunning {
		return "info"
	}
	return ""
}

func (p *Pages) date(at time.Time, layout string) string {
	if at.IsZero() {
		return "–"
	}
	return at.In(p.Location).Format(layout)
}

// size is so many bytes, for people.
func size(lang string, n int64) string {
	s := say.Size(n)
	if n < 1<<10 {
		s = strconv.FormatInt(n, 10) + " B"
	}
	if lang == "ru" {
		s = sizeRussian.Replace(s)
	}
	return s
}

var sizeRussian = strings.NewReplacer("KiB", "КиБ", "MiB", "МиБ", "GiB", "ГиБ", " B", " Б")

func ticketURL(t model.Ticket) string {
	return "/tickets/show/" + t.Platform + "/" + t.Number + "/"
}

// staticURL is the address of a file that the pages bring along. It has the
// hash of the content in it, so that browsers may keep it.
func staticURL(name string) string { return "/static/" + staticHashes[name] + "/" + name }

var staticHashes = func() map[string]string {
	m := map[string]string{}
	_ = fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := staticFiles.ReadFile(file)
		sum := sha256.Sum256(data)
		m[strings.TrimPrefix(file, "static/")] = hex.EncodeToString(sum[:6])
		return err
	})
	return m
}()

// staticTypes are said outright: the system's own table may lack one.
var staticTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil || staticHashes[name] != r.PathValue("hash") {
		p.Fail(w, r, http.StatusNotFound, "")
		return
	}
	w.Header().Set("Content-Type", staticTypes[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data)
}
