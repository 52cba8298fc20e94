package tickets

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// MaxNameLength is the longest name of an archive, in characters, as the
// original has it.
const MaxNameLength = 100

// CleanName makes of a name that a client gives one that can be shown and
// saved: the last part of a path, without signs that steer a terminal or a
// header, not hidden, of bounded length with its ending kept. Only a name is
// made of it; where the bytes lie is decided by the key of the blob.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "_"), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), strings.ContainsRune(`"*/:<>?|`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, ". "), " ")
	if strings.Trim(name, "_ ") == "" {
		return "archive"
	}
	if r := []rune(name); len(r) > MaxNameLength {
		end := []rune(ending(name))
		name = strings.TrimRight(string(r[:MaxNameLength-len(end)])+string(end), " ")
	}
	return name
}

// ending is .tar.gz or the like, short enough to be one.
func ending(name string) string {
	e := path.Ext(name)
	if rest := path.Ext(strings.TrimSuffix(name, e)); rest == ".tar" {
		e = rest + e
	}
	if utf8.RuneCountInString(e) > 16 {
		return ""
	}
	return e
}

// randomKey is a part of a blob's key, of lower-case letters and digits, since
// some file systems tell cases not apart.
func randomKey() string { return fmt.Sprintf("%x", randomBytes(16)) }

var (
	numberText   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	platformText = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,19}$`)
)

// checkNumber tells whether a ticket can have that number.
func checkNumber(number string) error {
	if !numberText.MatchString(number) {
		return bad("number", number, "letters, digits, dot, hyphen and underscore, 64 at most, a letter or digit first")
	}
	return nil
}

func checkPlatform(p model.Platform) error {
	if !platformText.MatchString(p.Name) {
		return bad("name", p.Name, "letters, digits, hyphen and underscore, 20 at most")
	}
	if n := utf8.RuneCountInString(p.PrettyName); n == 0 || n > 60 {
		return bad("pretty_name", p.PrettyName, "1 to 60 characters")
	}
	return nil
}

func checkAttempts(n int) error {
	if n < 0 || n > model.MaxAttempts {
		return bad("attempts", fmt.Sprint(n), fmt.Sprintf("0 to %d", model.MaxAttempts))
	}
	return nil
}

// maxNote bounds a note, in bytes: lists have up to a thousand of them.
const maxNote = 64 << 10

func checkNote(note string) error {
	if len(note) > maxNote {
		return bad("note", "", "64 KiB at most")
	}
	return nil
}

// FieldError says which field of a request has which wrong value.
type FieldError struct{ Field, Value, Allowed string }

// Error says it for people.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Field, bounded(e.Value, 100), e.Allowed)
}

// Unwrap makes it an ErrBadValue.
func (e *FieldError) Unwrap() error { return ErrBadValue }

func bad(field, value, allowed string) error { return &FieldError{field, value, allowed} }
