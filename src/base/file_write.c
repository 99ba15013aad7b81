/* SPDX-License-Identifier: MIT */
/* A disk that fills up takes a part first, and gives the reason with the next call. */
#include "base/file_write.h"

#include <errno.h>
#include <unistd.h>

bool file_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count == 0)
			errno = EIO;
		if (count <= 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}
