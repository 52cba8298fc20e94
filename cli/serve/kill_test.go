package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/serve"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// childEnv makes the test program be zimbraloki serve with these arguments.
const childEnv = "ZIMBRALOKI_TEST_SERVE"

func TestMain(m *testing.M) {
	args := os.Getenv(childEnv)
	if args == "" {
		os.Exit(m.Run())
	}
	c := serve.Command()
	c.SilenceUsage = true
	c.SetArgs(strings.Split(args, "\n"))
	if err := c.ExecuteContext(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is a serve in a process of its own.
type child struct {
	cmd *exec.Cmd
	url string
}

func start(t *testing.T, args ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(exe)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(append(args, "--listen", "127.0.0.1:0"), "\n"))
	out, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "answers on "); ok {
			c.url = url
			go func() {
				for lines.Scan() { // so that it can go on writing
				}
			}()
			return c
		}
		t.Log(lines.Text())
	}
	t.Fatal("the server did not start")
	return nil
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill() // SIGKILL
	_ = c.cmd.Wait()
}

// pusher sends numbered entries until each of its pushes is answered with 204.
type pusher struct {
	id   int
	url  *atomic.Pointer[string]
	took chan<- int
	r    *rand.Rand
}

// entriesOfPush is as much as fills blocks within a test.
const entriesOfPush = 300

// body is push n: the same bytes whenever it is sent.
func (p *pusher) body(n int) []byte {
	var streams []map[string]any
	for s := range 3 {
		var values []any
		for i := range entriesOfPush / 3 {
			k := (n*3+s)*(entriesOfPush/3) + i
			// Times go up and back, over two days.
			ts := int64(1795132800e9) + int64(n%7)*3600e9 + int64(k)*1e6
			line := fmt.Sprintf("pusher=%d n=%d %s", p.id, k, strings.Repeat("x", k%200))
			values = append(values, []any{strconv.FormatInt(ts, 10), line, map[string]string{"k": strconv.Itoa(k), "even": strconv.FormatBool(k%2 == 0)}})
		}
		streams = append(streams, map[string]any{"stream": map[string]string{"job": "kill", "s": strconv.Itoa(s), "p": strconv.Itoa(p.id % 2)}, "values": values})
	}
	data, _ := json.Marshal(map[string]any{"streams": streams}) // maps and texts can always be written
	return data
}

// run pushes until ctx ends, and the last one until it is taken. It returns how
// many were.
func (p *pusher) run(ctx context.Context) (n int) {
	for ; ctx.Err() == nil; n++ {
		body := p.body(n)
		for !p.push(body) {
		}
		if p.r.IntN(10) == 0 { // the answer was lost on its way, say
			p.push(body)
		}
		select {
		case p.took <- p.id:
		case <-ctx.Done():
		}
	}
	return n
}

func (p *pusher) push(body []byte) bool {
	resp, err := http.Post(*p.url.Load()+"/loki/api/v1/push", "application/json", bytes.NewReader(body))
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // nothing is in it
	return resp.StatusCode == http.StatusNoContent
}

// TestKill kills the server under load, again and again, and finds each entry
// that was answered with 204 once. ZIMBRALOKI_KILLS sets how often.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills servers under load: not with -short")
	}
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("ZIMBRALOKI_KILLS")); err == nil {
		kills = n
	}
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", dir, "--memory", "4MB"}
	r := rand.New(rand.NewPCG(7, 7))
	var url atomic.Pointer[string]
	server := start(t, args...)
	url.Store(&server.url)
	ctx, cancel := context.WithCancel(t.Context())
	took := make(chan int)
	counts := make([]int, 4)
	var wg sync.WaitGroup
	for id := range counts {
		p := &pusher{id: id, url: &url, took: took, r: rand.New(rand.NewPCG(uint64(id), 1))}
		wg.Go(func() { counts[id] = p.run(ctx) })
	}
	for range kills {
		for range 5 + r.IntN(60) {
			<-took
		}
		server.kill()
		server = start(t, args...)
		url.Store(&server.url)
	}
	cancel()
	wg.Wait()
	server.kill()
	check(t, dir, counts)
}

// check opens the store and looks for every entry.
func check(t *testing.T, dir string, counts []int) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test is over
	found := map[string]int{}
	err = s.Select(t.Context(), &engine.Selection{To: 1 << 62}, func(e *entry.Entry) error {
		id, rest, _ := strings.Cut(strings.TrimPrefix(e.Line, "pusher="), " n=")
		n, _, _ := strings.Cut(rest, " ")
		if len(e.Meta) != 2 || e.Meta[1].Value != n {
			t.Fatalf("%q has %v", e.Line, e.Meta)
		}
		found[id+" "+n]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want, lost := 0, 0
	for id, pushes := range counts {
		want += pushes * entriesOfPush
		for n := range pushes * entriesOfPush {
			if found[fmt.Sprint(id, " ", n)] == 0 {
				lost++
			}
		}
	}
	doubles := slices.DeleteFunc(slices.Collect(maps.Values(found)), func(n int) bool { return n == 1 })
	t.Logf("%d entries pushed, %d found, %d lost, %d double", want, len(found), lost, len(doubles))
	if lost > 0 || len(doubles) > 0 || len(found) != want {
		t.Errorf("%d entries pushed, %d found, %d lost, %d double", want, len(found), lost, len(doubles))
	}
}
