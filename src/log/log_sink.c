/* SPDX-License-Identifier: MIT */
/* Two ways out, neither of which ever blocks. Standard error is shared with other processes, so it
 * must not be made non-blocking: it is asked with poll(2) whether it takes something and then gets
 * at most PIPE_BUF bytes, which a pipe that is ready takes as a whole. The journal gets a datagram
 * on a socket of our own. A datagram that is too large for a socket goes as a sealed memfd, whose
 * descriptor is sent instead.
 *
 * The queue is one block, taken when the first record is held back and given back when the last has
 * gone. An entry is a head and its bytes; entries lie one behind the other. They slide to the front
 * once half of the block is free there: so no byte is moved more than a few times, and the block is
 * at most a few times what is held. */
#include "log/log_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum log_stamp log_stream_init(struct log_stream *stream, int fd)
{
	struct stat status;

	*stream = (struct log_stream){.fd = fd};
	if (fstat(fd, &status) < 0)
		return LOG_STAMP_NONE;
	stream->is_socket = S_ISSOCK(status.st_mode);
	stream->is_file = S_ISREG(status.st_mode);
	if (stream->is_file)
		return LOG_STAMP_DATE;
	return isatty(fd) ? LOG_STAMP_CLOCK : LOG_STAMP_NONE;
}

static bool is_ready(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	/* Whatever else poll(2) says, a write then says why. */
	return TEMP_FAILURE_RETRY(poll(&poller, 1, 0)) != 0;
}

/* What a pipe takes at once, so that what others write there does not come in between; whole lines,
 * if there is one. */
static size_t piece_of(const char *bytes, size_t length)
{
	const char *newline;

	if (length <= PIPE_BUF)
		return length;
	newline = memrchr(bytes, '\n', PIPE_BUF);
	return newline != NULL ? (size_t)(newline - bytes) + 1 : PIPE_BUF;
}

static ssize_t write_piece(const struct log_stream *stream, const char *bytes, size_t length)
{
	if (stream->is_socket)
		return send(stream->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (stream->is_file)
		return write(stream->fd, bytes, length);
	if (!is_ready(stream->fd)) {
		errno = EAGAIN;
		return -1;
	}
	return write(stream->fd, bytes, piece_of(bytes, length));
}

/* A full disk can have room again, and the rest of a line that was begun must follow it. */
static bool may_pass(int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOSPC || error == EDQUOT;
}

enum log_sent log_stream_send(const struct log_stream *stream, const char *bytes, size_t length,
                              size_t *offset)
{
	while (*offset < length) {
		ssize_t count = write_piece(stream, bytes + *offset, length - *offset);

		if (count > 0)
			*offset += (size_t)count;
		else if (count == 0 || errno != EINTR)
			return count == 0 || may_pass(errno) ? LOG_HELD : LOG_LOST;
	}
	return LOG_SENT;
}

bool log_journal_open(struct log_journal *journal, const char *path)
{
	size_t length = strlen(path);

	*journal = (struct log_journal){.fd = -1, .address = {.sun_family = AF_UNIX}};
	if (length >= sizeof(journal->address.sun_path))
		return false;
	memcpy(journal->address.sun_path, path, length + 1);
	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return journal->fd >= 0;
}

void log_journal_close(struct log_journal *journal)
{
	if (journal->fd >= 0)
		(void)close(journal->fd);
	journal->fd = -1;
}

static enum log_sent judge(ssize_t count)
{
	if (count >= 0)
		return LOG_SENT;
	if (errno == EAGAIN || errno == ENOBUFS)
		return LOG_HELD;
	if (errno == ENOENT || errno == ECONNREFUSED || errno == EACCES || errno == EPERM ||
	    errno == ENOTDIR || errno == EPROTOTYPE)
		return LOG_UNREACHABLE;
	return LOG_LOST;
}

static ssize_t send_retrying(int fd, const struct msghdr *message)
{
	return TEMP_FAILURE_RETRY(sendmsg(fd, message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static bool fill(int memfd, const char *bytes, size_t length)
{
	if (!file_write(memfd, bytes, length))
		return false;
	/* The journal takes no memfd that we could still change under its hands. */
	return fcntl(memfd, F_ADD_SEALS,
	             F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

static enum log_sent send_memfd(const struct log_journal *journal, struct msghdr *message,
                                int memfd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct cmsghdr *head;

	message->msg_iov = NULL;
	message->msg_iovlen = 0;
	message->msg_control = &control;
	message->msg_controllen = sizeof(control);
	head = CMSG_FIRSTHDR(message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &memfd, sizeof(int));
	return judge(send_retrying(journal->fd, message));
}

static enum log_sent send_large(const struct log_journal *journal, struct msghdr *message)
{
	enum log_sent sent = LOG_LOST;
	int memfd = memfd_create("dfmode-sync-record", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (memfd < 0)
		return LOG_LOST;
	if (fill(memfd, message->msg_iov->iov_base, message->msg_iov->iov_len))
		sent = send_memfd(journal, message, memfd);
	(void)close(memfd);
	return sent;
}

enum log_sent log_journal_send(const struct log_journal *journal, const char *bytes, size_t length)
{
	/* sendmsg(2) reads only; its struct says otherwise. */
	struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
	struct sockaddr_un address = journal->address;
	struct msghdr message = {.msg_name = &address,
	                         .msg_namelen = sizeof(address),
	                         .msg_iov = &vector,
	                         .msg_iovlen = 1};
	ssize_t count;

	if (journal->fd < 0)
		return LOG_UNREACHABLE;
	count = send_retrying(journal->fd, &message);
	if (count < 0 && (errno == EMSGSIZE || errno == ENOBUFS))
		return send_large(journal, &message);
	return judge(count);
}

struct head {
	uint32_t length;
	bool is_datagram;
};

bool log_queue_add(struct log_queue *queue, const char *bytes, size_t length, bool is_datagram)
{
	struct head head = {.length = (uint32_t)length, .is_datagram = is_datagram};
	struct text *held = &queue->held;
	size_t used = held->length - queue->start;

	if (length > LOG_QUEUE_MAX || used + sizeof(head) + length > LOG_QUEUE_MAX)
		return false;
	if (queue->start > used) {
		memmove(held->bytes, held->bytes + queue->start, used);
		text_truncate(held, used);
		queue->start = 0;
	}
	text_add_bytes(held, &head, sizeof(head));
	text_add_bytes(held, bytes, length);
	return true;
}

bool log_queue_first(const struct log_queue *queue, struct log_entry *entry)
{
	struct head head;

	if (queue->held.length == 0)
		return false;
	memcpy(&head, queue->held.bytes + queue->start, sizeof(head));
	entry->bytes = queue->held.bytes + queue->start + sizeof(head);
	entry->length = head.length;
	entry->is_datagram = head.is_datagram;
	return true;
}

void log_queue_consume(struct log_queue *queue, size_t count)
{
	struct head head;

	memcpy(&head, queue->held.bytes + queue->start, sizeof(head));
	queue->start += count;
	head.length -= (uint32_t)count;
	if (head.length > 0)
		/* The head moves up over the bytes that are gone. */
		memcpy(queue->held.bytes + queue->start, &head, sizeof(head));
	else
		queue->start += sizeof(head);
	if (queue->start == queue->held.length) {
		text_clear(&queue->held);
		queue->start = 0;
	}
}
