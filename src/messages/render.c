#include "messages/render.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "liquid/json_value.h"
#include "liquid/liquid.h"
#include "messages/markdown.h"
#include "messages/render_links.h"
#include "messages/settings.h"
#include "messages/words.h"
#include "people/summary.h"
#include "people/trait.h"
#include "timeline/business.h"

/* Tables and inline styles: what mail programs understand. */
static const char layout[] =
    "<!doctype html>\n<html lang=\"{{ language }}\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>{{ subject }}</title>"
    "<style>a{color:{{ colour }}}h1,h2,h3{color:{{ colour }};line-height:1.25;"
    "font-family:Georgia,'Times New Roman',serif;font-weight:600}img{max-width:100%;height:auto}"
    "</style></head>\n<body style=\"margin:0;padding:0;background:{{ background }}\">"
    "{% if preheader != \"\" %}<div style=\"display:none;max-height:0;overflow:hidden\">"
    "{{ preheader }}</div>{% endif %}"
    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
    "style=\"background:{{ background }}\"><tr><td align=\"center\" style=\"padding:24px 12px\">"
    "<table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" "
    "style=\"width:100%;max-width:600px;background:#ffffff;border-radius:8px\">"
    "<tr><td style=\"padding:28px 32px 0;border-top:4px solid {{ colour }};"
    "border-radius:8px 8px 0 0;font:600 18px Georgia,serif;color:{{ colour }}\">"
    "{% if logo_url != \"\" %}<img src=\"{{ logo_url }}\" alt=\"{{ business.name }}\" "
    "height=\"40\" style=\"height:40px;width:auto\">{% else %}{{ business.name }}{% endif %}"
    "</td></tr><tr><td style=\"padding:12px 32px 28px;"
    "font:16px/1.55 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif;color:#23211d\">\n"
    "{{ content | raw }}\n</td></tr></table>"
    "<table role=\"presentation\" width=\"600\" style=\"width:100%;max-width:600px\"><tr>"
    "<td style=\"padding:16px 32px;font:13px/1.5 -apple-system,'Segoe UI',Helvetica,Arial,"
    "sans-serif;color:#5a564e\"><p style=\"margin:0 0 8px\">{{ why }}</p>"
    "<p style=\"margin:0 0 8px\"><a href=\"{{ unsubscribe_url }}\">{{ unsubscribe }}</a> &#183; "
    "<a href=\"{{ preferences_url }}\">{{ preferences }}</a></p>"
    "<p style=\"margin:0\">{{ business.postal_address | newline_to_br }}</p>"
    "</td></tr></table></td></tr></table>{{ pixel | raw }}</body></html>\n";

void rendered_clear(Rendered *rendered)
{
    g_free(rendered->subject);
    g_free(rendered->html);
    g_free(rendered->text);
    g_free(rendered->unsubscribe);
    g_free(rendered->to_name);
    *rendered = (Rendered){0};
}

/* What one rendering knows, read in one snapshot. */
typedef struct RenderFacts {
    json_t *data; /* owned */
    Design design;
    CarrierFacts carrier;
    Business business;
    char language[3];
} RenderFacts;

static void facts_clear(RenderFacts *facts) { json_decref(facts->data); }
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RenderFacts, facts_clear)

/* ---- who ---- */

static void alias_set(json_t *person, const char *name, const char *other)
{
    json_t *value = json_object_get(person, other);
    if (!json_object_get(person, name) && value) json_object_set(person, name, value);
}

/* Of a name as one text the first word is the first name. */
static void names_set(json_t *person, const char *name)
{
    alias_set(person, "first_name", "firstName");
    alias_set(person, "last_name", "lastName");
    if (!name) return;
    json_object_set_new(person, "name", json_string(name));
    const char *space = strchr(name, ' ');
    if (!json_object_get(person, "first_name"))
        json_object_set_new(person, "first_name",
                            json_stringn(name, space ? (size_t)(space - name) : strlen(name)));
    if (space && !json_object_get(person, "last_name"))
        json_object_set_new(person, "last_name", json_string(strrchr(name, ' ') + 1));
}

static json_t *person_data(Messages *messages, Db *db, int64_t person_id, GError **error)
{
    g_auto(Summary) summary = {0};
    if (person_id <= 0) return json_object();
    g_autoptr(GPtrArray) traits =
        people_traits_load(messages->options.people, db, TRAITS_NOW(person_id), error);
    if (!traits ||
        !people_summary_compute(messages->options.people, db, person_id, &summary, error))
        return NULL;
    json_t *person = json_object();
    for (guint i = 0; i < traits->len; i++) {
        const Trait *trait = traits->pdata[i];
        if (!trait->unconfirmed)
            json_object_set_new(person, trait->name,
                                json_loads(trait->json, JSON_DECODE_ANY, NULL));
    }
    if (summary.email) json_object_set_new(person, "email", json_string(summary.email));
    names_set(person, summary.name);
    return person;
}

static bool facts_read(Messages *messages, Db *db, int64_t person_id, RenderFacts *facts,
                       GError **error)
{
    const Carrier *carrier = &messages->options.carrier;
    if (!settings_design(db, &facts->design, error) ||
        !business_load(db, &facts->business, error) ||
        !carrier->facts(carrier->context, db, &facts->carrier, error) ||
        !words_language(messages, db, person_id, facts->language, error))
        return false;
    json_t *person = person_data(messages, db, person_id, error);
    if (!person) return false;
    facts->data = json_pack("{s:o, s:{s:s, s:s}}", "person", person, "business", "name",
                            facts->business.name, "postal_address", facts->carrier.postal);
    return facts->data != NULL;
}

static bool facts_load(Messages *messages, int64_t person_id, RenderFacts *facts, GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = facts_read(messages, db, person_id, facts, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

/* ---- what ---- */

static char *liquid_run(const char *source, const RenderFacts *facts, bool html, GError **error)
{
    g_autoptr(LiquidTemplate) template = liquid_parse(slice_of(source), error);
    if (!template) return NULL;
    const Zone *zone =
        *facts->business.zone ? zone_find(slice_of(facts->business.zone), NULL) : NULL;
    LiquidOptions options = {.html = html, .zone = zone, .now_ms = clock_now_ms()};
    return liquid_render(template, liquid_json(facts->data), &options, error);
}

/* One line without control characters, of a length that mail programs show. */
static char *line_of(const char *text, size_t bytes_max)
{
    g_autofree char *line = g_strdup(text);
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = ' ';
    Slice cut = text_cut(text_trim(slice_of(line)), bytes_max);
    g_autofree char *kept = g_strndup(cut.data, cut.size);
    /* U+2028 and U+2029 end a line for some programs. */
    g_auto(GStrv) parts = g_strsplit(kept, "\xe2\x80\xa8", -1);
    g_autofree char *joined = g_strjoinv(" ", parts);
    g_auto(GStrv) others = g_strsplit(joined, "\xe2\x80\xa9", -1);
    return g_strjoinv(" ", others);
}

static void text_put(json_t *data, const char *name, const char *text)
{
    json_object_set_new(data, name, json_string(text ? text : ""));
}

static void links_put(Messages *messages, const RenderAsk *ask, RenderFacts *facts,
                      Rendered *rendered)
{
    g_autofree char *preferences = NULL, *pixel = NULL;
    rendered->unsubscribe = render_address(messages, "/p/u/", TOKEN_UNSUBSCRIBE, &ask->key, 0);
    preferences = render_address(messages, "/p/preferences/", TOKEN_UNSUBSCRIBE, &ask->key, 0);
    if (ask->tracked) {
        g_autofree char *open = render_address(messages, "/t/o/", TOKEN_OPEN, &ask->key, 0);
        pixel = g_strdup_printf("<img src=\"%s\" width=\"1\" height=\"1\" alt=\"\">", open);
    }
    text_put(facts->data, "unsubscribe_url", rendered->unsubscribe);
    text_put(facts->data, "preferences_url", preferences);
    text_put(facts->data, "pixel", pixel);
}

static void frame_put(RenderFacts *facts, const Rendered *rendered, const char *content)
{
    g_autofree char *why =
        g_strdup_printf(word_text(WORD_WHY, facts->language), facts->business.name);
    text_put(facts->data, "language", facts->language);
    text_put(facts->data, "subject", rendered->subject);
    text_put(facts->data, "content", content);
    text_put(facts->data, "why", why);
    text_put(facts->data, "unsubscribe", word_text(WORD_UNSUBSCRIBE, facts->language));
    text_put(facts->data, "preferences", word_text(WORD_PREFERENCES, facts->language));
    text_put(facts->data, "colour", facts->design.colour);
    text_put(facts->data, "background", facts->design.background);
    text_put(facts->data, "logo_url", facts->design.logo_url);
}

/* The line beside the subject; "" when there is none. */
static bool preheader_put(const RenderAsk *ask, RenderFacts *facts, GError **error)
{
    g_autofree char *text = liquid_run(ask->preheader ? ask->preheader : "", facts, false, error);
    if (!text) return false;
    g_autofree char *line = line_of(text, RENDER_SUBJECT_MAX);
    text_put(facts->data, "preheader", line);
    return true;
}

static char *text_make(const RenderFacts *facts, const Rendered *rendered, const char *content)
{
    g_autofree char *body = markdown_text(content);
    g_autofree char *why =
        g_strdup_printf(word_text(WORD_WHY, facts->language), facts->business.name);
    return g_strdup_printf("%s\n-- \n%s\n%s: %s\n\n%s\n", body, why,
                           word_text(WORD_UNSUBSCRIBE, facts->language), rendered->unsubscribe,
                           facts->carrier.postal);
}

static bool body_make(Messages *messages, const RenderAsk *ask, RenderFacts *facts,
                      Rendered *rendered, GError **error)
{
    g_autofree char *source = markdown_html(ask->body, error);
    g_autofree char *plain = source ? liquid_run(source, facts, true, error) : NULL;
    if (!plain) return false;
    g_autofree char *counted =
        ask->tracked ? render_links(messages, &ask->key, plain, error) : g_strdup(plain);
    if (!counted) return false;
    frame_put(facts, rendered, counted);
    if (!preheader_put(ask, facts, error)) return false;
    rendered->html = liquid_run(layout, facts, true, error);
    rendered->text = text_make(facts, rendered, plain);
    return rendered->html != NULL;
}

bool render_mail(Messages *messages, const RenderAsk *ask, Rendered *ret_rendered, GError **error)
{
    g_auto(RenderFacts) facts = {0};
    g_auto(Rendered) rendered = {0};
    if (!facts_load(messages, ask->person_id, &facts, error)) return false;
    links_put(messages, ask, &facts, &rendered);
    g_autofree char *subject = liquid_run(ask->subject, &facts, false, error);
    if (!subject) return false;
    rendered.subject = line_of(subject, RENDER_SUBJECT_MAX);
    const char *name =
        json_string_value(json_object_get(json_object_get(facts.data, "person"), "name"));
    rendered.to_name = name ? line_of(name, 120) : NULL;
    if (!body_make(messages, ask, &facts, &rendered, error)) return false;
    *ret_rendered = rendered;
    rendered = (Rendered){0};
    return true;
}

bool render_check(const char *text, GError **error)
{
    g_autoptr(LiquidTemplate) parsed = liquid_parse(slice_of(text), error);
    return parsed != NULL;
}

bool render_check_body(const char *body, GError **error)
{
    g_autofree char *source = markdown_html(body, error);
    return source && render_check(source, error);
}
