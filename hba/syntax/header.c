/* Filling the templates of headers. */
#include "hba/syntax/header.h"

#include <string.h>

#include "hba/syntax/tokens.h"
#include "inventory/model/words.h"
#include "templates.h"

#define LINE_WIDTH 96
#define NAME_WIDTH 12

static const char *const template_of[HBA_PROGRAM_COUNT] = {
    [HBA_PROGRAM_POSTGRESQL] = "hba/postgresql.header",
    [HBA_PROGRAM_PGBOUNCER] = "hba/pgbouncer.header",
};

struct HbaHeaders {
    /* Whose aliases the text holds. */
    Instance last;
    GString *aliases;
};

HbaHeaders *
hba_headers_new(void)
{
    HbaHeaders *headers = g_new0(HbaHeaders, 1);

    headers->aliases = g_string_new(NULL);
    return headers;
}

void
hba_headers_free(HbaHeaders *headers)
{
    if (headers == NULL)
        return;
    g_string_free(headers->aliases, TRUE);
    g_free(headers);
}

/* In quotes, so that no line can end in a backslash; a value with control characters is not shown.
 */
static void
append_value(GString *out, const char *value)
{
    g_string_append_c(out, '"');
    if (hba_has_control_character(value, ""))
        g_string_append_c(out, '?');
    else
        g_string_append(out, value);
    g_string_append_c(out, '"');
}

static void
append_name(GString *out, const char *name)
{
    g_string_append_printf(out, "#   %-*s", NAME_WIDTH, name);
}

static void
append_single(GString *out, const char *name, const char *value)
{
    append_name(out, name);
    if (value == NULL)
        g_string_append(out, "(none)");
    else
        append_value(out, value);
    g_string_append_c(out, '\n');
}

/* Wrapped: PostgreSQL 13 reads what follows the first 20 kB of a line as the next line. */
static void
append_list(GString *out, const char *name, const char *const *values, size_t count)
{
    size_t line_start = out->len;

    append_name(out, name);
    if (count == 0)
        g_string_append(out, "(none)");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && out->len - line_start + strlen(values[i]) > LINE_WIDTH) {
            g_string_append(out, ",\n");
            line_start = out->len;
            append_name(out, "");
        } else if (i > 0) {
            g_string_append(out, ", ");
        }
        append_value(out, values[i]);
    }
    g_string_append_c(out, '\n');
}

static void
append_aliases(GString *out, const Instance *instance)
{
    g_autoptr(GPtrArray) networks = g_ptr_array_new();
    const List *infra = &instance->infra_addresses;
    const List *cluster = &instance->cluster_addresses;

    LIST_FOREACH (const HbaText, network, &instance->intranet)
        g_ptr_array_add(networks, (gpointer)network->text);
    append_single(out, "local", instance->localhost == NULL ? "" : instance->localhost);
    append_list(out, "admin", &instance->admin_ip, instance->admin_ip != NULL);
    append_list(out, "infra", (const char *const *)infra->items, infra->count);
    append_list(out, "cluster", (const char *const *)cluster->items, cluster->count);
    append_list(out, "intra", (const char *const *)networks->pdata, networks->len);
    append_single(out, "${dbsu}", instance->users.dbsu);
    append_single(out, "${repl}", instance->users.replication);
    append_single(out, "${monitor}", instance->users.monitor);
    append_single(out, "${admin}", instance->users.admin);
}

/*
 * By pointer: instances of a cluster share the objects, and a false difference only costs building
 * the text again.
 */
static bool
lists_equal(const List *a, const List *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i] != b->items[i])
            return false;
    }
    return true;
}

static bool
aliases_equal(const Instance *a, const Instance *b)
{
    return lists_equal(&a->infra_addresses, &b->infra_addresses) &&
           lists_equal(&a->cluster_addresses, &b->cluster_addresses) &&
           lists_equal(&a->intranet, &b->intranet) && a->admin_ip == b->admin_ip &&
           a->localhost == b->localhost && a->users.dbsu == b->users.dbsu &&
           a->users.replication == b->users.replication && a->users.monitor == b->users.monitor &&
           a->users.admin == b->users.admin;
}

/*
 * Replacing names instead of printf directives keeps a template readable as the file that it
 * becomes. A template may contain no other @: the loop would not get past it.
 */
void
hba_header_fill(const char *template_path, const Instance *instance, const char *aliases,
                GString *out)
{
    const struct {
        const char *name;
        const char *value;
    } values[] = {
        { "@instance@", instance->name },
        { "@role@", pg_role_name(instance->role) },
        { "@aliases@\n", aliases },
    };

    const char *at = template_text(template_path);

    while (*at != '\0') {
        size_t length = strcspn(at, "@");

        g_string_append_len(out, at, (gssize)length);
        at += length;
        if (*at == '\0')
            break;
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
            if (g_str_has_prefix(at, values[i].name)) {
                g_string_append(out, values[i].value);
                at += strlen(values[i].name);
                break;
            }
        }
    }
}

/*
 * Instances of one cluster follow each other and share their aliases, so remembering one instance
 * is enough.
 */
void
hba_headers_append(HbaHeaders *headers, const Instance *instance, HbaProgram program, GString *out)
{
    if (headers->last.name == NULL || !aliases_equal(&headers->last, instance)) {
        g_string_truncate(headers->aliases, 0);
        append_aliases(headers->aliases, instance);
        headers->last = *instance;
    }
    hba_header_fill(template_of[program], instance, headers->aliases->str, out);
}

/* The third line says who wrote the file; the first names the instance. */
bool
hba_header_is_in(const char *bytes)
{
    static const char first[] = "# pg_hba.conf of ";
    static const char third[] = "\n#\n# Written by pgcharter from the inventory";
    const char *end = strchr(bytes, '\n');

    return g_str_has_prefix(bytes, first) && end != NULL && g_str_has_prefix(end, third);
}
