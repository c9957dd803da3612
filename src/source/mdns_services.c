/* SPDX-License-Identifier: Apache-2.0 */

#include "source/mdns_services.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

/* No event reports a broken connection: how often a lost controller is checked. */
#define LOOK_MIN_USEC (1 * USEC_PER_SEC)
#define LOOK_MAX_USEC (60 * USEC_PER_SEC)

bool mdns_key_equal(const MdnsKey *a, const MdnsKey *b)
{
        return a->interface == b->interface && a->protocol == b->protocol && a->type == b->type &&
               streq(a->name, b->name);
}

void mdns_services_done(MdnsServices *s)
{
        for (size_t i = 0; i < s->n_rows; i++)
                (void) tid_free(s->rows[i].tid);
        free(s->rows);
        free(s->host_nqn);
        *s = (MdnsServices) { 0 };
}

/* ---- identity ---- */

static int mdns_services_make_tid(const MdnsService *m, const char *host_nqn, bool unique_nqn,
                                  bool ignore_iface, Tid **ret)
{
        bool is_tcp = m->txt.transport == TRANSPORT_TCP;
        char traddr[sizeof(m->address) + 1 + sizeof(m->interface)], port[sizeof("65535")];
        Address a = address_parse(m->txt.transport, m->address);

        if (m->txt.transport < 0)
                return -ENOPROTOOPT;
        if (m->txt.bad_nqn)
                return -EILSEQ;
        if (!address_is_ip(&a) || *a.scope || !*m->interface)
                return -EINVAL;
        bool is_link_local = address_is_link_local(&a);
        (void) snprintf(traddr, sizeof(traddr), "%s%s%s", m->address, is_link_local ? "%" : "",
                        is_link_local ? m->interface : "");
        (void) snprintf(port, sizeof(port), "%u", m->port);

        const TidFields fields = {
                .transport = transport_to_string(m->txt.transport),
                .traddr = traddr,
                .trsvcid = port,
                .subsysnqn = unique_nqn ? m->txt.nqn : NULL,
                .host_iface = is_tcp && !ignore_iface ? m->interface : NULL,
                .host_nqn = host_nqn,
        };
        int r = tid_new(&fields, CONTROLLER_DISCOVERY, ret);
        return r == -ENOMEM ? r : r < 0 ? -EINVAL : 0;
}

int mdns_services_set_host(MdnsServices *s, const char *host_nqn, bool unique_nqn,
                           bool ignore_iface)
{
        _cleanup_free_ Tid **tids = calloc(s->n_rows + 1, sizeof(*tids));
        _cleanup_free_ char *copy = strdup(host_nqn);
        int r = tids && copy ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < s->n_rows; i++) {
                const MdnsRow *row = &s->rows[i];
                r = row->is_remembered ? tid_dup(row->tid, &tids[i])
                                       : mdns_services_make_tid(&row->service, host_nqn, unique_nqn,
                                                                ignore_iface, &tids[i]);
        }
        if (r < 0) {
                for (size_t i = 0; tids && i < s->n_rows; i++)
                        (void) tid_free(tids[i]);
                return -ENOMEM;
        }
        for (size_t i = 0; i < s->n_rows; i++) {
                (void) tid_free(s->rows[i].tid);
                s->rows[i].tid = tids[i];
        }
        free(s->host_nqn);
        s->host_nqn = TAKE_PTR(copy);
        s->unique_nqn = unique_nqn;
        s->ignore_iface = ignore_iface;
        return 0;
}

/* ---- rows ---- */

static MdnsRow *mdns_services_find_key(const MdnsServices *s, const MdnsKey *key)
{
        for (size_t i = 0; i < s->n_rows; i++)
                if (s->rows[i].has_key && mdns_key_equal(&s->rows[i].service.key, key))
                        return &s->rows[i];
        return NULL;
}

static MdnsRow *find_tid(const MdnsServices *s, const Tid *tid, bool announced)
{
        for (size_t i = 0; i < s->n_rows; i++)
                if ((s->rows[i].state == MDNS_ANNOUNCED) == announced &&
                    tid_compare(s->rows[i].tid, tid) == 0)
                        return &s->rows[i];
        return NULL;
}

static void remove_row(MdnsServices *s, MdnsRow *row)
{
        (void) tid_free(row->tid);
        *row = s->rows[--s->n_rows];
}

static const char *row_interface(const MdnsRow *row)
{
        return row->is_remembered ? tid_interface(row->tid) : row->service.interface;
}

/* A set of rows that share a limit. */
typedef struct Bound {
        const Address *address; /* NULL: of any */
        const char *interface;  /* NULL: on any */
        size_t n_max;
        int error; /* if the limit is reached */
} Bound;

static bool bound_covers(const Bound *b, const MdnsRow *row)
{
        return (!b->address || address_compare(&row->tid->address, b->address) == 0) &&
               (!b->interface || streq(row_interface(row), b->interface));
}

/* A sender that fills the table with short-lived names loses those first, and no others. */
static MdnsRow *find_victim(const MdnsServices *s, const Bound *b)
{
        MdnsRow *oldest = NULL;

        for (size_t i = 0; i < s->n_rows; i++) {
                MdnsRow *row = &s->rows[i];
                if (row->state == MDNS_LOST && bound_covers(b, row) &&
                    (!oldest || row->idle_since < oldest->idle_since) &&
                    !(s->was_connected && s->was_connected(row->tid, s->userdata)))
                        oldest = row;
        }
        return oldest;
}

static int make_room_within(MdnsServices *s, const Bound *b)
{
        size_t n = 0;

        for (size_t i = 0; i < s->n_rows; i++)
                n += bound_covers(b, &s->rows[i]);
        if (n < b->n_max)
                return 0;
        MdnsRow *victim = find_victim(s, b);
        if (!victim)
                return b->error;
        remove_row(s, victim);
        return 0;
}

static int mdns_services_make_room(MdnsServices *s, const MdnsService *service, const Tid *tid)
{
        const Bound bounds[] = {
                { .address = &tid->address, .n_max = MDNS_PER_ADDRESS_MAX, .error = -EDQUOT },
                { .interface = service->interface,
                  .n_max = MDNS_PER_INTERFACE_MAX,
                  .error = -EDQUOT },
                { .n_max = MDNS_SERVICES_MAX, .error = -E2BIG },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(bounds); i++)
                r = make_room_within(s, &bounds[i]);
        return r;
}

/* Takes ownership of tid, also on failure. */
static int mdns_services_add_row(MdnsServices *s, Tid *tid, MdnsRow **ret)
{
        int r = ARRAY_RESERVE(s->rows, s->n_allocated, s->n_rows + 1);
        if (r < 0) {
                (void) tid_free(tid);
                return r;
        }
        *ret = &s->rows[s->n_rows++];
        **ret = (MdnsRow) { .tid = tid };
        return 0;
}

/* May move the last row into its place. */
static void lose_row(MdnsServices *s, MdnsRow *row, usec_t now)
{
        row->state = MDNS_LOST;
        row->has_key = false;
        row->idle_since = now;
        if (find_tid(s, row->tid, true)) /* another name announces it */
                remove_row(s, row);
}

int mdns_services_remember(MdnsServices *s, const Tid *tid)
{
        Tid *copy;
        MdnsRow *row;

        int r = tid_dup(tid, &copy);
        if (r >= 0)
                r = mdns_services_add_row(s, copy, &row);
        if (r < 0)
                return r;
        row->state = MDNS_UNCONFIRMED;
        row->is_remembered = true;
        return 0;
}

static int announce(MdnsServices *s, const MdnsService *service, Tid *taken, usec_t now,
                    MdnsRow **ret)
{
        _cleanup_tid_ Tid *tid = taken;
        MdnsRow *row = mdns_services_find_key(s, &service->key);

        if (row && tid_compare(row->tid, tid) != 0) {
                lose_row(s, row, now);
                row = NULL;
        }
        if (!row)
                row = find_tid(s, tid, false);
        if (!row) {
                int r = mdns_services_make_room(s, service, tid);
                if (r >= 0)
                        r = mdns_services_add_row(s, TAKE_PTR(tid), &row);
                if (r < 0)
                        return r;
        }
        row->state = MDNS_ANNOUNCED;
        row->service = *service;
        row->has_key = true;
        row->is_remembered = false;
        *ret = row;
        return 0;
}

int mdns_services_found(MdnsServices *s, const MdnsService *service, usec_t now,
                        const MdnsRow **ret_row)
{
        Tid *tid;
        MdnsRow *row;

        int r = mdns_services_make_tid(service, s->host_nqn, s->unique_nqn, s->ignore_iface, &tid);
        if (r >= 0)
                r = announce(s, service, tid, now, &row);
        if (r == -ENOPROTOOPT || r == -EILSEQ || r == -EINVAL)
                mdns_services_lost(s, &service->key, now);
        if (r < 0)
                return r;
        *ret_row = row;
        return 0;
}

void mdns_services_lost(MdnsServices *s, const MdnsKey *key, usec_t now)
{
        MdnsRow *row = mdns_services_find_key(s, key);

        if (row)
                lose_row(s, row, now);
}

void mdns_services_doubt(MdnsServices *s, SourceState state)
{
        s->state = state;
        for (size_t i = 0; i < s->n_rows; i++)
                if (s->rows[i].state == MDNS_ANNOUNCED)
                        s->rows[i].state = MDNS_UNCONFIRMED;
}

void mdns_services_complete(MdnsServices *s, usec_t now)
{
        s->state = SOURCE_COMPLETE;
        /* In reverse: the row that moves to the place of a removed one has been visited. */
        for (size_t i = s->n_rows; i > 0; i--)
                if (s->rows[i - 1].state == MDNS_UNCONFIRMED)
                        lose_row(s, &s->rows[i - 1], now);
}

const char *mdns_services_tell_twice(MdnsServices *s, const MdnsRow *row)
{
        const char *interface = NULL;
        bool was_told = row->told_twice;

        if (address_is_link_local(&row->tid->address))
                return NULL;
        for (size_t i = 0; i < s->n_rows; i++) {
                MdnsRow *other = &s->rows[i];
                if (other->state != MDNS_ANNOUNCED ||
                    address_compare(&other->tid->address, &row->tid->address) != 0 ||
                    streq(other->service.interface, row->service.interface))
                        continue;
                was_told = was_told || other->told_twice;
                interface = other->service.interface;
                other->told_twice = true;
        }
        if (interface)
                s->rows[row - s->rows].told_twice = true;
        return was_told ? NULL : interface;
}

usec_t mdns_services_expire(MdnsServices *s, usec_t persistence, MdnsIsConnected is_connected,
                            void *userdata, usec_t now)
{
        usec_t next = USEC_INFINITY;
        usec_t period = MAX(persistence / 8, LOOK_MIN_USEC);
        usec_t look_at = usec_add(now, MIN(period, LOOK_MAX_USEC));

        if (s->state != SOURCE_COMPLETE)
                return USEC_INFINITY;
        for (size_t i = s->n_rows; i > 0; i--) {
                MdnsRow *row = &s->rows[i - 1];
                if (row->state != MDNS_LOST)
                        continue;
                if (is_connected(row->tid, userdata))
                        row->idle_since = now;
                else if (usec_add(row->idle_since, persistence) <= now) {
                        remove_row(s, row);
                        continue;
                }
                usec_t ends_at = usec_add(row->idle_since, persistence);
                ends_at = MIN(ends_at, look_at);
                next = MIN(next, ends_at);
        }
        return next == USEC_INFINITY ? next : MAX(next, usec_add(now, LOOK_MIN_USEC));
}

/* ---- conversion to a set ---- */

static char *mdns_services_describe(const MdnsRow *row)
{
        const char *interface = row_interface(row);
        char name[MDNS_NAME_SIZE];
        _cleanup_text_buffer_ TextBuffer b = { 0 };

        text_buffer_append(&b, "mDNS");
        if (!row->is_remembered) {
                (void) snprintf(name, sizeof(name), "%s", row->service.key.name);
                text_make_printable(name);
                text_buffer_printf(&b, " \"%s\"", name);
        }
        if (*interface)
                text_buffer_printf(&b, " on %s", interface);
        if (row->state == MDNS_LOST)
                text_buffer_append(&b, ", no longer announced");
        return text_buffer_take(&b);
}

/* Returns 1 if excluded by its interface, which is not part of its Tid. */
static int is_excluded(const MdnsServices *s, const MdnsRow *row, const ExcludeList *excludes)
{
        _cleanup_tid_ Tid *tid = NULL;

        if (!s->ignore_iface || row->is_remembered)
                return 0;
        int r = mdns_services_make_tid(&row->service, s->host_nqn, s->unique_nqn, false, &tid);
        return r < 0 ? r : exclude_list_match(excludes, tid) != NULL;
}

static int mdns_services_add_entry(const MdnsServices *s, const MdnsRow *row,
                                   const ExcludeList *excludes, SourceSet *set)
{
        Tid *tid;

        int r = is_excluded(s, row, excludes);
        if (r != 0)
                return MIN(r, 0);
        _cleanup_free_ char *where = mdns_services_describe(row);
        if (!where)
                return -ENOMEM;
        r = tid_dup(row->tid, &tid);
        if (r < 0)
                return r;
        SourceEntry *entry = source_set_add(set, tid, where);
        if (!entry)
                return -ENOMEM;
        /* Until it was searched for it is kept, but not connected. */
        entry->restored = row->is_remembered && row->state == MDNS_UNCONFIRMED;
        return 0;
}

int mdns_services_to_set(const MdnsServices *s, const ExcludeList *excludes, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;

        int r = source_set_new(MDNS_SOURCE_KEY, SOURCE_DISCOVERED, s->state, &set);
        for (size_t i = 0; r >= 0 && i < s->n_rows; i++)
                r = mdns_services_add_entry(s, &s->rows[i], excludes, set);
        if (r < 0)
                return r;
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}
