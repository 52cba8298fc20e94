package host_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

// receiver is where an output of Fluent Bit sends to: its properties, and what
// has come once Fluent Bit has ended.
type receiver struct {
	properties string
	records    func(t *testing.T, h *host) []map[string]any
}

// TestFluentBitFilterOutputs: whatever output follows the filter sends on the
// records that the output file writes, each once, all of them well-formed.
func TestFluentBitFilterOutputs(t *testing.T) {
	const lines = 20000
	programs := fluentBits(t)
	log := writeLog(t, lines)
	for _, fluentBit := range programs {
		f := func(output string, receive func(t *testing.T) receiver) {
			t.Run(version(t, fluentBit)+"/"+output, func(t *testing.T) {
				wantPlugin(t, fluentBit, output)
				dir := t.TempDir()
				r := receive(t)
				config := fmt.Sprintf(filterYAML, filterFile(t), log, dir, "", asFilter) +
					"      workers: 1\n    - name: " + output + "\n      match: '*'\n      workers: 1\n" + r.properties
				config = strings.Replace(config, "buffer_chunk_size: 1M", "buffer_chunk_size: 256K", 1)
				h := run(t, 0, fluentBit, "-q", "-c", write(t, dir, "fluent-bit.yaml", config))
				want := jsonLines(t, filepath.Join(dir, "out"))
				wantSequence(t, want, lines)
				wantSame(t, inOrder(t, r.records(t, h)), inOrder(t, want))
			})
		}
		f("stdout", toStdout)
		f("http", toHTTP)
		f("opensearch", toOpenSearch)
		f("es", toOpenSearch)
		f("forward", toForward)
	}
}

// inOrder sorts records by what they hold: an output may send chunks side by side.
func inOrder(t *testing.T, list []map[string]any) []map[string]any {
	t.Helper()
	type keyed struct {
		text   string
		record map[string]any
	}
	all := make([]keyed, len(list))
	for i, m := range list {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = keyed{string(text), m}
	}
	slices.SortFunc(all, func(a, b keyed) int { return strings.Compare(a.text, b.text) })
	for i, k := range all {
		list[i] = k.record
	}
	return list
}

// wantPlugin skips the test if this Fluent Bit was built without the output.
func wantPlugin(t *testing.T, fluentBit, output string) {
	t.Helper()
	help, err := exec.Command(fluentBit, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, outputs, ok := strings.Cut(string(help), "Outputs")
	if !ok {
		t.Fatalf("no list of outputs in %q", help)
	}
	if !strings.Contains(outputs, "\n  "+output+" ") {
		t.Skipf("this Fluent Bit has no output %s", output)
	}
}

func toStdout(*testing.T) receiver {
	return receiver{"      format: json_lines\n      json_date_key: false\n", func(t *testing.T, h *host) []map[string]any {
		return objects(t, h.out.Bytes())
	}}
}

// objects reads JSON objects, one after the other.
func objects(t *testing.T, text []byte) (list []map[string]any) {
	t.Helper()
	for d := json.NewDecoder(bytes.NewReader(text)); d.More(); {
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			t.Fatalf("%v behind %d objects", err, len(list))
		}
		list = append(list, m)
	}
	return list
}

// posts is a server that keeps the bodies that are posted to it.
func posts(t *testing.T, answer string) (port string, bodies func() [][]byte) {
	t.Helper()
	var mu sync.Mutex
	var list [][]byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		list = append(list, body)
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return port, func() [][]byte {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

// toHTTP takes arrays of records.
func toHTTP(t *testing.T) receiver {
	port, bodies := posts(t, "")
	return receiver{"      host: 127.0.0.1\n      port: " + port + "\n      format: json\n      json_date_key: false\n", func(t *testing.T, _ *host) (all []map[string]any) {
		for _, body := range bodies() {
			var list []map[string]any
			if err := json.Unmarshal(body, &list); err != nil {
				t.Fatal(err)
			}
			all = append(all, list...)
		}
		return all
	}}
}

// toOpenSearch takes bulk requests, in which a line with the action stands in
// front of each record. The time of the event is put into @timestamp.
func toOpenSearch(t *testing.T) receiver {
	port, bodies := posts(t, `{"took":1,"errors":false,"items":[]}`)
	return receiver{"      host: 127.0.0.1\n      port: " + port + "\n      suppress_type_name: on\n", func(t *testing.T, _ *host) (all []map[string]any) {
		for _, body := range bodies() {
			list := objects(t, body)
			for i := 0; i+1 < len(list); i += 2 {
				action, record := list[i], list[i+1]
				at, ok := record["@timestamp"].(string)
				if len(action) != 1 || action["create"] == nil || !ok || len(at) < 20 {
					t.Fatalf("action %v, @timestamp %q", action, at)
				}
				delete(record, "@timestamp")
				all = append(all, record)
			}
			if len(list)%2 != 0 || !bytes.HasSuffix(body, []byte("}\n")) {
				t.Errorf("%d objects in a bulk request", len(list))
			}
		}
		return all
	}}
}

// toForward takes the forward protocol's messages: a tag, and an array of records
// as they stand in a chunk.
func toForward(t *testing.T) receiver {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var reading sync.WaitGroup
	var mu sync.Mutex
	var chunks [][]byte
	reading.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			reading.Go(func() {
				defer c.Close()
				for rd := msgp.NewReader(c); ; {
					data, err := forwarded(rd)
					switch {
					case errors.Is(err, io.EOF):
						return
					case err != nil:
						t.Error(err)
						return
					}
					mu.Lock()
					chunks = append(chunks, data)
					mu.Unlock()
				}
			})
		}
	})
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return receiver{"      host: 127.0.0.1\n      port: " + port + "\n", func(t *testing.T, _ *host) (all []map[string]any) {
		_ = l.Close()
		reading.Wait()
		for _, data := range chunks {
			all = append(all, recordsOf(t, data)...)
		}
		return all
	}}
}

// forwarded reads one message.
func forwarded(rd *msgp.Reader) ([]byte, error) {
	parts, err := rd.ReadArrayHeader()
	if err != nil {
		return nil, err // io.EOF between messages
	}
	tag, err := rd.ReadString()
	if err != nil || parts != 2 || tag != "zimbra.mailbox" {
		return nil, fmt.Errorf("%d parts, tag %q: %v", parts, tag, err)
	}
	n, err := rd.ReadArrayHeader()
	var chunk bytes.Buffer
	for i := uint32(0); err == nil && i < n; i++ {
		_, err = rd.CopyNext(&chunk)
	}
	if err != nil {
		return nil, fmt.Errorf("record of a message of %d: %v", n, err)
	}
	return chunk.Bytes(), nil
}
