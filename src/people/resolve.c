#include "people/resolve.h"

#include <string.h>

#include "people/merge.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "people/summary.h"
#include "store/changes.h"

/* One name of the event, looked up. */
typedef struct Name {
    IdentityKind kind;
    bool given;          /* present and usable */
    bool confirmed;      /* a server vouches for the claim */
    int64_t stem;        /* whose it is; 0 = nobody's yet */
    Hash128 hash;        /* of kind and value */
    IdentityValue value; /* normal form */
} Name;

typedef struct Resolve {
    People *people;
    Db *db;
    const ResolveInput *input;
    ResolveResult *out;
    Name user, email, phone, previous;
    IdentityValue anonymous;
    int64_t visitor; /* stem of the visitor; 0 = no anonymous id */
    int64_t base;    /* stem that new names are tied to; 0 = not chosen */
    bool merged;     /* two people became one */
    bool dirty;      /* the summary row of `base` is out of date */
} Resolve;

/* What the rules of promise 8 ask about a person, over all stems. */
typedef struct Facts {
    bool has_user;      /* a user_id, whoever gave it */
    bool has_confirmed; /* an address a server or the person vouches for */
} Facts;

/* ---- the fast way: nothing is new ---- */

static bool is_trimmed(Slice text)
{
    return !g_ascii_isspace(text.data[0]) && !g_ascii_isspace(text.data[text.size - 1]);
}

bool people_user_hash(const People *people, Slice user_id, Hash128 *ret_hash)
{
    if (user_id.size == 0 || user_id.size > IDENTITY_VALUE_MAX || !is_trimmed(user_id))
        return false;
    *ret_hash = people_identity_hash(people, IDENTITY_USER_ID, user_id);
    return true;
}

void people_user_prefetch(const People *people, Hash128 hash)
{
    keymap_prefetch(people->identities, hash);
}

/* Stem of a known user_id that this source need not confirm, 0 otherwise. A blocked or malformed
 * value is never in the map, so a hit needs no check. */
static int64_t user_fast(const People *people, const ResolveInput *input)
{
    Hash128 hash;
    if (input->user_hash)
        hash = *input->user_hash;
    else if (!people_user_hash(people, input->user_id, &hash))
        return 0;
    bool confirmed;
    int64_t stem = people_identity_stem(people, hash, &confirmed);
    return confirmed || !trust_is_server(input->trust) ? stem : 0;
}

static void out_set(const People *people, ResolveResult *out, int64_t stem)
{
    int64_t root = links_person(people->links, stem);
    out->stem = stem;
    out->person_id = MAX(root, 0);
}

/* Is everything this event names known, and one person, or known to stay two? */
static bool resolve_fast(const People *people, const ResolveInput *input, ResolveResult *out)
{
    if (input->email.size || input->phone.size || input->previous_id.size) return false;
    if (!input->user_id.size || input->stem) return false;
    int64_t stem = user_fast(people, input);
    if (!stem) return false;
    out_set(people, out, stem);
    if (!input->anonymous_id.size) return true;
    if (!is_trimmed(input->anonymous_id)) return false;
    int64_t visitor = people_visitor_stem(people, input->shop_id, input->anonymous_id);
    int64_t other = links_person(people->links, visitor);
    if (other == out->person_id) return true;
    out->refused = other > 0 ? people_refused_find(people, out->person_id, other) : 0;
    return out->refused != 0;
}

/* ---- names ---- */

static void verdict_note(Resolve *r, IdentityVerdict verdict)
{
    if (verdict == IDENTITY_BLOCKED) r->out->refused |= RESOLVE_BLOCKED_VALUE;
    if (verdict == IDENTITY_MALFORMED || verdict == IDENTITY_TOO_LONG)
        r->out->refused |= RESOLVE_BAD_VALUE;
}

static void name_look(Resolve *r, Name *name)
{
    name->stem = people_identity_stem(r->people, name->hash, &name->confirmed);
}

static void name_take(Resolve *r, Name *name, IdentityKind kind, Slice raw)
{
    name->kind = kind;
    IdentityVerdict verdict = identity_normalize(kind, raw, &name->value);
    verdict_note(r, verdict);
    name->given = verdict == IDENTITY_USABLE;
    if (!name->given) return;
    name->hash = people_identity_hash(r->people, kind, (Slice){name->value.text, name->value.size});
    name_look(r, name);
}

static void visitor_take(Resolve *r, Slice raw)
{
    IdentityVerdict verdict = identity_normalize(IDENTITY_ANONYMOUS_ID, raw, &r->anonymous);
    verdict_note(r, verdict);
    if (verdict != IDENTITY_USABLE) return;
    Slice value = {r->anonymous.text, r->anonymous.size};
    r->visitor = people_visitor_stem(r->people, r->input->shop_id, value);
}

/* Many shops use the address as user_id: then it is an address too. */
static void names_take(Resolve *r)
{
    const ResolveInput *input = r->input;
    name_take(r, &r->user, IDENTITY_USER_ID, input->user_id);
    name_take(r, &r->previous, IDENTITY_USER_ID, input->previous_id);
    name_take(r, &r->phone, IDENTITY_PHONE, input->phone);
    name_take(r, &r->email, IDENTITY_EMAIL, input->email);
    if (!r->email.given && r->user.given && strchr(r->user.value.text, '@')) {
        unsigned refused = r->out->refused;
        name_take(r, &r->email, IDENTITY_EMAIL, input->user_id);
        r->out->refused = refused;
    }
    visitor_take(r, input->anonymous_id);
}

static inline bool is_server(const Resolve *r) { return trust_is_server(r->input->trust); }

static inline int64_t root_of(const Resolve *r, int64_t stem)
{
    return links_person(r->people->links, stem);
}

/* ---- facts ---- */

static bool stem_facts(Resolve *r, int64_t stem, Facts *facts, GError **error)
{
    PersonIdentityFactsParams params = {stem};
    PersonIdentityFactsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_facts_open(r->db, &params, &cursor, error)) return false;
    while (sql_person_identity_facts_next(&cursor, &row)) {
        IdentityKind kind = identity_kind_parse(row.kind);
        bool confirmed = g_str_equal(row.state, identity_state_name(IDENTITY_CONFIRMED));
        if (kind == IDENTITY_USER_ID) facts->has_user = true;
        bool address = kind == IDENTITY_EMAIL || kind == IDENTITY_PHONE;
        if (address && confirmed) facts->has_confirmed = true;
    }
    return db_cursor_finish(&cursor, error);
}

static bool facts_load(Resolve *r, int64_t person_id, Facts *ret_facts, GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Facts facts = {0};
    links_stems(r->people->links, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !stem_facts(r, stem, &facts, error)) return false;
    }
    *ret_facts = facts;
    return true;
}

static inline bool facts_strong(Facts facts) { return facts.has_user || facts.has_confirmed; }

/* ---- claims ---- */

static bool claim_allowed(Resolve *r, int64_t stem, const char *kind, bool *ret_allowed,
                          GError **error)
{
    PersonIdentityCountParams params = {stem, kind};
    PersonIdentityCountRow row = {0};
    bool found;
    if (!sql_person_identity_count(r->db, &params, &row, &found, error)) return false;
    *ret_allowed = row.count < IDENTITY_PER_PERSON_MAX;
    if (!*ret_allowed) r->out->refused |= RESOLVE_TOO_MANY;
    return true;
}

static bool mirror_put(Resolve *r, const Name *name, int64_t stem, IdentityState state,
                       GError **error)
{
    PersonIdentityPutParams params = {
        .person_id = stem,
        .kind = identity_kind_name(name->kind),
        .value = name->value.text,
        .source_id = r->input->source_id,
        .trust = r->input->trust,
        .state = identity_state_name(state),
        .at = r->input->at,
    };
    return sql_person_identity_put(r->db, &params, NULL, error);
}

/* Another process was first: take what it wrote. */
static bool claim_lost(Resolve *r, Name *name, GError **error)
{
    IdentityFindParams params = {identity_kind_name(name->kind), name->value.text};
    IdentityFindRow row;
    bool found;
    if (!sql_identity_find(r->db, &params, &row, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_UNAVAILABLE, "could not claim an identity");
    people_identity_put(r->people, name->hash, row.person_id, row.confirmed != 0);
    name_look(r, name);
    return true;
}

/* Ties a name nobody has to `stem`. Afterwards name->stem is who has it, 0 when over a limit. */
static bool claim(Resolve *r, Name *name, int64_t stem, IdentityState state, GError **error)
{
    const char *kind = identity_kind_name(name->kind);
    bool allowed = r->out->created, confirmed = state == IDENTITY_CONFIRMED;
    if (!allowed && !claim_allowed(r, stem, kind, &allowed, error)) return false;
    if (!allowed) return true;
    IdentityClaimParams params = {kind, name->value.text, stem, confirmed, r->input->at};
    int64_t changed;
    if (!sql_identity_claim(r->db, &params, &changed, error)) return false;
    if (changed == 0) return claim_lost(r, name, error);
    if (!mirror_put(r, name, stem, state, error)) return false;
    people_identity_put(r->people, name->hash, stem, confirmed);
    name_look(r, name);
    r->dirty = true;
    return true;
}

/* A server vouches for a name that only the public key or an alias had given. */
static bool confirm(Resolve *r, Name *name, GError **error)
{
    if (name->confirmed || !is_server(r) || !name->stem) return true;
    IdentityMoveParams params = {identity_kind_name(name->kind), name->value.text, name->stem, 1};
    if (!sql_identity_move(r->db, &params, NULL, error)) return false;
    if (!mirror_put(r, name, name->stem, IDENTITY_CONFIRMED, error)) return false;
    people_identity_put(r->people, name->hash, name->stem, true);
    name->confirmed = true;
    r->dirty = true;
    return true;
}

/* A server gives an address to `stem` that only the public key had given to somebody else. */
static bool take_over(Resolve *r, Name *name, int64_t stem, GError **error)
{
    const char *kind = identity_kind_name(name->kind);
    int64_t old = name->stem;
    PersonIdentityDeleteParams gone = {old, kind, name->value.text};
    if (!sql_person_identity_delete(r->db, &gone, NULL, error)) return false;
    IdentityMoveParams params = {kind, name->value.text, stem, 1};
    if (!sql_identity_move(r->db, &params, NULL, error)) return false;
    if (!mirror_put(r, name, stem, IDENTITY_CONFIRMED, error)) return false;
    people_identity_put(r->people, name->hash, stem, true);
    name_look(r, name);
    r->dirty = true;
    return people_summary_refresh(r->people, r->db, root_of(r, old), error);
}

static bool person_new(Resolve *r, GError **error)
{
    const ResolveInput *input = r->input;
    PersonInsertParams params = {store_id_next(r->people->store), input->source_id, input->trust,
                                 input->at};
    if (!sql_person_insert(r->db, &params, NULL, error)) return false;
    r->base = params.person_id;
    r->out->created = r->dirty = true;
    return true;
}

static IdentityState state_given(const Resolve *r)
{
    return is_server(r) ? IDENTITY_CONFIRMED : IDENTITY_UNCONFIRMED;
}

/* ---- joins ---- */

typedef enum JoinReason { JOIN_DEVICE, JOIN_EMAIL, JOIN_PHONE, JOIN_ALIAS } JoinReason;

static const char *const join_words[] = {
    [JOIN_DEVICE] = "same device",
    [JOIN_EMAIL] = "same e-mail address",
    [JOIN_PHONE] = "same telephone number",
    [JOIN_ALIAS] = "alias",
};

/* The rules at the top of resolve.h; 0 = the two may be joined. */
static unsigned join_refusal(const Resolve *r, Facts a, Facts b, JoinReason reason)
{
    if (!is_server(r) && facts_strong(a) && facts_strong(b)) return RESOLVE_UNTRUSTED;
    if (reason != JOIN_ALIAS && a.has_user && b.has_user) return RESOLVE_DIFFERENT_USERS;
    return 0;
}

static bool join_do(Resolve *r, int64_t winner, int64_t loser, JoinReason reason, GError **error)
{
    MergeInput input = {
        .winner = winner,
        .loser = loser,
        .reason = join_words[reason],
        .actor = "kith",
        .at = r->input->at,
    };
    int64_t merge_id;
    GError *failure = NULL;
    if (people_merge(r->people, r->db, &input, &merge_id, &failure)) {
        r->out->joined = r->merged = true;
        return true;
    }
    if (g_error_matches(failure, KITH_ERROR, KITH_ERROR_LIMIT)) {
        r->out->refused |= RESOLVE_TOO_MANY;
        g_error_free(failure);
        return true;
    }
    g_propagate_error(error, failure);
    return false;
}

/* Makes one of two people where the rules allow it. Who has a user_id stays, else the older. */
static bool join(Resolve *r, int64_t a_stem, int64_t b_stem, JoinReason reason, GError **error)
{
    int64_t a = root_of(r, a_stem), b = root_of(r, b_stem);
    if (a == b) return true;
    Facts a_facts, b_facts;
    if (!facts_load(r, a, &a_facts, error) || !facts_load(r, b, &b_facts, error)) return false;
    unsigned refused = join_refusal(r, a_facts, b_facts, reason);
    r->out->refused |= refused;
    if (refused) {
        if (reason == JOIN_DEVICE) people_refused_put(r->people, a, b, refused);
        return true;
    }
    bool a_stays = a_facts.has_user == b_facts.has_user ? a < b : a_facts.has_user;
    return join_do(r, a_stays ? a : b, a_stays ? b : a, reason, error);
}

/* ---- whom new names are tied to ---- */

/* May a server rely on who has this address? Not if only the public key said so of somebody who
 * is otherwise known: the address goes to whom the server names. */
static bool name_is_reliable(Resolve *r, const Name *name, bool *ret_reliable, GError **error)
{
    *ret_reliable = name->given && name->stem != 0;
    if (!*ret_reliable || name->confirmed || !is_server(r)) return true;
    Facts facts;
    if (!facts_load(r, root_of(r, name->stem), &facts, error)) return false;
    *ret_reliable = !facts_strong(facts);
    return true;
}

/* May a user_id nobody has be tied to this existing person? */
static bool base_try(Resolve *r, int64_t stem, GError **error)
{
    if (r->base || stem <= 0) return true;
    Facts facts;
    if (!facts_load(r, root_of(r, stem), &facts, error)) return false;
    if (facts.has_user) return true;
    if (!is_server(r) && facts.has_confirmed) {
        r->out->refused |= RESOLVE_UNTRUSTED;
        return true;
    }
    r->base = stem;
    return true;
}

static bool base_try_name(Resolve *r, const Name *name, GError **error)
{
    bool reliable;
    if (!name_is_reliable(r, name, &reliable, error)) return false;
    return !reliable || base_try(r, name->stem, error);
}

/* The stem a visitor hangs on; 0 while nobody identified it. */
static int64_t visitor_parent(const Resolve *r, int64_t visitor)
{
    return visitor ? links_parent(r->people->links, visitor) : 0;
}

static bool base_for_new_user(Resolve *r, GError **error)
{
    if (!base_try_name(r, &r->email, error) || !base_try_name(r, &r->phone, error)) return false;
    if (!base_try(r, visitor_parent(r, r->visitor), error)) return false;
    if (!r->base && !person_new(r, error)) return false;
    if (!claim(r, &r->user, r->base, state_given(r), error)) return false;
    if (!r->user.stem) return r->base != 0; /* over the limit: the person is who it was */
    r->base = r->user.stem;
    return true;
}

static bool base_for_user(Resolve *r, GError **error)
{
    if (!r->user.stem) return base_for_new_user(r, error);
    r->base = r->user.stem;
    return confirm(r, &r->user, error);
}

static bool base_for_address(Resolve *r, GError **error)
{
    const Name *names[] = {&r->email, &r->phone};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        bool reliable;
        if (!name_is_reliable(r, names[i], &reliable, error)) return false;
        if (!reliable) continue;
        r->base = names[i]->stem;
        return true;
    }
    r->base = visitor_parent(r, r->visitor);
    return r->base || person_new(r, error);
}

/* An alias without user_id, or a visitor alone, makes nobody. */
static bool base_choose(Resolve *r, GError **error)
{
    r->base = r->input->stem;
    if (r->base) return true;
    if (r->user.given) return base_for_user(r, error);
    if (r->email.given || r->phone.given) return base_for_address(r, error);
    return true;
}

/* ---- tying ---- */

static bool visitor_mirror(Resolve *r, const IdentityValue *value, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT ":%s", r->input->shop_id, value->text);
    PersonIdentityPutParams params = {
        .person_id = r->base,
        .kind = identity_kind_name(IDENTITY_ANONYMOUS_ID),
        .value = text,
        .source_id = r->input->source_id,
        .trust = r->input->trust,
        .state = identity_state_name(state_given(r)),
        .at = r->input->at,
    };
    return sql_person_identity_put(r->db, &params, NULL, error);
}

/* Identification: from now on all the visitor did is the person's. */
static bool visitor_link(Resolve *r, int64_t visitor, const IdentityValue *value, GError **error)
{
    int64_t root = root_of(r, r->base);
    if (links_count_stems(r->people->links, root, LINK_STEMS_MAX) >= LINK_STEMS_MAX) {
        r->out->refused |= RESOLVE_TOO_MANY;
        return true;
    }
    LinkInsertParams params = {visitor, store_id_next(r->people->store), r->base, r->input->at};
    if (!sql_link_insert(r->db, &params, NULL, error)) return false;
    if (!visitor_mirror(r, value, error)) return false;
    people_link_put(r->people, visitor, r->base);
    r->out->joined = true;
    return store_changed_now(r->db, CHANGE_PERSON, r->base, error);
}

static bool visitor_tie(Resolve *r, int64_t visitor, const IdentityValue *value, GError **error)
{
    if (!visitor || !r->base) return true;
    int64_t parent = visitor_parent(r, visitor);
    if (!parent) return visitor_link(r, visitor, value, error);
    return join(r, r->base, parent, JOIN_DEVICE, error);
}

/* An address that belongs to somebody else: one person, or it goes to whom the server names, or
 * it stays. */
static bool address_contested(Resolve *r, Name *name, GError **error)
{
    bool reliable;
    if (!name_is_reliable(r, name, &reliable, error)) return false;
    if (!reliable) return take_over(r, name, r->base, error);
    JoinReason reason = name->kind == IDENTITY_EMAIL ? JOIN_EMAIL : JOIN_PHONE;
    if (!join(r, r->base, name->stem, reason, error)) return false;
    if (root_of(r, r->base) == root_of(r, name->stem)) return confirm(r, name, error);
    r->out->refused |= RESOLVE_ADDRESS_OF_OTHER;
    return true;
}

static bool address_tie(Resolve *r, Name *name, GError **error)
{
    if (!name->given || !r->base) return true;
    if (!name->stem) return claim(r, name, r->base, state_given(r), error);
    if (root_of(r, name->stem) != root_of(r, r->base)) return address_contested(r, name, error);
    return confirm(r, name, error);
}

/* Alias: the previous id may have been a user_id or a visitor, and may arrive later than this.
 * A server's word holds it for this person until then; the public key's only for a visitor. */
static bool previous_tie(Resolve *r, GError **error)
{
    if (!r->previous.given || !r->base) return true;
    Slice value = {r->previous.value.text, r->previous.value.size};
    int64_t visitor = people_visitor_stem(r->people, r->input->shop_id, value);
    if (r->previous.stem) return join(r, r->base, r->previous.stem, JOIN_ALIAS, error);
    if (!visitor_tie(r, visitor, &r->previous.value, error)) return false;
    if (!is_server(r)) return true;
    return claim(r, &r->previous, r->base, IDENTITY_PRESUMED, error);
}

static bool names_tie(Resolve *r, GError **error)
{
    if (!address_tie(r, &r->email, error) || !address_tie(r, &r->phone, error)) return false;
    if (!visitor_tie(r, r->visitor, &r->anonymous, error)) return false;
    return previous_tie(r, error);
}

/* ---- the call ---- */

/* Somebody new whose user_id is all that is known: most people come like this. */
static bool is_user_alone(const Resolve *r)
{
    bool others = r->email.given || r->phone.given || r->previous.given;
    return r->out->created && !r->merged && !others && r->user.stem == r->base;
}

static bool summary_write(Resolve *r, GError **error)
{
    if (!is_user_alone(r))
        return people_summary_refresh(r->people, r->db, root_of(r, r->base), error);
    SummaryBegin begin = {r->base, r->input->at, r->user.value.text};
    return people_summary_begin(r->people, r->db, &begin, error);
}

bool people_resolve(People *people, Db *db, const ResolveInput *input, ResolveResult *ret_result,
                    GError **error)
{
    ResolveResult out = {0};
    if (resolve_fast(people, input, &out)) {
        *ret_result = out;
        return true;
    }
    out = (ResolveResult){0};
    Resolve r = {.people = people, .db = db, .input = input, .out = &out};
    names_take(&r);
    if (!base_choose(&r, error) || !names_tie(&r, error)) return false;
    if (r.dirty && !summary_write(&r, error)) return false;
    if (r.base || r.visitor) out_set(people, &out, r.base ? r.base : r.visitor);
    *ret_result = out;
    return true;
}

const char *resolve_refusal_name(ResolveRefusal refusal)
{
    switch (refusal) {
    case RESOLVE_BLOCKED_VALUE:
        return "blocked value";
    case RESOLVE_BAD_VALUE:
        return "malformed value";
    case RESOLVE_DIFFERENT_USERS:
        return "different users";
    case RESOLVE_UNTRUSTED:
        return "not allowed with a public key";
    case RESOLVE_TOO_MANY:
        return "too many identities";
    case RESOLVE_ADDRESS_OF_OTHER:
        return "the address belongs to somebody else";
    }
    return "refused";
}
