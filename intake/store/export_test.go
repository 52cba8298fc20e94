package store

// SetBusyTimeout has SQLite wait so many milliseconds for other writers, in
// databases that are opened after it; restore undoes it.
func SetBusyTimeout(ms string) (restore func()) {
	old := busyTimeout
	busyTimeout = ms
	return func() { busyTimeout = old }
}
