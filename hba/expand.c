/* Expansion of declarations, remembered per declaration and facts. */
#include "hba/expand.h"

#include <string.h>

#include "base/suggest.h"
#include "hba/alias.h"
#include "hba/check.h"
#include "hba/line.h"
#include "hba/order.h"

/* All that an instance adds to a declaration but its cluster, as one interned text. */
typedef struct Facts {
    const char *text;
    HbaCheck check;
} Facts;

/* What an expansion depends on. cluster is NULL unless the rule speaks of it. */
typedef struct GroupKey {
    const HbaRuleDecl *decl;
    const Facts *facts;
    const Cluster *cluster;
    bool enabled;
} GroupKey;

typedef struct GroupEntry {
    GroupKey key;
    HbaGroup *group;
} GroupEntry;

struct HbaExpander {
    Arena *arena;
    Findings *findings;
    GString *scratch;
    GHashTable *facts;  /* text -> Facts */
    GHashTable *groups; /* GroupKey -> GroupEntry */
    HbaOrderMemo *order;
};

static guint
hash_group_key(gconstpointer pointer)
{
    const GroupKey *key = pointer;
    uintptr_t hash = (uintptr_t)key->decl * 31 + (uintptr_t)key->facts;

    hash = hash * 31 + (uintptr_t)key->cluster + key->enabled;
    return (guint)(hash ^ hash >> 20);
}

static gboolean
group_keys_equal(gconstpointer a, gconstpointer b)
{
    const GroupKey *left = a;
    const GroupKey *right = b;

    return left->decl == right->decl && left->facts == right->facts &&
           left->cluster == right->cluster && left->enabled == right->enabled;
}

HbaExpander *
hba_expander_new(Arena *arena, Findings *findings)
{
    HbaExpander *expander = g_new0(HbaExpander, 1);

    expander->arena = arena;
    expander->findings = findings;
    expander->scratch = g_string_sized_new(1024);
    expander->facts = g_hash_table_new(g_str_hash, g_str_equal);
    expander->groups = g_hash_table_new(hash_group_key, group_keys_equal);
    expander->order = hba_order_memo_new(arena);
    return expander;
}

void
hba_expander_free(HbaExpander *expander)
{
    if (expander == NULL)
        return;
    g_string_free(expander->scratch, TRUE);
    g_hash_table_destroy(expander->facts);
    g_hash_table_destroy(expander->groups);
    hba_order_memo_free(expander->order);
    g_free(expander);
}

static void
append_fact(GString *text, const char *fact)
{
    /* A byte that no fact holds keeps "a" "bc" apart from "ab" "c". */
    g_string_append(text, fact == NULL ? "\002" : fact);
    g_string_append_c(text, '\001');
}

static const Facts *
find_facts(HbaExpander *expander, const Instance *instance, HbaProgram program)
{
    GString *text = expander->scratch;
    Facts *facts = NULL;

    g_string_printf(text, "%d\001%d\001%d\001", (int)program, instance->version,
                    instance->password_is_md5);
    append_fact(text, instance->pgbouncer_version);
    append_fact(text, instance->users.dbsu);
    append_fact(text, instance->users.replication);
    append_fact(text, instance->users.monitor);
    append_fact(text, instance->users.admin);
    append_fact(text, instance->admin_ip);
    LIST_FOREACH (const char, address, &instance->infra_addresses)
        append_fact(text, address);
    append_fact(text, NULL);
    LIST_FOREACH (const HbaText, network, &instance->intranet)
        append_fact(text, network->text);
    facts = g_hash_table_lookup(expander->facts, text->str);
    if (facts != NULL)
        return facts;
    facts = ARENA_NEW(expander->arena, Facts);
    facts->text = arena_strdup(expander->arena, text->str);
    facts->check = hba_check_new(expander->arena, expander->findings, instance, program);
    g_hash_table_insert(expander->facts, (gpointer)facts->text, facts);
    return facts;
}

static bool
read_role(const HbaCheck *check, const HbaRuleDecl *decl, HbaRuleRole *ret_role)
{
    const char *text = decl->role.value;
    size_t index = 0;
    const char *nearest = NULL;

    *ret_role = HBA_RULE_ROLE_DEFAULT;
    if (text == NULL || *text == '\0')
        return true;
    index = hba_word_index(hba_rule_role_words, text);
    if (hba_rule_role_words[index] != NULL) {
        *ret_role = (HbaRuleRole)index;
        return true;
    }
    nearest = suggest_nearest(text, hba_rule_role_words);
    findings_add(check->findings, &FINDING_HBA_ROLE_UNKNOWN, decl->role.pos,
                 nearest != NULL ? arena_printf(check->arena, "did you mean \"%s\"?", nearest)
                                 : "write common, primary, replica, offline, standby or delayed",
                 "role \"%s\" of %s does not exist", text, hba_check_rule_name(check));
    return false;
}

static bool
role_is_on(const HbaRuleDecl *decl, const Instance *instance)
{
    const char *text = decl->role.value;
    size_t index = 0;
    const HbaRuleRoleInfo *role = &hba_rule_roles[HBA_RULE_ROLE_DEFAULT];

    if (text != NULL && *text != '\0') {
        index = hba_word_index(hba_rule_role_words, text);
        if (hba_rule_role_words[index] == NULL)
            return false;
        role = &hba_rule_roles[index];
    }
    return role->everywhere || role->pg_role == instance->role ||
           (role->pg_role == PG_ROLE_OFFLINE && instance->offline_query);
}

static void
expand_raw(const HbaCheck *check, const HbaRuleDecl *decl, HbaGroup *group)
{
    LIST_FOREACH (const HbaText, line, &decl->raw_lines) {
        HbaRule *rule = hba_line_parse(check, line->pos, line->text);

        if (rule == NULL) {
            /* Off and nothing that any server reads: it stays as the comment that it is. */
            rule = ARENA_NEW(check->arena, HbaRule);
            rule->pos = line->pos;
            rule->is_comment = true;
            rule->raw = line->text;
        }
        list_add(check->arena, &group->rules, rule);
    }
}

static HbaGroup *
expand_group(const HbaCheck *check, const Instance *instance, const HbaRuleDecl *decl)
{
    HbaGroup *group = ARENA_NEW(check->arena, HbaGroup);

    group->pos = decl->pos;
    group->enabled = check->enabled;
    if (decl->title.value != NULL &&
        hba_check_text(check, decl->title.pos, "a title", decl->title.value, 0))
        group->title = decl->title.value;
    (void)read_role(check, decl, &group->role);
    if (decl->is_raw && decl->raw_lines.count > 0)
        expand_raw(check, decl, group);
    else if (decl->addr.given && (decl->addr.text == NULL || *decl->addr.text != '\0'))
        (void)hba_alias_expand(check, instance, decl, group);
    else
        findings_add(check->findings, &FINDING_HBA_NO_ADDRESS, decl->pos,
                     "give it `addr: intra` or the like, or raw lines in `rules`",
                     "%s has neither rules nor addr", hba_check_rule_name(check));
    return group;
}

static const HbaGroup *
find_group(HbaExpander *expander, const Facts *facts, const Instance *instance,
           const HbaRuleDecl *decl)
{
    GroupEntry *entry = NULL;
    GroupKey key = { .decl = decl, .facts = facts, .enabled = role_is_on(decl, instance) };
    HbaCheck check = facts->check;

    if (hba_alias_needs_cluster(decl))
        key.cluster = instance->cluster;
    entry = g_hash_table_lookup(expander->groups, &key);
    if (entry != NULL)
        return entry->group;
    check.enabled = key.enabled;
    check.rule_title = decl->title.value;
    entry = ARENA_NEW(expander->arena, GroupEntry);
    entry->key = key;
    entry->group = expand_group(&check, instance, decl);
    g_hash_table_insert(expander->groups, &entry->key, entry);
    return entry->group;
}

const List *
hba_expand(HbaExpander *expander, const Instance *instance, HbaProgram program)
{
    const HbaRuleLists *lists =
        program == HBA_PROGRAM_POSTGRESQL ? &instance->pg_hba : &instance->pgbouncer_hba;
    const Facts *facts = find_facts(expander, instance, program);
    const List *decls = hba_order(expander->order, expander->findings, lists,
                                  (instance->policy->flags & POLICY_HBA_SECTIONS) != 0);
    List *groups = ARENA_NEW(expander->arena, List);

    LIST_FOREACH (const HbaRuleDecl, decl, decls)
        list_add(expander->arena, groups, find_group(expander, facts, instance, decl));
    return groups;
}
