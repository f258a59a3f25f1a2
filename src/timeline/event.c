#include "timeline/event.h"

#include "base/text.h"

/* The vocabulary: Segment's e-commerce v2 and e-mail specs, and Kith's own words. */
typedef struct Word {
    Slice name;
    EventFamily family;
    bool own;           /* Kith emits it: reserved for servers */
    const char *stands; /* the canonical name, when this one is old */
} Word;

#define WORD(text)                                                                                 \
    {                                                                                              \
        "" text, sizeof(text) - 1                                                                  \
    }

static const Word words[] = {
    {WORD("Order Completed"), FAMILY_ORDER},
    {WORD("Completed Order"), FAMILY_ORDER, false, "Order Completed"},
    {WORD("Order Updated"), FAMILY_ORDER},
    {WORD("Updated Order"), FAMILY_ORDER, false, "Order Updated"},
    {WORD("Order Refunded"), FAMILY_ORDER},
    {WORD("Refunded Order"), FAMILY_ORDER, false, "Order Refunded"},
    {WORD("Order Cancelled"), FAMILY_ORDER},
    {WORD("Order Canceled"), FAMILY_ORDER, false, "Order Cancelled"},
    {WORD("Cancelled Order"), FAMILY_ORDER, false, "Order Cancelled"},
    {WORD(EVENT_NAME_EVIDENCE), FAMILY_ORDER, true},
    {WORD("Checkout Started"), FAMILY_VISIT},
    {WORD("Started Order"), FAMILY_VISIT, false, "Checkout Started"},
    {WORD("Checkout Step Viewed"), FAMILY_VISIT},
    {WORD("Viewed Checkout Step"), FAMILY_VISIT, false, "Checkout Step Viewed"},
    {WORD("Checkout Step Completed"), FAMILY_VISIT},
    {WORD("Completed Checkout Step"), FAMILY_VISIT, false, "Checkout Step Completed"},
    {WORD("Payment Info Entered"), FAMILY_VISIT},
    {WORD("Products Searched"), FAMILY_VISIT},
    {WORD("Product List Viewed"), FAMILY_VISIT},
    {WORD("Viewed Product Category"), FAMILY_VISIT, false, "Product List Viewed"},
    {WORD("Product List Filtered"), FAMILY_VISIT},
    {WORD("Promotion Viewed"), FAMILY_VISIT},
    {WORD("Viewed Promotion"), FAMILY_VISIT, false, "Promotion Viewed"},
    {WORD("Promotion Clicked"), FAMILY_VISIT},
    {WORD("Clicked Promotion"), FAMILY_VISIT, false, "Promotion Clicked"},
    {WORD("Product Clicked"), FAMILY_VISIT},
    {WORD("Clicked Product"), FAMILY_VISIT, false, "Product Clicked"},
    {WORD("Product Viewed"), FAMILY_VISIT},
    {WORD("Viewed Product"), FAMILY_VISIT, false, "Product Viewed"},
    {WORD("Product Added"), FAMILY_VISIT},
    {WORD("Added Product"), FAMILY_VISIT, false, "Product Added"},
    {WORD("Product Removed"), FAMILY_VISIT},
    {WORD("Removed Product"), FAMILY_VISIT, false, "Product Removed"},
    {WORD("Cart Viewed"), FAMILY_VISIT},
    {WORD("Cart Shared"), FAMILY_VISIT},
    {WORD("Coupon Entered"), FAMILY_VISIT},
    {WORD("Coupon Applied"), FAMILY_VISIT},
    {WORD("Coupon Denied"), FAMILY_VISIT},
    {WORD("Coupon Removed"), FAMILY_VISIT},
    {WORD("Product Added to Wishlist"), FAMILY_VISIT},
    {WORD("Product Removed from Wishlist"), FAMILY_VISIT},
    {WORD("Wishlist Product Added to Cart"), FAMILY_VISIT},
    {WORD("Product Shared"), FAMILY_VISIT},
    {WORD("Product Reviewed"), FAMILY_SERVICE},
    {WORD("Page Viewed"), FAMILY_VISIT},
    {WORD("Screen Viewed"), FAMILY_VISIT},
    {WORD("Identified"), FAMILY_OTHER},
    {WORD("Group Joined"), FAMILY_OTHER},
    {WORD("Alias Created"), FAMILY_OTHER},
    /* Segment's e-mail spec, as Kith emits it for its own mails. */
    {WORD("Email Sent"), FAMILY_MAIL, true},
    {WORD("Email Delivered"), FAMILY_MAIL, true},
    {WORD("Email Opened"), FAMILY_MAIL, true},
    {WORD("Email Link Clicked"), FAMILY_MAIL, true},
    {WORD("Email Bounced"), FAMILY_MAIL, true},
    {WORD("Email Marked as Spam"), FAMILY_MAIL, true},
    {WORD("Email Replied"), FAMILY_MAIL, true},
    {WORD("Email Received"), FAMILY_MAIL, true},
    {WORD("Email Answered"), FAMILY_MAIL, true},
    {WORD("Message Sent"), FAMILY_MAIL, true},
    {WORD("Message Withheld"), FAMILY_MAIL, true},
    {WORD("Subscribed"), FAMILY_MAIL, true},
    {WORD("Unsubscribed"), FAMILY_MAIL, true},
    {WORD("Consent Granted"), FAMILY_MAIL, true},
    {WORD("Consent Denied"), FAMILY_MAIL, true},
    {WORD("Consent Expired"), FAMILY_MAIL, true},
    {WORD("Preferences Changed"), FAMILY_MAIL, true},
    {WORD("Address Confirmed"), FAMILY_MAIL, true},
    {WORD("Address Suppressed"), FAMILY_MAIL, true},
    /* What happens in the other folders of the house. */
    {WORD("Segment Entered"), FAMILY_OTHER, true},
    {WORD("Segment Exited"), FAMILY_OTHER, true},
    {WORD("Journey Entered"), FAMILY_OTHER, true},
    {WORD("Journey Exited"), FAMILY_OTHER, true},
    {WORD("Goal Reached"), FAMILY_OTHER, true},
    {WORD("Points Earned"), FAMILY_OTHER, true},
    {WORD("Points Redeemed"), FAMILY_OTHER, true},
    {WORD("Points Expired"), FAMILY_OTHER, true},
    {WORD("Points Adjusted"), FAMILY_OTHER, true},
    {WORD("Stamp Collected"), FAMILY_OTHER, true},
    {WORD("Tier Reached"), FAMILY_OTHER, true},
    {WORD("Tier Lost"), FAMILY_OTHER, true},
    {WORD("Reward Issued"), FAMILY_OTHER, true},
    {WORD("Reward Redeemed"), FAMILY_OTHER, true},
    {WORD("Code Issued"), FAMILY_OTHER, true},
    {WORD("Code Redeemed"), FAMILY_OTHER, true},
    {WORD("Draw Won"), FAMILY_OTHER, true},
    {WORD("Referral Made"), FAMILY_OTHER, true},
    {WORD("Referral Rewarded"), FAMILY_OTHER, true},
    {WORD("Survey Sent"), FAMILY_SERVICE, true},
    {WORD("Survey Answered"), FAMILY_SERVICE, true},
    {WORD("Review Published"), FAMILY_SERVICE, true},
    {WORD("Idea Submitted"), FAMILY_SERVICE, true},
    {WORD("Case Opened"), FAMILY_SERVICE, true},
    {WORD("Case Answered"), FAMILY_SERVICE, true},
    {WORD("Case Closed"), FAMILY_SERVICE, true},
    {WORD("Case Reopened"), FAMILY_SERVICE, true},
    {WORD("Note Added"), FAMILY_SERVICE, true},
    {WORD("Tag Added"), FAMILY_OTHER, true},
    {WORD("Tag Removed"), FAMILY_OTHER, true},
    {WORD("Trait Changed"), FAMILY_OTHER, true},
    {WORD("Person Created"), FAMILY_OTHER, true},
    {WORD("Person Merged"), FAMILY_OTHER, true},
    {WORD("Merge Undone"), FAMILY_OTHER, true},
    {WORD(EVENT_NAME_UNLISTED), FAMILY_OTHER, true},
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
        if (words[i].stands || slice_is(words[i].name, EVENT_NAME_UNLISTED)) continue;
        if (index-- == 0) return words[i].name.data; /* of a literal: NUL-terminated */
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
        Slice word = words[i].name;
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

const char *event_name_known(Slice name)
{
    const Word *word = word_find(name, false);
    bool known = word && !word->stands && !slice_is(word->name, EVENT_NAME_UNLISTED);
    return known && slice_equal(word->name, name) ? word->name.data : NULL;
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
