/* From the bytes of a file to a SavedPlan. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "provisioner/findings.h"
#include "provisioner/saved/saved_plan.h"
#include "provisioner/saved/saved_plan_targets.h"

#define READ_CHUNK ((size_t)65536)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)

/* One file on its way to a SavedPlan. */
typedef struct SavedFile {
    Arena *arena;
    const char *path;
    const GString *bytes;
    Findings *findings;
} SavedFile;

/* The line and column at which the text first stands; the file as a whole where it does not. */
static SourcePos
place_of(const SavedFile *file, const char *text)
{
    const char *at = text == NULL ? NULL : strstr(file->bytes->str, text);
    const char *line = file->bytes->str;
    SourcePos place = { .file = file->path };

    if (at == NULL)
        return place;
    place.line = 1;
    for (const char *c = line; c < at; c++) {
        if (*c == '\n') {
            place.line++;
            line = c + 1;
        }
    }
    place.column = (uint32_t)(at - line) + 1;
    return place;
}

static bool
refuse(const SavedFile *file, SourcePos place, const char *hint, const char *why)
{
    findings_add(file->findings, &FINDING_SAVED_PLAN_INVALID, place, hint, "%s", why);
    return false;
}

static bool
cannot_read(GError **error, const char *path, int code)
{
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "cannot read the plan \"%s\": %s",
                path, g_strerror(code));
    return false;
}

/*
 * A path may be a pipe, so the size is not asked beforehand. A file that is too large is read no
 * further; saved_plan_parse() says so.
 */
static bool
read_bytes(const char *path, GString *bytes, GError **error)
{
    g_autoptr(FILE) file = fopen(path, "re");
    g_autofree char *chunk = g_malloc(READ_CHUNK);
    size_t length = 0;

    if (file == NULL)
        return cannot_read(error, path, errno);
    while (bytes->len <= SAVED_PLAN_SIZE_MAX && (length = fread(chunk, 1, READ_CHUNK, file)) > 0)
        g_string_append_len(bytes, chunk, (gssize)length);
    return ferror(file) == 0 || cannot_read(error, path, errno);
}

/*
 * The first character is looked at before the parser runs, because the most likely mistake is to
 * pass a plan in text or SQL, for which a JSON error would be no help. Duplicate keys are refused:
 * readers disagree on which one counts.
 */
static json_t *
parse_json(const SavedFile *file)
{
    const char *bytes = file->bytes->str;
    size_t length = file->bytes->len;
    size_t blank = 0;
    json_error_t failure;
    json_t *document = NULL;

    if (length > SAVED_PLAN_SIZE_MAX) {
        refuse(file, place_of(file, NULL), NULL, "not a saved plan: it is larger than 64 MiB");
        return NULL;
    }
    while (blank < length && g_ascii_isspace(bytes[blank]))
        blank++;
    if (blank == length || bytes[blank] != '{') {
        refuse(file, (SourcePos){ .file = file->path, .line = 1, .column = 1 },
               "\"plan -o FILE\" saves one, without --format or with --format json",
               "not a saved plan: it does not begin like JSON");
        return NULL;
    }
    document = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &failure);
    if (document == NULL)
        refuse(file,
               (SourcePos){ .file = file->path,
                            .line = (uint32_t)MAX(failure.line, 1),
                            .column = (uint32_t)MAX(failure.column, 1) },
               "save it again with \"plan -o FILE\"",
               "the saved plan is truncated or not valid JSON");
    return document;
}

/*
 * The text before the last member must be as it was when the checksum was computed. The tail is
 * compared as text: reformatting the file is a change, too.
 */
static bool
check_sum(const SavedFile *file, const char *sum)
{
    g_autofree char *tail = g_strdup_printf(",\n  \"checksum\": \"%s\"\n}\n", sum);
    g_autofree char *computed = NULL;

    if (file->bytes->len > strlen(tail) && g_str_has_suffix(file->bytes->str, tail))
        computed = g_compute_checksum_for_string(G_CHECKSUM_SHA256, file->bytes->str,
                                                 (gssize)(file->bytes->len - strlen(tail)));
    if (g_strcmp0(computed, sum) == 0)
        return true;
    return refuse(file, place_of(file, "\"checksum\""), "change the inventory and save a new plan",
                  "the plan has been modified since it was saved (checksum mismatch)");
}

/*
 * The format version is checked before anything else is read, so that a later format gives that
 * message and not a complaint about a member that has moved.
 */
static bool
check_head(const SavedFile *file, const json_t *document)
{
    const json_t *format = json_object_get(document, "format_version");
    const char *sum = json_string_value(json_object_get(document, "checksum"));

    if (!json_is_integer(format))
        return refuse(file, (SourcePos){ .file = file->path, .line = 1, .column = 1 },
                      "\"plan -o FILE\" saves one", "not a saved plan: it has no format_version");
    if (json_integer_value(format) != SAVED_PLAN_FORMAT)
        return refuse(file, place_of(file, "\"format_version\""),
                      "use the version of pgcharter that saved it, or save a new plan",
                      arena_printf(file->arena,
                                   "the saved plan has format_version %lld, and this program knows "
                                   "%d",
                                   (long long)json_integer_value(format), SAVED_PLAN_FORMAT));
    if (sum == NULL)
        return refuse(file, place_of(file, NULL), "\"plan -o FILE\" saves one",
                      "a plan that was printed, not saved: it has no checksum");
    return check_sum(file, sum);
}

/*
 * Unknown options are kept and compared by name, so a plan of a newer version with one more option
 * is refused and not applied without it.
 */
static bool
read_options(Arena *arena, json_t *options, SavedPlan *saved)
{
    const char *key = NULL;
    json_t *value = NULL;

    saved->mode = saved_plan_text(arena, options, "mode");
    json_object_foreach(options, key, value)
    {
        SavedOption *option = ARENA_NEW(arena, SavedOption);

        if (strcmp(key, "mode") == 0)
            continue;
        if (!json_is_boolean(value))
            return false;
        *option = (SavedOption){ .name = arena_strdup(arena, key), .value = json_is_true(value) };
        list_add(arena, &saved->options, option);
    }
    return json_is_object(options);
}

static bool
read_files(Arena *arena, const json_t *files, SavedPlan *saved)
{
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        FileDigest *digest = ARENA_NEW(arena, FileDigest);

        digest->name = saved_plan_text(arena, file, "name");
        digest->is_named = json_is_true(json_object_get(file, "named"));
        digest->sha256 = saved_plan_text(arena, file, "sha256");
        if (digest->name == NULL || digest->sha256 == NULL)
            return false;
        list_add(arena, &saved->files, digest);
    }
    return json_is_array(files);
}

/* A plan without a server has a version and no identifier; a skipped cluster has neither. */
static bool
is_offline(const Plan *plan)
{
    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        if (target->server.version != NULL && target->server.system_identifier == NULL)
            return true;
    }
    return false;
}

const SavedPlan *
saved_plan_parse(Arena *arena, const char *path, GString *bytes, SavedPlanUse use,
                 Findings *findings)
{
    const SavedFile file = { .arena = arena, .path = path, .bytes = bytes, .findings = findings };
    g_autoptr(json_t) document = parse_json(&file);
    SavedPlan *saved = ARENA_NEW(arena, SavedPlan);

    if (document == NULL || !check_head(&file, document))
        return NULL;
    saved->path = path;
    if (!read_options(arena, json_object_get(document, "options"), saved) ||
        !read_files(arena, json_object_get(document, "inventory_files"), saved) ||
        !saved_plan_read_targets(arena, document, &saved->plan)) {
        refuse(&file, place_of(&file, NULL), "save it again with \"plan -o FILE\"",
               "not a valid saved plan: a required member is missing or has the wrong type");
        return NULL;
    }
    if (use == SAVED_PLAN_TO_APPLY && is_offline(&saved->plan)) {
        refuse(&file, place_of(&file, NULL), "plan without them to save one that can be applied",
               "the plan was made with --offline or --state and has no target server");
        return NULL;
    }
    return saved;
}

const SavedPlan *
saved_plan_read(Arena *arena, const char *path, SavedPlanUse use, Findings *findings,
                GError **error)
{
    g_autoptr(GString) bytes = g_string_new(NULL);

    if (!read_bytes(path, bytes, error))
        return NULL;
    return saved_plan_parse(arena, path, bytes, use, findings);
}
