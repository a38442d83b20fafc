/* Readers of fields that many tables share: a value becomes the member of a struct. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/findings.h"

#define MEMBER(type, field, target) ((type *)(void *)((char *)(target) + (field)->offset))

/* name and username are the same key in two dialects: both may be there if they agree. */
static bool
read_name(Binder *binder, const FieldDef *field, const Node *value, void *target, NameUse use)
{
    const char **member = MEMBER(const char *, field, target);
    const char *name = value_name(binder, field->key, value, use);

    if (name == NULL)
        return false;
    if (*member != NULL && strcmp(*member, name) != 0) {
        findings_add(binder->findings, &FINDING_KEY_CONFLICTING, value->pos,
                     "name and username are the same key in two dialects",
                     "%s is also called \"%s\"", binder->object, *member);
        return false;
    }
    *member = name;
    return true;
}

bool
field_name(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return read_name(binder, field, value, target, NAME_OF_OBJECT);
}

bool
field_role(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return read_name(binder, field, value, target, NAME_OF_ROLE);
}

bool
field_new_role(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return read_name(binder, field, value, target, NAME_OF_NEW_ROLE);
}

bool
field_opt_text(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptText *member = MEMBER(OptText, field, target);

    member->value = value_text(binder, field->key, value);
    member->pos = value->pos;
    return member->value != NULL;
}

/* '' counts as not given for these, as in Pigsty. */
static bool
read_opt_name(Binder *binder, const FieldDef *field, const Node *value, void *target, NameUse use)
{
    OptText *member = MEMBER(OptText, field, target);
    const char *text = value_text(binder, field->key, value);

    member->pos = value->pos;
    if (text == NULL || (*text != '\0' && !value_check_name(binder, value->pos, text, use)))
        return false;
    member->value = *text == '\0' ? NULL : text;
    return true;
}

bool
field_opt_name(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return read_opt_name(binder, field, value, target, NAME_OF_OBJECT);
}

bool
field_opt_role(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return read_opt_name(binder, field, value, target, NAME_OF_ROLE);
}

bool
field_bool(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptBool *member = MEMBER(OptBool, field, target);

    member->pos = value->pos;
    member->given = value_bool(binder, field->key, value, &member->value);
    return member->given;
}

/*
 * Pigsty passes these through Jinja's bool filter, which accepts texts; attributes of roles it does
 * not, so they use field_bool().
 */
bool
field_switch(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptBool *member = MEMBER(OptBool, field, target);

    member->pos = value->pos;
    member->given = value_switch(binder, field->key, value, &member->value);
    return member->given;
}

bool
field_int(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptInt *member = MEMBER(OptInt, field, target);
    const IntRange *range = field->extra;

    member->pos = value->pos;
    member->given = value_int(binder, field->key, value, *range, &member->value);
    return member->given;
}

bool
field_word(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return value_word(binder, field->key, value, field->extra, MEMBER(int, field, target));
}

bool
field_opt_word(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    int ignored = 0;

    return value_word(binder, field->key, value, field->extra, &ignored) &&
           field_opt_text(binder, field, value, target);
}
