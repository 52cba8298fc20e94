package host_test

import (
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// sink is a fake Loki whose pushes can be waited for.
type sink struct {
	*lokitest.Server

	mu     sync.Mutex
	pushes int // that came, whatever became of them
	status int // that answers them instead of Loki, 0 for none
	at     int // pushes until then is called
	then   func()
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	s.Server = lokitest.New(lokitest.Options{Auth: s.arrived})
	t.Cleanup(s.Close)
	return s
}

// arrived is called for each push and returns the status that refuses it.
func (s *sink) arrived(*http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushes++
	if s.at--; s.at == 0 {
		s.then()
	}
	return s.status
}

// refuseAll answers all pushes with the status, none with 0.
func (s *sink) refuseAll(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// afterPushes calls then once, when n more pushes have come.
func (s *sink) afterPushes(n int, then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.then = n, then
}

// awaitPushes returns a function that waits for n pushes from now on.
func (s *sink) awaitPushes(t *testing.T, n int) (wait func()) {
	came := make(chan struct{})
	s.afterPushes(n, func() { close(came) })
	return func() {
		t.Helper()
		select {
		case <-came:
		case <-time.After(runLimit):
			t.Fatalf("no %d pushes in %v", n, runLimit)
		}
	}
}

func (s *sink) posts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pushes
}

var seqRE = regexp.MustCompile(`seq=(\d+);`)

// ids returns how many entries of a tenant have which number in their line.
func (s *sink) ids(tenant string) map[int]int {
	ids := map[int]int{}
	for _, e := range s.Entries() {
		if m := seqRE.FindStringSubmatch(e.Line); m != nil && e.Tenant == tenant {
			n, _ := strconv.Atoi(m[1])
			ids[n]++
		}
	}
	return ids
}

// wantAll expects the numbers 0 to n-1 of a tenant, each in one entry: stored
// again, it must have been the same in every byte.
func (s *sink) wantAll(t *testing.T, tenant string, n int) {
	t.Helper()
	ids := s.ids(tenant)
	missing, doubles := 0, 0
	for i := range n {
		if ids[i] == 0 {
			missing++
		}
		if ids[i] > 1 {
			doubles++
		}
	}
	if missing > 0 || doubles > 0 || len(ids) != n {
		t.Errorf("tenant %q: %d of %d lines are missing, %d are there twice, %d in all", tenant, missing, n, doubles, len(ids))
	}
}
