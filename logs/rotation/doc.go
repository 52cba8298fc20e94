// Package rotation puts the files of a log together again: which files are
// rotations of one log of one host, in which order, and what time each line is
// from. It reads them line by line in order of time, a host's logs together.
package rotation
