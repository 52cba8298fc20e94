// Package importer reads the archives that customers upload: it opens them
// within bounds, tells on a report what went wrong, ships their entries to Loki
// under the labels of their ticket, and answers questions about them.
//
// What is to be read stands in a queue in the database. Workers of any number of
// processes take from it by a lease, which they renew while they work; what a
// killed worker had is taken up again when its lease has run out. How far an
// archive is shipped is kept beside it, so that whoever goes on sends nothing
// twice.
package importer
