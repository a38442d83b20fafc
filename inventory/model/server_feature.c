/* The table of server_feature.def, asked by row. */
#include "inventory/model/server_feature.h"

static const int first_versions[SERVER_FEATURE_COUNT] = {
#define SERVER_FEATURE(name, since, what) [SERVER_##name] = (since),
#include "inventory/model/server_feature.def"
#undef SERVER_FEATURE
};

bool
server_has(int major_version, ServerFeature feature)
{
    return major_version >= first_versions[feature];
}

int
server_feature_since(ServerFeature feature)
{
    return first_versions[feature];
}
