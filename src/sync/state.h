/* SPDX-License-Identifier: MIT */
/* What the server last accepted, per integration, and the intents: the daemon's memory
 * between runs. With digests of the credentials, so that new ones are noticed. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/siphash.h"
#include "base/text.h"
#include "config/spec.h"

#define STATE_VERSION 3
#define STATE_MAX     (64 * 1024 * 1024) /* bytes of a file that is read at all */

/* An intent says: a PUT may be under way or have been applied without our knowing. It is on
 * disk before the first PUT of a value; an entry that carries it is sent again after a restart,
 * even if the value is equal to what was accepted (SPEC §5, "kill -9"). */
struct state_entry {
	int64_t id;              /* first (mem_compare_int()) */
	bool accepted;           /* `value` was accepted at `accepted_at` */
	bool intended;           /* the intent */
	bool uncertain;          /* a request without an answer may still be applied, late */
	unsigned contradicted;   /* accepted in a row, and the list then showed another name */
	int64_t accepted_at;     /* unix seconds */
	uint64_t credentials;    /* digest of those it was accepted with; 0: unknown */
	struct spec_value value; /* owned */
};

struct state {
	char *url; /* owned: the base URL that all this was accepted by; NULL: nothing known */
	uint64_t key_id;             /* state_key_id() of the digests; 0: there are none */
	bool lost;                   /* not in the file: there was one that could not be used */
	struct state_entry *entries; /* owned, sorted by id, no two alike */
	size_t count;
	size_t capacity;
};

/* Encoding is incremental, so that the owner of the entries need not copy them first. The file is
 * JSON: {"version":3,"url":…,"key":…,"integrations":[{…}, one a line],"check":"<hash of all
 * before>"}. The text must be empty at the start, and be left alone between the calls. */
void state_encode_start(struct text *out, const char *url, uint64_t key_id);
void state_encode_entry(struct text *out, const struct state_entry *entry);
void state_encode_end(struct text *out);

/* Read a file, of this version or an older one. The hash over the bytes is checked, and that every
 * member is there and of its type. False with a fault otherwise, and for a newer version; `state`
 * is then untouched. */
bool state_decode(struct state *state, const char *bytes, size_t length, struct fault *fault);

void state_clear(struct state *state);

/* Of the digests. */
struct state_key {
	unsigned char bytes[SIPHASH_KEY_SIZE]; /* random, and secret */
};

/* Distinguish keys without giving one away; never 0. */
uint64_t state_key_id(const struct state_key *key);

/* Set the digest of each integration: one SipHash-2-4 over the id and the token and the password,
 * each after its length, so that the same credentials differ from one integration to the next.
 * Never 0. */
void state_digest_credentials(struct spec *spec, const struct state_key *key);

#endif
