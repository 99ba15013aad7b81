/* SPDX-License-Identifier: MIT */
/* Whether a user may read a file depends on its groups, on every directory above, on access control
 * lists, on the file system: only the kernel knows. So a child becomes that user, for good, and
 * opens what it is asked to; the descriptor comes back over a socket (SCM_RIGHTS). It never sees
 * more than paths: who reads the files is still root. */
#include "commands/service_user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "commands/surroundings.h"

#define SERVICE_NAME "dfmode-sync"
#define CREDENTIALS  "/run/credentials"
#define BOOTED       "/run/systemd/system"

/* Whom to become. */
struct identity {
	uid_t uid;
	gid_t gid;
	char *name; /* owned: for initgroups(3); or a number, of a user without an entry */
	bool has_entry;
};

/* What carries a descriptor. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* the child */

static bool become(const struct identity *identity)
{
	int groups = identity->has_entry ? initgroups(identity->name, identity->gid)
	                                 : setgroups(0, NULL);

	return groups == 0 && setgid(identity->gid) == 0 && setuid(identity->uid) == 0;
}

/* Answer a request: 0 with a descriptor, or an errno. */
static void answer(int socket, int error, int descriptor)
{
	union control control = {.bytes = {0}};
	struct iovec vector = {.iov_base = &error, .iov_len = sizeof(error)};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
	}
	if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
		_exit(EXIT_FAILURE);
}

/* The first answer says whether we became the user; then one for each path, until the parent ends.
 */
static _Noreturn void serve(int socket, const struct identity *identity)
{
	char path[PATH_MAX + 1];
	ssize_t length;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	answer(socket, become(identity) ? 0 : errno, -1);
	while ((length = recv(socket, path, sizeof(path) - 1, 0)) > 0) {
		int descriptor;

		path[length] = '\0';
		descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		answer(socket, descriptor < 0 ? errno : 0, descriptor);
		if (descriptor >= 0)
			(void)close(descriptor);
	}
	_exit(EXIT_SUCCESS);
}

/* the parent */

/* Take an answer: a descriptor, -1 where there is none, with the errno of the child, or of ours. */
static int take(int socket, int *error)
{
	union control control = {.bytes = {0}};
	struct iovec vector = {.iov_base = error, .iov_len = sizeof(*error)};
	struct msghdr message = {.msg_iov = &vector,
	                         .msg_iovlen = 1,
	                         .msg_control = control.bytes,
	                         .msg_controllen = sizeof(control.bytes)};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int descriptor = -1;

	if (length != (ssize_t)sizeof(*error))
		*error = length < 0 ? errno : EIO;
	else if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
	return descriptor;
}

static int open_as_user(const struct file_opener *opener, const char *path)
{
	const struct service_user *user = opener->data;
	size_t length = strlen(path);
	int error;
	int descriptor;

	if (length == 0 || length > PATH_MAX) {
		errno = length == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	if (send(user->socket, path, length, MSG_NOSIGNAL) < 0)
		return -1;
	descriptor = take(user->socket, &error);
	errno = error;
	return descriptor;
}

/* Start the child: what failed, or NULL; `*error` says why. */
static const char *start_child(struct service_user *user, const struct identity *identity,
                               int *error)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
		*error = errno;
		return "socketpair";
	}
	user->socket = sockets[0];
	user->child = fork();
	if (user->child == 0) {
		(void)close(sockets[0]);
		serve(sockets[1], identity);
	}
	*error = errno;
	(void)close(sockets[1]);
	if (user->child < 0)
		return "fork";
	(void)take(user->socket, error);
	return *error != 0 ? "cannot become the service's user" : NULL;
}

/* What stays possible when a process cannot become the user: in a container without CAP_SETUID for
 * instance, where root is not the service's user either. */
static void start(struct service_user *user, const struct identity *identity)
{
	int error;
	const char *failed = start_child(user, identity, &error);

	if (failed != NULL) {
		user->note = mem_printf("files are judged as root would read them: %s: %s", failed,
		                        strerrordesc_np(error));
		return;
	}
	user->name = mem_dup(identity->name);
	user->opener = (struct file_opener){.open = open_as_user, .user = user->name, .data = user};
	user->environment.opener = &user->opener;
}

/* Find whom to become; a uid of 0 says that it is root. False where nothing says. */
static bool find_identity(const char *state_directory, struct identity *identity)
{
	struct stat status;
	bool is_there = stat(state_directory, &status) == 0;
	const struct passwd *entry = is_there ? getpwuid(status.st_uid) : getpwnam(SERVICE_NAME);

	*identity = (struct identity){0};
	if (entry != NULL) {
		*identity = (struct identity){.uid = entry->pw_uid,
		                              .gid = entry->pw_gid,
		                              .name = mem_dup(entry->pw_name),
		                              .has_entry = true};
	} else if (is_there) {
		*identity = (struct identity){.uid = status.st_uid,
		                              .gid = status.st_gid,
		                              .name = mem_printf("%ju", (uintmax_t)status.st_uid)};
	}
	return identity->name != NULL;
}

/* systemd 252 gives a command of the unit $CREDENTIALS_DIRECTORY and keeps it shut, 257 does not
 * give it. */
static bool is_shut(const char *directory)
{
	if (directory == NULL)
		return getenv("MAINPID") != NULL;
	return access(directory, X_OK) < 0 && errno == EACCES;
}

/* The credentials of a unit that runs are there for its user; of one that does not, nowhere, so
 * that they are taken for given. Without systemd there are no units (sd_booted(3)). */
static void find_credentials(struct service_user *user, const char *config_path)
{
	char *unit = surroundings_unit(config_path);
	struct stat status;

	user->credentials = mem_printf(CREDENTIALS "/%s", unit);
	if (stat(user->credentials, &status) == 0 && S_ISDIR(status.st_mode))
		user->environment.credentials_directory = user->credentials;
	else
		user->environment.hides_credentials = access(BOOTED, F_OK) == 0;
	free(unit);
}

static void judge_as_service(struct service_user *user, const char *config_path,
                             const char *state_directory)
{
	struct identity identity;

	if (user->environment.credentials_directory == NULL)
		find_credentials(user, config_path);
	if (!find_identity(state_directory, &identity))
		user->note =
			mem_printf("files are judged as root would read them: there is neither "
		                   "'%s' nor a user " SERVICE_NAME,
		                   state_directory);
	else if (identity.uid != 0)
		start(user, &identity);
	free(identity.name);
}

struct secret_environment service_user_own_environment(void)
{
	return (struct secret_environment){
		.credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
		.api_key = getenv("DATAFOLD_API_KEY"),
	};
}

struct service_user *service_user_new(const char *config_path, const char *state_directory)
{
	struct service_user *user = mem_new(struct service_user);

	*user = (struct service_user){.socket = -1, .environment = service_user_own_environment()};
	if (geteuid() == 0)
		judge_as_service(user, config_path, state_directory);
	else
		user->environment.hides_credentials =
			is_shut(user->environment.credentials_directory);
	return user;
}

bool service_user_can_read(const struct service_user *user, const char *path)
{
	int descriptor;

	if (user->name == NULL)
		return true;
	descriptor = open_as_user(&user->opener, path);
	if (descriptor < 0)
		return errno != EACCES;
	(void)close(descriptor);
	return true;
}

void service_user_free(struct service_user *user)
{
	if (user == NULL)
		return;
	if (user->socket >= 0)
		(void)close(user->socket);
	if (user->child > 0)
		(void)waitpid(user->child, NULL, 0);
	free(user->credentials);
	free(user->name);
	free(user->note);
	free(user);
}
