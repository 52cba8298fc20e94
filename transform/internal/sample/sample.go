// Package sample has lines that tests and benchmarks of several packages read.
package sample

// Planr is an event of PLAN-R.
const Planr = `{"client_ip":"198.51.100.44","command_name":"auth.local","container_name":"/planr_ru-main-1",` +
	`"request_source":"main","time":1749112947148,"trace_id":"0f8d2c1e-5b7a-4c9d-8e6f-112233445566",` +
	`"user_id":"7a6b5c4d-3e2f-4a1b-9c8d-665544332211","user_login":"petrova@example.org","space_id":"11112222-3333-4444-8555-666677778888"}`

// Docker is Planr as Docker's json-file driver writes it.
const Docker = `{"log":"{\"client_ip\":\"198.51.100.44\",\"command_name\":\"auth.local\",\"container_name\":\"/planr_ru-main-1\",` +
	`\"request_source\":\"main\",\"time\":1749112947148,\"trace_id\":\"0f8d2c1e-5b7a-4c9d-8e6f-112233445566\",` +
	`\"user_id\":\"7a6b5c4d-3e2f-4a1b-9c8d-665544332211\",\"user_login\":\"petrova@example.org\",\"space_id\":\"11112222-3333-4444-8555-666677778888\"}\n",` +
	`"stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`

// Mailbox is a request in mailbox.log.
const Mailbox = `2026-08-02 16:49:04,000 INFO  [qtp1286783232-23427:https://mail.example.com/service/soap/BatchRequest] [name=user1538@example.com;mid=164;oip=198.51.100.121;port=27987;ua=Mozilla/5.0 (Macintosh;; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15;soapId=21ff2330;] account - Authentication successful for user: user1538@example.com`
