/* Finding and reading the files of an inventory. */
#include "inventory/tree/inventory_files.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "inventory/findings.h"
#include "inventory/tree/file_digest.h"
#include "inventory/vault/sealed.h"
#include "inventory/yaml/yaml_reader.h"

static const char *const yaml_suffixes[] = { ".yml", ".yaml", ".json", NULL };

static bool
has_inventory_suffix(const char *name)
{
    return g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".yaml");
}

/*
 * Names in a folder, sorted, because a later file overrides an earlier one and readdir() gives no
 * order. Hidden files and editors' backup files are left out, as Ansible leaves them out.
 */
static bool
list_folder(Tree *tree, const char *path, List *ret_names)
{
    g_autoptr(GDir) folder = NULL;
    const char *name = NULL;

    errno = 0;
    folder = g_dir_open(path, 0, NULL);
    if (folder == NULL) {
        findings_add(tree->findings, &FINDING_FILE_UNREADABLE, (SourcePos){ .file = path }, NULL,
                     "cannot read the folder: %s", g_strerror(errno));
        return false;
    }
    while ((name = g_dir_read_name(folder)) != NULL) {
        if (*name != '.' && !g_str_has_suffix(name, "~"))
            list_add(tree->arena, ret_names, arena_strdup(tree->arena, name));
    }
    list_sort_texts(ret_names);
    return true;
}

static const char *
join(Tree *tree, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return arena_strdup(tree->arena, path);
}

typedef enum FileOrigin {
    FILE_NAMED,
    FILE_OF_FOLDER, /* may hold nothing but comments */
    FILE_OF_VARS,
} FileOrigin;

/* A file of variables counts by the names of its folders, group_vars/all/a.yml, wherever they are:
 * what they are called decides for whom it holds. */
static void
add_digest(Tree *tree, const char *path, FileOrigin origin, const char *bytes, size_t length)
{
    g_autofree char *base = g_path_get_basename(path);
    const char *name = base;

    if (tree->digests == NULL)
        return;
    if (origin == FILE_OF_VARS) {
        const char *group = g_strrstr(path, "group_vars/");
        const char *host = g_strrstr(path, "host_vars/");

        name = group != NULL && (host == NULL || host < group) ? group : host;
    }
    file_digests_add(tree->arena, tree->digests,
                     origin == FILE_NAMED ? FILE_DIGEST_NAMED : FILE_DIGEST_OF_FOLDER, name, bytes,
                     length);
}

/*
 * The older of Ansible's two formats begins its groups with a line [NAME]. No YAML inventory has
 * such a line: it would be a list, and an inventory is a mapping. *ret_line counts from 1.
 */
static bool
is_ini(const char *bytes, size_t length, uint32_t *ret_line)
{
    const char *end = bytes + length;

    *ret_line = 1;
    for (const char *line = bytes; line < end; (*ret_line)++) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        const char *at = line + 1;

        line_end = line_end == NULL ? end : line_end;
        while (*line == '[' && at < line_end &&
               (g_ascii_isalnum(*at) || strchr("_.:-", *at) != NULL))
            at++;
        if (at > line + 1 && at < line_end && *at == ']')
            return true;
        line = line_end + 1;
    }
    return false;
}

/* libyaml would stop at the second line with words that help nobody. */
static bool
report_ini(const Tree *tree, const char *path, const char *bytes, size_t length)
{
    SourcePos pos = { .file = path, .column = 1 };

    if (!is_ini(bytes, length, &pos.line))
        return false;
    findings_add(tree->findings, &FINDING_INVENTORY_INI, pos,
                 arena_printf(tree->arena,
                              "convert it: ansible-inventory -i %s --list --yaml > converted.yml",
                              path),
                 "this is an inventory in Ansible's INI format, and pgcharter reads YAML");
    return true;
}

/* The sum is over the bytes in the file: what they decrypt to stays out of a saved plan. */
static const Node *
read_file(Tree *tree, const char *path, FileOrigin origin, List *files)
{
    const Node *document = NULL;
    char *bytes = NULL;
    size_t length = 0;
    bool is_secret = false;
    bool is_other = false;

    list_add(tree->arena, files, path);
    if (!yaml_read_file_bytes(path, tree->findings, &bytes, &length))
        return NULL;
    add_digest(tree, path, origin, bytes, length);
    is_secret = vault_is_encrypted(bytes, length);
    if (sealed_open_file(tree->arena, tree->passwords, path, &bytes, &length, tree->findings)) {
        is_other = origin != FILE_OF_VARS && report_ini(tree, path, bytes, length);
        if (!is_other)
            document = (is_secret ? yaml_read_secret_bytes : yaml_read_bytes)(
                tree->arena, (SourcePos){ .file = path }, bytes, length, tree->findings);
    }
    tree->is_incomplete = tree->is_incomplete || (document == NULL && is_secret) || is_other;
    wipe(bytes, length);
    g_free(bytes);
    return document;
}

/* group_vars/web, web.yml, web.yaml and web.json all hold variables of the group web. */
static char *
without_suffix(const char *name)
{
    for (size_t i = 0; yaml_suffixes[i] != NULL; i++) {
        if (g_str_has_suffix(name, yaml_suffixes[i]))
            return g_strndup(name, strlen(name) - strlen(yaml_suffixes[i]));
    }
    return g_strdup(name);
}

/*
 * A file of variables, or a folder of them. Ansible accepts a folder group_vars/NAME/ with any
 * number of files in it, which is how vaulted variables are usually kept apart from plain ones.
 */
static void
read_vars_path(Tree *tree, Scope *scope, const char *path, List *files)
{
    List names = { 0 };
    const Node *document = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        document = read_file(tree, path, FILE_OF_VARS, files);
        if (document != NULL)
            tree_add_vars(tree, scope, document);
        return;
    }
    if (!list_folder(tree, path, &names))
        return;
    LIST_FOREACH (const char, name, &names) {
        const char *inner = join(tree, path, name);

        if (g_file_test(inner, G_FILE_TEST_IS_DIR))
            continue;
        document = read_file(tree, inner, FILE_OF_VARS, files);
        if (document != NULL)
            tree_add_vars(tree, scope, document);
    }
}

static Scope *
find_group_scope(Tree *tree, const char *name)
{
    Group *group = g_hash_table_lookup(tree->groups_by_name, name);

    return group == NULL ? NULL : &group->scope;
}

static Scope *
find_host_scope(Tree *tree, const char *name)
{
    Host *host = g_hash_table_lookup(tree->hosts_by_name, name);

    return host == NULL ? NULL : &host->scope;
}

/*
 * A file that belongs to no group or host is almost always a typo or a renamed group, and its
 * variables would silently have no effect.
 */
static void
read_vars_folder(Tree *tree, const char *base, const char *folder,
                 Scope *(*find)(Tree *tree, const char *name), List *files)
{
    const char *path = join(tree, base, folder);
    List names = { 0 };

    if (!g_file_test(path, G_FILE_TEST_IS_DIR) || !list_folder(tree, path, &names))
        return;
    LIST_FOREACH (const char, name, &names) {
        const char *inner = join(tree, path, name);
        g_autofree char *stem = without_suffix(name);
        /* A host or group may have a dot in its name: 10.10.10.10 is not a suffix. */
        Scope *scope = find(tree, stem) != NULL ? find(tree, stem) : find(tree, name);

        if (scope != NULL)
            read_vars_path(tree, scope, inner, files);
        else if (!tree->is_incomplete)
            findings_add(tree->findings, &FINDING_VARS_FILE_ORPHANED, (SourcePos){ .file = inner },
                         NULL, "no %s of the inventory is named \"%s\"",
                         find == find_host_scope ? "host" : "group", stem);
    }
}

/* A file in a folder may be empty: people keep comments in them. A file that was named may not. */
static void
read_inventory_file(Tree *tree, const char *path, FileOrigin origin, List *files)
{
    const Node *document = read_file(tree, path, origin, files);

    if (document != NULL && !(origin == FILE_OF_FOLDER && node_is_null(document)))
        tree_add_document(tree, document);
}

/*
 * Every *.yml in the order of names. Files of other types (ansible.cfg, scripts) are other tools'.
 */
static void
read_inventory_folder(Tree *tree, const char *path, List *files)
{
    List names = { 0 };
    bool found = false;

    if (!list_folder(tree, path, &names))
        return;
    LIST_FOREACH (const char, name, &names) {
        const char *inner = join(tree, path, name);

        if (!has_inventory_suffix(name) || g_file_test(inner, G_FILE_TEST_IS_DIR))
            continue;
        found = true;
        read_inventory_file(tree, inner, FILE_OF_FOLDER, files);
    }
    if (!found)
        findings_add(tree->findings, &FINDING_FOLDER_EMPTY, (SourcePos){ .file = path }, NULL,
                     "the folder contains no *.yml or *.yaml file");
}

void
inventory_files_read(Tree *tree, const char *const *paths, List *ret_files)
{
    List bases = { 0 };

    for (size_t i = 0; paths[i] != NULL; i++) {
        const char *path = arena_strdup(tree->arena, paths[i]);
        bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
        g_autofree char *base = is_folder ? g_strdup(path) : g_path_get_dirname(path);
        /*
         * Two files in one folder share its group_vars/, which must be read once: a variable read
         * twice would count as declared twice.
         */
        bool base_is_new = true;

        if (is_folder)
            read_inventory_folder(tree, path, ret_files);
        else
            read_inventory_file(tree, path, FILE_NAMED, ret_files);
        LIST_FOREACH (const char, known, &bases)
            base_is_new = base_is_new && strcmp(known, base) != 0;
        if (base_is_new)
            list_add(tree->arena, &bases, arena_strdup(tree->arena, base));
    }
    /* Only now are all groups and hosts known. */
    LIST_FOREACH (const char, known, &bases) {
        read_vars_folder(tree, known, "group_vars", find_group_scope, ret_files);
        read_vars_folder(tree, known, "host_vars", find_host_scope, ret_files);
    }
}
