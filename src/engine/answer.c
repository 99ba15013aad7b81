/* SPDX-License-Identifier: MIT */
/* The bytes of a server become facts here, and only what may be shown goes further: foreign text
 * is redacted first, escaped next and cut last. A body is parsed once: an error's for its
 * complaints, an accepted update's for the schedule that it shows. */
#include "engine/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void add_foreign(struct text *out, const char *bytes, const struct redactor *redactor)
{
	redactor_show(redactor, bytes, strlen(bytes), WIRE_TEXT_MAX, out);
}

static void add_details(const struct wire_details *details, struct text *out)
{
	const struct wire_detail *first = &details->items[0];
	size_t count = details->count + details->more;

	if (first->field[0] != '\0')
		text_printf(out, "%s: ", first->field);
	text_add(out, first->reason);
	if (first->type[0] != '\0')
		text_printf(out, " (%s)", first->type);
	if (count > 1)
		text_printf(out, " and %zu more", count - 1);
}

/* nginx completes the handshake, and then says in a page that it misses the client certificate, or
 * cannot trust it. */
static bool wants_certificate(const struct answer *answer, const struct http_answer *http)
{
	static const char missing[] = "No required SSL certificate was sent";
	static const char wrong[] = "The SSL certificate error";

	return http->status == 400 && answer->details.is_page &&
	       (memmem(http->body, http->body_length, missing, sizeof(missing) - 1) != NULL ||
	        memmem(http->body, http->body_length, wrong, sizeof(wrong) - 1) != NULL);
}

static void describe(const struct answer *answer, const struct http_answer *http,
                     const struct redactor *redactor, struct text *out)
{
	if (http->status == 0) {
		text_add(out, "no answer: ");
		add_foreign(out, http->error, redactor);
		return;
	}
	text_printf(out, "%d ", http->status);
	if (http->status == 407 && http->proxy != NULL)
		text_printf(out, "from the proxy %s: ", http->proxy);
	if (http->location != NULL) {
		text_add(out, "redirects to ");
		add_foreign(out, http->location, redactor);
		return;
	}
	if (wants_certificate(answer, http))
		text_add(out, "the server does not accept the client certificate "
		              "(api.client_cert_file): ");
	add_details(&answer->details, out);
	if (answer->url != NULL)
		text_printf(out, ", asked for %s", answer->url);
	if (http->retry_after_odd)
		text_add(out, "; its Retry-After is no time to wait for, and is ignored");
}

/* Given. */
static char *shown_url(const char *url, const struct redactor *redactor)
{
	struct text shown = {0};

	add_foreign(&shown, url, redactor);
	return text_take(&shown);
}

static struct wire_answer body_of(const struct http_answer *http, int status)
{
	return (struct wire_answer){.bytes = http->body,
	                            .length = http->body_length,
	                            .content_type = http->content_type,
	                            .coding = http->coding,
	                            .status = status};
}

void answer_read(struct answer *answer, const struct http_answer *http,
                 const struct redactor *redactor)
{
	const struct wire_answer body = body_of(http, http->status);
	struct text error_text = {0};

	*answer = (struct answer){.verdict = verdict_of(http->transfer, http->status),
	                          .status = http->status,
	                          .curl_code = http->curl_code,
	                          .known = WIRE_UNKNOWN};
	if (answer->verdict.kind == VERDICT_ACCEPTED)
		return;
	if (http->status != 0)
		wire_details_parse(&body, redactor, &answer->details);
	if (http->url != NULL)
		answer->url = shown_url(http->url, redactor);
	if (wants_certificate(answer, http))
		answer->verdict = verdict_of(VERDICT_TRANSFER_SETUP, 0);
	describe(answer, http, redactor, &error_text);
	answer->error_text = text_take(&error_text);
}

/* Why an accepted update's body cannot be one: it is an error, or no JSON. */
static void read_warning(struct answer *answer, const struct http_answer *http, enum wire_body kind,
                         const struct redactor *redactor)
{
	const struct wire_answer body = body_of(http, 0);
	struct wire_details details;
	struct text text = {0};

	wire_details_parse(&body, redactor, &details);
	text_add(&text, kind == WIRE_BODY_ERROR ? "the answer is an error: " : "");
	add_details(&details, &text);
	answer->warning = text_take(&text);
	wire_details_clear(&details);
}

void answer_read_update(struct answer *answer, const struct http_answer *http,
                        struct json_tokener *tokener, const struct redactor *redactor)
{
	enum wire_body kind;

	if (answer->verdict.kind != VERDICT_ACCEPTED)
		return;
	kind = wire_parse_answer(tokener, http->body, http->body_length, &answer->known,
	                         &answer->cron);
	answer->cron = wire_redact_cron(answer->cron, redactor);
	if (kind == WIRE_BODY_ERROR || (kind == WIRE_BODY_OTHER && !http->body_cut))
		read_warning(answer, http, kind, redactor);
}

void answer_clear(struct answer *answer)
{
	wire_details_clear(&answer->details);
	free(answer->url);
	free(answer->error_text);
	free(answer->warning);
	free(answer->cron);
	*answer = (struct answer){.known = WIRE_UNKNOWN};
}
