/* Which declared passwords differ from the stored verifiers, computed on all cores while the server
 * works. */
#include <string.h>

#include "base/wipe.h"
#include "roles/password.h"

struct PasswordVerdicts {
    Arena *arena; /* the run's: only the caller's thread may use it */
    GHashTable *by_role;
    GPtrArray *open;
    GPtrArray *threads; /* GThread, while they answer */
    gint next;          /* of the open questions */
};

PasswordVerdicts *
password_verdicts_new(Arena *arena)
{
    PasswordVerdicts *verdicts = g_new0(PasswordVerdicts, 1);

    verdicts->arena = arena;
    verdicts->by_role = g_hash_table_new(g_str_hash, g_str_equal);
    verdicts->open = g_ptr_array_new();
    verdicts->threads = g_ptr_array_new();
    return verdicts;
}

void
password_verdicts_free(PasswordVerdicts *verdicts)
{
    if (verdicts == NULL)
        return;
    password_verdicts_finish(verdicts);
    g_hash_table_destroy(verdicts->by_role);
    g_ptr_array_free(verdicts->open, TRUE);
    g_ptr_array_free(verdicts->threads, TRUE);
    g_free(verdicts);
}

static bool
is_same_question(const PasswordQuestion *a, const PasswordQuestion *b)
{
    return g_strcmp0(a->plaintext, b->plaintext) == 0 && g_strcmp0(a->declared, b->declared) == 0 &&
           g_strcmp0(a->stored, b->stored) == 0 && a->stored_is_unknown == b->stored_is_unknown &&
           a->as_md5 == b->as_md5 && a->iterations == b->iterations;
}

void
password_verdicts_ask(PasswordVerdicts *verdicts, const PasswordQuestion *question)
{
    PasswordQuestion *copy = g_hash_table_lookup(verdicts->by_role, question->role_name);

    if (copy != NULL && is_same_question(copy, question))
        return;
    copy = ARENA_NEW(verdicts->arena, PasswordQuestion);
    *copy = *question;
    g_hash_table_insert(verdicts->by_role, (gpointer)copy->role_name, copy);
    g_ptr_array_add(verdicts->open, copy);
}

/*
 * Equal means no change, and the salt is kept: PgBouncer passes SCRAM through only while it knows
 * the same verifier. An MD5 secret under a plaintext is replaced by SCRAM, unless MD5 is wanted.
 */
static void
answer(PasswordQuestion *question)
{
    g_autoptr(Arena) scratch = NULL;
    const char *verifier = NULL;

    if (question->plaintext == NULL) {
        question->verdict = (PasswordVerdict){
            .changes =
                question->stored_is_unknown || g_strcmp0(question->declared, question->stored) != 0,
            .verifier = question->declared,
        };
        return;
    }
    if (question->stored != NULL &&
        (question->as_md5 || !g_str_has_prefix(question->stored, "md5")) &&
        password_matches(question->plaintext, question->role_name, question->stored))
        return;
    scratch = arena_new();
    verifier = question->as_md5
                   ? password_md5_verifier(scratch, question->plaintext, question->role_name)
                   : password_scram_verifier(scratch, question->plaintext, question->iterations);
    /* On the heap, until the caller's thread takes it over. */
    question->verdict = (PasswordVerdict){ .changes = true, .verifier = g_strdup(verifier) };
}

/* Takes open questions until there are none. */
static gpointer
work(gpointer data)
{
    PasswordVerdicts *verdicts = data;

    for (;;) {
        gint at = g_atomic_int_add(&verdicts->next, 1);

        if (at >= (gint)verdicts->open->len)
            return NULL;
        answer(g_ptr_array_index(verdicts->open, (guint)at));
    }
}

void
password_verdicts_start(PasswordVerdicts *verdicts, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();

    verdicts->next = 0;
    for (guint i = 0; i < MIN(wanted, verdicts->open->len); i++)
        g_ptr_array_add(verdicts->threads, g_thread_new("passwords", work, verdicts));
}

void
password_verdicts_finish(PasswordVerdicts *verdicts)
{
    if (verdicts->threads->len == 0)
        return;
    work(verdicts);
    for (guint i = 0; i < verdicts->threads->len; i++)
        g_thread_join(g_ptr_array_index(verdicts->threads, i));
    g_ptr_array_set_size(verdicts->threads, 0);
    for (guint i = 0; i < verdicts->open->len; i++) {
        PasswordQuestion *question = g_ptr_array_index(verdicts->open, i);
        char *computed = question->plaintext != NULL ? (char *)question->verdict.verifier : NULL;

        if (computed == NULL)
            continue;
        question->verdict.verifier = arena_strdup(verdicts->arena, computed);
        wipe_free(computed);
    }
    g_ptr_array_set_size(verdicts->open, 0);
}

PasswordVerdict
password_verdicts_of(const PasswordVerdicts *verdicts, const char *role_name)
{
    const PasswordQuestion *question = g_hash_table_lookup(verdicts->by_role, role_name);

    return question != NULL ? question->verdict : (PasswordVerdict){ .changes = false };
}
