package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fluent/fluent-bit-go/output"

	"github.com/zimbraloki/zimbraloki/internal/flblog"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// stub is a flusher that does what the test says.
type stub struct {
	onFlush func(tag string, chunk []byte) pipeline.Result
	closed  atomic.Int32
	onClose error
}

func (s *stub) Flush(_ context.Context, tag string, chunk []byte) pipeline.Result {
	return s.onFlush(tag, chunk)
}

func (s *stub) Close(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		return errors.New("close without a deadline")
	}
	s.closed.Add(1)
	return s.onClose
}

// keeperStub is a stub with a dead letter.
type keeperStub struct {
	stub
	onKeep func(tag string, chunk []byte, reason string) error
}

func (s *keeperStub) KeepChunk(tag string, chunk []byte, reason string) error {
	return s.onKeep(tag, chunk, reason)
}

// logTo returns a logger that writes Fluent Bit's format to b.
func logTo(b *bytes.Buffer) *slog.Logger {
	return slog.New(flblog.NewHandler(b, "output:zimbraloki:zimbraloki.0", slog.LevelInfo))
}

func opens(f flusher, log *slog.Logger) opener {
	return func(func(string) string, string) (flusher, *slog.Logger, error) { return f, log, nil }
}

func noProperty(string) string { return "" }

func flushString(h cgo.Handle, tag, chunk string) int {
	b := []byte(chunk)
	return flush(h, tag, &b[0], len(b))
}

func TestInstanceFromStartToExit(t *testing.T) {
	var gotTag, gotChunk string
	answer := pipeline.OK
	s := &stub{onFlush: func(tag string, chunk []byte) pipeline.Result {
		gotTag, gotChunk = tag, string(chunk)
		return answer
	}}
	h, err := start(noProperty, opens(s, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	f := func(r pipeline.Result, want int) {
		t.Helper()
		answer = r
		if got := flushString(h, "zimbra.mailbox", "bytes"); got != want {
			t.Errorf("flush that ends with %v answers %d, want %d", r, got, want)
		}
	}
	f(pipeline.OK, output.FLB_OK)
	f(pipeline.Retry, output.FLB_RETRY)
	f(pipeline.Result(77), output.FLB_RETRY) // none that is known: the chunk is not given up
	if gotTag != "zimbra.mailbox" || gotChunk != "bytes" {
		t.Errorf("flusher got tag %q and chunk %q", gotTag, gotChunk)
	}
	if code := exit(h); code != output.FLB_OK || s.closed.Load() != 1 {
		t.Errorf("exit answers %d, closed %d times", code, s.closed.Load())
	}
	if code := flushString(h, "t", "after exit"); code != output.FLB_RETRY {
		t.Errorf("flush after exit answers %d, want FLB_RETRY", code)
	}
	if code := exit(h); code != output.FLB_ERROR || s.closed.Load() != 1 {
		t.Errorf("second exit answers %d, closed %d times", code, s.closed.Load())
	}
}

func TestCloseErrorIsLogged(t *testing.T) {
	var b bytes.Buffer
	s := &stub{onClose: errors.New("disk is full")}
	h, err := start(noProperty, opens(s, logTo(&b)))
	if err != nil {
		t.Fatal(err)
	}
	if code := exit(h); code != output.FLB_ERROR || !strings.Contains(b.String(), "disk is full") {
		t.Errorf("exit answers %d, log:\n%s", code, b.String())
	}
}

func TestStartErrorNamesTheInstanceOnEveryLine(t *testing.T) {
	f := func(open opener, want string) {
		t.Helper()
		hostProcess.register()
		h, err := start(noProperty, open)
		if h != 0 || err == nil || err.Error() != want {
			t.Errorf("\n got %d, %v\nwant %s", h, err, want)
		}
	}
	fails := func(err error) opener {
		return func(func(string) string, string) (flusher, *slog.Logger, error) { return nil, nil, err }
	}
	const prefix = "[output:zimbraloki:zimbraloki.0] cannot start: "
	f(fails(errors.New("a")), prefix+"a")
	f(fails(errors.Join(errors.New("a"), errors.New("b"))), prefix+"a\n"+prefix+"b")
}

func TestPanicAtStartIsAnError(t *testing.T) {
	_, err := start(noProperty, func(func(string) string, string) (flusher, *slog.Logger, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "panic: boom at ") || !strings.Contains(err.Error(), "instance_test.go:") {
		t.Errorf("got %v, want the panic and its place", err)
	}
}

// TestNamesFollowFluentBit: Fluent Bit numbers the outputs of one plugin in the
// order of its configuration, from 0 again after a reload.
func TestNamesFollowFluentBit(t *testing.T) {
	var names []string
	open := func(_ func(string) string, name string) (flusher, *slog.Logger, error) {
		names = append(names, name)
		if len(names) == 2 {
			return nil, nil, errors.New("refused") // it has had its number
		}
		return &stub{}, slog.New(slog.DiscardHandler), nil
	}
	for range 2 {
		hostProcess.register()
		for range 3 {
			if h, err := start(noProperty, open); err == nil {
				defer exit(h)
			}
		}
	}
	want := "[zimbraloki.0 zimbraloki.1 zimbraloki.2 zimbraloki.0 zimbraloki.1 zimbraloki.2]"
	if got := fmt.Sprint(names); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPanickingChunkIsRetriedThenKept(t *testing.T) {
	var b bytes.Buffer
	var kept []string
	s := &keeperStub{
		stub: stub{onFlush: func(_ string, chunk []byte) pipeline.Result {
			if string(chunk) == "good" {
				return pipeline.OK
			}
			panic("boom")
		}},
		onKeep: func(tag string, chunk []byte, reason string) error {
			kept = append(kept, tag+"|"+string(chunk)+"|"+reason)
			return nil
		},
	}
	in := newInstance(s, logTo(&b))
	f := func(chunk string, want int) {
		t.Helper()
		if got := in.flush("t", []byte(chunk)); got != want {
			t.Errorf("flush of %q answers %d, want %d", chunk, got, want)
		}
	}
	f("bad", output.FLB_RETRY)
	f("bad", output.FLB_RETRY)
	f("worse", output.FLB_RETRY) // each chunk has its own count
	f("good", output.FLB_OK)
	f("bad", output.FLB_OK)
	if fmt.Sprint(kept) != "[t|bad|panic: boom]" {
		t.Errorf("kept %q", kept)
	}
	f("bad", output.FLB_RETRY) // it was forgotten, and starts anew
	if n := strings.Count(b.String(), "stack="); n != 1 {
		t.Errorf("stack printed %d times, want once:\n%s", n, b.String())
	}
	if want := `stack="plugin.TestPanickingChunkIsRetriedThenKept.func1 instance_test.go:`; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
}

func TestPanickingChunkStaysIfNobodyKeepsIt(t *testing.T) {
	boom := stub{onFlush: func(string, []byte) pipeline.Result { panic("boom") }}
	f := func(name string, s flusher) {
		t.Helper()
		in := newInstance(s, slog.New(slog.DiscardHandler))
		for i := range 3 * maxPanics {
			if got := in.flush("t", []byte("bad")); got != output.FLB_RETRY {
				t.Errorf("%s: flush %d answers %d, want FLB_RETRY", name, i, got)
			}
		}
	}
	f("no dead letter", &stub{onFlush: boom.onFlush})
	f("dead letter full", &keeperStub{
		stub:   stub{onFlush: boom.onFlush},
		onKeep: func(string, []byte, string) error { return errors.New("full") },
	})
	f("dead letter panics", &keeperStub{
		stub:   stub{onFlush: boom.onFlush},
		onKeep: func(string, []byte, string) error { panic("again") },
	})
}

func TestSuccessForgetsEarlierPanics(t *testing.T) {
	bad := true
	s := &keeperStub{
		stub: stub{onFlush: func(string, []byte) pipeline.Result {
			if bad {
				panic("boom")
			}
			return pipeline.OK
		}},
		onKeep: func(string, []byte, string) error { t.Error("kept"); return nil },
	}
	in := newInstance(s, slog.New(slog.DiscardHandler))
	for range 2 * maxPanics {
		bad = true
		in.flush("t", []byte("c"))
		bad = false
		in.flush("t", []byte("c"))
	}
}

func TestManyThreads(t *testing.T) {
	const workers, flushes = 8, 100
	var sum atomic.Int64
	s := &keeperStub{
		stub: stub{onFlush: func(_ string, chunk []byte) pipeline.Result {
			if len(chunk)%10 == 0 {
				panic(len(chunk))
			}
			sum.Add(int64(len(chunk)))
			return pipeline.OK
		}},
		onKeep: func(string, []byte, string) error { return nil },
	}
	h, err := start(noProperty, opens(s, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range flushes {
				flushString(h, "t", strings.Repeat("x", i+1))
			}
		})
	}
	wg.Wait()
	exit(h)
	if want := int64(workers * 4500); sum.Load() != want { // 1+…+100 without 10, 20, …, 100
		t.Errorf("delivered %d bytes, want %d", sum.Load(), want)
	}
}

func TestEngineThreadIsWarnedAboutOnce(t *testing.T) {
	f := func(thread string, want int) {
		t.Helper()
		var b bytes.Buffer
		in := newInstance(&stub{onFlush: func(string, []byte) pipeline.Result { return pipeline.OK }}, logTo(&b))
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlock: the thread ends with its name
			setThreadName(t, thread)
			in.flush("t", []byte("1"))
			in.flush("t", []byte("2"))
		}()
		<-done
		if got := strings.Count(b.String(), "set workers 1"); got != want {
			t.Errorf("thread %q: %d warnings, want %d:\n%s", thread, got, want, b.String())
		}
	}
	f("flb-pipeline", 1)
	f("flb-out-zimbral", 0)
}
