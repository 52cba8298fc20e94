// Package java reads what Java programs of all kinds write in the same way: the
// stack trace behind the head of an event.
//
// In: lines. Out: the fields exception, root_cause, error, exception_id and code of
// a draft whose head another package has read. Values are views of the lines.
package java
