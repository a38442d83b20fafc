/* Boxes in words. */
#include "hba/analyse/region_text.h"

#include <string.h>

#include "hba/syntax/tokens.h"

typedef struct TransportText {
    unsigned transports;
    const char *text;
} TransportText;

/* The words of pg_hba.conf where one says it; the first that is wholly inside is taken. */
static const TransportText transport_texts[] = {
    { REGION_LOCAL, "local" },
    { REGION_PLAIN | REGION_TLS | REGION_GSS, "host" },
    { REGION_PLAIN | REGION_TLS, "hostnogssenc" },
    { REGION_PLAIN | REGION_GSS, "hostnossl" },
    { REGION_TLS, "hostssl" },
    { REGION_GSS, "hostgssenc" },
    { REGION_PLAIN, "host without encryption" },
};

/*
 * Taking the widest type first yields the fewest words, and a person reads "host" faster than its
 * four parts.
 */
const char *
region_transports_text(Arena *arena, unsigned transports)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(transport_texts); i++) {
        unsigned these = transport_texts[i].transports;

        if ((transports & these) != these)
            continue;
        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", transport_texts[i].text);
        transports &= ~these;
    }
    return arena_strdup(arena, out->str);
}

/* An atom that is not a name reads "\nkind text". A name stands as in a file: "all" is not all. */
static void
append_atom(GString *out, const char *text)
{
    const char *blank = strchr(text, ' ');
    const HbaToken name = { .kind = HBA_TOKEN_NAME, .text = text, .quoted = true };

    if (*text != '\n')
        hba_token_render(&name, out);
    else if (g_str_has_prefix(text, "\ngroup "))
        g_string_append_printf(out, "+%s", blank + 1);
    else
        g_string_append(out, blank + 1);
}

static void
append_set(GString *out, const Names *names, const NameSet *set)
{
    if (set->complement)
        g_string_append(out, set->count > 0 ? "all but " : "all");
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        append_atom(out, names_text(names, set->ids[i]));
    }
}

const char *
region_databases_text(Arena *arena, const Names *names, const RegionBox *box)
{
    g_autoptr(GString) out = g_string_new(NULL);

    append_set(out, names, &box->databases);
    if (box->replication)
        g_string_append_printf(out, "%sreplication", out->len > 0 ? ", " : "");
    return arena_strdup(arena, out->str);
}

const char *
region_users_text(Arena *arena, const Names *names, const RegionBox *box)
{
    g_autoptr(GString) out = g_string_new(NULL);

    append_set(out, names, &box->users);
    return arena_strdup(arena, out->str);
}

/* The box of a socket holds every address, only so that overlaps need no special case. */
const char *
region_addresses_text(Arena *arena, const Names *names, const RegionBox *box)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (box->transports == REGION_LOCAL)
        return "";
    for (unsigned at = 0; at < ADDRESS_FAMILY_COUNT; at++) {
        for (size_t i = 0; i < box->addresses.counts[at]; i++)
            g_string_append_printf(
                out, "%s%s", out->len > 0 ? ", " : "",
                address_range_text(arena, (AddressFamily)at, &box->addresses.ranges[at][i]));
        if (box->addresses.unknown[at].count == 0)
            continue;
        if (out->len > 0)
            g_string_append(out, ", ");
        append_set(out, names, &box->addresses.unknown[at]);
    }
    return arena_strdup(arena, out->str);
}
