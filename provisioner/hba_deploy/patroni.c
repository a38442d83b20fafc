/* HTTP with libcurl. */
#include "provisioner/hba_deploy/patroni.h"

#include <curl/curl.h>
#include <string.h>

#include "base/error.h"
#include "base/json_writer.h"
#include "provisioner/hba_deploy/patroni_json.h"

#define PORT_DEFAULT 8008

/* Patroni answers at once; what takes longer is not there. */
#define CONNECT_TIMEOUT_SECONDS 5L
#define TIMEOUT_SECONDS         20L
#define ANSWER_SIZE_MAX         (4u << 20)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)

typedef struct curl_slist CurlHeaders;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CurlHeaders, curl_slist_free_all)

/* Where URL begins in [NAME=]URL. */
static const char *
url_of(const char *text)
{
    const char *name_end = text + strcspn(text, "=/");

    return *name_end == '=' ? name_end + 1 : text;
}

/* A password in a URL would be in the process list of every user of the machine. */
static bool
check_url(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri == NULL ? NULL : g_uri_get_scheme(uri);

    if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                    "--patroni-url takes a URL such as http://10.10.10.11:8008, or INSTANCE=URL");
        return false;
    }
    if (g_uri_get_userinfo(uri) == NULL)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                "--patroni-url names a user, whose password everybody on this machine could read: "
                "write user and password to ~/.netrc");
    return false;
}

bool
patroni_check_urls(char *const *urls, GError **error)
{
    for (; urls != NULL && *urls != NULL; urls++) {
        if (!check_url(url_of(*urls), error))
            return false;
    }
    return true;
}

/*
 * The URL of the instance itself is preferred to one without a name, in whatever order they were
 * given.
 */
const char *
patroni_url(Arena *arena, const Instance *instance, char *const *urls)
{
    const char *found = NULL;
    bool is_v6 = strchr(instance->address, ':') != NULL;

    for (; urls != NULL && *urls != NULL; urls++) {
        const char *url = url_of(*urls);
        size_t length = url == *urls ? 0 : (size_t)(url - *urls) - 1;
        bool is_ours =
            strlen(instance->name) == length && strncmp(instance->name, *urls, length) == 0;

        if (is_ours || (length == 0 && found == NULL))
            found = url;
    }
    if (found != NULL)
        return found;
    return arena_printf(arena, is_v6 ? "http://[%s]:%d" : "http://%s:%d", instance->address,
                        PORT_DEFAULT);
}

/*
 * A limit, because the address may belong to another program: an endless answer must not fill the
 * memory. Returning less than was offered makes libcurl stop.
 */
static size_t
take_answer(char *bytes, size_t size, size_t count, void *data)
{
    GString *answer = data;

    if (answer->len + size * count > ANSWER_SIZE_MAX)
        return 0;
    g_string_append_len(answer, bytes, (gssize)(size * count));
    return size * count;
}

static void
set_options(CURL *curl, const char *url, GString *answer)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    /* A proxy of the environment is meant for the internet, not for the members of a cluster. */
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

/* One exchange; body NULL is a GET, else a PATCH. The answer's text, or NULL. */
static GString *
exchange(const char *base, const char *path, const char *body, GError **error)
{
    g_autoptr(CURL) curl = curl_easy_init();
    g_autoptr(CurlHeaders) headers = NULL;
    g_autoptr(GString) answer = g_string_new(NULL);
    g_autofree char *url = NULL;
    size_t length = strlen(base);
    long status = 0;
    CURLcode code = CURLE_OK;

    while (length > 0 && base[length - 1] == '/')
        length--;
    url = g_strdup_printf("%.*s%s", (int)length, base, path);
    set_options(curl, url, answer);
    if (body != NULL) {
        headers = curl_slist_append(NULL, "Content-Type: application/json");
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PATCH");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200)
        return g_steal_pointer(&answer);
    if (code != CURLE_OK)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "Patroni at %s: %s", url,
                    curl_easy_strerror(code));
    else
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "Patroni at %s answers with HTTP status %ld", url, status);
    return NULL;
}

/* GET /patroni needs no authentication and answers with 200 on every member that runs. */
const char *
patroni_read_role(Arena *arena, const char *url, GError **error)
{
    g_autoptr(GString) answer = exchange(url, "/patroni", NULL, error);
    const char *role = NULL;

    if (answer == NULL)
        return NULL;
    role = patroni_json_role(arena, answer);
    if (role == NULL)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "Patroni at %s does not answer with a role", url);
    return role;
}

bool
patroni_read_config(Arena *arena, const char *url, PatroniConfig *ret_config, GError **error)
{
    g_autoptr(GString) answer = exchange(url, "/config", NULL, error);

    if (answer == NULL)
        return false;
    if (patroni_json_config(arena, answer, ret_config))
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "Patroni at %s answers with no configuration in which postgresql.pg_hba is a list "
                "of texts or missing",
                url);
    return false;
}

/*
 * PATCH merges into the configuration, and null removes a key (Patroni's REST API, "Config
 * endpoint"), so nothing else is touched.
 */
bool
patroni_write_rules(const char *url, const List *lines, GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GString) answer = NULL;
    JsonWriter json;

    json_writer_init(&json, body);
    json_begin_object(&json, NULL);
    json_begin_object(&json, "postgresql");
    if (lines == NULL) {
        json_write_null(&json, "pg_hba");
    } else {
        json_begin_array(&json, "pg_hba");
        LIST_FOREACH (const char, line, lines)
            json_write_string(&json, NULL, line);
        json_end_array(&json);
    }
    json_end_object(&json);
    json_end_object(&json);
    answer = exchange(url, "/config", body->str, error);
    return answer != NULL;
}
