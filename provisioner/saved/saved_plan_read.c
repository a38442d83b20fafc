/* From the bytes of a file to a SavedPlan. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "provisioner/saved/saved_plan.h"

#define READ_CHUNK ((size_t)65536)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)

/*
 * A file that is not a plan refuses the run as a safety check does (exit 4): nothing was applied
 * that was not reviewed.
 */
static bool
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY, "\"%s\" %s", path, why);
    return false;
}

static bool
cannot_read(GError **error, const char *path, int code)
{
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "cannot read the plan \"%s\": %s",
                path, g_strerror(code));
    return false;
}

/* A path may be a pipe, so the size is not asked beforehand. */
static bool
read_bytes(const char *path, GString *bytes, GError **error)
{
    g_autoptr(FILE) file = fopen(path, "re");
    g_autofree char *chunk = g_malloc(READ_CHUNK);
    size_t length = 0;

    if (file == NULL)
        return cannot_read(error, path, errno);
    while ((length = fread(chunk, 1, READ_CHUNK, file)) > 0) {
        g_string_append_len(bytes, chunk, (gssize)length);
        if (bytes->len > SAVED_PLAN_SIZE_MAX)
            return refuse(error, path, "is not a saved plan: it is larger than 64 MiB");
    }
    return ferror(file) == 0 || cannot_read(error, path, errno);
}

/*
 * The first character is looked at before the parser runs, because the most likely mistake is to
 * pass a plan in text or SQL, for which a JSON error would be no help. Duplicate keys are refused:
 * readers disagree on which one counts.
 */
static json_t *
parse_json(const char *path, const char *bytes, size_t length, GError **error)
{
    size_t blank = 0;
    json_error_t failure;
    json_t *document = NULL;

    while (blank < length && g_ascii_isspace(bytes[blank]))
        blank++;
    if (blank == length || bytes[blank] != '{') {
        refuse(
            error, path,
            "is not a saved plan (expected JSON written by \"plan -o FILE\", without --format or "
            "with --format json)");
        return NULL;
    }
    document = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &failure);
    if (document == NULL)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                    "\"%s\" is truncated or not valid JSON (line %d, column %d)", path,
                    failure.line, failure.column);
    return document;
}

/*
 * The text before the last member must be as it was when the checksum was computed. The tail is
 * compared as text: reformatting the file is a change, too.
 */
static bool
check_sum(const char *path, const char *bytes, size_t length, const char *sum, GError **error)
{
    g_autofree char *tail = g_strdup_printf(",\n  \"checksum\": \"%s\"\n}\n", sum);
    g_autofree char *computed = NULL;

    if (length > strlen(tail) && g_str_has_suffix(bytes, tail))
        computed = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes,
                                                 (gssize)(length - strlen(tail)));
    if (g_strcmp0(computed, sum) == 0)
        return true;
    return refuse(error, path,
                  "has been modified since it was saved (checksum mismatch); change the "
                  "inventory and save a new plan");
}

/*
 * The format version is checked before anything else is read, so that a later format gives that
 * message and not a complaint about a member that has moved.
 */
static bool
check_head(const char *path, const char *bytes, size_t length, const json_t *document,
           GError **error)
{
    const json_t *format = json_object_get(document, "format_version");
    const char *sum = json_string_value(json_object_get(document, "checksum"));

    if (!json_is_integer(format))
        return refuse(error, path, "is not a saved plan: it has no format_version");
    if (json_integer_value(format) != SAVED_PLAN_FORMAT) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                    "\"%s\" has format_version %lld, and this program knows %d", path,
                    (long long)json_integer_value(format), SAVED_PLAN_FORMAT);
        return false;
    }
    if (sum == NULL)
        return refuse(error, path,
                      "is a plan that was printed, not saved: it has no checksum; plan -o FILE "
                      "saves one");
    return check_sum(path, bytes, length, sum, error);
}

/* jansson owns the texts of its tree; the plan outlives the tree. */
static const char *
text_of(Arena *arena, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? NULL : arena_strdup(arena, text);
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

    saved->mode = text_of(arena, options, "mode");
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

        digest->name = text_of(arena, file, "name");
        digest->is_named = json_is_true(json_object_get(file, "named"));
        digest->sha256 = text_of(arena, file, "sha256");
        if (digest->name == NULL || digest->sha256 == NULL)
            return false;
        list_add(arena, &saved->files, digest);
    }
    return json_is_array(files);
}

static bool
read_step(Arena *arena, const json_t *step, SavedTarget *target)
{
    SavedStep *saved = ARENA_NEW(arena, SavedStep);

    *saved = (SavedStep){
        .action = text_of(arena, step, "action"),
        .name = text_of(arena, step, "name"),
        .database = text_of(arena, step, "database"),
        .sql = text_of(arena, step, "sql"),
        .file = text_of(arena, step, "file"),
        .transaction = json_integer_value(json_object_get(step, "transaction")),
        .rests_on = text_of(arena, step, "rests_on"),
    };
    list_add(arena, &target->steps, saved);
    return saved->action != NULL && saved->name != NULL &&
           (saved->sql != NULL || saved->file != NULL);
}

static bool
read_target(Arena *arena, const json_t *target, SavedPlan *saved)
{
    const json_t *server = json_object_get(target, "server");
    const json_t *instances = json_object_get(target, "instances");
    const json_t *steps = json_object_get(target, "steps");
    SavedTarget *read = ARENA_NEW(arena, SavedTarget);

    read->cluster = text_of(arena, target, "cluster");
    read->system_identifier = text_of(arena, server, "system_identifier");
    read->set_role = text_of(arena, target, "set_role");
    for (size_t i = 0; i < json_array_size(instances); i++) {
        const char *name = json_string_value(json_array_get(instances, i));

        if (name == NULL)
            return false;
        list_add(arena, &read->instances, arena_strdup(arena, name));
    }
    for (size_t i = 0; i < json_array_size(steps); i++) {
        if (!read_step(arena, json_array_get(steps, i), read))
            return false;
    }
    list_add(arena, &saved->targets, read);
    return read->cluster != NULL && json_is_array(steps) && json_is_array(instances);
}

static bool
read_targets(Arena *arena, const json_t *targets, SavedPlan *saved)
{
    for (size_t i = 0; i < json_array_size(targets); i++) {
        if (!read_target(arena, json_array_get(targets, i), saved))
            return false;
    }
    return json_is_array(targets);
}

/* A plan without a server has a version and no identifier; a skipped cluster has neither. */
static bool
is_offline(const json_t *targets)
{
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *server = json_object_get(json_array_get(targets, i), "server");

        if (json_is_string(json_object_get(server, "version")) &&
            !json_is_string(json_object_get(server, "system_identifier")))
            return true;
    }
    return false;
}

const SavedPlan *
saved_plan_parse(Arena *arena, const char *path, const char *bytes, size_t length, GError **error)
{
    g_autoptr(json_t) document = parse_json(path, bytes, length, error);
    const json_t *targets = json_object_get(document, "targets");
    SavedPlan *saved = ARENA_NEW(arena, SavedPlan);

    if (document == NULL || !check_head(path, bytes, length, document, error))
        return NULL;
    saved->path = path;
    if (!read_options(arena, json_object_get(document, "options"), saved) ||
        !read_files(arena, json_object_get(document, "inventory_files"), saved) ||
        !read_targets(arena, targets, saved)) {
        refuse(error, path,
               "is not a valid saved plan: a required member is missing or has the wrong type");
        return NULL;
    }
    if (is_offline(targets)) {
        refuse(error, path,
               "was made with --offline or --state and has no target server; plan without them to "
               "save one that can be applied");
        return NULL;
    }
    return saved;
}

const SavedPlan *
saved_plan_read(Arena *arena, const char *path, GError **error)
{
    g_autoptr(GString) bytes = g_string_new(NULL);

    if (!read_bytes(path, bytes, error))
        return NULL;
    return saved_plan_parse(arena, path, bytes->str, bytes->len, error);
}
