/*
 * ServerFeature: what depends on a server's major version. The rows of server_feature.def are the
 * only place that knows the number.
 *
 *     if (server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS))
 *         ...
 */
#pragma once

#include <stdbool.h>

/* The newest major version whose catalogs and rules are known. */
#define SERVER_VERSION_NEWEST 18

typedef enum ServerFeature {
#define SERVER_FEATURE(name, since, what) SERVER_##name,
#include "inventory/model/server_feature.def"
#undef SERVER_FEATURE
    SERVER_FEATURE_COUNT,
} ServerFeature;

/* Whether a server of that major version (15, not 150004) has the feature. */
bool server_has(int major_version, ServerFeature feature);
/* The first major version that has it: for messages. */
int server_feature_since(ServerFeature feature);
