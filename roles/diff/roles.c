/* Roles: attributes, expiry, passwords, comments, parameters; and roles that leave. */
#include <math.h>
#include <string.h>

#include "roles/diff/diff_context.h"

static bool
strips_protected_role(Walk *walk, const RoleDecl *decl, const StateRole *role,
                      RoleAttribute attribute)
{
    if (attribute != ROLE_ATTRIBUTE_LOGIN && attribute != ROLE_ATTRIBUTE_SUPERUSER)
        return false;
    if (decl->attributes[attribute].value || !role->attributes[attribute] ||
        !walk_is_protected(walk, role->name))
        return false;
    findings_add(walk->input->notes, &FINDING_ROLE_PROTECTED, decl->attributes[attribute].pos,
                 "take the key out of the inventory", "role \"%s\" is never stripped of %s",
                 decl->name, role_attribute_keyword(attribute));
    return true;
}

/* The VALID UNTIL that expire_in asks for: the server's midnight at the start of that day. */
static const char *
expire_in_date(Arena *arena, const GDate *today, int64_t days)
{
    const int64_t days_max =
        3650000; /* GDate ends in the year 65535; the server's own end is later */
    GDate date = *today;
    char text[sizeof "65535-12-31"];

    if (days >= 0)
        g_date_add_days(&date, (guint)MIN(days, days_max));
    else
        g_date_subtract_days(&date, (guint)MIN(-days, (int64_t)g_date_get_julian(&date) - 1));
    g_date_strftime(text, sizeof text, "%Y-%m-%d", &date);
    return arena_strdup(arena, text);
}

/*
 * expire_in is never moved later: it is set on a new role, on one without VALID UNTIL, and on one
 * whose VALID UNTIL is later than that day.
 */
static const char *
wanted_expiry(Walk *walk, const RoleDecl *decl, const StateRole *role, bool is_new)
{
    const char *text = decl->expire_in.given
                           ? expire_in_date(walk->arena, walk->input->today, decl->expire_in.value)
                           : decl->expire_at.value;
    const double *at = text == NULL ? NULL : g_hash_table_lookup(walk->input->timestamps, text);

    if (text == NULL || is_new || at == NULL)
        return text;
    if (decl->expire_in.given)
        return isnan(role->valid_until) || role->valid_until > *at ? text : NULL;
    return role->valid_until == *at ? NULL : text;
}

static void
converge_expiry(Walk *walk, const RoleDecl *decl, StateRole *role, RoleChange *change, bool is_new)
{
    const char *text = wanted_expiry(walk, decl, role, is_new);
    const double *at = NULL;

    if (text == NULL)
        return;
    change->valid_until = text;
    at = g_hash_table_lookup(walk->input->timestamps, text);
    role->valid_until = at != NULL ? *at : (double)NAN;
}

/* Fills what differs between the declaration and the role, and moves the role there. */
static bool
converge_attributes(Walk *walk, const RoleDecl *decl, StateRole *role, bool is_new,
                    RoleChange *ret_change)
{
    bool differs = false;

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (!decl->attributes[i].given || role->attributes[i] == decl->attributes[i].value ||
            strips_protected_role(walk, decl, role, (RoleAttribute)i))
            continue;
        role->attributes[i] = decl->attributes[i].value;
        ret_change->attribute_changes[i] = true;
        ret_change->attributes[i] = role->attributes[i];
        differs = true;
    }
    if (decl->connection_limit.given && role->connection_limit != decl->connection_limit.value) {
        role->connection_limit = decl->connection_limit.value;
        ret_change->connection_limit_changes = true;
        ret_change->connection_limit = role->connection_limit;
        differs = true;
    }
    converge_expiry(walk, decl, role, ret_change, is_new);
    return differs || ret_change->valid_until != NULL;
}

static void
converge_password(Walk *walk, const PasswordDecl *password, StateRole *role)
{
    const char *name = names_text(walk->names, role->name);
    Change change = { .kind = CHANGE_ROLE_PASSWORD,
                      .declared_at = password->pos,
                      .name = role->name };
    const PasswordResult *result = g_hash_table_lookup(walk->input->passwords, name);

    if (password->kind == PASSWORD_NOT_GIVEN)
        return;
    if (strcmp(name, walk->users->dbsu) == 0) {
        findings_add(walk->input->notes, &FINDING_DBSU_PASSWORD_IGNORED, password->pos, NULL,
                     "the password of pg_dbsu \"%s\" is left as it is", name);
        return;
    }
    if (result == NULL || !result->changes)
        return;
    if (result->verifier == NULL && result->deferred == NULL &&
        walk_is_protected(walk, role->name)) {
        findings_add(walk->input->notes, &FINDING_ROLE_PROTECTED, password->pos,
                     "take the key out of the inventory",
                     "role \"%s\" is never stripped of its password", name);
        return;
    }
    change.password =
        (PasswordChange){ .verifier = result->verifier, .deferred = result->deferred };
    /* A deferred one is unknown as yet; nothing after this asks for it. */
    role->verifier = result->verifier;
    walk_add(walk, &change);
}

const ParameterDecl *
walk_policy_parameter(const Walk *walk, const char *role, const char *name)
{
    LIST_FOREACH (const PolicySetting, setting, &walk->policy->settings) {
        if (g_strcmp0(policy_role_name(setting->role, walk->users), role) != 0)
            continue;
        LIST_FOREACH (const ParameterDecl, parameter, &setting->parameters) {
            if (g_ascii_strcasecmp(parameter->name, name) == 0)
                return parameter;
        }
    }
    return NULL;
}

/* Whether the policy sets it to something else, whatever the role's entry says. */
static bool
is_overridden(const Walk *walk, const ParameterDecl *parameter, NameId role)
{
    const ParameterDecl *of_policy =
        role == NAME_NONE
            ? NULL
            : walk_policy_parameter(walk, names_text(walk->names, role), parameter->name);

    return of_policy != NULL && of_policy != parameter;
}

void
walk_parameters(Walk *walk, const List *parameters, NameId role, NameId database)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const ParameterDecl *parameter = parameters->items[i];
        const StateSetting *setting = NULL;
        bool overridden = is_overridden(walk, parameter, role);
        Change change = { .kind = role != NAME_NONE ? CHANGE_ROLE_SETTING : CHANGE_DATABASE_SETTING,
                          .declared_at = parameter->pos,
                          .database = database,
                          .name = role != NAME_NONE ? role : database,
                          .setting = { parameter } };

        for (size_t j = i + 1; !overridden && j < parameters->count; j++) {
            const ParameterDecl *later = parameters->items[j];

            overridden = g_ascii_strcasecmp(parameter->name, later->name) == 0;
        }
        if (overridden)
            continue;
        setting = access_state_setting(walk->state, role, database, parameter->name);
        if (g_strcmp0(setting == NULL ? NULL : setting->value, parameter->value) == 0)
            continue;
        access_state_set_setting(walk->state, role, database, parameter->name, parameter->value);
        walk_add(walk, &change);
    }
}

static void
converge_comment(Walk *walk, const RoleDecl *decl, StateRole *role)
{
    const char *text =
        decl->comment.value != NULL
            ? decl->comment.value
            : policy_comment(walk->arena, walk->policy->role_comment.value, decl->name);
    const char *wanted = text != NULL && *text != '\0' ? text : NULL;

    if (text == NULL || g_strcmp0(wanted, role->comment) == 0)
        return;
    role->comment = wanted;
    /* "business user x" is nobody's words: left out where the executor may not say them. */
    walk->by_default = decl->comment.value == NULL;
    walk_add(walk, &(Change){ .kind = CHANGE_ROLE_COMMENT,
                              .declared_at =
                                  decl->comment.pos.file != NULL ? decl->comment.pos : decl->pos,
                              .name = role->name,
                              .comment = { wanted } });
    walk->by_default = false;
}

/* What was disabled because it left, and is declared again, may log in again. */
static bool
give_login_back(const Walk *walk, const RoleDecl *decl, StateRole *role, RoleChange *change)
{
    if (decl->attributes[ROLE_ATTRIBUTE_LOGIN].given || role->attributes[ROLE_ATTRIBUTE_LOGIN] ||
        !walk_is_marked(walk, walk->disabled_marker, role->name))
        return false;
    role->attributes[ROLE_ATTRIBUTE_LOGIN] = true;
    change->attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
    change->attributes[ROLE_ATTRIBUTE_LOGIN] = true;
    return true;
}

/*
 * An entry without `login` leaves an existing role as it is, also one that state: absent has
 * disabled: whoever declares it again has to say that it may log in.
 */
static void
note_no_login(Walk *walk, const RoleDecl *decl, const StateRole *role)
{
    if (!decl->attributes[ROLE_ATTRIBUTE_LOGIN].given && !role->attributes[ROLE_ATTRIBUTE_LOGIN])
        findings_add(walk->input->notes, &FINDING_ROLE_WITHOUT_LOGIN, decl->pos,
                     "write login: true or login: false",
                     "role \"%s\" is NOLOGIN on the server, its entry does not say login, and so "
                     "it stays",
                     decl->name);
}

static void
note_overridden_parameters(Walk *walk, const RoleDecl *decl)
{
    LIST_FOREACH (const ParameterDecl, parameter, &decl->parameters) {
        const ParameterDecl *of_policy = walk_policy_parameter(walk, decl->name, parameter->name);

        if (of_policy != NULL)
            findings_add(walk->input->notes, &FINDING_SETTING_OVERRIDDEN, parameter->pos, NULL,
                         "the %s of \"%s\" is the policy's: %s", of_policy->name, decl->name,
                         of_policy->value == NULL ? "DEFAULT" : of_policy->value);
    }
}

/* Asked before the role is in the state: one that the policy wants and nobody may create is not. */
static bool
may_create(Walk *walk, const RoleDecl *decl)
{
    Change change = { .kind = CHANGE_ROLE_CREATE, .declared_at = decl->pos };

    change.name = names_intern(walk->names, decl->name);
    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        change.role.attribute_changes[i] = decl->attributes[i].given;
        change.role.attributes[i] = decl->attributes[i].value;
    }
    return walk_may(walk, &change, NULL);
}

static void
walk_role(Walk *walk, const RoleDecl *decl)
{
    NameId name = names_intern(walk->names, decl->name);
    StateRole *role = access_state_role(walk->state, name);
    bool is_new = role == NULL;
    Change change = { .kind = CHANGE_ROLE_ALTER, .declared_at = decl->pos, .name = name };
    bool differs = false;

    if (is_new && !may_create(walk, decl))
        return;
    if (is_new) {
        change.kind = CHANGE_ROLE_CREATE;
        role = access_state_add_role(walk->state, name);
        /* CREATE USER: who is declared may log in unless the entry says otherwise. */
        role->attributes[ROLE_ATTRIBUTE_LOGIN] = true;
        change.role.attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
        change.role.attributes[ROLE_ATTRIBUTE_LOGIN] = true;
    }
    differs = converge_attributes(walk, decl, role, is_new, &change.role);
    differs = give_login_back(walk, decl, role, &change.role) || differs;
    note_no_login(walk, decl, role);
    note_overridden_parameters(walk, decl);
    if (is_new || differs)
        walk_add(walk, &change);
    if (is_new)
        walk_created_role(walk, name);
    converge_password(walk, &decl->password, role);
    walk_parameters(walk, &decl->parameters, name, NAME_NONE);
    converge_comment(walk, decl, role);
}

/* ALTER USER <monitor> SET search_path TO monitor, public: the policy's, and stronger than the
 * entry's. */
static void
walk_policy_settings(Walk *walk)
{
    LIST_FOREACH (const PolicySetting, setting, &walk->policy->settings) {
        NameId role = walk_policy_role(walk, setting->role, "the monitor user's search_path");

        if (role != NAME_NONE)
            walk_parameters(walk, &setting->parameters, role, NAME_NONE);
    }
}

/* classic resets dbsu's password, but never away under the executor that came in with it. */
static void
walk_dbsu_password(Walk *walk)
{
    NameId dbsu = names_intern(walk->names, walk->users->dbsu);
    StateRole *role = access_state_role(walk->state, dbsu);

    if ((walk->policy->flags & POLICY_RESET_DBSU_PASSWORD) == 0 || role == NULL ||
        role->verifier == NULL)
        return;
    if (dbsu == walk->state->executor && walk->state->used_password) {
        findings_add(walk->input->notes, &FINDING_DBSU_PASSWORD_IGNORED, walk->policy_pos, NULL,
                     "the password of pg_dbsu \"%s\" is kept: this connection was made with it",
                     walk->users->dbsu);
        return;
    }
    role->verifier = NULL;
    walk_add(
        walk,
        &(Change){ .kind = CHANGE_ROLE_PASSWORD, .declared_at = walk->policy_pos, .name = dbsu });
}

static bool
role_is_declared(const Walk *walk, const char *name)
{
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        if (strcmp(decl->name, name) == 0)
            return true;
    }
    return false;
}

/* pg_*_password of a system user that no list declares; a declared one has it in its declaration.
 */
static void
walk_system_password(Walk *walk, const char *name, const PasswordDecl *password)
{
    NameId role = NAME_NONE;

    if (name == NULL || password->kind == PASSWORD_NOT_GIVEN || role_is_declared(walk, name))
        return;
    role = walk_require_role(walk, name, walk->policy_pos, "the password of a system user");
    if (role != NAME_NONE)
        converge_password(walk, password, access_state_role(walk->state, role));
}

void
walk_roles(Walk *walk)
{
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        if (!decl->absent)
            walk_role(walk, decl);
    }
    walk_system_password(walk, walk->users->replication, &walk->users->replication_password);
    walk_system_password(walk, walk->users->monitor, &walk->users->monitor_password);
    walk_system_password(walk, walk->users->admin, &walk->users->admin_password);
    if (walk->users->dbsu_password.kind != PASSWORD_NOT_GIVEN)
        findings_add(walk->input->notes, &FINDING_DBSU_PASSWORD_IGNORED,
                     walk->users->dbsu_password.pos, NULL,
                     "pg_dbsu_password is not set on the server: dbsu's password is left as it is");
    walk_dbsu_password(walk);
    walk_policy_settings(walk);
}

List
desired_timestamps(Arena *arena, const Cluster *cluster, const GDate *today)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    List texts = { 0 };

    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        const char *text = role->expire_in.given
                               ? expire_in_date(arena, today, role->expire_in.value)
                               : role->expire_at.value;

        if (text != NULL && g_hash_table_add(seen, (gpointer)text))
            list_add(arena, &texts, text);
    }
    return texts;
}
