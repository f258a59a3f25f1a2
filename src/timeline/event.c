#include "timeline/event.h"

#include "base/text.h"

/* The vocabulary: Segment's e-commerce v2 and e-mail specs, and Kith's own words. */
typedef struct Word {
    const char *name;
    EventFamily family;
    bool own;           /* Kith emits it: reserved for servers */
    const char *stands; /* the canonical name, when this one is old */
} Word;

static const Word words[] = {
    {"Order Completed", FAMILY_ORDER},
    {"Completed Order", FAMILY_ORDER, false, "Order Completed"},
    {"Order Updated", FAMILY_ORDER},
    {"Updated Order", FAMILY_ORDER, false, "Order Updated"},
    {"Order Refunded", FAMILY_ORDER},
    {"Refunded Order", FAMILY_ORDER, false, "Order Refunded"},
    {"Order Cancelled", FAMILY_ORDER},
    {"Order Canceled", FAMILY_ORDER, false, "Order Cancelled"},
    {"Cancelled Order", FAMILY_ORDER, false, "Order Cancelled"},
    {EVENT_NAME_EVIDENCE, FAMILY_ORDER, true},
    {"Checkout Started", FAMILY_VISIT},
    {"Started Order", FAMILY_VISIT, false, "Checkout Started"},
    {"Checkout Step Viewed", FAMILY_VISIT},
    {"Viewed Checkout Step", FAMILY_VISIT, false, "Checkout Step Viewed"},
    {"Checkout Step Completed", FAMILY_VISIT},
    {"Completed Checkout Step", FAMILY_VISIT, false, "Checkout Step Completed"},
    {"Payment Info Entered", FAMILY_VISIT},
    {"Products Searched", FAMILY_VISIT},
    {"Product List Viewed", FAMILY_VISIT},
    {"Viewed Product Category", FAMILY_VISIT, false, "Product List Viewed"},
    {"Product List Filtered", FAMILY_VISIT},
    {"Promotion Viewed", FAMILY_VISIT},
    {"Viewed Promotion", FAMILY_VISIT, false, "Promotion Viewed"},
    {"Promotion Clicked", FAMILY_VISIT},
    {"Clicked Promotion", FAMILY_VISIT, false, "Promotion Clicked"},
    {"Product Clicked", FAMILY_VISIT},
    {"Clicked Product", FAMILY_VISIT, false, "Product Clicked"},
    {"Product Viewed", FAMILY_VISIT},
    {"Viewed Product", FAMILY_VISIT, false, "Product Viewed"},
    {"Product Added", FAMILY_VISIT},
    {"Added Product", FAMILY_VISIT, false, "Product Added"},
    {"Product Removed", FAMILY_VISIT},
    {"Removed Product", FAMILY_VISIT, false, "Product Removed"},
    {"Cart Viewed", FAMILY_VISIT},
    {"Cart Shared", FAMILY_VISIT},
    {"Coupon Entered", FAMILY_VISIT},
    {"Coupon Applied", FAMILY_VISIT},
    {"Coupon Denied", FAMILY_VISIT},
    {"Coupon Removed", FAMILY_VISIT},
    {"Product Added to Wishlist", FAMILY_VISIT},
    {"Product Removed from Wishlist", FAMILY_VISIT},
    {"Wishlist Product Added to Cart", FAMILY_VISIT},
    {"Product Shared", FAMILY_VISIT},
    {"Product Reviewed", FAMILY_SERVICE},
    {"Page Viewed", FAMILY_VISIT},
    {"Screen Viewed", FAMILY_VISIT},
    {"Identified", FAMILY_OTHER},
    {"Group Joined", FAMILY_OTHER},
    {"Alias Created", FAMILY_OTHER},
    /* Segment's e-mail spec, as Kith emits it for its own mails. */
    {"Email Sent", FAMILY_MAIL, true},
    {"Email Delivered", FAMILY_MAIL, true},
    {"Email Opened", FAMILY_MAIL, true},
    {"Email Link Clicked", FAMILY_MAIL, true},
    {"Email Bounced", FAMILY_MAIL, true},
    {"Email Marked as Spam", FAMILY_MAIL, true},
    {"Email Replied", FAMILY_MAIL, true},
    {"Message Sent", FAMILY_MAIL, true},
    {"Message Withheld", FAMILY_MAIL, true},
    {"Subscribed", FAMILY_MAIL, true},
    {"Unsubscribed", FAMILY_MAIL, true},
    {"Consent Granted", FAMILY_MAIL, true},
    {"Consent Denied", FAMILY_MAIL, true},
    {"Consent Expired", FAMILY_MAIL, true},
    {"Preferences Changed", FAMILY_MAIL, true},
    {"Address Confirmed", FAMILY_MAIL, true},
    {"Address Suppressed", FAMILY_MAIL, true},
    /* What happens in the other folders of the house. */
    {"Segment Entered", FAMILY_OTHER, true},
    {"Segment Exited", FAMILY_OTHER, true},
    {"Journey Entered", FAMILY_OTHER, true},
    {"Journey Exited", FAMILY_OTHER, true},
    {"Goal Reached", FAMILY_OTHER, true},
    {"Points Earned", FAMILY_OTHER, true},
    {"Points Redeemed", FAMILY_OTHER, true},
    {"Points Expired", FAMILY_OTHER, true},
    {"Points Adjusted", FAMILY_OTHER, true},
    {"Stamp Collected", FAMILY_OTHER, true},
    {"Tier Reached", FAMILY_OTHER, true},
    {"Tier Lost", FAMILY_OTHER, true},
    {"Reward Issued", FAMILY_OTHER, true},
    {"Reward Redeemed", FAMILY_OTHER, true},
    {"Code Issued", FAMILY_OTHER, true},
    {"Code Redeemed", FAMILY_OTHER, true},
    {"Draw Won", FAMILY_OTHER, true},
    {"Referral Made", FAMILY_OTHER, true},
    {"Referral Rewarded", FAMILY_OTHER, true},
    {"Survey Sent", FAMILY_SERVICE, true},
    {"Survey Answered", FAMILY_SERVICE, true},
    {"Review Published", FAMILY_SERVICE, true},
    {"Idea Submitted", FAMILY_SERVICE, true},
    {"Case Opened", FAMILY_SERVICE, true},
    {"Case Answered", FAMILY_SERVICE, true},
    {"Case Closed", FAMILY_SERVICE, true},
    {"Case Reopened", FAMILY_SERVICE, true},
    {"Note Added", FAMILY_SERVICE, true},
    {"Tag Added", FAMILY_OTHER, true},
    {"Tag Removed", FAMILY_OTHER, true},
    {"Trait Changed", FAMILY_OTHER, true},
    {"Person Created", FAMILY_OTHER, true},
    {"Person Merged", FAMILY_OTHER, true},
    {"Merge Undone", FAMILY_OTHER, true},
    {EVENT_NAME_UNLISTED, FAMILY_OTHER, true},
};

static const char *const type_names[EVENT_TYPES] = {
    [EVENT_TRACK] = "track",       [EVENT_PAGE] = "page",   [EVENT_SCREEN] = "screen",
    [EVENT_IDENTIFY] = "identify", [EVENT_GROUP] = "group", [EVENT_ALIAS] = "alias",
    [EVENT_OWN] = "kith",
};

static const char *const family_names[FAMILIES] = {
    [FAMILY_ORDER] = "order",     [FAMILY_VISIT] = "visit", [FAMILY_MAIL] = "mail",
    [FAMILY_SERVICE] = "service", [FAMILY_OTHER] = "other",
};

const char *event_name_word(size_t index)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (words[i].stands || g_str_equal(words[i].name, EVENT_NAME_UNLISTED)) continue;
        if (index-- == 0) return words[i].name;
    }
    return NULL;
}

const char *event_type_name(EventType type) { return type_names[type]; }

bool event_type_find(Slice name, EventType *ret_type)
{
    for (EventType type = 0; type < EVENT_OWN; type++) {
        if (!slice_is(name, type_names[type])) continue;
        *ret_type = type;
        return true;
    }
    return false;
}

Slice event_type_event(EventType type)
{
    switch (type) {
    case EVENT_PAGE:
        return SLICE("Page Viewed");
    case EVENT_SCREEN:
        return SLICE("Screen Viewed");
    case EVENT_IDENTIFY:
        return SLICE("Identified");
    case EVENT_GROUP:
        return SLICE("Group Joined");
    case EVENT_ALIAS:
        return SLICE("Alias Created");
    case EVENT_TRACK:
    case EVENT_OWN:
    case EVENT_TYPES:
        break;
    }
    return (Slice){0};
}

/* Words are found by a table over length and first letter, folded: this runs for every event of
 * an unknown name and for each page of a timeline, not in the inner loop of ingest. */
static const Word *word_find(Slice name, bool any_case)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        Slice word = slice_of(words[i].name);
        if (word.size != name.size) continue;
        if (any_case ? text_equal_ascii_case(word, name) : slice_equal(word, name))
            return &words[i];
    }
    return NULL;
}

Slice event_name_canonical(Slice name)
{
    const Word *word = word_find(name, false);
    return word && word->stands ? slice_of(word->stands) : name;
}

/* Compared folded, so that neither case, nor wide letters, nor spaces around help. */
bool event_name_reserved(Slice name)
{
    Slice trimmed = text_trim(name);
    const Word *word = word_find(trimmed, true);
    if (!word) {
        g_autofree char *folded = text_fold(trimmed);
        word = word_find(slice_of(folded), true);
    }
    return word && word->own;
}

EventFamily event_name_family(Slice name)
{
    const Word *word = word_find(name, false);
    return word ? word->family : FAMILY_OTHER;
}

const char *event_family_name(EventFamily family) { return family_names[family]; }

bool event_family_find(const char *name, EventFamily *ret_family)
{
    for (EventFamily family = 0; family < FAMILIES; family++) {
        if (!g_str_equal(name, family_names[family])) continue;
        *ret_family = family;
        return true;
    }
    return false;
}
