package model

import "time"

// Page is a part of a list: at most Limit rows (0 = all) from Offset on.
type Page struct{ Limit, Offset int }

// TicketFilter chooses tickets; the zero value chooses all.
type TicketFilter struct {
	Page
	Platform       string
	Owner          string   // username
	Resolved       *bool    // nil = both
	Numbers        []string // one of these
	Contains       string   // a part of the number, case ignored
	Text           string   // a part of number or note, case ignored
	IDs            []int64
	IDMin, IDMax   *int64    // nil = no bound
	NumMin, NumMax *int64    // bounds of those numbers that are numbers
	ResolvedBefore time.Time // zero = any
	Critical       bool      // only those whose reports have critical findings
}

// ArchiveFilter chooses archives; the zero value chooses all.
type ArchiveFilter struct {
	Page
	Ticket         string    // number
	Owner          string    // username of the ticket's owner
	ID             *int64    // nil = any
	IDMin, IDMax   *int64    // nil = no bound
	Created        time.Time // zero = any
	CreatedMin     time.Time
	CreatedMax     time.Time
	TicketMin      *int64 // bounds of those numbers that are numbers
	TicketMax      *int64
	CreatedBefore  time.Time // strictly, for retention
	ResolvedBefore time.Time // of the ticket, for retention
}

// EventFilter chooses events; the zero value chooses all, newest first.
type EventFilter struct {
	Page
	Actor, Action, Object, Outcome, ClientIP string
	From, To                                 time.Time // To is exclusive
}

// TicketChange says what to change in a ticket; nil leaves a field as it is.
type TicketChange struct {
	Number, Platform, Owner, Note *string
	Resolved                      *bool
	Attempts                      *int
	ExpiresAt                     *time.Time // of the token; the zero time = never
	TokenHash                     *[]byte    // empty = revoked
}

// Held is how many bytes are held, by archives and, as declared or received,
// by open uploads.
type Held struct{ Ticket, Total int64 }

// TicketRow is a ticket in a list, with what its archives hold.
type TicketRow struct {
	Ticket
	Archives           int
	Bytes              int64
	Findings, Critical int // the sums of the reports
	Importing          int // imports that are queued or running
}

// Totals are what the whole store holds.
type Totals struct {
	Platforms, Tickets, OpenTickets, Archives, Users int64
	Bytes                                            int64 // of archives
	OpenUploads, QueuedImports, RunningImports       int64
}
