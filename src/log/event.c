/* SPDX-License-Identifier: MIT */
/* One row for each event. A MESSAGE_ID is what an operator's filter and the catalog are keyed by:
 * it was drawn once (sd-id128(3)) and never changes, also when the event is worded anew. The level
 * says who acts: err a person, warning the daemon, notice is a change of state, info the daily
 * work. */
#include "log/event.h"

#include <assert.h>
#include <stddef.h>
#include <syslog.h>

#define ROW(event, name_, id, level_) \
	[event] = {.name = (name_), .message_id = (id), .level = (level_)}

static const struct event_info events[EVENT_COUNT] = {
	ROW(EVENT_NONE, "none", NULL, LOG_DEBUG),
	ROW(EVENT_STARTED, "started", "b6c93c0052c043399b5d398340fa7944", LOG_NOTICE),
	ROW(EVENT_STOPPING, "stopping", "6761b7cbbaef441b96dd5ca02fc2dbf7", LOG_NOTICE),
	ROW(EVENT_CONFIG_LOADED, "config-loaded", "6ad47a95c08444ac8e4945abf1a0c394", LOG_NOTICE),
	ROW(EVENT_CONFIG_REJECTED, "config-rejected", "c9e893994d084ad4ba7cce8c8f230f52", LOG_ERR),
	ROW(EVENT_CONFIG_WARNING, "config-warning", "25c87f6d94e146d5996d5f3707173913",
            LOG_WARNING),
	ROW(EVENT_CONFIG_UNREAD, "config-unread", "6f80bc549f0f4a08b8e0663671da0b87", LOG_WARNING),
	ROW(EVENT_UPDATE_SENT, "update-sent", "4add357d5fe845b1b04b615c97c475bc", LOG_DEBUG),
	ROW(EVENT_UPDATE_ACCEPTED, "update-accepted", "067bef8e890646c48cf7f06657d68f44", LOG_INFO),
	ROW(EVENT_UPDATE_REJECTED, "update-rejected", "a76cf8f3de04404abec0a7294edd745d", LOG_ERR),
	ROW(EVENT_UPDATE_FAILED, "update-failed", "5c9b7a691d3a47319fe617e242897464", LOG_WARNING),
	ROW(EVENT_AUTH_GATE, "auth-gate", "cf08e6be5ee44eabadaffa961e5c0bf0", LOG_ERR),
	ROW(EVENT_CONFIG_GATE, "config-gate", "9394dade901645239da20bb18f90ea61", LOG_ERR),
	ROW(EVENT_BREAKER_OPEN, "breaker-open", "8163ab0b87784b529633d47e14f23205", LOG_WARNING),
	ROW(EVENT_BREAKER_CLOSED, "breaker-closed", "024acbb698c94254af8351fa1ac740ba", LOG_NOTICE),
	ROW(EVENT_HOST_PAUSED, "host-paused", "7600759a2d4441a882101f85292ae27c", LOG_NOTICE),
	ROW(EVENT_DRIFT_FOUND, "drift-found", "e3a0edbc4ba641efa58ea8025a116f4b", LOG_WARNING),
	ROW(EVENT_DRIFT_REPAIRED, "drift-repaired", "9cb8ff38a0c343bd835e835702285bdb", LOG_NOTICE),
	ROW(EVENT_DRIFT_UNKNOWN, "drift-unknown", "d34ead879c7042a8b71305b5e6adac97", LOG_NOTICE),
	ROW(EVENT_INTEGRATION_ADDED, "integration-added", "42958fac65cc4bb4af1da8a3f5079415",
            LOG_NOTICE),
	ROW(EVENT_INTEGRATION_REMOVED, "integration-removed", "166a8aaef17c4ddf98928375766a8e9a",
            LOG_NOTICE),
	ROW(EVENT_INTEGRATION_ADOPTED, "integration-adopted", "9aa5117a57dc45ca9895491eb16fd0c6",
            LOG_INFO),
	ROW(EVENT_STATE_WRITE_FAILED, "state-write-failed", "72bb6f31594e4e96afdafc7a52fdb07f",
            LOG_WARNING),
	ROW(EVENT_STATE_CORRUPT, "state-corrupt", "d12cd367f7944c1c9ca591a905d50386", LOG_ERR),
	ROW(EVENT_METRICS_FAILED, "metrics-failed", "7b327fe976b44ea18ac93220147f8f32",
            LOG_WARNING),
	ROW(EVENT_CONTROL_FAILED, "control-failed", "1d71d20e52b44b2ab4243dbb8de9ec9f",
            LOG_WARNING),
	ROW(EVENT_LOG_DROPPED, "log-dropped", "1d3fcab0eb8c446b84cfc4575769a47d", LOG_WARNING),
};

const struct event_info *event_info(enum event event)
{
	assert(event < EVENT_COUNT);
	return &events[event];
}
