/* SPDX-License-Identifier: MIT */
/* What the preloaded library and the runner share: a file of 64-bit words, mapped by both. */
#ifndef PAGE_H
#define PAGE_H

/* The words; FAULT_CALLS and what follows it: one word for each kind, how many calls there were. */
enum {
	FAULT_KIND,     /* of the armed fault; 0: none */
	FAULT_ACTION,   /* enum fault_action */
	FAULT_ERROR,    /* an errno */
	FAULT_FIRST,    /* number of the first call that fails, from 1 */
	FAULT_COUNT,    /* how many fail from there on */
	FAULT_INJECTED, /* how many have failed */
	FAULT_CLOCK_NS, /* added to CLOCK_REALTIME */
	FAULT_SLEPT_NS, /* added to CLOCK_BOOTTIME */
	FAULT_CALLS = 16,
	FAULT_WORDS = 64,
};

/* In the order of KINDS in faults.py. */
enum fault_kind {
	KIND_NONE,
	KIND_OPEN,
	KIND_READ,
	KIND_WRITE,
	KIND_LOG, /* writes to standard error */
	KIND_CLOSE,
	KIND_RENAME,
	KIND_SYNC,
	KIND_STAT,
	KIND_DIRECTORY,
	KIND_UNLINK,
	KIND_MODE,
	KIND_LOCK,
	KIND_SOCKET,
	KIND_CONNECT,
	KIND_SEND,
	KIND_RECEIVE,
	KIND_ACCEPT,
	KIND_LISTEN, /* and bind */
	KIND_OPTION, /* of sockets */
	KIND_LOOKUP, /* of names */
	KIND_INOTIFY,
	KIND_PIPE, /* and eventfd */
	KIND_THREAD,
	KIND_RANDOM,
	KIND_MEMORY,
};

enum fault_action {
	ACTION_FAIL,
	ACTION_SHORT, /* one byte is read or written */
	ACTION_KILL,  /* SIGKILL instead of the call */
};

#endif
