/* SPDX-License-Identifier: MIT */
/* Each message is one datagram of NAME=VALUE lines to the service manager (sd_notify(3)). The
 * socket is non-blocking, since a manager that is busy must not hold the loop. What it did not take
 * is remembered and goes with the next message: a READY that is lost would leave the unit starting
 * until it is killed. The manager reads a message as a whole and lets STOPPING win over READY and
 * READY over RELOADING, so that joining them loses no meaning. */
#include "os/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "base/text.h"

#define STATUS_MAX 200 /* bytes */

struct notify {
	int fd; /* -1: nobody to notify */
	struct sockaddr_un address;
	socklen_t address_length;
	char *status;        /* owned; the last line that was asked for */
	unsigned pending;    /* news that are still to be sent */
	int64_t reload_usec; /* CLOCK_MONOTONIC (uv_hrtime(3)) when the reload began */
};

static bool set_address(struct notify *notify, const char *path)
{
	size_t length = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || length < 2 ||
	    length >= sizeof(notify->address.sun_path))
		return false;
	notify->address.sun_family = AF_UNIX;
	memcpy(notify->address.sun_path, path, length);
	/* An abstract address begins with a NUL and ends with its length, a path ends with one. */
	if (path[0] == '@')
		notify->address.sun_path[0] = '\0';
	else
		length++;
	notify->address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

struct notify *notify_open(const char *path)
{
	struct notify *notify = mem_new(struct notify);

	notify->fd = -1;
	if (path != NULL && set_address(notify, path))
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return notify;
}

void notify_close(struct notify *notify)
{
	if (notify == NULL)
		return;
	if (notify->fd >= 0)
		(void)close(notify->fd);
	free(notify->status);
	free(notify);
}

static void compose(const struct notify *notify, struct text *message)
{
	if ((notify->pending & NOTIFY_RELOADING) != 0)
		text_printf(message, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
		            notify->reload_usec);
	if ((notify->pending & NOTIFY_READY) != 0)
		text_add(message, "READY=1\n");
	if ((notify->pending & NOTIFY_STOPPING) != 0)
		text_add(message, "STOPPING=1\n");
	if ((notify->pending & NOTIFY_STATUS) != 0)
		text_printf(message, "STATUS=%s\n", notify->status);
	if ((notify->pending & NOTIFY_WATCHDOG) != 0)
		text_add(message, "WATCHDOG=1\n");
}

static bool may_pass(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ECONNREFUSED || error == ENOENT;
}

static void flush(struct notify *notify)
{
	struct text message = {0};
	ssize_t count;

	compose(notify, &message);
	count = TEMP_FAILURE_RETRY(
		sendto(notify->fd, message.bytes, message.length, MSG_NOSIGNAL | MSG_DONTWAIT,
	               (const struct sockaddr *)&notify->address, notify->address_length));
	if (count >= 0 || !may_pass(errno))
		notify->pending = 0;
	/* Being alive is sent now or not at all. */
	notify->pending &= ~(unsigned)NOTIFY_WATCHDOG;
	text_clear(&message);
}

void notify_send(struct notify *notify, enum notify_news news)
{
	if (news == NOTIFY_RELOADING)
		notify->reload_usec = (int64_t)(uv_hrtime() / 1000);
	notify->pending |= news;
	if (notify->fd >= 0)
		flush(notify);
}

void notify_status(struct notify *notify, const char *line)
{
	struct text escaped = {0};

	/* A newline in it would begin an assignment of its own. */
	text_escape(&escaped, line, strlen(line), STATUS_MAX);
	if (notify->status != NULL && strcmp(notify->status, escaped.bytes) == 0) {
		text_clear(&escaped);
		return;
	}
	free(notify->status);
	notify->status = text_take(&escaped);
	notify_send(notify, NOTIFY_STATUS);
}

int64_t notify_watchdog_ms(const char *usec, const char *pid)
{
	int64_t interval, owner;

	if (usec == NULL || !text_to_int(usec, 1, INT64_MAX, &interval))
		return 0;
	if (pid != NULL && (!text_to_int(pid, 1, INT64_MAX, &owner) || owner != (int64_t)getpid()))
		return 0;
	return interval < 1000 ? 1 : interval / 1000;
}
