/* Sections of a plan, and its parts in words. */
#include "provisioner/output/plan_words.h"

#include <string.h>

#include "base/printable.h"

static bool
same_place(const Step *a, const Step *b)
{
    return g_strcmp0(a->database, b->database) == 0 &&
           (a->phase == PHASE_HBA) == (b->phase == PHASE_HBA);
}

/* Two phases may have one name: default privileges come before schemas, and those of a schema
 * after. */
bool
plan_same_phase(const Step *a, const Step *b)
{
    return strcmp(phase_name(a->phase), phase_name(b->phase)) == 0;
}

/* What a reader would see of both is the same. */
static bool
steps_look_equal(const Step *a, const Step *b)
{
    if (!plan_same_phase(a, b) || a->action != b->action || a->destructive != b->destructive ||
        g_strcmp0(a->summary, b->summary) != 0 || g_strcmp0(a->difference, b->difference) != 0 ||
        a->because.line != b->because.line || g_strcmp0(a->because.file, b->because.file) != 0 ||
        a->statements.count != b->statements.count)
        return false;
    for (size_t i = 0; i < a->statements.count; i++) {
        if (strcmp(a->statements.items[i], b->statements.items[i]) != 0)
            return false;
    }
    return true;
}

static bool
sections_look_equal(const PlanSection *a, const PlanSection *b)
{
    if (a->databases.count == 0 || b->databases.count == 0 || a->steps.count != b->steps.count)
        return false;
    for (size_t i = 0; i < a->steps.count; i++) {
        if (!steps_look_equal(a->steps.items[i], b->steps.items[i]))
            return false;
    }
    return true;
}

static PlanSection *
section_from(Arena *arena, const List *steps, size_t from)
{
    const Step *first = steps->items[from];
    PlanSection *section = ARENA_NEW(arena, PlanSection);

    section->is_on_disk = first->phase == PHASE_HBA;
    if (first->database != NULL && !section->is_on_disk)
        list_add(arena, &section->databases, first->database);
    for (size_t i = from; i < steps->count && same_place(steps->items[i], first); i++)
        list_add(arena, &section->steps, steps->items[i]);
    return section;
}

/* The order in which steps run is kept, so the same place may come up more than once. */
List
plan_sections(Arena *arena, const List *steps)
{
    List sections = { 0 };

    for (size_t at = 0; at < steps->count;) {
        PlanSection *section = section_from(arena, steps, at);
        PlanSection *last = sections.count == 0 ? NULL : sections.items[sections.count - 1];

        at += section->steps.count;
        if (last != NULL && sections_look_equal(last, section))
            list_add(arena, &last->databases, section->databases.items[0]);
        else
            list_add(arena, &sections, section);
    }
    return sections;
}

/* Actions without steps are left out, unlike in the JSON: a person reads this line. */
void
plan_append_counts(GString *out, PlanCounts counts)
{
    const char *separator = "";

    for (unsigned action = 0; action < ACTION_COUNT; action++) {
        if (counts.of[action] == 0)
            continue;
        g_string_append_printf(out, "%s%u to %s", separator, counts.of[action],
                               action_name((Action)action));
        separator = ", ";
    }
    if (*separator == '\0')
        g_string_append(out, "no changes");
}

void
plan_append_place(GString *out, SourcePos place)
{
    if (place.origin == ORIGIN_NOBODY)
        g_string_append(out, "nothing declares it");
    if (place.file == NULL)
        return;
    printable_append(out, place.file);
    if (place.line > 0)
        g_string_append_printf(out, ":%u", place.line);
}

/* Brackets around an IPv6 address, as in a URI: its colons would run into the port. */
char *
plan_server_address(const ServerIdentity *server)
{
    bool is_ipv6 = false;

    if (server->host == NULL)
        return NULL;
    is_ipv6 = server->host[0] != '/' && strchr(server->host, ':') != NULL;
    return g_strdup_printf("%s%s%s:%s", is_ipv6 ? "[" : "", server->host, is_ipv6 ? "]" : "",
                           server->port);
}
