/* Which declared passwords differ from the stored verifiers, computed on all cores. */
#include <string.h>

#include "roles/password.h"

struct PasswordVerdicts {
    Arena *arena;
    GMutex lock; /* of the arena, while threads answer */
    GHashTable *by_role;
    GPtrArray *open;
    gint next; /* of the open questions */
};

PasswordVerdicts *
password_verdicts_new(Arena *arena)
{
    PasswordVerdicts *verdicts = g_new0(PasswordVerdicts, 1);

    verdicts->arena = arena;
    g_mutex_init(&verdicts->lock);
    verdicts->by_role = g_hash_table_new(g_str_hash, g_str_equal);
    verdicts->open = g_ptr_array_new();
    return verdicts;
}

void
password_verdicts_free(PasswordVerdicts *verdicts)
{
    if (verdicts == NULL)
        return;
    g_mutex_clear(&verdicts->lock);
    g_hash_table_destroy(verdicts->by_role);
    g_ptr_array_free(verdicts->open, TRUE);
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
answer(PasswordVerdicts *verdicts, PasswordQuestion *question)
{
    g_autoptr(Arena) scratch = arena_new();
    const char *verifier = question->declared;

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
    verifier = question->as_md5
                   ? password_md5_verifier(scratch, question->plaintext, question->role_name)
                   : password_scram_verifier(scratch, question->plaintext, question->iterations);
    g_mutex_lock(&verdicts->lock);
    question->verdict =
        (PasswordVerdict){ .changes = true, .verifier = arena_strdup(verdicts->arena, verifier) };
    g_mutex_unlock(&verdicts->lock);
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
        answer(verdicts, g_ptr_array_index(verdicts->open, (guint)at));
    }
}

void
password_verdicts_answer(PasswordVerdicts *verdicts, int threads)
{
    guint wanted = threads > 0 ? (guint)threads : g_get_num_processors();
    g_autoptr(GPtrArray) others = g_ptr_array_new();

    verdicts->next = 0;
    /* This thread works, too. */
    for (guint i = 1; i < MIN(wanted, verdicts->open->len); i++)
        g_ptr_array_add(others, g_thread_new("passwords", work, verdicts));
    work(verdicts);
    for (guint i = 0; i < others->len; i++)
        g_thread_join(g_ptr_array_index(others, i));
    g_ptr_array_set_size(verdicts->open, 0);
}

PasswordVerdict
password_verdicts_of(const PasswordVerdicts *verdicts, const char *role_name)
{
    const PasswordQuestion *question = g_hash_table_lookup(verdicts->by_role, role_name);

    return question != NULL ? question->verdict : (PasswordVerdict){ .changes = false };
}
