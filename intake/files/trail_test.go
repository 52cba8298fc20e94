package files

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"
)

// slowFile is a file of which only so much can be read as gate lets through.
type slowFile struct {
	data []byte
	gate chan struct{} // one value for each read; closed: as many as wanted
}

func (f slowFile) ReadAt(p []byte, at int64) (int, error) {
	<-f.gate
	return bytes.NewReader(f.data).ReadAt(p, at)
}

// TestTrail: whatever the steps that a file grows by, the sums are those of it, and
// a state kept anywhere goes on to the same sums.
func TestTrail(t *testing.T) {
	data := noise(3*copyBuffer + 17)
	f := func(cut int, steps ...int) {
		t.Helper()
		s := newSums()
		for _, end := range []int{cut, len(data)} {
			trail := newTrail(bytes.NewReader(data), s, 0)
			for i, at := 0, int(s.size); at < end; i++ {
				n := min(steps[i%len(steps)], end-at)
				if err := trail.grew(n); err != nil {
					t.Fatal(err)
				}
				at += n
			}
			if sum, err := trail.sum(); err != nil || sum != sumOf(data[:end]) {
				t.Fatalf("%d bytes: %+v, %v", end, sum, err)
			}
			if err := trail.ask(); err != nil {
				t.Fatal(err)
			}
			st, err := trail.state()
			if err == nil {
				s, err = st.restore()
			}
			if err != nil || st.Offset != int64(end) {
				t.Fatalf("state at %d: %+v, %v", end, st, err)
			}
			trail.end()
		}
	}
	for _, cut := range []int{0, 1, 63, 64, 65, copyBuffer - 1, copyBuffer, 2*copyBuffer + 5, len(data)} {
		f(cut, len(data))
		f(cut, copyBuffer)
		f(cut, 1, copyBuffer, 1000)
	}
	if _, err := (sumsState{Offset: 3, SHA256: []byte("x"), MD5: []byte("y")}).restore(); err == nil {
		t.Error("takes any state")
	}
}

// TestTrailMark: the state is that of the moment it was asked for, however much is
// written before the checksums are there, and a new one can be asked for.
func TestTrailMark(t *testing.T) {
	data := noise(5 * copyBuffer)
	src := slowFile{data, make(chan struct{})}
	trail := newTrail(src, newSums(), 0)
	defer trail.end()
	grow := func(n int) {
		if err := trail.grew(n); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() {
		if err := trail.ask(); err != nil {
			t.Fatal(err)
		}
	}
	want := func(offset int) {
		t.Helper()
		st, err := trail.state()
		if err != nil || st.Offset != int64(offset) {
			t.Fatalf("%+v, %v; want the offset %d", st, err, offset)
		}
		s, err := st.restore()
		if err != nil || s.sum() != sumOf(data[:offset]) {
			t.Fatalf("the state at %d is of other bytes, %v", offset, err)
		}
	}
	ask()
	want(0)
	grow(copyBuffer + 100)
	ask()
	grow(2 * copyBuffer)
	close(src.gate)
	want(copyBuffer + 100)
	grow(1)
	ask()
	grow(len(data) - 3*copyBuffer - 101)
	want(3*copyBuffer + 101)
	if sum, err := trail.sum(); err != nil || sum != sumOf(data) {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestTrailLag: a writer gets no further ahead than maxLag.
func TestTrailLag(t *testing.T) {
	src := slowFile{make([]byte, 2*maxLag), make(chan struct{})}
	trail := newTrail(src, newSums(), 0)
	grown := make(chan error)
	go func() {
		for range 2 {
			grown <- trail.grew(maxLag)
		}
	}()
	if err := <-grown; err != nil {
		t.Fatal(err)
	}
	// The slower one of both lets the writer go on, when it has read all of the
	// first half.
	for range 2 * maxLag / copyBuffer {
		select {
		case src.gate <- struct{}{}:
		case err := <-grown:
			t.Fatalf("went on before: %v", err)
		}
	}
	close(src.gate)
	if err := <-grown; err != nil {
		t.Fatal(err)
	}
	trail.end()
}

// TestTrailBase: a file that begins anew with what is written next, as the parts
// for a bucket do.
func TestTrailBase(t *testing.T) {
	data := noise(4 * copyBuffer)
	part := make([]byte, copyBuffer+1000)
	trail := newTrail(bytes.NewReader(part), newSums(), 0)
	defer trail.end()
	for rest := data; len(rest) > 0; {
		n := copy(part, rest)
		rest = rest[n:]
		if err := errors.Join(trail.grew(n), trail.drain()); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err := trail.sum(); err != nil || sum != sumOf(data) {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestTrailFails: a file that cannot be read back, or is shorter than was written,
// fails whoever waits, and all who come later.
func TestTrailFails(t *testing.T) {
	f := func(src io.ReaderAt, want error) {
		t.Helper()
		trail := newTrail(src, newSums(), 0)
		defer trail.end()
		_ = trail.grew(2 * copyBuffer)
		_, errSum := trail.sum()
		errAsk := trail.ask()
		_, errState := trail.state()
		for i, err := range []error{errSum, errAsk, errState, trail.drain(), trail.grew(1)} {
			if i != 1 && !errors.Is(err, want) {
				t.Errorf("%d: %v, want %v", i, err, want)
			}
		}
	}
	f(bytes.NewReader(noise(copyBuffer+1)), io.EOF)
	f(brokenFile{}, errFull)
}

type brokenFile struct{}

func (brokenFile) ReadAt([]byte, int64) (int, error) { return 0, errFull }

// TestTrailEnd: who is ended waits for nothing.
func TestTrailEnd(t *testing.T) {
	src := slowFile{make([]byte, maxLag+1), make(chan struct{})}
	trail := newTrail(src, newSums(), 0)
	waits := make(chan error)
	go func() { waits <- trail.grew(maxLag + 1) }()
	src.gate <- struct{}{}
	close(src.gate)
	trail.end()
	if err := <-waits; err != nil && !errors.Is(err, errEnded) {
		t.Error(err)
	}
}

// TestNoGoroutines: a writer leaves nothing running, however it ends.
func TestNoGoroutines(t *testing.T) {
	b, _ := folderStore.open(t)
	before := runtime.NumGoroutine()
	for i, end := range []func(Writer) error{
		func(w Writer) error { w.Abort(); return nil },
		func(w Writer) error { return w.Suspend(t.Context()) },
		func(w Writer) error { _, err := w.Commit(t.Context()); return err },
	} {
		w := begin(t, b.Append, NewKey(int64(i)), noise(2*folderStore.partLength), noise(100))
		if during := runtime.NumGoroutine(); during < before+2 {
			t.Errorf("%d goroutines before and %d during: the test tests nothing", before, during)
		}
		if err := end(w); err != nil {
			t.Error(err)
		}
		// One that is at its end is counted for a moment still.
		for wait := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(wait) {
				t.Fatalf("%d goroutines before and %d after", before, runtime.NumGoroutine())
			}
		}
	}
}
