/* SPDX-License-Identifier: MIT */
/* One row for each event. A MESSAGE_ID is what an operator's filter and the catalog are keyed by:
 * it was drawn once (sd-id128(3)) and never changes, also when the event is worded anew. The level
 * says who acts: err a person, warning the daemon, notice is a change of state, info the daily
 * work. */
#include "log/event.h"

#include <assert.h>
#include <syslog.h>

static const struct event_info events[EVENT_COUNT] = {
	[EVENT_NONE] = {.name = "none", .level = LOG_DEBUG},
	[EVENT_STARTED] = {.name = "started",
                           .message_id = "b6c93c0052c043399b5d398340fa7944",
                           .level = LOG_NOTICE},
	[EVENT_STOPPING] = {.name = "stopping",
                            .message_id = "6761b7cbbaef441b96dd5ca02fc2dbf7",
                            .level = LOG_NOTICE},
	[EVENT_CONFIG_LOADED] = {.name = "config-loaded",
                                 .message_id = "6ad47a95c08444ac8e4945abf1a0c394",
                                 .level = LOG_NOTICE},
	[EVENT_CONFIG_REJECTED] = {.name = "config-rejected",
                                   .message_id = "c9e893994d084ad4ba7cce8c8f230f52",
                                   .level = LOG_ERR},
	[EVENT_CONFIG_WARNING] = {.name = "config-warning",
                                  .message_id = "25c87f6d94e146d5996d5f3707173913",
                                  .level = LOG_WARNING},
	[EVENT_CONFIG_UNREAD] = {.name = "config-unread",
                                 .message_id = "6f80bc549f0f4a08b8e0663671da0b87",
                                 .level = LOG_WARNING},
	[EVENT_UPDATE_SENT] = {.name = "update-sent",
                               .message_id = "4add357d5fe845b1b04b615c97c475bc",
                               .level = LOG_DEBUG},
	[EVENT_UPDATE_ACCEPTED] = {.name = "update-accepted",
                                   .message_id = "067bef8e890646c48cf7f06657d68f44",
                                   .level = LOG_INFO},
	[EVENT_UPDATE_REJECTED] = {.name = "update-rejected",
                                   .message_id = "a76cf8f3de04404abec0a7294edd745d",
                                   .level = LOG_ERR},
	[EVENT_UPDATE_FAILED] = {.name = "update-failed",
                                 .message_id = "5c9b7a691d3a47319fe617e242897464",
                                 .level = LOG_WARNING},
	[EVENT_AUTH_GATE] = {.name = "auth-gate",
                             .message_id = "cf08e6be5ee44eabadaffa961e5c0bf0",
                             .level = LOG_ERR},
	[EVENT_CONFIG_GATE] = {.name = "config-gate",
                               .message_id = "9394dade901645239da20bb18f90ea61",
                               .level = LOG_ERR},
	[EVENT_BREAKER_OPEN] = {.name = "breaker-open",
                                .message_id = "8163ab0b87784b529633d47e14f23205",
                                .level = LOG_WARNING},
	[EVENT_BREAKER_CLOSED] = {.name = "breaker-closed",
                                  .message_id = "024acbb698c94254af8351fa1ac740ba",
                                  .level = LOG_NOTICE},
	[EVENT_HOST_PAUSED] = {.name = "host-paused",
                               .message_id = "7600759a2d4441a882101f85292ae27c",
                               .level = LOG_NOTICE},
	[EVENT_DRIFT_FOUND] = {.name = "drift-found",
                               .message_id = "e3a0edbc4ba641efa58ea8025a116f4b",
                               .level = LOG_WARNING},
	[EVENT_DRIFT_REPAIRED] = {.name = "drift-repaired",
                                  .message_id = "9cb8ff38a0c343bd835e835702285bdb",
                                  .level = LOG_NOTICE},
	[EVENT_DRIFT_UNKNOWN] = {.name = "drift-unknown",
                                 .message_id = "d34ead879c7042a8b71305b5e6adac97",
                                 .level = LOG_NOTICE},
	[EVENT_INTEGRATION_ADDED] = {.name = "integration-added",
                                     .message_id = "42958fac65cc4bb4af1da8a3f5079415",
                                     .level = LOG_NOTICE},
	[EVENT_INTEGRATION_REMOVED] = {.name = "integration-removed",
                                       .message_id = "166a8aaef17c4ddf98928375766a8e9a",
                                       .level = LOG_NOTICE},
	[EVENT_INTEGRATION_ADOPTED] = {.name = "integration-adopted",
                                       .message_id = "9aa5117a57dc45ca9895491eb16fd0c6",
                                       .level = LOG_INFO},
	[EVENT_STATE_WRITE_FAILED] = {.name = "state-write-failed",
                                      .message_id = "72bb6f31594e4e96afdafc7a52fdb07f",
                                      .level = LOG_WARNING},
	[EVENT_STATE_CORRUPT] = {.name = "state-corrupt",
                                 .message_id = "d12cd367f7944c1c9ca591a905d50386",
                                 .level = LOG_ERR},
	[EVENT_METRICS_FAILED] = {.name = "metrics-failed",
                                  .message_id = "7b327fe976b44ea18ac93220147f8f32",
                                  .level = LOG_WARNING},
	[EVENT_LOG_DROPPED] = {.name = "log-dropped",
                               .message_id = "1d3fcab0eb8c446b84cfc4575769a47d",
                               .level = LOG_WARNING},
};

const struct event_info *event_info(enum event event)
{
	assert(event < EVENT_COUNT);
	return &events[event];
}
