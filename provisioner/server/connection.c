/* From inventory and command line to libpq's parameters. */
#include "provisioner/server/connection.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* Room for any host name or numeric address. */
#define HOST_TEXT_SIZE 1025

typedef struct ParameterLists {
    Arena *arena;
    List keywords;
    List values;
} ParameterLists;

/*
 * libpq takes the last of two equal keywords, so defaults are added first and a person's words
 * last.
 */
static void
add_parameter(ParameterLists *lists, const char *keyword, const char *value)
{
    list_add(lists->arena, &lists->keywords, arena_strdup(lists->arena, keyword));
    list_add(lists->arena, &lists->values, arena_strdup(lists->arena, value));
}

/*
 * A peer that is gone is noticed after a minute; by default Linux takes two hours for a connection
 * that waits and a quarter of one for what cannot be delivered.
 */
static void
add_keepalives(ParameterLists *lists)
{
    add_parameter(lists, "keepalives_idle", "30");
    add_parameter(lists, "keepalives_interval", "10");
    add_parameter(lists, "keepalives_count", "3");
    add_parameter(lists, "tcp_user_timeout", "60000");
}

static void
finish(ParameterLists *lists, const char *label, int version, ConnectionParameters *ret_parameters)
{
    list_add(lists->arena, &lists->keywords, NULL);
    list_add(lists->arena, &lists->values, NULL);
    *ret_parameters = (ConnectionParameters){
        .keywords = (const char *const *)lists->keywords.items,
        .values = (const char *const *)lists->values.items,
        .label = label,
        .seen = ARENA_NEW(lists->arena, ServerSeen),
    };
    *ret_parameters->seen = (ServerSeen){
        .arena = lists->arena,
        .limits = { .version = version, .statement_timeout_ms = STATEMENT_TIMEOUT_MS_DEFAULT },
    };
}

/*
 * A socket or one IP address: libpq has nothing to choose from, and whether the server is writable
 * is asked in any case (catalog.c). Before 14 libpq would ask by itself and trust the answer to
 * have a column.
 */
static bool
is_one_server(const char *keyword, const char *value)
{
    return (strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0) &&
           strchr(value, ',') == NULL && (*value == '/' || g_hostname_is_ip_address(value));
}

typedef enum ConninfoUse {
    CONNINFO_ANY_MEMBER,
    CONNINFO_WRITABLE_MEMBER,
} ConninfoUse;

/*
 * dbname is dropped, because pgcharter connects to several databases. A password on a command line
 * is visible to every user of the machine in the process list (proc(5), cmdline), so it is refused
 * there; in an inventory it is a secret like any other.
 */
static bool
add_conninfo(ParameterLists *lists, const char *conninfo, const char *source, ConninfoUse use,
             GError **error)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    bool has_choice = true;
    bool ok = true;

    if (options == NULL) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                    "%s is not a connection string that libpq understands", source);
        PQfreemem(message);
        return false;
    }
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val == NULL || strcmp(option->keyword, "dbname") == 0)
            continue;
        if ((strcmp(option->keyword, "password") == 0 ||
             strcmp(option->keyword, "sslpassword") == 0) &&
            g_str_has_prefix(source, "--")) {
            g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                        "%s holds a password, which everybody on this machine could read: use a "
                        "passfile, PGPASSWORD or a service",
                        source);
            ok = false;
        }
        has_choice = has_choice && strcmp(option->keyword, "target_session_attrs") != 0 &&
                     !is_one_server(option->keyword, option->val);
        add_parameter(lists, option->keyword, option->val);
    }
    if (ok && has_choice && use == CONNINFO_WRITABLE_MEMBER)
        add_parameter(lists, "target_session_attrs", "primary");
    PQconninfoFree(options);
    return ok;
}

/* The part behind NAME= for the last conninfo with one of these names. */
static const char *
conninfo_for(const char *const *names, size_t count, char *const *conninfos, const char **ret_name)
{
    const char *found = NULL;

    for (; conninfos != NULL && *conninfos != NULL; conninfos++) {
        size_t length = (size_t)(strchr(*conninfos, '=') - *conninfos);

        for (size_t i = 0; i < count; i++) {
            if (strlen(names[i]) == length && strncmp(names[i], *conninfos, length) == 0) {
                found = *conninfos + length + 1;
                *ret_name = names[i];
            }
        }
    }
    return found;
}

/*
 * Numeric comparison only: resolving names could block for seconds and could be answered by
 * somebody else.
 */
static bool
address_is_ours(const char *address)
{
    struct ifaddrs *interfaces = NULL;
    bool ours = false;

    if (getifaddrs(&interfaces) != 0)
        return false;
    for (const struct ifaddrs *at = interfaces; at != NULL && !ours; at = at->ifa_next) {
        char text[HOST_TEXT_SIZE];
        socklen_t length = 0;

        if (at->ifa_addr == NULL)
            continue;
        if (at->ifa_addr->sa_family == AF_INET)
            length = sizeof(struct sockaddr_in);
        else if (at->ifa_addr->sa_family == AF_INET6)
            length = sizeof(struct sockaddr_in6);
        else
            continue;
        ours = getnameinfo(at->ifa_addr, length, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
               strcmp(text, address) == 0;
    }
    freeifaddrs(interfaces);
    return ours;
}

/* The socket is preferred on the machine itself, because Pigsty's rules let dbsu in only there. */
static bool
is_this_machine(const Instance *instance)
{
    char name[HOST_TEXT_SIZE];

    if (strcmp(instance->address, "localhost") == 0)
        return true;
    if (gethostname(name, sizeof name) == 0 && strcmp(name, instance->address) == 0)
        return true;
    return address_is_ours(instance->address);
}

/*
 * All members in one connection string: libpq tries them in order and takes the first that accepts
 * writes, which finds the primary after a failover.
 */
static void
add_members(ParameterLists *lists, const Cluster *cluster)
{
    g_autoptr(GString) hosts = g_string_new(cluster->primary->address);
    g_autoptr(GString) ports = g_string_new(NULL);

    g_string_append_printf(ports, "%d", cluster->primary->port);
    LIST_FOREACH (const Instance, instance, &cluster->instances) {
        if (instance == cluster->primary)
            continue;
        g_string_append_printf(hosts, ",%s", instance->address);
        g_string_append_printf(ports, ",%d", instance->port);
    }
    add_parameter(lists, "host", hosts->str);
    add_parameter(lists, "port", ports->str);
    if (cluster->primary->users.admin != NULL)
        add_parameter(lists, "user", cluster->primary->users.admin);
    if (!is_one_server("host", hosts->str))
        add_parameter(lists, "target_session_attrs", "primary");
}

static void
add_local_socket(ParameterLists *lists, const Instance *instance)
{
    g_autofree char *port = g_strdup_printf("%d", instance->port);

    add_parameter(lists, "host", instance->localhost);
    add_parameter(lists, "port", port);
    add_parameter(lists, "user", instance->users.dbsu);
}

/*
 * The order of precedence: command line, inventory, this machine's socket, addresses. libpq's own
 * environment fills in what none of them says.
 */
bool
connection_resolve(Arena *arena, const Cluster *cluster, char *const *conninfos,
                   ConnectionParameters *ret_parameters, GError **error)
{
    ParameterLists lists = { .arena = arena };
    const char *const names[] = { cluster->name, cluster->primary->name };
    const char *name = NULL;
    const char *conninfo = conninfo_for(names, G_N_ELEMENTS(names), conninfos, &name);
    g_autofree char *source = NULL;

    add_keepalives(&lists);
    if (conninfo != NULL) {
        source = g_strdup_printf("--conninfo %s", name);
        if (!add_conninfo(&lists, conninfo, source, CONNINFO_WRITABLE_MEMBER, error))
            return false;
    } else if (cluster->primary->conninfo.value != NULL) {
        source = g_strdup_printf("%s:%u: pg_conninfo", cluster->primary->conninfo.pos.file,
                                 cluster->primary->conninfo.pos.line);
        if (!add_conninfo(&lists, cluster->primary->conninfo.value, source,
                          CONNINFO_WRITABLE_MEMBER, error))
            return false;
    } else if (is_this_machine(cluster->primary)) {
        add_local_socket(&lists, cluster->primary);
    } else {
        add_members(&lists, cluster);
    }
    finish(&lists, cluster->name, cluster->primary->version, ret_parameters);
    return true;
}

static bool
is_known_name(const Inventory *inventory, const char *name, size_t length)
{
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        if (strlen(cluster->name) == length && strncmp(cluster->name, name, length) == 0)
            return true;
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (strlen(instance->name) == length && strncmp(instance->name, name, length) == 0)
                return true;
        }
    }
    return false;
}

/* A typo in --conninfo would otherwise be ignored, and the plan would go to another server. */
bool
connection_check_names(const Inventory *inventory, char *const *conninfos, GError **error)
{
    for (; conninfos != NULL && *conninfos != NULL; conninfos++) {
        size_t length = (size_t)(strchr(*conninfos, '=') - *conninfos);

        if (!is_known_name(inventory, *conninfos, length)) {
            g_set_error(
                error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                "--conninfo: \"%.*s\" is neither a cluster nor an instance of the inventory",
                (int)length, *conninfos);
            return false;
        }
    }
    return true;
}

/*
 * A cluster-wide string may lead to any member, so it is not used for an instance unless the
 * cluster has only one.
 */
bool
connection_resolve_instance(Arena *arena, const Instance *instance, char *const *conninfos,
                            ConnectionParameters *ret_parameters, GError **error)
{
    ParameterLists lists = { .arena = arena };
    const char *const names[] = { instance->name, instance->cluster->name };
    bool is_only_one = instance->cluster->instances.count == 1;
    const char *name = NULL;
    const char *conninfo = conninfo_for(names, is_only_one ? 2 : 1, conninfos, &name);
    g_autofree char *source = NULL;
    g_autofree char *port = g_strdup_printf("%d", instance->port);

    add_keepalives(&lists);
    if (conninfo != NULL) {
        source = g_strdup_printf("--conninfo %s", name);
        if (!add_conninfo(&lists, conninfo, source, CONNINFO_ANY_MEMBER, error))
            return false;
    } else if (instance->conninfo.value != NULL && (instance->conninfo_is_own || is_only_one)) {
        source = g_strdup_printf("%s:%u: pg_conninfo", instance->conninfo.pos.file,
                                 instance->conninfo.pos.line);
        if (!add_conninfo(&lists, instance->conninfo.value, source, CONNINFO_ANY_MEMBER, error))
            return false;
    } else if (is_this_machine(instance)) {
        add_local_socket(&lists, instance);
    } else {
        add_parameter(&lists, "host", instance->address);
        add_parameter(&lists, "port", port);
        if (instance->users.admin != NULL)
            add_parameter(&lists, "user", instance->users.admin);
    }
    finish(&lists, instance->name, instance->version, ret_parameters);
    return true;
}
