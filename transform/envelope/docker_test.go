package envelope

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

// describe names what unwrapping found, one word each.
func (p *Payload) describe() string {
	var b strings.Builder
	b.WriteString(p.Text)
	add := func(name, v string) {
		if v != "" {
			b.WriteString("\n  " + name + "=" + v)
		}
	}
	if p.Time != 0 {
		add("time", time.Unix(0, p.Time).UTC().Format(time.RFC3339Nano))
	}
	add("partial", [...]string{"", "more", "last"}[p.Partial])
	add("partial_id", p.partialID)
	add("path", p.Path)
	add("stream", p.Stream)
	add("container", p.Container)
	add("container_id", p.ContainerID)
	add("service", p.Service)
	add("pod", p.Pod)
	add("namespace", p.Namespace)
	add("node", p.Node)
	add("host", p.Host)
	if p.IsContainer {
		add("is", "container")
	}
	if p.Rebuilt {
		add("is", "rebuilt")
	}
	return b.String()
}

func TestUnwrapTextDocker(t *testing.T) {
	r := newReader(keys{})
	f := func(in string, want ...string) {
		t.Helper()
		p := Payload{Text: in}
		r.UnwrapText(&p)
		if got, w := p.describe(), strings.Join(want, "\n  "); got != w {
			t.Errorf("%s\n got %s\nwant %s", in, got, w)
		}
	}
	const at = "time=2025-06-05T08:42:27.148123456Z"
	// As Docker writes it.
	f(`{"log":"hello\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "hello", at, "stream=stdout", "is=container")
	f(`{"log":"say \"hi\"\u0026 go\\\t\n","stream":"stderr","time":"2025-06-05T08:42:27.148123456Z"}`, "say \"hi\"& go\\\t", at, "stream=stderr", "is=container")
	f(`{"log":"\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "", at, "stream=stdout", "is=container")
	// A return before the newline is the program's and stays; two newlines lose one.
	f(`{"log":"hello\r\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "hello\r", at, "stream=stdout", "is=container")
	f(`{"log":"a\n\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "a\n", at, "stream=stdout", "is=container")
	// No newline: a piece. It is not looked into.
	f(`{"log":"{\"log\":\"x\"}","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, `{"log":"x"}`, at, "partial=more", "stream=stdout", "is=container")
	f(`{"log":"","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "", at, "partial=more", "stream=stdout", "is=container")
	// attrs: labels, env and tag of the log options.
	f(`{"log":"x\n","stream":"stdout","attrs":{"com.docker.compose.project":"shop","com.docker.compose.service":"web","tag":"shop-web-1"},"time":"2025-06-05T08:42:27.148123456Z"}`,
		"x", at, "stream=stdout", "container=shop-web-1", "service=web", "is=container")
	f(`{"log":"x\n","stream":"stdout","attrs":{"tag":"0123456789ab"},"time":"2025-06-05T08:42:27.148123456Z"}`, "x", at, "stream=stdout", "is=container")
	f(`{"log":"x\n","stream":"stdout","attrs":{"tag":"nginx:1.27/web"},"time":"2025-06-05T08:42:27.148123456Z"}`, "x", at, "stream=stdout", "is=container")
	f(`{"log":"x\n","stream":"stdout","attrs":{},"time":"2025-06-05T08:42:27.148123456Z"}`, "x", at, "stream=stdout", "is=container")
	f(`{"log":"x\n","stream":"stdout","attrs":{"tag":"/shop_web_2","E":"a\"b"},"time":"2025-06-05T08:42:27.148123456Z"}`,
		"x", at, "stream=stdout", "container=shop_web_2", "service=web", "is=container")
	// As programs write it that copy such files.
	f(`{"time": "2025-06-05T08:42:27.148123456Z", "stream": "stdout", "log": "hi\n"}`, "hi", at, "stream=stdout", "is=container")
	f("{\t\"log\" : \"hi\\n\" ,\r\n\"stream\":\"stdout\" } ", "hi", "stream=stdout", "is=container")
	// Two envelopes, and no more than two.
	f(`{"log":"{\"log\":\"in\\n\"}\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, "in", at, "stream=stdout", "is=container")
	f(`{"log":"{\"log\":\"{\\\"log\\\":\\\"deep\\\"}\"}\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`, `{"log":"deep"}`, at, "stream=stdout", "is=container")
	// A program's object that has log only is an envelope, but says nothing of pieces.
	f(`{"log":"hi"}`, "hi")
	f(`{"log":{"level":"info"}}`, `{"log":{"level":"info"}}`)
	// No envelope.
	for _, in := range []string{
		"", "{", "{}", "[]", `{"log"}`, `{"log":}`, `{"log":"x}`, `{"log":"x"`, `{"log":"x",}`, `{"log":"x"}}`, `{"log":"x"} y`, `{"log":"\q"}`,
		`{"log":"x\n","stream":"stdout","time":"2025-06-05T08:42:27Z"`, `{"log":"x","log":"y"}`, `{"log":"x","level":"info"}`, `{"log":5}`, `{"stream":"stdout"}`,
		`{"log":"x\n","stream":"stdout","attrs":{"a":1},"time":""}x`, `{"log":"x\n","stream":"stdout","attrs":{"a":"b"`, `{"log":"x\n" "stream":"stdout"}`, `{"level":"info","msg":"x"}`,
	} {
		f(in, in)
	}
}

func TestUnwrapTextCRI(t *testing.T) {
	r := newReader(keys{})
	f := func(in string, want ...string) {
		t.Helper()
		p := Payload{Text: in, Path: "/var/log/containers/api-6d5f_shop_web-0123456789abcdef.log"}
		r.UnwrapText(&p)
		want = append(want, "path=/var/log/containers/api-6d5f_shop_web-0123456789abcdef.log")
		got := strings.Split(p.describe(), "\n  ")
		if len(want) > 2 {
			want = append(want, "container=web", "container_id=0123456789abcdef", "service=web", "pod=api-6d5f", "namespace=shop", "is=container")
		}
		if !sameSet(got, want) {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
	const at = "time=2025-06-05T08:42:27.148123456Z"
	f("2025-06-05T08:42:27.148123456Z stdout F hello there", "hello there", at, "stream=stdout")
	f("2025-06-05T11:42:27.148123456+03:00 stderr F hello", "hello", at, "stream=stderr")
	f("2025-06-05T08:42:27.148123456Z stdout P piece ", "piece ", at, "stream=stdout", "partial=more")
	f("2025-06-05T08:42:27.148123456Z stdout P:tag x", "x", at, "stream=stdout", "partial=more")
	f("2025-06-05T08:42:27.148123456Z stdout F:a:b x", "x", at, "stream=stdout")
	f("2025-06-05T08:42:27.148123456Z stdout F ", "", at, "stream=stdout")
	f("2025-06-05T08:42:27.148123456Z stdout F", "", at, "stream=stdout")
	f("2025-06-05T08:42:27.148123456Z stdout F   two blanks kept", "  two blanks kept", at, "stream=stdout")
	f(`2025-06-05T08:42:27.148123456Z stdout F {"log":"in"}`, "in", at, "stream=stdout")
	f("2025-06-05T08:42:27.148123456Z stdout F 2025-06-05T08:42:28Z stderr F x", "x", "time=2025-06-05T08:42:28Z", "stream=stderr")
	for _, in := range []string{
		"2025-06-05T08:42:27.148123456Z", "2025-06-05T08:42:27.148123456Z stdin F x", "2025-06-05T08:42:27.148123456Z stdout X x",
		"2025-06-05T08:42:27.148123456Z stdout FULL x", "2025-06-05T08:42:27.148123456Z stdout", "2025-06-05T08:42:27.148123456Z  stdout F x",
		"2025-06-05T28:42:27.148123456Z stdout F x", "2025-06-05 08:42:27 stdout F x", "2025 stdout F x", "9",
	} {
		f(in, in)
	}
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	n := map[string]int{}
	for i := range a {
		n[a[i]]++
		n[b[i]]--
	}
	for _, v := range n {
		if v != 0 {
			return false
		}
	}
	return true
}

// TestUnwrapTextAllocs: nothing is allocated for a record, whatever its
// envelope.
func TestUnwrapTextAllocs(t *testing.T) {
	r := newReader(keys{})
	for _, in := range []string{
		sample.Docker, strings.ReplaceAll(strings.ReplaceAll(sample.Docker, `,"`, `, "`), `":"`, `": "`), sample.Planr,
		`{"log":"plain\n","stream":"stdout","attrs":{"tag":"shop-web-1"},"time":"2025-06-05T08:42:27.148123456Z"}`,
		"2025-06-05T08:42:27.148123456Z stdout F " + sample.Planr,
	} {
		var p Payload
		if n := testing.AllocsPerRun(100, func() {
			r.Arena.Reset()
			p = Payload{Text: in}
			r.UnwrapText(&p)
		}); n != 0 {
			t.Errorf("%v allocations for %s", n, in)
		}
	}
}

func BenchmarkUnwrapText(b *testing.B) {
	r := newReader(keys{})
	f := func(name, in string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			var p Payload
			for b.Loop() {
				r.Arena.Reset()
				p = Payload{Text: in}
				r.UnwrapText(&p)
			}
		})
	}
	f("docker_planr", sample.Docker)
	f("docker_planr_blanks", strings.ReplaceAll(strings.ReplaceAll(sample.Docker, `,"`, `, "`), `":"`, `": "`))
	f("docker_text", `{"log":"127.0.0.1 - - [05/Jun/2025:08:42:27 +0000] GET /index.html HTTP/1.1 200 4523\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`)
	f("cri_planr", "2025-06-05T08:42:27.148123456Z stdout F "+sample.Planr)
	f("no_envelope", sample.Planr)
}
