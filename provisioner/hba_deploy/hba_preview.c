/* The diff, the sessions and the copy of one instance. */
#include "provisioner/hba_deploy/hba_preview.h"

#include "hba/analyse/diff_text.h"
#include "provisioner/hba_deploy/hba_sessions.h"

/* By the version of the server, not by pg_version: that is who will read the rules. */
static void
compare(const HbaPreviewInput *input, const HbaInstalled *old, const List *rules,
        const HbaRoleSet *roles, List *lines)
{
    Arena *arena = input->arena;
    g_autoptr(Names) names = names_new(arena);
    RegionContext region =
        region_context(arena, names, HBA_PROGRAM_POSTGRESQL, input->server->major_version, roles);
    List entries = hba_diff(&region, &old->rules, rules);
    List changes = hba_diff_lines(arena, names, &entries);

    region_context_clear(&region);
    LIST_FOREACH (const char, change, &changes)
        list_add(arena, lines, change);
    if (entries.count == 0)
        list_add(arena, lines, "no connection is treated otherwise than by the file in place");
}

static void
say_what_changes(const HbaPreviewInput *input, const List *rules, const HbaRoleSet *roles,
                 List *lines)
{
    Arena *arena = input->arena;
    const HbaInstalled old = hba_installed_read(arena, input->session, input->server);

    if (old.broken != NULL)
        list_add(arena, lines,
                 arena_printf(arena, "the file in place cannot be read in full, %s", old.broken));
    if (input->compared_max == 0 || old.rules.count + rules->count <= input->compared_max)
        compare(input, &old, rules, roles, lines);
    else
        list_add(arena, lines,
                 arena_printf(arena,
                              "hba diff -N %s compares them by meaning, which takes a while "
                              "for that many rules",
                              input->instance->name));
}

/* Patroni has a list of rules of its own, which cannot be kept beside a file. */
static bool
say_what_is_kept(const HbaPreviewInput *input, List *lines, GError **error)
{
    Arena *arena = input->arena;
    const HbaReplacement replacement = {
        .arena = arena,
        .method = input->method,
        .session = input->session,
        .server = input->server,
    };
    const char *path = NULL;

    if (input->method == HBA_INSTALL_PATRONI && hba_is_of_patroni(input->server->bytes))
        list_add(arena, lines,
                 "no copy is kept: Patroni has written the file in place, from a list of rules "
                 "that is replaced");
    if (!hba_keep_find(&replacement, &path, error))
        return false;
    if (path != NULL)
        list_add(arena, lines, arena_printf(arena, "the file in place is kept as \"%s\"", path));
    return true;
}

bool
hba_preview_make(const HbaPreviewInput *input, HbaPreview *ret_preview, GError **error)
{
    Arena *arena = input->arena;
    g_autoptr(HbaRoleSet) roles = hba_role_set_new(arena);
    const HbaEvaluator evaluator = {
        .arena = arena,
        .program = HBA_PROGRAM_POSTGRESQL,
        .version = input->server->major_version,
        .roles = roles,
    };
    HbaSessions sessions = { 0 };
    List rules =
        hba_installed_from(arena, input->session, input->server, input->instance, input->wanted)
            .rules;
    List verdicts = { 0 };

    *ret_preview = (HbaPreview){ .instance = input->instance };
    if (!hba_server_read_roles(arena, input->session, roles, error) ||
        !hba_sessions_read(arena, input->session, &sessions, error))
        return false;
    say_what_changes(input, &rules, roles, &ret_preview->lines);
    verdicts = hba_sessions_judge(&evaluator, &rules, &sessions);
    hba_sessions_report(&sessions, &verdicts, input->instance, input->findings);
    return say_what_is_kept(input, &ret_preview->lines, error);
}
