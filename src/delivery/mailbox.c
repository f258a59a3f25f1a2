#include "delivery/mailbox.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "delivery/mail_read.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct Mailbox {
    char *dir; /* DATA/mailbox */
};

typedef struct Entry {
    int64_t mail_id, person;
} Entry;

Mailbox *mailbox_new(const char *data_dir)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);
    mailbox->dir = g_build_filename(data_dir, "mailbox", NULL);
    return mailbox;
}

void mailbox_free(Mailbox *mailbox)
{
    if (!mailbox) return;
    g_free(mailbox->dir);
    g_free(mailbox);
}

/* ---- names ---- */

static char *entry_path(const Mailbox *mailbox, const Entry *entry)
{
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT ".eml",
                                            entry->mail_id, entry->person);
    return g_build_filename(mailbox->dir, name, NULL);
}

/* Files that are none of ours are left alone. */
static bool entry_parse(const char *name, Entry *ret_entry)
{
    char *end = NULL;
    ret_entry->mail_id = g_ascii_strtoll(name, &end, 10);
    if (end == name || *end != '-' || ret_entry->mail_id <= 0) return false;
    ret_entry->person = g_ascii_strtoll(end + 1, &end, 10);
    return strcmp(end, ".eml") == 0;
}

static int newest_first(gconstpointer a, gconstpointer b)
{
    int64_t left = ((const Entry *)a)->mail_id, right = ((const Entry *)b)->mail_id;
    return left < right ? 1 : left > right ? -1 : 0;
}

/* All that is there, newest first; no folder is no mail. */
static GArray *entries_read(const Mailbox *mailbox, GError **error)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) dir = g_dir_open(mailbox->dir, 0, &failure);
    if (!dir && !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not read the mailbox: %s", failure->message);
        g_array_unref(entries);
        return NULL;
    }
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        Entry entry;
        if (entry_parse(name, &entry)) g_array_append_val(entries, entry);
    }
    g_array_sort(entries, newest_first);
    return entries;
}

static bool entry_remove(const Mailbox *mailbox, const Entry *entry, GError **error)
{
    g_autofree char *path = entry_path(mailbox, entry);
    if (g_unlink(path) == 0 || errno == ENOENT) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not remove a mail from the mailbox: %s",
                g_strerror(errno));
}

/* Removes the entries that `wanted` picks; returns false at the first that could not go. */
static bool entries_remove(const Mailbox *mailbox,
                           bool (*wanted)(const Entry *, guint index, int64_t value), int64_t value,
                           GError **error)
{
    g_autoptr(GArray) entries = entries_read(mailbox, error);
    if (!entries) return false;
    for (guint i = 0; i < entries->len; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        if (wanted(entry, i, value) && !entry_remove(mailbox, entry, error)) return false;
    }
    return true;
}

/* ---- putting ---- */

/* A rename is durable only when its folder is. */
static void dir_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

bool mailbox_put(Mailbox *mailbox, const MailboxMail *mail, GError **error)
{
    g_autoptr(GError) failure = NULL;
    Entry entry = {mail->mail_id, mail->person};
    if (mail->size > MAILBOX_MAIL_BYTES_MAX)
        return fail(error, KITH_ERROR_LIMIT, "a mail for the local mailbox has at most %d bytes",
                    MAILBOX_MAIL_BYTES_MAX);
    if (g_mkdir_with_parents(mailbox->dir, 0700) != 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not make the mailbox: %s",
                    g_strerror(errno));
    g_autofree char *path = entry_path(mailbox, &entry);
    if (!g_file_set_contents_full(path, mail->data, (gssize)mail->size,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &failure))
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not write to the mailbox: %s",
                    failure->message);
    dir_sync(mailbox->dir);
    return true;
}

/* ---- reading ---- */

static bool entry_find(const Mailbox *mailbox, int64_t mail_id, Entry *ret_entry, GError **error)
{
    g_autoptr(GArray) entries = entries_read(mailbox, error);
    if (!entries) return false;
    for (guint i = 0; i < entries->len; i++) {
        *ret_entry = g_array_index(entries, Entry, i);
        if (ret_entry->mail_id == mail_id) return true;
    }
    return fail(error, KITH_ERROR_NOT_FOUND, "there is no such mail in the mailbox");
}

char *mailbox_raw(Mailbox *mailbox, int64_t mail_id, size_t *ret_size, GError **error)
{
    Entry entry = {0};
    char *data = NULL;
    if (!entry_find(mailbox, mail_id, &entry, error)) return NULL;
    g_autofree char *path = entry_path(mailbox, &entry);
    if (g_file_get_contents(path, &data, ret_size, NULL)) return data;
    fail(error, KITH_ERROR_NOT_FOUND, "there is no such mail in the mailbox");
    return NULL;
}

static json_t *entry_json(const Mailbox *mailbox, const Entry *entry, bool whole)
{
    char id[ID_TEXT_SIZE];
    char *data = NULL;
    size_t size = 0;
    g_autofree char *path = entry_path(mailbox, entry);
    if (!g_file_get_contents(path, &data, &size, NULL)) return NULL;
    json_t *mail = mail_read(data, size, whole);
    g_free(data);
    id_format(entry->mail_id, id);
    json_object_set_new(mail, "id", json_string(id));
    json_object_set_new(mail, "at", json_integer(id_time_ms(entry->mail_id)));
    json_object_set_new(mail, "bytes", json_integer((json_int_t)size));
    return mail;
}

json_t *mailbox_list(Mailbox *mailbox, int64_t before, GError **error)
{
    char next[ID_TEXT_SIZE] = "";
    g_autoptr(GArray) entries = entries_read(mailbox, error);
    if (!entries) return NULL;
    json_t *mails = json_array();
    for (guint i = 0; i < entries->len && !*next; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        if (before > 0 && entry->mail_id >= before) continue;
        json_t *mail = entry_json(mailbox, entry, false);
        if (mail) json_array_append_new(mails, mail);
        if (json_array_size(mails) == MAILBOX_PAGE && i + 1 < entries->len)
            id_format(entry->mail_id, next);
    }
    return json_pack("{s:o, s:s?, s:I}", "mails", mails, "next", *next ? next : NULL, "total",
                     (json_int_t)entries->len);
}

json_t *mailbox_read(Mailbox *mailbox, int64_t mail_id, GError **error)
{
    Entry entry;
    if (!entry_find(mailbox, mail_id, &entry, error)) return NULL;
    json_t *mail = entry_json(mailbox, &entry, true);
    if (!mail) fail(error, KITH_ERROR_NOT_FOUND, "there is no such mail in the mailbox");
    return mail;
}

/* ---- removing ---- */

static bool every_one(const Entry *entry, guint index, int64_t value)
{
    (void)entry, (void)index, (void)value;
    return true;
}

static bool too_old(const Entry *entry, guint index, int64_t value)
{
    return index >= MAILBOX_MAILS_MAX || id_time_ms(entry->mail_id) < value;
}

static bool of_person(const Entry *entry, guint index, int64_t value)
{
    (void)index;
    return entry->person == value;
}

bool mailbox_empty(Mailbox *mailbox, GError **error)
{
    return entries_remove(mailbox, every_one, 0, error);
}

bool mailbox_tidy(Mailbox *mailbox, int64_t now, GError **error)
{
    return entries_remove(mailbox, too_old, now - MAILBOX_DAYS * CLOCK_DAY_MS, error);
}

static bool person_erase(void *context, int64_t stem, GError **error)
{
    return stem == 0 || entries_remove(context, of_person, stem, error);
}

/* Nothing to rewrite: a mail is a file, and the file is gone. */
static bool person_seal(void *context, GError **error)
{
    (void)context, (void)error;
    return true;
}

static bool person_export(void *context, int64_t stem, json_t *rows, GError **error)
{
    g_autoptr(GArray) entries = entries_read(context, error);
    if (!entries) return false;
    for (guint i = 0; stem != 0 && i < entries->len; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        json_t *mail = entry->person == stem ? entry_json(context, entry, true) : NULL;
        if (mail) json_array_append_new(rows, mail);
    }
    return true;
}

PersonalFile mailbox_personal_file(Mailbox *mailbox)
{
    return (PersonalFile){.name = "mailbox",
                          .erase = person_erase,
                          .seal = person_seal,
                          .export = person_export,
                          .context = mailbox};
}
