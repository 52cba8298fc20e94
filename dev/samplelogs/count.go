package samplelogs

// Count returns the number of log entries in the files: lines, without those
// of stack traces.
func Count(files []File) (n int64) {
	for _, f := range files {
		n += f.Entries
	}
	return n
}
