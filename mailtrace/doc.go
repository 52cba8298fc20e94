// Package mailtrace remembers what the lines of a mail system say of a mail in
// different places, so that each line can be given what it leaves out: Postfix
// writes the message-id once, in cleanup's line, and the login once, in smtpd's;
// every other line has a queue id alone, which is reused within seconds.
//
// A Run follows the mails of one chunk: it learns from every line in order,
// and after the last one resolves what the lines before could not know yet. A
// Memory, bounded by entries and age, carries the facts from one chunk to the
// next. What a Run took from there is its Recalled: handed to a later Run of the
// same chunk, it makes that one give the same answers, whatever the memory has
// learned or dropped meanwhile.
package mailtrace
