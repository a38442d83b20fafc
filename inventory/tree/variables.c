/* Looking up variables by precedence, and resolving {{ name }}. */
#include "inventory/tree/variables.h"

#include <string.h>

#include "base/wipe.h"
#include "inventory/findings.h"

/* What one value may come to: templates can double at each step, {{ a }}{{ a }}. */
#define RESOLVE_STEPS_MAX  ((unsigned)1000000)
#define RESOLVE_LENGTH_MAX ((size_t)1024 * 1024)

struct Resolver {
    const Tree *tree;
    Arena *arena;
    unsigned steps;      /* taken for the value that is being resolved */
    GHashTable *results; /* "pointer text" of a template and what its parts came to -> Node */
    GHashTable *groups;  /* group name -> Node */
};

/* The variables being resolved, innermost first. */
typedef struct Trail {
    const struct Trail *outer;
    const char *name;
} Trail;

/*
 * Results are shared between hosts: a list that resolves to the same parts is one node, so that it
 * is bound once for ten thousand instances.
 */
Resolver *
resolver_new(const Tree *tree)
{
    Resolver *resolver = g_new0(Resolver, 1);

    resolver->tree = tree;
    resolver->arena = tree->arena;
    /* What templates come to may be secret, and is in the keys. */
    resolver->results =
        g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)wipe_free, NULL);
    resolver->groups = g_hash_table_new(g_str_hash, g_str_equal);
    return resolver;
}

void
resolver_free(Resolver *resolver)
{
    if (resolver == NULL)
        return;
    g_hash_table_destroy(resolver->results);
    g_hash_table_destroy(resolver->groups);
    g_free(resolver);
}

/*
 * The facts that Pigsty's own templates use; gathered facts such as ansible_default_ipv4 exist only
 * while Ansible runs and are refused like any variable that is not defined.
 */
static const Node *
fact_hostname(const Variables *variables)
{
    return node_new_text(variables->resolver->arena, variables->host->pos, variables->host->name);
}

static const Node *
fact_instance(const Variables *variables)
{
    if (variables->facts.instance == NULL)
        return NULL;
    return node_new_text(variables->resolver->arena, variables->host->pos,
                         variables->facts.instance);
}

static const Node *
fact_cluster_members(const Variables *variables)
{
    return variables->facts.cluster_members;
}

static const struct {
    const char *name;
    const Node *(*get)(const Variables *variables);
} facts[] = {
    { "inventory_hostname", fact_hostname },
    { "pg_instance", fact_instance },
    { "pg_cluster_members", fact_cluster_members },
};

/* Group variables: the chain is ordered from the strongest to the weakest group. */
static const Node *
find_in(const List *mappings, const char *name)
{
    LIST_FOREACH (const Node, mapping, mappings) {
        const Node *value = node_get(mapping, name);

        if (value != NULL)
            return value;
    }
    return NULL;
}

/* A host may be declared in several places; the last one wins, as in Ansible. */
static const Node *
find_last_in(const List *mappings, const char *name)
{
    for (size_t i = mappings->count; i > 0; i--) {
        const Node *value = node_get(mappings->items[i - 1], name);

        if (value != NULL)
            return value;
    }
    return NULL;
}

/*
 * The order of precedence is pigsty-semantics.md's and Ansible's: facts, host, group, defaults.
 * Files of variables win over inline ones of the same scope.
 */
static const Node *
look_up(const Variables *variables, const char *name, VariableOrigin *ret_origin)
{
    const Host *host = variables->host;
    const Node *value = NULL;

    *ret_origin = VARIABLE_FROM_FACTS;
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        if (strcmp(facts[i].name, name) == 0 && (value = facts[i].get(variables)) != NULL)
            return value;
    }
    *ret_origin = VARIABLE_FROM_HOST;
    if ((value = find_last_in(&host->scope.file_vars, name)) != NULL ||
        (value = find_last_in(&host->scope.inline_vars, name)) != NULL)
        return value;
    *ret_origin = VARIABLE_FROM_GROUP;
    if (host->chain != NULL && ((value = find_in(&host->chain->file_vars, name)) != NULL ||
                                (value = find_in(&host->chain->inline_vars, name)) != NULL))
        return value;
    *ret_origin = VARIABLE_FROM_POLICY;
    value = variables->policy == NULL ? NULL : node_get(variables->policy, name);
    if (value == NULL)
        *ret_origin = VARIABLE_NOWHERE;
    return value;
}

/* Shared by all instances: groups['infra'] has thousands of readers and one value. */
static const Node *
get_group_members(Resolver *resolver, const char *name)
{
    Node *node = g_hash_table_lookup(resolver->groups, name);
    List names = { 0 };
    List items = { 0 };

    if (node != NULL)
        return node;
    if (!g_hash_table_contains(resolver->tree->groups_by_name, name))
        return NULL;
    names = tree_group_members(resolver->tree, name);
    LIST_FOREACH (const char, member, &names)
        list_add(resolver->arena, &items, node_new_text(resolver->arena, (SourcePos){ 0 }, member));
    node = (Node *)node_new_sequence(resolver->arena, (SourcePos){ 0 }, &items);
    g_hash_table_insert(resolver->groups, arena_strdup(resolver->arena, name), node);
    return node;
}

static const Node *resolve(const Variables *variables, const Node *node, const Trail *trail);

/*
 * A value that cannot be resolved is an error only when somebody needs it: real inventories are
 * full of lookups for other roles. So the problem travels with the node and is reported by the
 * binder.
 */
static const Node *
with_problem(const Variables *variables, const Node *node, const FindingKind *kind,
             const char *message, const char *hint)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *key = g_strdup_printf("%p !%s", (const void *)node, message);
    Node *copy = g_hash_table_lookup(resolver->results, key);
    NodeProblem *problem = NULL;

    if (copy != NULL)
        return copy;
    copy = ARENA_NEW(resolver->arena, Node);
    problem = ARENA_NEW(resolver->arena, NodeProblem);
    *copy = *node;
    problem->kind = kind;
    problem->message = message;
    problem->hint = hint;
    copy->problem = problem;
    g_hash_table_insert(resolver->results, g_steal_pointer(&key), copy);
    return copy;
}

/* The path of a reference that leads to itself, for the message: a -> b -> a. */
static char *
trail_text(const Trail *trail, const char *name)
{
    g_autoptr(GString) text = g_string_new(name);

    for (const Trail *at = trail; at != NULL; at = at->outer) {
        g_string_prepend(text, " -> ");
        g_string_prepend(text, at->name);
        if (strcmp(at->name, name) == 0)
            break;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* {{ name }} and nothing else. Braces inside a longer text may be part of a password, which no
   message quotes. */
static bool
is_lone_reference(const char *text)
{
    return g_str_has_prefix(text, "{{") && g_str_has_suffix(text, "}}") &&
           strchr(text + strlen("{{"), '{') == NULL;
}

/* pg_admin_password, vault_secret: what a name says of its value. */
static bool
names_secret(const char *name)
{
    static const char *const ends[] = { "password", "passwd", "secret" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (g_str_has_suffix(name, ends[i]))
            return true;
    }
    return false;
}

/* The same value as a secret, at the place that refers to it; one copy, for bindings are shared. */
static const Node *
as_secret(const Variables *variables, const Node *node, const Node *value)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *key = NULL;
    Node *copy = NULL;

    if (value->kind != NODE_SCALAR || value->problem != NULL || value->type == SCALAR_NULL)
        return value;
    key = g_strdup_printf("%p secret %p", (const void *)node, (const void *)value);
    copy = g_hash_table_lookup(resolver->results, key);
    if (copy != NULL)
        return copy;
    copy = ARENA_NEW(resolver->arena, Node);
    *copy = *value;
    /* What the policy says stays the policy's, whoever refers to it. */
    if (value->pos.origin == node->pos.origin)
        copy->pos = node->pos;
    copy->flags |= NODE_SECRET | NODE_OF_SECRET;
    g_hash_table_insert(resolver->results, g_steal_pointer(&key), copy);
    return copy;
}

/*
 * The value of the plain reference `name`, or `node` with a problem. The message quotes the name
 * only where the whole value is a reference. A text that merely contains braces may be a password,
 * and no message may quote a part of it.
 */
static const Node *
resolve_name(const Variables *variables, const Node *node, const char *name, const Trail *trail)
{
    Arena *arena = variables->resolver->arena;
    VariableOrigin origin = VARIABLE_NOWHERE;
    Trail inner = { .outer = trail, .name = name };
    const Node *value = NULL;
    unsigned length = 0;

    for (const Trail *at = trail; at != NULL; at = at->outer) {
        /* A chain of more than 64 references is treated like a cycle: nobody writes one. */
        if (strcmp(at->name, name) == 0 || ++length > 64) {
            g_autofree char *path = trail_text(trail, name);

            return with_problem(
                variables, node, &FINDING_VARIABLE_CYCLE,
                arena_printf(arena, "the variable \"%s\" refers to itself: %s", name, path), NULL);
        }
    }
    value = look_up(variables, name, &origin);
    if (value == NULL)
        return with_problem(variables, node, &FINDING_VARIABLE_UNDEFINED,
                            is_lone_reference(node->text)
                                ? arena_printf(arena, "the variable \"%s\" is not defined", name)
                                : "a variable that this text refers to is not defined",
                            variables->resolver->tree->is_incomplete
                                ? "an encrypted file that could not be opened may define it"
                                : "tag a text that is not a template with !unsafe");
    value = resolve(variables, value, &inner);
    return names_secret(name) ? as_secret(variables, node, value) : value;
}

/* groups['infra'], groups["infra"] or groups.infra: the members' names. */
static char *
parse_group_reference(const char *expression)
{
    size_t length = strlen(expression);
    const char *inside = expression + strlen("groups");

    if (!g_str_has_prefix(expression, "groups"))
        return NULL;
    if (*inside == '.' && inside[1] != '\0')
        return g_strdup(inside + 1);
    if (length > strlen("groups['']") && inside[0] == '[' &&
        (inside[1] == '\'' || inside[1] == '"') && expression[length - 1] == ']' &&
        expression[length - 2] == inside[1])
        return g_strndup(inside + 2, length - strlen("groups['']"));
    return NULL;
}

/* One argument in quotes of either kind, without the other's escapes: 'X' and "X". */
static char *
parse_quoted(const char **at)
{
    char quote = **at;
    const char *begin = *at + 1;
    const char *end = NULL;

    if (quote != '\'' && quote != '"')
        return NULL;
    end = strchr(begin, quote);
    if (end == NULL || memchr(begin, '\\', (size_t)(end - begin)) != NULL)
        return NULL;
    *at = end + 1;
    return g_strndup(begin, (gsize)(end - begin));
}

static bool
skip(const char **at, char wanted)
{
    while (g_ascii_isspace(**at))
        (*at)++;
    if (**at != wanted)
        return false;
    (*at)++;
    while (g_ascii_isspace(**at))
        (*at)++;
    return true;
}

/*
 * lookup('env', 'X') and lookup('file', 'p'), in Ansible's older names or with ansible.builtin. in
 * front. SEAL_NONE: it is another expression, arguments like default= included.
 */
static NodeSeal
parse_lookup(const char *expression, char **ret_argument)
{
    const char *at = expression + strlen("lookup");
    g_autofree char *plugin = NULL;
    const char *name = NULL;

    *ret_argument = NULL;
    if (!g_str_has_prefix(expression, "lookup") || !skip(&at, '('))
        return SEAL_NONE;
    plugin = parse_quoted(&at);
    if (plugin == NULL || !skip(&at, ','))
        return SEAL_NONE;
    *ret_argument = parse_quoted(&at);
    if (*ret_argument == NULL || **ret_argument == '\0' || !skip(&at, ')') || *at != '\0')
        return SEAL_NONE;
    name =
        g_str_has_prefix(plugin, "ansible.builtin.") ? plugin + strlen("ansible.builtin.") : plugin;
    return strcmp(name, "env") == 0 ? SEAL_ENV : strcmp(name, "file") == 0 ? SEAL_FILE : SEAL_NONE;
}

/* The value of a lookup; nothing is read before somebody needs it. NULL: it is none. */
static const Node *
resolve_lookup(const Variables *variables, const Node *node, const char *expression)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *argument = NULL;
    NodeSeal seal = parse_lookup(expression, &argument);
    g_autofree char *key = NULL;
    Node *lookup = NULL;

    if (seal == SEAL_NONE)
        return NULL;
    key = g_strdup_printf("%p lookup", (const void *)node);
    lookup = g_hash_table_lookup(resolver->results, key);
    if (lookup != NULL)
        return lookup;
    lookup = ARENA_NEW(resolver->arena, Node);
    *lookup = *node;
    lookup->seal = seal;
    lookup->count = 1;
    lookup->items = ARENA_NEW_ARRAY(resolver->arena, const Node *, 1);
    lookup->items[0] =
        node_new_text(resolver->arena, node->pos, arena_strdup(resolver->arena, argument));
    g_hash_table_insert(resolver->results, g_steal_pointer(&key), lookup);
    return lookup;
}

/*
 * Python's rule for identifiers, in ASCII. Anything more (filters, lookups, arithmetic) is Jinja.
 */
static bool
is_name(const char *text)
{
    if (!g_ascii_isalpha(*text) && *text != '_')
        return false;
    while (g_ascii_isalnum(*text) || *text == '_')
        text++;
    return *text == '\0';
}

/*
 * Only what can be resolved without executing anything. A filter or lookup that was ignored would
 * give a wrong value silently, so it is refused where the value is needed.
 */
static const Node *
resolve_expression(const Variables *variables, const Node *node, const char *expression,
                   const Trail *trail)
{
    g_autofree char *group = parse_group_reference(expression);

    if (is_name(expression))
        return resolve_name(variables, node, arena_strdup(variables->resolver->arena, expression),
                            trail);
    if (group != NULL && strchr(group, '\'') == NULL && strchr(group, '"') == NULL) {
        const Node *members = get_group_members(variables->resolver, group);

        if (members != NULL)
            return members;
        return with_problem(
            variables, node, &FINDING_VARIABLE_UNDEFINED,
            arena_printf(variables->resolver->arena, "group \"%s\" does not exist", group), NULL);
    }
    return with_problem(
        variables, node, &FINDING_JINJA_UNSUPPORTED,
        strncmp(expression, "lookup", strlen("lookup")) == 0
            ? "only lookup('env', 'NAME') and lookup('file', 'PATH') are understood, "
              "without default= and as the whole value"
            : "only {{ name }} is understood in a value that is needed",
        "use a literal value, or tag a text that is not a template with !unsafe");
}

/* Templates that double at each step would otherwise fill the memory: {{ a }}{{ a }}. */
static const Node *
too_much(const Variables *variables, const Node *node)
{
    return with_problem(variables, node, &FINDING_VARIABLE_CYCLE,
                        "template expansion exceeded the limit", NULL);
}

/* One result for the same template and the same parts, so that bindings can be shared. */
static const Node *
share_text(const Variables *variables, const Node *template, const char *text, unsigned flags)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *key = g_strdup_printf("%p %s", (const void *)template, text);
    Node *node = g_hash_table_lookup(resolver->results, key);

    if (node == NULL) {
        node = (Node *)node_new_text(resolver->arena, template->pos,
                                     arena_strdup(resolver->arena, text));
        node->flags |= flags;
        g_hash_table_insert(resolver->results, g_steal_pointer(&key), node);
    }
    return node;
}

/* A text with values in it that are not open yet, shared like a text. */
static const Node *
share_parts(const Variables *variables, const Node *template, const List *parts)
{
    Resolver *resolver = variables->resolver;
    g_autoptr(GString) key = g_string_new(NULL);
    Node *node = NULL;

    g_string_printf(key, "%p parts", (const void *)template);
    LIST_FOREACH (const Node, part, parts) {
        if (part->seal != SEAL_NONE)
            g_string_append_printf(key, " %p", (const void *)part);
        else
            g_string_append_printf(key, " %zu:%s", part->length, part->text);
    }
    node = g_hash_table_lookup(resolver->results, key->str);
    if (node != NULL)
        return node;
    node = ARENA_NEW(resolver->arena, Node);
    *node = *template;
    node->seal = SEAL_PARTS;
    node->count = parts->count;
    node->items = (const Node **)parts->items;
    g_hash_table_insert(resolver->results, g_strdup(key->str), node);
    return node;
}

/* Ends the literal text that was gathered so far and begins a new one. */
static void
add_literal(const Variables *variables, const Node *node, List *parts, GString *text)
{
    Arena *arena = variables->resolver->arena;

    if (text->len > 0)
        list_add(arena, parts, node_new_text(arena, node->pos, arena_strdup(arena, text->str)));
    g_string_truncate(text, 0);
}

/* The next template in a text from `at` on: {{ expression }}; anything else gives *ret_end NULL. */
static const char *
find_template(const char *at, char **ret_expression, const char **ret_end)
{
    const char *brace = at;
    const char *end = NULL;

    *ret_expression = NULL;
    *ret_end = NULL;
    for (brace = strchr(at, '{'); brace != NULL; brace = strchr(brace + 1, '{')) {
        if (brace[1] == '{' || brace[1] == '%' || brace[1] == '#')
            break;
    }
    if (brace == NULL || brace[1] != '{')
        return brace;
    end = strstr(brace + 2, "}}");
    if (end == NULL)
        return brace;
    *ret_expression = g_strstrip(g_strndup(brace + 2, (gsize)(end - brace - 2)));
    *ret_end = end + 2;
    return brace;
}

/*
 * A template that is the whole value keeps the type of what it refers to, as Ansible does for a
 * lone expression; inside a longer text it is printed as str() prints it.
 */
static const Node *
resolve_scalar(const Variables *variables, const Node *node, const Trail *trail)
{
    Arena *arena = variables->resolver->arena;
    g_autoptr(GString) text = g_string_new(NULL);
    List parts = { 0 };
    unsigned secret = node->flags & (NODE_SECRET | NODE_OF_SECRET);
    const char *at = node->text;

    for (;;) {
        g_autofree char *expression = NULL;
        const char *end = NULL;
        const char *begin = find_template(at, &expression, &end);
        const Node *value = NULL;

        if (begin == NULL)
            break;
        if (expression != NULL && begin == node->text && *end == '\0' &&
            (value = resolve_lookup(variables, node, expression)) != NULL)
            return value;
        value = resolve_expression(variables, node, expression == NULL ? "" : expression, trail);
        if (value->problem != NULL || (begin == node->text && *end == '\0'))
            return value;
        if (value->kind != NODE_SCALAR)
            return with_problem(variables, node, &FINDING_JINJA_UNSUPPORTED,
                                arena_printf(arena, "{{ %s }} inside a text is %s", expression,
                                             node_describe(value)),
                                NULL);
        g_string_append_len(text, at, begin - at);
        if (value->seal != SEAL_NONE) {
            add_literal(variables, node, &parts, text);
            list_add(arena, &parts, value);
        } else {
            g_string_append(text, node_print(arena, value));
        }
        secret |= value->flags & (NODE_SECRET | NODE_OF_SECRET);
        at = end;
        if (text->len > RESOLVE_LENGTH_MAX)
            return too_much(variables, node);
    }
    g_string_append(text, at);
    if (parts.count > 0) {
        add_literal(variables, node, &parts, text);
        return share_parts(variables, node, &parts);
    }
    return share_text(variables, node, text->str, secret);
}

/*
 * Entries keep their keys and positions: a finding about a resolved value still points into the
 * file that contains the template.
 */
static const Node *
copy_collection(const Variables *variables, const Node *node, void *const *parts)
{
    Arena *arena = variables->resolver->arena;
    Node *copy = ARENA_NEW(arena, Node);

    *copy = *node;
    copy->flags &= ~(unsigned)NODE_TEMPLATE;
    if (node->kind == NODE_SEQUENCE) {
        copy->items = ARENA_NEW_ARRAY(arena, const Node *, node->count);
        for (size_t i = 0; i < node->count; i++)
            copy->items[i] = parts[i];
        return copy;
    }
    copy->entries = ARENA_NEW_ARRAY(arena, NodeEntry, node->count);
    for (size_t i = 0; i < node->count; i++) {
        copy->entries[i] = node->entries[i];
        copy->entries[i].value = parts[i];
    }
    return copy;
}

/*
 * The key of a shared result is the identity of the template and of those parts that differ from
 * it.
 */
static const Node *
resolve_collection(const Variables *variables, const Node *node, const Trail *trail)
{
    Resolver *resolver = variables->resolver;
    g_autofree void **parts = g_new0(void *, node->count + 1);
    g_autoptr(GString) key = g_string_new(NULL);
    const Node *copy = NULL;

    g_string_append_printf(key, "%p", (const void *)node);
    for (size_t i = 0; i < node->count; i++) {
        const Node *child = node->kind == NODE_SEQUENCE ? node->items[i] : node->entries[i].value;
        const Node *part = resolve(variables, child, trail);

        parts[i] = (void *)part;
        if (part != child)
            g_string_append_printf(key, " %p", (const void *)part);
    }
    copy = g_hash_table_lookup(resolver->results, key->str);
    if (copy == NULL) {
        copy = copy_collection(variables, node, parts);
        g_hash_table_insert(resolver->results, g_strdup(key->str), (gpointer)copy);
    }
    return copy;
}

static const Node *
resolve(const Variables *variables, const Node *node, const Trail *trail)
{
    if ((node->flags & NODE_TEMPLATE) == 0)
        return node;
    if (++variables->resolver->steps > RESOLVE_STEPS_MAX)
        return too_much(variables, node);
    return node->kind == NODE_SCALAR ? resolve_scalar(variables, node, trail)
                                     : resolve_collection(variables, node, trail);
}

const Node *
variables_get(const Variables *variables, const char *name, VariableOrigin *ret_origin)
{
    VariableOrigin origin = VARIABLE_NOWHERE;
    const Node *value = look_up(variables, name, &origin);
    Trail trail = { .name = name };

    if (ret_origin != NULL)
        *ret_origin = origin;
    /*
     * The limit holds for one value, not for the run: a large inventory may well need a million
     * steps.
     */
    variables->resolver->steps = 0;
    return value == NULL ? NULL : resolve(variables, value, &trail);
}
