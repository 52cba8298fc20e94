package redact

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// secretName is what the oracle takes for the name of a secret: slow and plain,
// and of the tests only.
var secretName = regexp.MustCompile(`(?i)(^|[_.-])(.*(password|passwd|secret|token|api_?key|credential)s?|pwd|otp|pin|cookie)$`)

// oracle reads a text as the forms of names and values that it is made of, one in
// another, and returns the values of secrets and the others.
type oracle struct{ secrets, others []string }

func (o *oracle) text(name, s string) {
	secret := secretName.MatchString(name)
	var v any
	if !secret && strings.ContainsAny(s, "{[") && json.Unmarshal([]byte(s), &v) == nil {
		o.value(name, v)
		return
	}
	if u, err := url.Parse(s); !secret && err == nil && u.RawQuery != "" {
		for n, values := range u.Query() {
			for _, v := range values {
				o.text(n, v)
			}
		}
		return
	}
	if body, ok := strings.CutPrefix(s, "map["); ok && !secret {
		for pair := range strings.SplitSeq(strings.TrimSuffix(body, "]"), " ") {
			n, v, _ := strings.Cut(pair, ":")
			o.text(n, v)
		}
		return
	}
	if body, ok := strings.CutPrefix(s, "{"); ok && !secret {
		for pair := range strings.SplitSeq(strings.TrimSuffix(body, "}"), ", ") {
			n, v, _ := strings.Cut(pair, "=")
			o.text(n, v)
		}
		return
	}
	if secret {
		o.secrets = append(o.secrets, s)
	} else {
		o.others = append(o.others, s)
	}
}

func (o *oracle) value(name string, v any) {
	switch v := v.(type) {
	case string:
		o.text(name, v)
	case []any:
		for _, x := range v {
			o.value(name, x)
		}
	case map[string]any:
		for n, x := range v {
			if secretName.MatchString(name) && n == "value" {
				n = name
			}
			o.value(n, x)
		}
	}
}

var oracleNames = []string{
	"password", "userPassword", "auth_token", "clientSecret", "api_key", "spring.mail.password", "X-Csrf-Token", "pwd", "otp", "pin", "credentials",
	"name", "user", "path", "tokenizer", "Secretariat", "pinned", "spwdx", "note", "host", "compass", "bypass", "passenger",
}

// drawn is a text of names and values, to a depth; each value is a word of its
// own.
func drawn(r *rand.Rand, depth int, n *int) string {
	word := func() string {
		*n++
		return fmt.Sprintf("W%dx%cq%d", *n, 'A'+rune(r.IntN(26)), r.IntN(1000))
	}
	name := func() string { return oracleNames[r.IntN(len(oracleNames))] }
	switch kind := r.IntN(5); {
	case depth == 0:
		return word()
	case kind == 0:
		return "map[" + name() + ":" + word() + " " + name() + ":" + word() + "]"
	case kind == 1:
		return "{" + name() + "=" + word() + ", " + name() + "=" + word() + "}"
	case kind == 2:
		q := url.Values{}
		for range 2 {
			if k := name(); secretName.MatchString(k) || r.IntN(2) == 0 {
				q.Set(k, word())
			} else {
				q.Set(k, drawn(r, depth-1, n))
			}
		}
		return "https://h/x?" + strings.ReplaceAll(q.Encode(), "+", "%20") // a plus may be one of base64
	default:
		doc := map[string]any{}
		for range 3 {
			switch k := name(); {
			case secretName.MatchString(k) && r.IntN(3) == 0:
				doc[k] = []any{word(), word()}
			case secretName.MatchString(k) && r.IntN(3) == 0:
				doc[k] = map[string]any{"value": word()}
			case secretName.MatchString(k):
				doc[k] = word()
			default:
				doc[k] = drawn(r, depth-1, n)
			}
		}
		b, _ := json.Marshal(doc)
		return string(b)
	}
}

// TestAgainstOracle: of texts in texts just the values go that the oracle calls
// secrets, and the filter lets none of them pass.
func TestAgainstOracle(t *testing.T) {
	clean := NewCleaner(new(scan.Arena))
	r := rand.New(rand.NewPCG(3, 4))
	secrets := 0
	for range 4000 {
		n := 0
		s := drawn(r, 1+r.IntN(3), &n)
		var o oracle
		o.text("", s)
		out, ok := clean.Text(s, -1)
		if ok && !MaySecret(s) && !MayUserinfo(s) {
			t.Fatalf("the filter lets pass %s", s)
		}
		left := regexp.MustCompile(`W\d+x\wq\d+`).FindAllString(out, -1)
		secrets += len(o.secrets)
		for _, x := range o.secrets {
			if slices.Contains(left, x) {
				t.Fatalf("%s\n leaves %s\n in %s", s, x, out)
			}
		}
		for _, x := range o.others {
			if !slices.Contains(left, x) {
				t.Fatalf("%s\n loses %s\n in %s", s, x, out)
			}
		}
	}
	if secrets < 1000 {
		t.Errorf("%d secrets drawn", secrets)
	}
}
