#include "segments/evaluate.h"

void facts_init(Facts *facts)
{
    facts->seen = g_array_new(FALSE, FALSE, sizeof(Seen));
    facts->traits = g_array_new(FALSE, FALSE, sizeof(FactTrait));
    facts->tags = g_array_new(FALSE, FALSE, sizeof(FactTag));
    facts->picks = g_array_new(FALSE, FALSE, sizeof(FactPick));
    facts->shown = g_array_new(FALSE, FALSE, sizeof(FactShown));
    facts->texts = g_string_chunk_new(1024);
}

void facts_clear(Facts *facts)
{
    for (guint i = 0; i < facts->seen->len; i++)
        json_decref((json_t *)(void *)g_array_index(facts->seen, Seen, i).payload);
    g_array_unref(facts->seen);
    g_array_unref(facts->traits);
    g_array_unref(facts->tags);
    g_array_unref(facts->picks);
    g_array_unref(facts->shown);
    g_string_chunk_free(facts->texts);
}

static const char *kept(Facts *facts, const char *text)
{
    return text ? g_string_chunk_insert(facts->texts, text) : NULL;
}

void facts_add_seen(Facts *facts, const Seen *seen)
{
    Seen copy = *seen;
    copy.payload = seen->payload ? json_deep_copy(seen->payload) : NULL;
    g_array_append_val(facts->seen, copy);
}

void facts_add_trait(Facts *facts, const FactTrait *trait)
{
    FactTrait copy = *trait;
    copy.name = kept(facts, trait->name);
    copy.value = kept(facts, trait->value);
    g_array_append_val(facts->traits, copy);
}

void facts_add_tag(Facts *facts, const FactTag *tag)
{
    FactTag copy = {tag->stem, kept(facts, tag->tag), tag->at};
    g_array_append_val(facts->tags, copy);
}

void facts_add_pick(Facts *facts, const FactPick *pick)
{
    FactPick copy = *pick;
    g_array_append_val(facts->picks, copy);
}

void facts_add_shown(Facts *facts, const FactShown *shown)
{
    FactShown copy = {.person = shown->person,
                      .name = kept(facts, shown->name),
                      .email = kept(facts, shown->email),
                      .phone = kept(facts, shown->phone),
                      .country = kept(facts, shown->country),
                      .created_at = shown->created_at};
    g_array_append_val(facts->shown, copy);
}

void facts_tell(const Facts *facts, Evaluation *evaluation)
{
    for (guint i = 0; i < facts->seen->len; i++)
        evaluation_tell(evaluation, &g_array_index(facts->seen, Seen, i));
    for (guint i = 0; i < facts->shown->len; i++)
        evaluation_tell_shown(evaluation, &g_array_index(facts->shown, FactShown, i));
    for (guint i = 0; i < facts->traits->len; i++)
        evaluation_tell_trait(evaluation, &g_array_index(facts->traits, FactTrait, i));
    evaluation_traits_end(evaluation);
    for (guint i = 0; i < facts->tags->len; i++)
        evaluation_tell_tag(evaluation, &g_array_index(facts->tags, FactTag, i));
    for (guint i = 0; i < facts->picks->len; i++)
        evaluation_tell_pick(evaluation, &g_array_index(facts->picks, FactPick, i));
}
