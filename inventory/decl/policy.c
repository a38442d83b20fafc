/* Loading policies. */
#include "inventory/decl/policy.h"

#include <string.h>

#include "base/file_read.h"
#include "base/suggest.h"
#include "base/wipe.h"
#include "inventory/bind/value.h"
#include "inventory/decl/policy_fields.h"
#include "inventory/findings.h"
#include "inventory/tree/file_digest.h"
#include "inventory/vault/sealed.h"
#include "inventory/yaml/yaml_reader.h"
#include "templates.h"

const char *const policy_builtin_names[] = { "pigsty", "classic", "none", NULL };

typedef struct PolicyDocument {
    const Node *policy;
    const Node *vars;
} PolicyDocument;

static bool
field_mapping(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    if (value->kind != NODE_MAPPING) {
        findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, value->pos, NULL,
                     "%s must be a mapping, found %s", value_label(binder, field->key),
                     node_describe(value));
        return false;
    }
    *(const Node **)(void *)((char *)target + field->offset) = value;
    return true;
}

static const FieldDef document_fields[] = {
    { "policy", field_mapping, offsetof(PolicyDocument, policy), FIELD_REQUIRED, NULL },
    { "vars", field_mapping, offsetof(PolicyDocument, vars), FIELD_REQUIRED, NULL },
    { 0 },
};

/*
 * Both mappings are required, so that a file of variables that was named by mistake is not taken
 * for an empty policy.
 */
static const LoadedPolicy *
bind_policy(Policies *policies, Binder *binder, const char *name, const Node *document)
{
    LoadedPolicy *loaded = ARENA_NEW(binder->arena, LoadedPolicy);
    PolicyDocument parts = { 0 };

    if (document == NULL ||
        !bind_mapping(binder, document, document_fields, UNKNOWN_KEYS_REFUSED, "a policy",
                      &parts) ||
        !policy_bind(binder, parts.policy, &loaded->policy))
        loaded = NULL;
    if (loaded != NULL) {
        loaded->policy.name = name;
        loaded->vars = parts.vars;
        node_report_duplicates(document, &FINDING_KEY_DUPLICATE, binder->findings);
    }
    g_hash_table_insert(policies->by_name, (gpointer)name, loaded);
    return loaded;
}

static void
add_digest(const Policies *policies, const Binder *binder, const char *name, const char *bytes,
           size_t length)
{
    if (policies->digests != NULL)
        file_digests_add(binder->arena, policies->digests, FILE_DIGEST_NAMED, name, bytes, length);
}

/* People are shown "policy:NAME"; that the words are a policy's is the position's origin. */
static SourcePos
policy_source(Arena *arena, const char *name)
{
    return (SourcePos){ .file = arena_printf(arena, SOURCE_POLICY_PREFIX "%s", name),
                        .origin = ORIGIN_POLICY };
}

/* A slash is refused before the template is looked up: names of templates are paths. */
const LoadedPolicy *
policies_get_builtin(Policies *policies, Binder *binder, const char *name)
{
    g_autofree char *path = g_strdup_printf("policies/%s.yml", name);
    const char *text = NULL;
    SourcePos source;

    if (g_hash_table_contains(policies->by_name, name))
        return g_hash_table_lookup(policies->by_name, name);
    text = strchr(name, '/') == NULL ? template_text(path) : NULL;
    if (text == NULL)
        return NULL;
    source = policy_source(binder->arena, name);
    add_digest(policies, binder, source.file, text, strlen(text));
    return bind_policy(
        policies, binder, arena_strdup(binder->arena, name),
        yaml_read_bytes(binder->arena, source, text, strlen(text), binder->findings));
}

static const LoadedPolicy *
get_file(Policies *policies, Binder *binder, const char *path, SourcePos named_at)
{
    const char *name = source_pos_path(binder->arena, named_at, path);
    char *bytes = NULL;
    const Node *document = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;

    if (g_hash_table_contains(policies->by_name, name))
        return g_hash_table_lookup(policies->by_name, name);
    if (!file_read(name, FILE_READ_MAX, &bytes, &length, &error)) {
        findings_add(binder->findings, &FINDING_POLICY_UNKNOWN, named_at,
                     "the built-in policies are pigsty, classic and none",
                     "cannot read the policy: %s", error->message);
        return NULL;
    }
    list_add(binder->arena, policies->files, name);
    {
        g_autofree char *base = g_path_get_basename(name);

        add_digest(policies, binder, base, bytes, length);
    }
    if (sealed_open_file(binder->arena, binder->passwords, name, &bytes, &length, binder->findings))
        document = yaml_read_bytes(binder->arena, policy_source(binder->arena, name), bytes, length,
                                   binder->findings);
    wipe(bytes, length);
    g_free(bytes);
    return bind_policy(policies, binder, name, document);
}

/*
 * A file needs a slash or a dot in its name, so that a typo in `classic` is not looked for as a
 * file.
 */
const LoadedPolicy *
policies_get(Policies *policies, Binder *binder, const Node *named_at)
{
    const char *name = value_text(binder, "pg_policy", named_at);
    const LoadedPolicy *builtin = NULL;
    const char *nearest = NULL;

    if (name == NULL)
        return NULL;
    builtin = policies_get_builtin(policies, binder, name);
    if (builtin != NULL)
        return builtin;
    if (policies->may_read_files && (strchr(name, '/') != NULL || strchr(name, '.') != NULL))
        return get_file(policies, binder, name, named_at->pos);
    nearest = suggest_nearest(name, policy_builtin_names);
    findings_add(binder->findings, &FINDING_POLICY_UNKNOWN, named_at->pos,
                 nearest != NULL
                     ? arena_printf(binder->arena, "did you mean \"%s\"?", nearest)
                     : "the built-in policies are pigsty, classic and none; a file has a slash "
                       "or dot in its path",
                 "policy \"%s\" does not exist", name);
    return NULL;
}
