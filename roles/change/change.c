/* What change.def says of each kind. */
#include "roles/change/change.h"

static const ChangeKindInfo kinds[] = {
#define CHANGE(name, payload, words, ...) [CHANGE_##name] = { CHANGE_PAYLOAD_##payload, words },
#include "roles/change/change.def"
#undef CHANGE
};

const ChangeKindInfo *
change_kind_info(ChangeKind kind)
{
    return &kinds[kind];
}
