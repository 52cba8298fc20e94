package terminal

import (
	"fmt"
	"io"
	"os"
)

// Colour is a colour of the terminal's own palette, which its user has chosen:
// the number of ECMA-48's "select graphic rendition".
type Colour int

// The colours that mean something here.
const (
	Plain  Colour = 0
	Red    Colour = 31
	Green  Colour = 32
	Yellow Colour = 33
	Cyan   Colour = 36
)

// Is reports whether f is a terminal that shows more than plain lines.
func Is(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" && f.Name() != os.DevNull
}

// colourful reports whether colours may be written to w: a terminal, and nobody
// has asked for none (https://no-color.org).
func colourful(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && Is(f)
}

// Print writes before, word and after to w, the word in a colour if w is a
// Writer to a terminal.
func Print(w io.Writer, before string, c Colour, word, after string) error {
	t, ok := w.(*Writer)
	if !ok || !t.colours || c == Plain {
		_, err := io.WriteString(w, before+word+after)
		return err
	}
	// Only what stands here steers the terminal; the texts go through Safe.
	if _, err := fmt.Fprintf(t.w, "%s\x1b[%dm%s\x1b[0m", Safe(before), c, Safe(word)); err != nil {
		return err
	}
	_, err := io.WriteString(t, after)
	return err
}
