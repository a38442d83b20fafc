/* Roles: attributes, expiry, passwords, comments, parameters. */
#include "roles/diff/roles.h"

#include <math.h>
#include <string.h>

#include "roles/diff/marker_edit.h"
#include "roles/diff/membership_edit.h"
#include "roles/diff/parameter_edit.h"
#include "roles/diff/required_role.h"

static bool
strips_protected_role(Diff *diff, const RoleDecl *decl, const StateRole *role,
                      RoleAttribute attribute)
{
    if (attribute != ROLE_ATTRIBUTE_LOGIN && attribute != ROLE_ATTRIBUTE_SUPERUSER)
        return false;
    if (decl->attributes[attribute].value || !role->attributes[attribute] ||
        !scope_is_protected(diff->scope, role->name))
        return false;
    findings_add(diff->notes, &FINDING_ROLE_PROTECTED, decl->attributes[attribute].pos,
                 "remove the key", "role \"%s\" never loses %s", decl->name,
                 role_attribute_keyword(attribute));
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
    /* Four digits: the server takes 1-01-01 for a day of 2001. */
    g_snprintf(text, sizeof text, "%04u-%02u-%02u", g_date_get_year(&date),
               (unsigned)g_date_get_month(&date), g_date_get_day(&date));
    return arena_strdup(arena, text);
}

/*
 * expire_in is never moved later: it is set on a new role, on one without VALID UNTIL, and on one
 * whose VALID UNTIL is later than that day.
 */
static const char *
wanted_expiry(Diff *diff, const RoleDecl *decl, const StateRole *role, bool is_new)
{
    bool is_given = decl->expire_in.given || decl->expire_at.value != NULL;
    const char *text =
        decl->expire_in.given
            ? expire_in_date(diff->arena, diff->context->input->today, decl->expire_in.value)
            : decl->expire_at.value;
    const double *at =
        text == NULL ? NULL : g_hash_table_lookup(diff->context->input->timestamps, text);

    if (!is_given && isfinite(role->valid_until) &&
        scope_completes(diff->scope, decl, role->name, ROLE_LEAVE_EXPIRY))
        return "infinity";
    if (text == NULL || is_new || at == NULL)
        return text;
    if (decl->expire_in.given)
        return isnan(role->valid_until) || role->valid_until > *at ? text : NULL;
    return role->valid_until == *at ? NULL : text;
}

static bool
expires_protected_role(Diff *diff, const RoleDecl *decl, const StateRole *role, const double *at)
{
    const double day = 24 * 60 * 60;
    const guint32 julian_day_of_1970 = 719163;
    double tomorrow =
        (double)(g_date_get_julian(diff->context->input->today) + 1 - julian_day_of_1970) * day;

    if (at == NULL || *at >= tomorrow || !scope_is_protected(diff->scope, role->name))
        return false;
    findings_add(diff->notes, &FINDING_ROLE_PROTECTED,
                 decl->expire_in.given ? decl->expire_in.pos : decl->expire_at.pos,
                 "choose a later day, or remove the key",
                 "role \"%s\" never expires while pgcharter needs it", decl->name);
    return true;
}

/*
 * The server's own conversion of the text decides equality, since its TimeZone decides what the
 * text means; NaN marks a value that only the server can tell.
 */
static void
converge_expiry(Diff *diff, const RoleDecl *decl, StateRole *role, RoleChange *change, bool is_new)
{
    const char *text = wanted_expiry(diff, decl, role, is_new);
    const double *at = NULL;

    if (text == NULL)
        return;
    at = g_hash_table_lookup(diff->context->input->timestamps, text);
    if (expires_protected_role(diff, decl, role, at))
        return;
    change->valid_until = text;
    role->valid_until = at != NULL ? *at : (double)NAN;
}

/*
 * What the entry says of an attribute. Where it is complete, silence means CREATE ROLE's default.
 * LOGIN is never completed: to open a role that somebody closed takes an explicit `login`, which a
 * note asks for.
 */
static OptBool
wanted_attribute(const Diff *diff, const RoleDecl *decl, const StateRole *role,
                 RoleAttribute attribute, bool is_new)
{
    if (decl->attributes[attribute].given || is_new || attribute == ROLE_ATTRIBUTE_LOGIN ||
        !scope_completes(diff->scope, decl, role->name, attribute))
        return decl->attributes[attribute];
    return (OptBool){ .given = true, .value = attribute == ROLE_ATTRIBUTE_INHERIT };
}

static OptInt
wanted_connection_limit(const Diff *diff, const RoleDecl *decl, const StateRole *role)
{
    const int64_t no_limit = -1;

    if (decl->connection_limit.given ||
        !scope_completes(diff->scope, decl, role->name, ROLE_LEAVE_CONNECTION_LIMIT))
        return decl->connection_limit;
    return (OptInt){ .given = true, .value = no_limit };
}

/* A superuser has no limit (InitializeSessionUserId() in miscinit.c). */
static bool
closes_protected_role(Diff *diff, const RoleDecl *decl, const StateRole *role, OptInt limit)
{
    if (limit.value != 0 || role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        !scope_is_protected(diff->scope, role->name))
        return false;
    findings_add(diff->notes, &FINDING_ROLE_PROTECTED, limit.pos, "choose a higher limit",
                 "role \"%s\" never gets CONNECTION LIMIT 0", decl->name);
    return true;
}

/*
 * Fills what differs between the declaration and the role, and moves the role there. But for
 * strict, attributes that the entry does not name are left as they are: CREATE ROLE's defaults
 * apply to new roles only.
 */
static bool
converge_attributes(Diff *diff, const RoleDecl *decl, StateRole *role, bool is_new,
                    RoleChange *ret_change)
{
    OptInt limit = wanted_connection_limit(diff, decl, role);
    bool differs = false;

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        OptBool wanted = wanted_attribute(diff, decl, role, (RoleAttribute)i, is_new);

        if (!wanted.given || role->attributes[i] == wanted.value ||
            strips_protected_role(diff, decl, role, (RoleAttribute)i))
            continue;
        role->attributes[i] = wanted.value;
        ret_change->attribute_changes[i] = true;
        ret_change->attributes[i] = role->attributes[i];
        differs = true;
    }
    if (limit.given && role->connection_limit != limit.value &&
        !closes_protected_role(diff, decl, role, limit)) {
        role->connection_limit = limit.value;
        ret_change->connection_limit_changes = true;
        ret_change->connection_limit = role->connection_limit;
        differs = true;
    }
    converge_expiry(diff, decl, role, ret_change, is_new);
    return differs || ret_change->valid_until != NULL;
}

/*
 * ALTER ROLE ... PASSWORD invalidates no session but breaks clients that hold the old one, so it is
 * set only when the stored verifier does not match the declared password.
 */
static void
converge_password(Diff *diff, const PasswordDecl *password, StateRole *role)
{
    const char *name = names_text(diff->names, role->name);
    Change change = { .kind = CHANGE_ROLE_PASSWORD,
                      .declared_at = password->pos,
                      .name = role->name };
    const PasswordResult *result = g_hash_table_lookup(diff->context->input->passwords, name);

    if (password->kind == PASSWORD_NOT_GIVEN)
        return;
    if (strcmp(name, diff->context->users->dbsu) == 0) {
        findings_add(diff->notes, &FINDING_DBSU_PASSWORD_IGNORED, password->pos, NULL,
                     "the password of pg_dbsu \"%s\" is left unchanged", name);
        return;
    }
    if (result == NULL || !result->changes)
        return;
    if (result->verifier == NULL && result->deferred == NULL &&
        scope_is_protected(diff->scope, role->name)) {
        findings_add(diff->notes, &FINDING_ROLE_PROTECTED, password->pos, "remove the key",
                     "role \"%s\" never loses its password", name);
        return;
    }
    change.password =
        (PasswordChange){ .verifier = result->verifier, .deferred = result->deferred };
    /* A deferred one is unknown as yet; nothing after this asks for it. */
    role->verifier = result->verifier;
    diff_request(diff, &change);
}

/*
 * A system user serves tools that log in with a password, so one that is made without any is worth
 * a word. dbsu logs in as the operating system's user.
 */
static void
note_no_password(Diff *diff, const RoleDecl *decl)
{
    SystemUser user = system_user_find(diff->context->users, decl->name);
    const char *variable = NULL;
    g_autofree char *hint = NULL;

    if (decl->password.kind != PASSWORD_NOT_GIVEN || user == SYSTEM_USER_COUNT ||
        user == SYSTEM_USER_DBSU)
        return;
    variable = system_user_password_variable(user);
    hint = g_strdup_printf("set %s, such as {env: NAME}", variable);
    findings_add(diff->notes, &FINDING_NO_PASSWORD, decl->pos, hint,
                 "role \"%s\" is created without a password: no file sets %s", decl->name,
                 variable);
}

/* "role x" is the policy's comment, not the author's: skipped where the session role may not set
 * it.
 */
static SourcePos
comment_pos(const RoleDecl *decl)
{
    return decl->comment.value != NULL ? decl->comment.pos : declared_for(decl->pos, ORIGIN_POLICY);
}

/*
 * The comment of a role that was there before is its owner's note (a name, a ticket): only a text
 * that a person wrote replaces it. An entry of the policy fills an empty one; the policy's template
 * is for new roles.
 */
static bool
may_replace_comment(const OptText *declared, const char *present, bool is_new)
{
    if (is_new)
        return true;
    if (declared->value == NULL)
        return false;
    return !source_pos_is_policy(declared->pos) || present == NULL;
}

/* pg_shdescription holds comments of roles; an empty text removes the row. */
static void
converge_comment(Diff *diff, const RoleDecl *decl, StateRole *role, bool is_new)
{
    const char *text =
        decl->comment.value != NULL
            ? decl->comment.value
            : policy_comment(diff->arena, diff->context->policy->role_comment.value, decl->name);
    const char *wanted = text != NULL && *text != '\0' ? text : NULL;

    if (text == NULL || g_strcmp0(wanted, role->comment) == 0 ||
        !may_replace_comment(&decl->comment, role->comment, is_new))
        return;
    role->comment = wanted;
    diff_request(diff, &(Change){ .kind = CHANGE_ROLE_COMMENT,
                                  .declared_at = comment_pos(decl),
                                  .name = role->name,
                                  .comment = { wanted } });
}

/* What was disabled because it left, and is declared again, may log in again. */
static bool
give_login_back(const Diff *diff, const RoleDecl *decl, StateRole *role, RoleChange *change)
{
    if (decl->attributes[ROLE_ATTRIBUTE_LOGIN].given || role->attributes[ROLE_ATTRIBUTE_LOGIN] ||
        !marks_is_disabled(&diff->scope->marks, role->name))
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
note_no_login(Diff *diff, const RoleDecl *decl, const StateRole *role)
{
    if (!decl->attributes[ROLE_ATTRIBUTE_LOGIN].given && !role->attributes[ROLE_ATTRIBUTE_LOGIN])
        findings_add(
            diff->notes, &FINDING_ROLE_WITHOUT_LOGIN, decl->pos, "set login: true or login: false",
            "role \"%s\" is NOLOGIN on the server, and its entry does not set \"login\"; unchanged",
            decl->name);
}

/*
 * The policy's setting is applied after the entry's, so the entry would be changed back on every
 * run.
 */
static void
note_overridden_parameters(Diff *diff, const RoleDecl *decl)
{
    LIST_FOREACH (const ParameterDecl, parameter, &decl->parameters) {
        const ParameterDecl *of_policy = policy_parameter(diff, decl->name, parameter->name);

        if (of_policy != NULL)
            findings_add(diff->notes, &FINDING_SETTING_OVERRIDDEN, parameter->pos, NULL,
                         "the policy sets the %s of \"%s\": %s", of_policy->name, decl->name,
                         of_policy->value == NULL ? "DEFAULT" : of_policy->value);
    }
}

/* Asked before the role is in the state: one that the policy wants and nobody may create is not. */
static bool
may_create(Diff *diff, const RoleDecl *decl)
{
    Change change = { .kind = CHANGE_ROLE_CREATE, .declared_at = decl->pos };

    change.name = names_intern(diff->names, decl->name);
    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        change.role.attribute_changes[i] = decl->attributes[i].given;
        change.role.attributes[i] = decl->attributes[i].value;
    }
    return diff_allows(diff, &change, NULL);
}

/*
 * The password is a statement of its own even for a new role: CREATE ROLE ... PASSWORD would put a
 * secret into a statement that is shown, logged and merged with others.
 */
static void
converge_role(Diff *diff, const RoleDecl *decl)
{
    NameId name = names_intern(diff->names, decl->name);
    StateRole *role = access_state_role(diff->state, name);
    bool is_new = role == NULL;
    Change change = { .kind = CHANGE_ROLE_ALTER, .declared_at = decl->pos, .name = name };
    bool differs = false;

    if (is_new && !may_create(diff, decl))
        return;
    if (is_new) {
        change.kind = CHANGE_ROLE_CREATE;
        role = access_state_add_role(diff->state, name);
        /* CREATE USER: who is declared may log in unless the entry says otherwise. */
        role->attributes[ROLE_ATTRIBUTE_LOGIN] = true;
        change.role.attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
        change.role.attributes[ROLE_ATTRIBUTE_LOGIN] = true;
    }
    differs = converge_attributes(diff, decl, role, is_new, &change.role);
    differs = give_login_back(diff, decl, role, &change.role) || differs;
    note_no_login(diff, decl, role);
    note_overridden_parameters(diff, decl);
    if (is_new || differs)
        diff_request(diff, &change);
    if (is_new) {
        membership_edit_creator(diff, name);
        note_no_password(diff, decl);
    }
    converge_password(diff, &decl->password, role);
    parameter_edit_declared(diff, &decl->parameters, name, NAME_NONE);
    converge_comment(diff, decl, role, is_new);
}

/* ALTER USER <monitor> SET search_path TO monitor, public: the policy's, and stronger than the
 * entry's. */
static void
apply_policy_settings(Diff *diff)
{
    LIST_FOREACH (const PolicySetting, setting, &diff->context->policy->settings) {
        NameId role = required_policy_role(diff, setting->role, "the monitor user's search_path");

        if (role != NAME_NONE)
            parameter_edit_declared(diff, &setting->parameters, role, NAME_NONE);
    }
}

/* classic resets dbsu's password, but never away under the session role that came in with it. */
static void
reset_dbsu_password(Diff *diff)
{
    NameId dbsu = names_intern(diff->names, diff->context->users->dbsu);
    StateRole *role = access_state_role(diff->state, dbsu);

    if ((diff->context->policy->flags & POLICY_RESET_DBSU_PASSWORD) == 0 || role == NULL ||
        role->verifier == NULL)
        return;
    if (dbsu == diff->state->session_role && diff->state->used_password) {
        findings_add(diff->notes, &FINDING_DBSU_PASSWORD_IGNORED, diff->context->policy_pos, NULL,
                     "the password of pg_dbsu \"%s\" is kept: this connection uses it",
                     diff->context->users->dbsu);
        return;
    }
    role->verifier = NULL;
    diff_request(diff, &(Change){ .kind = CHANGE_ROLE_PASSWORD,
                                  .declared_at = diff->context->policy_pos,
                                  .name = dbsu });
}

static bool
role_is_declared(const Diff *diff, const char *name)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        if (strcmp(decl->name, name) == 0)
            return true;
    }
    return false;
}

/* pg_*_password of a system user that no list declares; a declared one has it in its declaration.
 */
static void
converge_system_password(Diff *diff, const char *name, const PasswordDecl *password)
{
    NameId role = NAME_NONE;

    if (name == NULL || password->kind == PASSWORD_NOT_GIVEN || role_is_declared(diff, name))
        return;
    role = required_role(diff, name, diff->context->policy_pos, "the password of a system user");
    if (role != NAME_NONE)
        converge_password(diff, password, access_state_role(diff->state, role));
}

void
diff_roles(Diff *diff)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        if (!decl->absent)
            converge_role(diff, decl);
    }
    converge_system_password(diff, diff->context->users->replication,
                             &diff->context->users->replication_password);
    converge_system_password(diff, diff->context->users->monitor,
                             &diff->context->users->monitor_password);
    converge_system_password(diff, diff->context->users->admin,
                             &diff->context->users->admin_password);
    if (diff->context->users->dbsu_password.kind != PASSWORD_NOT_GIVEN)
        findings_add(
            diff->notes, &FINDING_DBSU_PASSWORD_IGNORED, diff->context->users->dbsu_password.pos,
            NULL, "pg_dbsu_password is not set on the server: dbsu's password is left unchanged");
    reset_dbsu_password(diff);
    apply_policy_settings(diff);
}

List
diff_timestamps(Arena *arena, const Cluster *cluster, const GDate *today)
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
