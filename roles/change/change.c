/* What change.def says of each kind, and the payloads read by their names. */
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

bool
change_has(const Change *change, ChangePayload payload)
{
    return kinds[change->kind].payload == payload;
}

/* The members of a union lie over each other: the wrong one would read another's bytes. */
/* clang-format off */
#define CHANGE_PAYLOAD(name, type, member)                                                         \
    const type *                                                                                   \
    change_##member(const Change *change)                                                          \
    {                                                                                              \
        g_assert(change_has(change, CHANGE_PAYLOAD_##name));                                       \
        return &change->member;                                                                    \
    }                                                                                              \
    type *                                                                                         \
    change_edit_##member(Change *change)                                                           \
    {                                                                                              \
        g_assert(change_has(change, CHANGE_PAYLOAD_##name));                                       \
        return &change->member;                                                                    \
    }
#include "roles/change/change_payload.def"
#undef CHANGE_PAYLOAD

/* clang-format on */

const List *
change_identities(const Change *change)
{
    static const List none = { 0 };

    if (change_has(change, CHANGE_PAYLOAD_ACL))
        return &change->acl.identities;
    if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER))
        return &change->object_owner.identities;
    return &none;
}
