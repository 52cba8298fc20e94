// Package mailcase puts the lines of mail logs together to the lives of single
// mails: what zimbraloki trace prints. Collator groups the lines of one queue
// id as collate.pl of Postfix's makers does; Cases joins the groups of one mail
// (content filters give it a new queue id each), what amavis, opendkim and the
// mailstores wrote of it, and the notifications about it; Tell says in words
// what became of it.
package mailcase
