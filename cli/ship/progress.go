package ship

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// sayEvery is how often a line is written where no terminal shows a bar.
const sayEvery = 10 * time.Second

// progress shows how far a run is: a bar on a terminal, else a line every ten
// seconds. A nil progress shows nothing.
type progress struct {
	w     io.Writer
	whole int64 // bytes as stored
	watch func(Progress)
	began time.Time

	stored, count, bytes atomic.Int64

	bars *mpb.Progress
	bar  *mpb.Bar
	mu   sync.Mutex
	end  chan struct{}
	done sync.WaitGroup
	why  string // what it waits for
}

func newProgress(w io.Writer, whole int64, watch func(Progress)) *progress {
	p := &progress{w: w, whole: max(whole, 1), watch: watch, began: time.Now(), end: make(chan struct{})}
	if f, ok := w.(*os.File); ok && watch == nil && terminal.Is(f) {
		p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
		p.bar = p.bars.AddBar(p.whole,
			mpb.PrependDecorators(decor.Percentage(decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text() })))
	}
	p.done.Add(1)
	go p.run()
	return p
}

func (p *progress) run() {
	defer p.done.Done()
	every := sayEvery
	switch {
	case p.watch != nil:
		every = time.Second
	case p.bar != nil:
		every = time.Second / 4
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-p.end:
			return
		case <-t.C:
			p.tell()
		}
	}
}

// tell shows how far it is, to whoever looks.
func (p *progress) tell() {
	switch {
	case p.watch != nil:
		p.mu.Lock()
		why := p.why
		p.mu.Unlock()
		p.watch(Progress{Stored: min(p.stored.Load(), p.whole), Whole: p.whole, Waits: why})
	case p.bar != nil:
		p.bar.SetCurrent(min(p.stored.Load(), p.whole-1))
	default:
		p.line(p.w, p.text())
	}
}

// read is told of stored bytes that were read.
func (p *progress) read(n int)  { p.stored.Add(int64(n)) }
func (p *progress) add(n int64) { p.stored.Add(n) }

// lines is told of a block that is delivered.
func (p *progress) lines(n, bytes int64) {
	p.count.Add(n)
	p.bytes.Add(bytes)
	p.mu.Lock()
	p.why = ""
	p.mu.Unlock()
}

// waits is told why the last push comes again. The first time it is said at
// once, later with the rest.
func (p *progress) waits(why error, _ time.Duration) {
	text := "the dead-letter file cannot be written"
	if why != nil {
		text = why.Error()
	}
	p.mu.Lock()
	first := p.why == ""
	p.why = text
	p.mu.Unlock()
	if first && p.bar == nil && p.watch == nil {
		p.line(p.w, p.text())
	}
}

func (p *progress) text() string {
	p.mu.Lock()
	why := p.why
	p.mu.Unlock()
	s := fmt.Sprintf("%.0f %%  %s  %s", 100*float64(min(p.stored.Load(), p.whole))/float64(p.whole), say.Count(p.count.Load(), "line", "lines"), say.Size(p.bytes.Load()))
	if left := p.left(); left > 0 {
		s += "  " + left.String() + " left"
	}
	if why != "" {
		s += "  waiting: " + why
	}
	return s
}

// left is how long the rest takes if it goes on as it went so far.
func (p *progress) left() time.Duration {
	done := float64(p.stored.Load()) / float64(p.whole)
	if done < 0.01 || done >= 1 {
		return 0
	}
	return time.Duration(float64(time.Since(p.began)) * (1 - done) / done).Round(time.Second)
}

// print writes a line above the bar.
func (p *progress) line(w io.Writer, line string) {
	if p != nil && p.bars != nil {
		w = p.bars
	}
	fmt.Fprintln(w, line)
}

func (p *progress) stop() {
	close(p.end)
	p.done.Wait()
	if p.watch != nil {
		p.tell()
	}
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
