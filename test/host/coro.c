//go:build ignore

/* A flush on a stack of its own, as Fluent Bit's coroutines have one: a fresh
 * one for every flush, outside the bounds of the thread's stack. Unlike Fluent
 * Bit's, it ends at a page that cannot be touched. */
#define _GNU_SOURCE
#include "host.h"

#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

struct coro {
	ucontext_t self, caller;
	int (*fn)(void *);
	void *arg;
	int result;
};

static _Thread_local struct coro *current;
static atomic_size_t deepest;

size_t coro_depth(void) { return deepest; }

static void entry(void)
{
	struct coro *c = current;

	c->result = c->fn(c->arg);
}

/* measure notes how much of a stack was used: what is no longer 0xa5. */
static void measure(const uint8_t *stack, size_t size)
{
	size_t untouched = 0, known = deepest;

	while (untouched < size && stack[untouched] == 0xa5)
		untouched++;
	while (size - untouched > known && !atomic_compare_exchange_weak(&deepest, &known, size - untouched))
		;
}

/* enter runs c on the stack and returns when it is done. */
static void enter(struct coro *c, uint8_t *stack, size_t size)
{
	if (getcontext(&c->self) != 0)
		die("getcontext");
	c->self.uc_stack.ss_sp = stack;
	c->self.uc_stack.ss_size = size;
	c->self.uc_link = &c->caller;
	makecontext(&c->self, entry, 0);
	current = c;
	if (swapcontext(&c->caller, &c->self) != 0)
		die("swapcontext");
}

int coro_run(size_t size, int (*fn)(void *), void *arg)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct coro c = { .fn = fn, .arg = arg };

	if (size == 0)
		return fn(arg);
	size = (size + page - 1) / page * page;
	uint8_t *p = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0)
		die("no stack of %zu bytes", size);
	memset(p + page, 0xa5, size);
	enter(&c, p + page, size);
	measure(p + page, size);
	munmap(p, page + size);
	return c.result;
}
