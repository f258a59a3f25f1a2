#include "timeline/order_fold.h"

static void take_int(DbInt *field, DbInt said)
{
    if (said.set) *field = said;
}

static void take_text(const char **field, const char *said)
{
    if (said && *said) *field = said;
}

/* Amounts need a word for their currency: a report without one only adds fields. */
static void take_amounts(OrderFold *fold, const OrderSaid *said)
{
    if (!*said->currency) return;
    if (said->revenue.set || said->line_count > 0) {
        fold->currency = said->currency;
        fold->revenue = said->revenue.set ? said->revenue.value : said->lines_value;
    }
    take_int(&fold->tax, said->tax);
    take_int(&fold->shipping, said->shipping);
    take_int(&fold->discount, said->discount);
}

/* What only a public key says is money of nobody's word: the first server report replaces it. */
static void drop_unconfirmed(OrderFold *fold)
{
    fold->currency = "";
    fold->revenue = 0;
    fold->tax = fold->shipping = fold->discount = fold->cancelled_at = (DbInt){0};
    fold->test = false;
}

static void take(OrderFold *fold, const OrderSaid *said)
{
    bool server = trust_is_server((Trust)said->trust);
    if (server && !fold->confirmed) drop_unconfirmed(fold);
    fold->confirmed |= server;
    take_amounts(fold, said);
    take_text(&fold->number, said->number);
    take_text(&fold->coupon, said->coupon);
    take_int(&fold->cancelled_at, said->cancelled_at);
    if (said->occurred_at.set) fold->occurred_at = said->occurred_at.value;
    if (said->stem != 0) fold->stem = said->stem;
    if (said->line_count > 0) {
        fold->lines_source = said->source_id;
        fold->line_count = said->line_count;
    }
    fold->test |= said->test;
}

OrderFold order_fold(const OrderSaid *said, size_t count)
{
    g_assert(count > 0);
    OrderFold fold = {.currency = "", .received_at = said[0].received_at};
    for (size_t i = 0; i < count; i++)
        fold.received_at = MIN(fold.received_at, said[i].received_at);
    fold.occurred_at = fold.received_at;
    for (size_t i = 0; i < count; i++)
        take(&fold, &said[i]);
    return fold;
}

const char *order_fold_state(const OrderFold *fold)
{
    if (fold->test) return "test";
    return fold->cancelled_at.set ? "cancelled" : "placed";
}
