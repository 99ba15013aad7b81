/* SPDX-License-Identifier: MIT */
/* One block, taken when the first record is held back and given back when the last has gone. An
 * entry is a head and its bytes; entries lie one behind the other. At the end of the block they
 * slide to the front if half of it is free there, else the block grows: so no byte is moved more
 * than a few times, and the block is at most a few times what is held. */
#include "log/log_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct head {
	uint32_t length;
	bool is_datagram;
};

static void make_room(struct log_queue *queue, size_t need)
{
	size_t used = queue->end - queue->start;

	if (queue->end + need <= queue->capacity)
		return;
	if (queue->start >= queue->capacity / 2 && queue->start > 0) {
		memmove(queue->bytes, queue->bytes + queue->start, used);
		queue->start = 0;
		queue->end = used;
	}
	queue->bytes = mem_grow(queue->bytes, &queue->capacity, queue->end + need, 1);
}

bool log_queue_add(struct log_queue *queue, const char *bytes, size_t length, bool is_datagram)
{
	struct head head = {.length = (uint32_t)length, .is_datagram = is_datagram};
	size_t used = queue->end - queue->start;

	if (length > LOG_QUEUE_MAX || used + sizeof(head) + length > LOG_QUEUE_MAX)
		return false;
	make_room(queue, sizeof(head) + length);
	memcpy(queue->bytes + queue->end, &head, sizeof(head));
	memcpy(queue->bytes + queue->end + sizeof(head), bytes, length);
	queue->end += sizeof(head) + length;
	return true;
}

bool log_queue_first(const struct log_queue *queue, struct log_entry *entry)
{
	struct head head;

	if (queue->start == queue->end)
		return false;
	memcpy(&head, queue->bytes + queue->start, sizeof(head));
	entry->bytes = queue->bytes + queue->start + sizeof(head);
	entry->length = head.length;
	entry->is_datagram = head.is_datagram;
	return true;
}

void log_queue_consume(struct log_queue *queue, size_t count)
{
	struct head head;

	memcpy(&head, queue->bytes + queue->start, sizeof(head));
	queue->start += count;
	head.length -= (uint32_t)count;
	if (head.length > 0)
		/* The head moves up over the bytes that are gone. */
		memcpy(queue->bytes + queue->start, &head, sizeof(head));
	else
		queue->start += sizeof(head);
	if (queue->start == queue->end)
		log_queue_clear(queue);
}

void log_queue_clear(struct log_queue *queue)
{
	free(queue->bytes);
	*queue = (struct log_queue){0};
}
