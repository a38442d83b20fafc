/*
 * Any bytes as an HBA file, for every version: never a crash, a file is refused exactly when there
 * is an error, and each rule rendered is one line that reads as the same rule. What the file
 * includes is itself, so that loops, folders and files of names are tried too.
 */
#include <stdint.h>
#include <string.h>

#include "hba/read/file.h"
#include "hba/read/line.h"
#include "hba/syntax/rule_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Files that include themselves twice are read often before they are ten deep. */
#define READS_MAX 64

typedef struct Itself {
    const char *bytes;
    size_t length;
    unsigned reads;
} Itself;

static bool
read_itself(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    Itself *itself = data;

    if (itself->reads++ >= READS_MAX) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no file \"%s\"", path);
        return false;
    }
    *ret_bytes = g_memdup2(itself->bytes, itself->length + 1);
    *ret_length = itself->length;
    return true;
}

static char **
list_itself(void *data, const char *path, GError **error)
{
    static const char *const names[] = { "b.conf", "a.conf", ".c.conf", "d", NULL };

    (void)data;
    (void)path;
    (void)error;
    return g_strdupv((char **)names);
}

static void
assert_survives(const HbaCheck *check, const HbaRule *rule)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const HbaRule *again = NULL;

    hba_rule_render(rule, text);
    g_assert(strchr(text->str, '\n') == NULL);
    again = hba_line_parse(check, (SourcePos){ 0 }, text->str);
    if (again == NULL || !hba_rule_equal(rule, again))
        g_error("%s %d: %s", check->server, check->version, text->str);
}

static void
try_file(Arena *arena, HbaProgram program, int version, Itself *itself)
{
    const HbaFileSource source = { .read = read_itself, .list = list_itself, .data = itself };
    g_autoptr(Findings) findings = findings_new(arena);
    g_autoptr(Findings) more = findings_new(arena);
    HbaCheck check = { .arena = arena,
                       .findings = findings,
                       .program = program,
                       .version = version,
                       .server = "the server",
                       .enabled = true };
    List rules = { 0 };

    itself->reads = 0;
    hba_file_parse(&check, &source, "/hba", itself->bytes, itself->length, &rules);
    check.findings = more;
    check.is_file = true;
    LIST_FOREACH (const HbaRule, rule, &rules)
        assert_survives(&check, rule);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Arena) arena = arena_new();
    Itself itself = { .bytes = arena_strndup(arena, (const char *)data, size), .length = size };

    try_file(arena, HBA_PROGRAM_POSTGRESQL, 13, &itself);
    try_file(arena, HBA_PROGRAM_POSTGRESQL, 15, &itself);
    try_file(arena, HBA_PROGRAM_POSTGRESQL, 18, &itself);
    try_file(arena, HBA_PROGRAM_PGBOUNCER, 118, &itself);
    try_file(arena, HBA_PROGRAM_PGBOUNCER, 125, &itself);
    return 0;
}
