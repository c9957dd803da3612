/* SPDX-License-Identifier: Apache-2.0 */

#include "source/stafd_answers.h"

#include "base/array.h"
#include "base/text.h"

/* Longer than any part of an identity or discovery log entry. */
#define TEXT_MAX 1024
#define DEVICE_MAX 64

/* An unusable identity makes the list incomplete. */
static int list_add(StafdList *l, const TidFields *id, const char *device, SourceState state,
                    uint64_t generation)
{
        StafdListed item = { .state = state, .generation = generation };

        if (l->n_items == STAFD_CONTROLLERS_MAX || state < 0 || strlen(device) > DEVICE_MAX) {
                l->complete = false;
                return 0;
        }
        int r = tid_new(id, CONTROLLER_DISCOVERY, &item.tid);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                l->complete = false;
                return 0;
        }
        item.device = strdup(device);
        if (!item.device || ARRAY_RESERVE(l->items, l->n_allocated, l->n_items + 1) < 0) {
                free(item.device);
                (void) tid_free(item.tid);
                return -ENOMEM;
        }
        text_make_printable(item.device);
        l->items[l->n_items++] = item;
        return 0;
}

int stafd_list_decode(sd_bus_message *m, StafdList *ret)
{
        _cleanup_(stafd_list_done) StafdList l = { 0 };
        int complete, r;

        if (!sd_bus_message_has_signature(m, "ba(ssssssssst)"))
                return -EBADMSG;
        if ((r = sd_bus_message_read(m, "b", &complete)) < 0 ||
            (r = sd_bus_message_enter_container(m, 'a', "(ssssssssst)")) < 0)
                return r;
        l.complete = complete;
        for (;;) {
                TidFields id;
                const char *device, *state;
                uint64_t generation;
                r = sd_bus_message_read(m, "(ssssssssst)", &id.transport, &id.traddr, &id.trsvcid,
                                        &id.subsysnqn, &id.host_traddr, &id.host_iface,
                                        &id.host_nqn, &device, &state, &generation);
                if (r == 0)
                        break;
                if (r < 0 || (r = list_add(&l, &id, device, source_state_from_string(state),
                                           generation)) < 0)
                        return r;
        }
        *ret = l;
        l = (StafdList) { 0 };
        return 0;
}

/* Reads an a{ss} into values, for the given keys; absent or too long values are NULL. Returns 1, or
 * 0 at the end of the outer array. */
static int read_dictionary(sd_bus_message *m, const char *const keys[], const char *values[],
                           size_t n)
{
        const char *key, *value;
        int r;

        memset(values, 0, n * sizeof(*values));
        if ((r = sd_bus_message_enter_container(m, 'a', "{ss}")) <= 0)
                return r;
        while ((r = sd_bus_message_read(m, "{ss}", &key, &value)) > 0)
                for (size_t i = 0; i < n; i++)
                        if (streq(key, keys[i]))
                                values[i] = strlen(value) <= TEXT_MAX ? value : NULL;
        if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0)
                return r;
        return 1;
}

int stafd_list_decode_controllers(sd_bus_message *m, StafdList *ret)
{
        static const char *const keys[] = { "transport",   "traddr",     "trsvcid",  "subsysnqn",
                                            "host-traddr", "host-iface", "host-nqn", "device" };
        _cleanup_(stafd_list_done) StafdList l = { 0 };
        const char *v[ELEMENTSOF(keys)];
        int r;

        if (!sd_bus_message_has_signature(m, "aa{ss}"))
                return -EBADMSG;
        if ((r = sd_bus_message_enter_container(m, 'a', "a{ss}")) < 0)
                return r;
        while ((r = read_dictionary(m, keys, v, ELEMENTSOF(keys))) > 0) {
                TidFields id = { v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
                if ((r = list_add(&l, &id, text_or(v[7], ""), SOURCE_PARTIAL, 0)) < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = l;
        l = (StafdList) { 0 };
        return 0;
}

/* An invalid entry is kept as zero, so that the others keep their number. */
static int stafd_answers_read_entry(sd_bus_message *m, StafdLog *l)
{
        static const char *const keys[] = { "trtype",    "adrfam",  "traddr", "trsvcid",
                                            "subnqn",    "subtype", "treq",   "portid",
                                            "cntlid",    "asqsz",   "eflags", DLPE_PROBLEM,
                                            DLPE_SECTYPE };
        _cleanup_properties_ Properties p = { 0 };
        const char *values[ELEMENTSOF(keys)];

        int r = read_dictionary(m, keys, values, ELEMENTSOF(keys));
        if (r <= 0)
                return r;
        if (l->n_entries == STAFD_ENTRIES_MAX) {
                l->damaged = true;
                return 1;
        }
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (values[i] && properties_add(&p, keys[i], values[i]) < 0)
                        return -ENOMEM;
        if (ARRAY_RESERVE(l->entries, l->n_allocated, l->n_entries + 1) < 0)
                return -ENOMEM;
        DlpEntry *e = &l->entries[l->n_entries].dlpe;
        l->entries[l->n_entries] = (LogEntry) { .position = l->n_entries };
        r = dlpe_from_properties(&p, e);
        if (r == -ENOMEM)
                return r;
        l->n_entries++;
        if (r < 0)
                l->damaged = true;
        else if (e->subtype != DLPE_NVME)
                dlpe_done(e);
        return 1;
}

static int read_entries(sd_bus_message *m, StafdLog *l)
{
        int r = sd_bus_message_enter_container(m, 'a', "a{ss}");

        while (r > 0)
                r = stafd_answers_read_entry(m, l);
        return r;
}

int stafd_log_decode(sd_bus_message *m, StafdLog *ret)
{
        _cleanup_(stafd_log_done) StafdLog l = { 0 };
        const char *state;
        int r;

        if (!sd_bus_message_has_signature(m, "staa{ss}"))
                return -EBADMSG;
        if ((r = sd_bus_message_read(m, "st", &state, &l.generation)) < 0 ||
            (r = read_entries(m, &l)) < 0)
                return r;
        l.state = source_state_from_string(state);
        if (l.state < 0)
                return -EBADMSG;
        *ret = l;
        l = (StafdLog) { 0 };
        return 0;
}

int stafd_log_decode_pages(sd_bus_message *m, StafdLog *ret)
{
        _cleanup_(stafd_log_done) StafdLog l = { .state = SOURCE_PARTIAL };

        if (!sd_bus_message_has_signature(m, "aa{ss}"))
                return -EBADMSG;
        int r = read_entries(m, &l);
        if (r < 0)
                return r;
        *ret = l;
        l = (StafdLog) { 0 };
        return 0;
}

/* ---- list_changes() ---- */

#define IDENTITY "(sssssss)"
#define ENTRY "(tyyyyqqqqyssss)"
#define CHANGED_LOG "(" IDENTITY "sstuba" ENTRY "at)"

/* Returns 1, 0 at the end of the array, or -EBADMSG if it does not identify a controller. */
static int read_identity(sd_bus_message *m, Tid **ret)
{
        TidFields id;

        int r = sd_bus_message_read(m, IDENTITY, &id.transport, &id.traddr, &id.trsvcid,
                                    &id.subsysnqn, &id.host_traddr, &id.host_iface, &id.host_nqn);
        if (r <= 0)
                return r;
        r = tid_new(&id, CONTROLLER_DISCOVERY, ret);
        return r < 0 && r != -ENOMEM ? -EBADMSG : r < 0 ? r : 1;
}

/* An invalid log entry is marked damaged; the contents of an unused one are not kept. */
static int take_entry(LogEntry *e, const char *traddr, const char *trsvcid, const char *subnqn,
                      bool has_problem)
{
        DlpEntry *d = &e->dlpe;

        e->damaged = strlen(traddr) > DLPE_TRADDR_SIZE || strlen(trsvcid) > DLPE_TRSVCID_SIZE ||
                     strlen(subnqn) > DLPE_SUBNQN_SIZE;
        if (e->damaged || d->subtype != DLPE_NVME) {
                *d = (DlpEntry) { 0 };
                return 0;
        }
        d->bad_nqn = has_problem || !nqn_is_usable(subnqn);
        d->traddr = strdup(traddr);
        d->subnqn = strdup(subnqn);
        if (!d->traddr || !d->subnqn)
                return -ENOMEM;
        memcpy(d->trsvcid, trsvcid, strlen(trsvcid) + 1);
        text_make_printable(d->traddr);
        text_make_printable(d->subnqn);
        text_make_printable(d->trsvcid);
        return 0;
}

static int read_changed_entry(sd_bus_message *m, ChangedLog *l)
{
        const char *traddr, *trsvcid, *subnqn, *problem;
        LogEntry e = { 0 };
        DlpEntry *d = &e.dlpe;

        int r = sd_bus_message_read(m, ENTRY, &e.position, &d->trtype, &d->adrfam, &d->subtype,
                                    &d->treq, &d->portid, &d->cntlid, &d->asqsz, &d->eflags,
                                    &d->sectype, &traddr, &trsvcid, &subnqn, &problem);
        if (r <= 0)
                return r;
        LogEntry *added = changed_log_add(l);
        if (!added)
                return -ENOMEM;
        r = take_entry(&e, traddr, trsvcid, subnqn, *problem);
        *added = e;
        return r < 0 ? r : 1;
}

static int read_gone(sd_bus_message *m, ChangedLog *l)
{
        const uint64_t *gone;
        size_t size;

        int r = sd_bus_message_read_array(m, 't', (const void **) &gone, &size);
        for (size_t i = 0; r >= 0 && i < size / sizeof(*gone); i++)
                r = changed_log_add_gone(l, gone[i]);
        return r;
}

static int read_changed_parts(sd_bus_message *m, ChangedLog *l)
{
        const char *device, *state;
        uint32_t n_entries;
        int finished, r;

        r = sd_bus_message_read(m, "sstub", &device, &state, &l->generation, &n_entries, &finished);
        if (r < 0)
                return r;
        l->n_entries = n_entries;
        l->finished = finished;
        l->state = source_state_from_string(state);
        if (l->state < 0 || strlen(device) > DEVICE_MAX)
                return -EBADMSG;
        if (text_replace(&l->device, device) < 0)
                return -ENOMEM;
        text_make_printable(l->device);
        r = sd_bus_message_enter_container(m, 'a', ENTRY);
        while (r > 0 && (r = read_changed_entry(m, l)) > 0)
                if (l->n_changed > STAFD_ENTRIES_MAX)
                        return -EBADMSG;
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : read_gone(m, l);
}

/* One that does not identify a controller is a hole. */
static int read_changed_log(sd_bus_message *m, LogChanges *c)
{
        int r = sd_bus_message_enter_container(m, 'r', IDENTITY "sstuba" ENTRY "at");
        ChangedLog *l;

        if (r <= 0)
                return r;
        if (c->n_logs >= STAFD_ENTRIES_MAX)
                return -EBADMSG;
        if (!(l = log_changes_add(c)))
                return -ENOMEM;
        bool is_hole = (r = read_identity(m, &l->dc)) == -EBADMSG;
        if (!is_hole && r < 0)
                return r;
        r = read_changed_parts(m, l);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (is_hole) {
                log_changes_remove_last(c);
                c->has_hole = true;
        }
        return r < 0 ? r : 1;
}

static int read_gone_controller(sd_bus_message *m, LogChanges *c)
{
        Tid *dc = NULL;

        int r = read_identity(m, &dc);
        if (r == -EBADMSG) /* it was a hole while it existed */
                return 1;
        if (r <= 0)
                return r;
        if (c->n_gone >= STAFD_ENTRIES_MAX) {
                (void) tid_free(dc);
                return -EBADMSG;
        }
        return log_changes_add_gone(c, dc) < 0 ? -ENOMEM : 1;
}

int stafd_changes_decode(sd_bus_message *m, LogChanges *ret)
{
        _cleanup_log_changes_ LogChanges c = { 0 };
        int whole, more, complete, r;

        if (!sd_bus_message_has_signature(m, "tttbbba" CHANGED_LOG "a" IDENTITY))
                return -EBADMSG;
        r = sd_bus_message_read(m, "tttbbb", &c.next.epoch, &c.next.generation, &c.next.start,
                                &whole, &more, &complete);
        if (r < 0)
                return r;
        c.whole = whole;
        c.more = more;
        c.complete = complete;
        r = sd_bus_message_enter_container(m, 'a', CHANGED_LOG);
        while (r > 0)
                r = read_changed_log(m, &c);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', IDENTITY);
        while (r > 0)
                r = read_gone_controller(m, &c);
        if (r < 0)
                return r;
        *ret = c;
        c = (LogChanges) { 0 };
        return 0;
}
