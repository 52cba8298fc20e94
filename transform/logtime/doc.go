// Package logtime turns the times that logs write into instants.
//
// In: the text of a time, the zone of a Clock, and when the line arrived. Out:
// nanoseconds since 1970 UTC; 0 or false for what is no time. The arrival decides
// only what the text leaves open: the year, the day, one of the two hours at the
// end of summer time. The time of now never does, so that a line that comes again
// gets the time it had.
//
// Memory: a Clock belongs to one goroutine and keeps copies, no views.
package logtime
