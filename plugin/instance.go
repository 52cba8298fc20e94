package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/cgo"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"

	"github.com/zimbraloki/zimbraloki/pipeline"
)

// closeTimeout bounds an instance's exit. No flush is under way then: Fluent
// Bit has joined the worker threads before.
const closeTimeout = 5 * time.Second

// flusher is a pipeline.Pipeline as an instance sees it.
type flusher interface {
	// Flush delivers a chunk; it returns when Loki has it, or when it cannot
	// be delivered now. Chunk is valid until then.
	Flush(ctx context.Context, tag string, chunk []byte) pipeline.Result
	Close(ctx context.Context) error
}

// chunkKeeper is a flusher that has a dead letter for a chunk which no attempt
// can get through.
type chunkKeeper interface {
	// KeepChunk writes the raw chunk away. After nil it need not come again.
	KeepChunk(tag string, chunk []byte, reason string) error
}

// opener opens the pipeline of the instance with the given name, configured by
// what get answers ("" for a property that is not set).
type opener func(get func(key string) string, name string) (flusher, *slog.Logger, error)

// instance is one [OUTPUT] section. Its methods may be called by several worker
// threads at once.
type instance struct {
	flusher
	log        *slog.Logger
	panics     panicLedger
	firstFlush sync.Once
}

// start opens an instance. The handle stands for it in Fluent Bit's memory
// until exit.
func start(get func(key string) string, open opener) (h cgo.Handle, err error) {
	name := hostProcess.instanceName()
	defer func() {
		if v := recover(); v != nil {
			h, err = 0, fmt.Errorf("panic: %v at %s", v, panicStack())
		}
		if err != nil {
			err = startError(name, err)
		}
	}()
	keepGoSignals()
	f, log, err := open(get, name)
	if err != nil {
		return 0, err
	}
	return cgo.NewHandle(newInstance(f, log)), nil
}

// startError puts the instance's name before each line of err, which is one
// line for each thing that is wrong.
func startError(name string, err error) error {
	prefix := fmt.Sprintf("[output:%s:%s] cannot start: ", pluginName, name)
	return errors.New(prefix + strings.ReplaceAll(err.Error(), "\n", "\n"+prefix))
}

func newInstance(f flusher, log *slog.Logger) *instance {
	return &instance{flusher: f, log: log, panics: newPanicLedger()}
}

// flush delivers the chunk of size bytes at data and returns Fluent Bit's code.
// What goes wrong here, outside the instance, leaves the chunk with Fluent Bit.
func flush(h cgo.Handle, tag string, data *byte, size int) (code int) {
	defer func() {
		if recover() != nil {
			code = output.FLB_RETRY
		}
	}()
	// Safety: Fluent Bit owns the bytes and keeps them until this call returns.
	return h.Value().(*instance).flush(tag, unsafe.Slice(data, size))
}

// exit closes the instance and gives its handle back.
func exit(h cgo.Handle) (code int) {
	defer func() {
		if recover() != nil {
			code = output.FLB_ERROR
		}
	}()
	in := h.Value().(*instance)
	h.Delete()
	return in.exit()
}

func (in *instance) flush(tag string, chunk []byte) (code int) {
	keepGoSignals()
	in.firstFlush.Do(in.checkThread)
	defer func() {
		if v := recover(); v != nil {
			code = in.panicked(v, tag, chunk)
		}
	}()
	r := in.Flush(context.Background(), tag, chunk)
	in.panics.forget(tag, chunk)
	return resultCode(r)
}

func (in *instance) exit() int {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := in.Close(ctx); err != nil {
		in.log.Error("close", "error", err)
		return output.FLB_ERROR
	}
	return output.FLB_OK
}

// checkThread warns when flushes run on Fluent Bit's engine thread: while one
// waits for Loki, no input is read and no other output is served.
func (in *instance) checkThread() {
	if threadName() == engineThread {
		in.log.Warn("flushes run on Fluent Bit's engine thread and stop everything else while they wait: " +
			"set workers 1 in this output")
	}
}

// panicked answers for a flush that panicked: the chunk stays with Fluent Bit,
// which brings it again; from the maxPanics-th time on, it goes to the dead
// letter, if there is one that takes it.
func (in *instance) panicked(v any, tag string, chunk []byte) (code int) {
	defer func() {
		if recover() != nil {
			code = output.FLB_RETRY
		}
	}()
	n := in.panics.count(tag, chunk)
	in.logPanic(v, tag, len(chunk), n)
	keeper, ok := in.flusher.(chunkKeeper)
	if n < maxPanics || !ok {
		return output.FLB_RETRY
	}
	if err := keeper.KeepChunk(tag, chunk, fmt.Sprintf("panic: %v", v)); err != nil {
		in.log.Error("a chunk that panics stays with Fluent Bit: the dead letter did not take it", "tag", tag, "error", err)
		return output.FLB_RETRY
	}
	in.panics.forget(tag, chunk)
	in.log.Error("a chunk that panics again and again went to the dead letter", "tag", tag, "bytes", len(chunk), "times", n)
	return output.FLB_OK
}

// logPanic prints the stack the first time that a place panics, one line
// without it from then on, and ever fewer of them about one chunk.
func (in *instance) logPanic(v any, tag string, size, times int) {
	stack := panicStack()
	if !in.panics.firstAt(stack) {
		if times&(times-1) == 0 { // 1, 2, 4, 8, …
			in.log.Error("flush panicked again", "panic", v, "tag", tag, "bytes", size, "times", times)
		}
		return
	}
	in.log.Error("flush panicked, this is a bug in zimbraloki; the chunk is kept",
		"panic", v, "tag", tag, "bytes", size, "times", times, "stack", stack)
}
