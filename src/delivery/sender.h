/* delivery/sender.h: from whom and by which way mails leave this store.
 *
 * One sender per store: the local mailbox (a new store's), or an SMTP server. Kept as settings;
 * the password, and the last test with what was said in it, are sealed with DATA/secret.key. A
 * test counts for the settings it was made with: whatever changes the way out ends it.
 *
 *     Sender sender;
 *     if (!sender_load(store, db, &sender, error)) return false;
 *     if (sender_is_ready(&sender)) …
 */
#pragma once
#include "net/smtp.h"
#include "store/store.h"

enum {
    SENDER_HOST_MAX = 253,
    SENDER_USER_MAX = 255,
    SENDER_PASSWORD_MAX = 400,
    SENDER_ADDRESS_MAX = 254,
    SENDER_NAME_MAX = 100,
    SENDER_POSTAL_MAX = 500,
    SENDER_SELECTOR_MAX = 63,
    SENDER_DAILY_MAX = 10000000,
    SENDER_TEST_TEXT_MAX = SMTP_DIALOGUE_MAX,
};

typedef enum SenderTransport { TRANSPORT_MAILBOX, TRANSPORT_SMTP } SenderTransport;
extern const char *const sender_transport_names[]; /* "mailbox", "smtp", NULL */

/* What a provider documents about its SMTP service. */
typedef struct SenderPreset {
    const char *name, *label;
    const char *host; /* "" where it depends on the region */
    uint16_t port;
    SmtpSecurity security;
    int64_t daily_limit;       /* of a usual account; 0: none, or by contract */
    const char *spf;           /* what belongs into the SPF record, "include:…"; "": nothing, its
                                  mails come back to an address of its own */
    const char *dkim_selector; /* "" where every account has its own */
    const char *page;          /* where the provider says so */
    const char *dkim_host; /* what a selector is an alias under; NULL: only the provider knows */
    const char *dkim_page; /* where the provider says which DKIM record to publish */
} SenderPreset;

extern const SenderPreset sender_presets[];
extern const size_t sender_preset_count;
/* The last one, "other", for a name that is none. */
const SenderPreset *sender_preset(const char *name);

typedef enum SenderTestState { TEST_NONE, TEST_RUNNING, TEST_DONE } SenderTestState;

typedef struct SenderTest {
    SenderTestState state;
    int64_t mail_id, at; /* at: UTC ms, of its end, or of its start while it runs */
    SmtpResult result;   /* when done */
    char to[SENDER_ADDRESS_MAX + 1];
    char dialogue[SENDER_TEST_TEXT_MAX + 512];
} SenderTest;

typedef struct Sender {
    SenderTransport transport;
    char preset[24];
    char host[SENDER_HOST_MAX + 1];
    int64_t port;
    SmtpSecurity security;
    char user[SENDER_USER_MAX + 1], password[SENDER_PASSWORD_MAX + 1];
    char from_name[SENDER_NAME_MAX + 1], from_address[SENDER_ADDRESS_MAX + 1];
    char reply_to[SENDER_ADDRESS_MAX + 1];
    char postal_address[SENDER_POSTAL_MAX + 1];
    char dkim_selector[SENDER_SELECTOR_MAX + 1];
    int64_t daily_limit; /* mails a day; 0: no limit */
} Sender;

/* What is kept; a new store's sender when nothing is. Errors: those of the database, DENIED when
 * the seal is another's. */
bool sender_load(Store *store, Db *db, Sender *ret_sender, GError **error);

/* Everything wrong with it: calls `bad` for each field. Returns how many. */
unsigned sender_check(const Sender *sender,
                      void (*bad)(void *data, const char *field, const char *message), void *data);

/* Keeps it; ends the test when the way out has changed. Writer thread. */
bool sender_save(Store *store, Db *db, const Sender *sender, int64_t now, GError **error);

/* The last test of the sender as it is. */
bool sender_test_load(Store *store, Db *db, SenderTest *ret_test, GError **error);
bool sender_test_save(Store *store, Db *db, const SenderTest *test, int64_t now, GError **error);

/* Whether a mail can leave: an address to write from, and a test that arrived. */
bool sender_is_ready(const Sender *sender, const SenderTest *test);

/* Whether mails stay on this machine: the local mailbox, or a relay on loopback. */
bool sender_is_local(const Sender *sender);

/* Options of the client; texts belong to `sender`. */
SmtpOptions sender_smtp_options(const Sender *sender);
