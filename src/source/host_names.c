/* SPDX-License-Identifier: Apache-2.0 */

#include "source/host_names.h"

#include "base/array.h"
#include "base/text.h"

static int compare_times(const HostName *a, const HostName *b)
{
        if (a->next_at != b->next_at)
                return a->next_at < b->next_at ? -1 : 1;
        return (a > b) - (a < b);
}

static int compare_ops(const HostName *a, const HostName *b)
{
        return (a->op_id > b->op_id) - (a->op_id < b->op_id);
}

RB_PROTOTYPE(HostNameTimes, HostName, by_time, compare_times);
RB_PROTOTYPE(HostNameOps, HostName, by_op, compare_ops);
RB_GENERATE(HostNameTimes, HostName, by_time, compare_times)
RB_GENERATE(HostNameOps, HostName, by_op, compare_ops)

static void set_next(HostNames *n, HostName *h, usec_t at)
{
        struct HostNameTimes *times = h->configured ? &n->times : &n->logged_times;

        if (h->next_at != USEC_INFINITY)
                RB_REMOVE(HostNameTimes, times, h);
        h->next_at = at;
        if (at != USEC_INFINITY)
                RB_INSERT(HostNameTimes, times, h);
}

static void host_name_done(HostName *h)
{
        free(h->name);
        free(h->where);
        free(h->address);
        free(h->before);
        *h = (HostName) { 0 };
}

void host_names_done(HostNames *n)
{
        for (size_t i = 0; i < n->n_names; i++)
                host_name_done(&n->names[i]);
        free(n->names);
        *n = (HostNames) { 0 };
}

bool host_names_has_name(const ControllerLine *l)
{
        Transport t = l->transport ? transport_from_string(l->transport) : _TRANSPORT_INVALID;

        return (t == TRANSPORT_TCP || t == TRANSPORT_RDMA) && l->traddr &&
               address_parse(t, l->traddr).family == ADDRESS_NAME;
}

static int compare_names(const void *a, const void *b)
{
        return strcasecmp(((const HostName *) a)->name, ((const HostName *) b)->name);
}

static HostName *host_names_find_name(const HostNames *n, const char *name)
{
        const HostName probe = { .name = (char *) name };

        return n->n_names > 0 ? bsearch(&probe, n->names, n->n_names, sizeof(probe), compare_names)
                              : NULL;
}

const HostName *host_names_find(const HostNames *n, const char *name)
{
        return host_names_find_name(n, name);
}

void logged_names_done(LoggedNames *l)
{
        for (size_t i = 0; i < l->n_items; i++)
                free(l->items[i].where);
        free(l->items);
        *l = (LoggedNames) { 0 };
}

int logged_names_add(LoggedNames *l, const char *name, char *where)
{
        if (!where || ARRAY_RESERVE(l->items, l->n_allocated, l->n_items + 1) < 0) {
                free(where);
                return -ENOMEM;
        }
        l->items[l->n_items++] = (LoggedName) { name, where };
        return 0;
}

static int compare_logged(const void *a, const void *b)
{
        const LoggedName *x = a, *y = b;
        int r = strcasecmp(x->name, y->name);

        return r != 0 ? r : strcmp(text_or(x->where, ""), text_or(y->where, ""));
}

/* A name that is not yet the last one is appended, with only name, where and its origin set. */
static int append_name(HostNames *n, const LoggedName *from, bool configured)
{
        HostName *last = n->n_names > 0 ? &n->names[n->n_names - 1] : NULL;
        int r = 0;

        if (!last || strcasecmp(last->name, from->name) != 0) {
                last = &n->names[n->n_names++];
                last->next_at = USEC_INFINITY;
                r = text_replace(&last->name, from->name);
                if (r >= 0)
                        r = text_replace(&last->where, from->where);
        }
        n->n_logged += !configured && !last->logged;
        last->configured = last->configured || configured;
        last->logged = last->logged || !configured;
        return r;
}

/* Merges two sorted lists. Those in both have the provenance of the configuration. */
static int merge_names(const LoggedName *configured, size_t n_configured, const LoggedName *logged,
                       size_t n_logged, HostNames *ret)
{
        _cleanup_(host_names_done) HostNames n = { 0 };
        int r = 0;

        n.names = calloc(n_configured + n_logged + 1, sizeof(*n.names));
        if (!n.names)
                return -ENOMEM;
        for (size_t i = 0, j = 0; r >= 0 && (i < n_configured || j < n_logged);)
                if (j == n_logged ||
                    (i < n_configured && strcasecmp(configured[i].name, logged[j].name) <= 0))
                        r = append_name(&n, &configured[i++], true);
                else
                        r = append_name(&n, &logged[j++], false);
        if (r < 0)
                return r;
        *ret = n;
        n = (HostNames) { 0 };
        return 0;
}

/* The state of a name that remains. With at_once it is resolved anew, and a failure is reported
 * again, because the line may be a different one. */
static void inherit(HostName *h, HostName *old, bool at_once)
{
        h->state = old->state;
        h->address = TAKE_PTR(old->address);
        h->before = TAKE_PTR(old->before);
        h->unbound = old->unbound;
        h->n_others = old->n_others;
        h->op_id = old->op_id;
        h->again = old->again || (at_once && old->op_id != 0);
        if (at_once)
                return;
        h->error = old->error;
        h->n_failures = old->n_failures;
}

/* Takes ownership of the names in fresh. */
static void replace_names(HostNames *n, HostNames *fresh, bool at_once, usec_t now)
{
        fresh->last_op_id = n->last_op_id;
        fresh->logged_op_id = n->logged_op_id;
        fresh->ip_families = n->ip_families;
        for (size_t i = 0; i < fresh->n_names; i++) {
                HostName *h = &fresh->names[i], *old = host_names_find_name(n, h->name);
                usec_t at = old && !at_once ? old->next_at : now;
                if (old)
                        inherit(h, old, at_once);
                if (h->op_id == 0)
                        set_next(fresh, h, at);
                else
                        RB_INSERT(HostNameOps, &fresh->ops, h);
        }
        host_names_done(n);
        *n = *fresh;
}

/* Those that a line, or a log, contains. */
static LoggedName *list_names(const HostNames *n, bool configured, size_t *ret_n)
{
        LoggedName *names = calloc(n->n_names + 1, sizeof(*names));

        *ret_n = 0;
        for (size_t i = 0; names && i < n->n_names; i++)
                if (configured ? n->names[i].configured : n->names[i].logged)
                        names[(*ret_n)++] = (LoggedName) { n->names[i].name, n->names[i].where };
        return names;
}

int host_names_set(HostNames *n, const ControllerLine *lines, size_t n_lines, usec_t now)
{
        _cleanup_free_ LoggedName *configured = calloc(n_lines + 1, sizeof(*configured));
        size_t n_configured = 0, n_logged;
        _cleanup_free_ LoggedName *logged = list_names(n, false, &n_logged);
        HostNames fresh;

        if (!configured || !logged)
                return -ENOMEM;
        for (size_t i = 0; i < n_lines; i++)
                if (host_names_has_name(&lines[i]))
                        configured[n_configured++] =
                                (LoggedName) { lines[i].traddr, lines[i].where };
        qsort(configured, n_configured, sizeof(*configured), compare_logged);
        int r = merge_names(configured, n_configured, logged, n_logged, &fresh);
        if (r >= 0)
                replace_names(n, &fresh, true, now);
        return r;
}

/* Those that have a place already, or those that have none yet. Returns their number. */
static size_t take_logged(const HostNames *n, const LoggedName *logged, size_t n_logged, bool known,
                          size_t room, LoggedName *ret)
{
        size_t n_taken = 0;

        for (size_t i = 0; i < n_logged && n_taken < room; i++) {
                const HostName *h = host_names_find(n, logged[i].name);
                if ((h && h->logged) == known)
                        ret[n_taken++] = logged[i];
        }
        return n_taken;
}

int host_names_set_logged(HostNames *n, const LoggedName *logged, size_t n_logged, usec_t now)
{
        _cleanup_free_ LoggedName *unique = calloc(n_logged + 1, sizeof(*unique));
        _cleanup_free_ LoggedName *taken = calloc(HOST_NAMES_LOGGED_MAX, sizeof(*taken));
        size_t n_configured, n_unique = 0;
        _cleanup_free_ LoggedName *configured = list_names(n, true, &n_configured);
        HostNames fresh;

        if (!unique || !taken || !configured)
                return -ENOMEM;
        memcpy(unique, logged, n_logged * sizeof(*unique));
        qsort(unique, n_logged, sizeof(*unique), compare_logged);
        for (size_t i = 0; i < n_logged; i++)
                if (n_unique == 0 || strcasecmp(unique[n_unique - 1].name, unique[i].name) != 0)
                        unique[n_unique++] = unique[i];
        size_t n_taken = take_logged(n, unique, n_unique, true, HOST_NAMES_LOGGED_MAX, taken);
        n_taken += take_logged(n, unique, n_unique, false, HOST_NAMES_LOGGED_MAX - n_taken,
                               taken + n_taken);
        qsort(taken, n_taken, sizeof(*taken), compare_logged);
        int r = merge_names(configured, n_configured, taken, n_taken, &fresh);
        if (r >= 0)
                replace_names(n, &fresh, false, now);
        return r < 0 ? r : n_taken < n_unique;
}

/* Returns the name to be resolved next, or NULL. */
static HostName *find_next(const HostNames *n, usec_t now)
{
        HostName *h = RB_MIN(HostNameTimes, (struct HostNameTimes *) &n->times);

        if ((!h || h->next_at > now) && n->logged_op_id == 0) {
                HostName *l = RB_MIN(HostNameTimes, (struct HostNameTimes *) &n->logged_times);
                return !h || (l && l->next_at < h->next_at) ? l : h;
        }
        return h;
}

const HostName *host_names_begin(HostNames *n, usec_t now)
{
        HostName *due = find_next(n, now);

        if (!due || due->next_at > now)
                return NULL;
        set_next(n, due, USEC_INFINITY);
        due->op_id = ++n->last_op_id;
        if (!due->configured)
                n->logged_op_id = due->op_id;
        RB_INSERT(HostNameOps, &n->ops, due);
        return due;
}

void host_names_set_families(HostNames *n, unsigned ip_families)
{
        for (size_t i = 0; n->ip_families != ip_families && i < n->n_names; i++)
                n->names[i].unbound = true;
        n->ip_families = ip_families;
}

const char *host_name_known(const HostName *h)
{
        if (h->unbound)
                return NULL;
        return h->before ? h->before : h->address;
}

void host_names_retry(HostNames *n, usec_t now)
{
        for (size_t i = 0; i < n->n_names; i++) {
                HostName *h = &n->names[i];
                if (h->op_id != 0)
                        h->again = true;
                else if (h->error != 0)
                        set_next(n, h, now);
        }
}

usec_t host_names_next_at(const HostNames *n)
{
        const HostName *first = find_next(n, 0);

        return first ? first->next_at : USEC_INFINITY;
}

static bool can_be_connected_to(const char *address)
{
        Address a = address_parse(TRANSPORT_TCP, address);

        return address_is_ip(&a) && !address_is_unspecified(&a);
}

static HostNameOutcome take_failure(HostName *h, int error, usec_t now)
{
        unsigned n_doublings = MIN(h->n_failures, 6U);
        bool is_news = h->error != error;

        h->error = error;
        h->n_failures++;
        h->next_at = usec_add(
                now, MIN(HOST_NAMES_RETRY_MIN_USEC << n_doublings,
                         h->configured ? HOST_NAMES_RETRY_MAX_USEC : HOST_NAMES_REFRESH_USEC));
        return is_news ? HOST_NAME_FAILED : HOST_NAME_UNCHANGED;
}

/* An address other than the known one, which the name no longer has. */
static int change_address(HostName *h, const char *address)
{
        _cleanup_free_ char *copy = strdup(address);
        if (!copy)
                return -ENOMEM;

        if (h->state == HOST_NAME_SETTLED)
                h->before = TAKE_PTR(h->address);
        free(h->address);
        h->address = TAKE_PTR(copy);
        h->state = HOST_NAME_ANSWERED;
        return 0;
}

static void host_names_settle(HostName *h)
{
        h->state = HOST_NAME_SETTLED;
        h->n_others = 0;
        free(h->before);
        h->before = NULL;
}

static usec_t confirm_at(const HostName *h, usec_t now)
{
        unsigned n_doublings =
                h->n_others > HOST_NAMES_N_OTHERS ? MIN(h->n_others - HOST_NAMES_N_OTHERS, 16U) : 0;

        return usec_add(now, MIN(HOST_NAMES_CONFIRM_USEC << n_doublings, HOST_NAMES_REFRESH_USEC));
}

static HostNameOutcome take_other(HostName *h, const char *address, usec_t now)
{
        bool is_back = streq_ptr(h->before, address);

        h->n_others++;
        if (is_back) {
                free(h->address);
                h->address = TAKE_PTR(h->before);
                host_names_settle(h);
        } else if (h->before) {
                /* Missing twice: it is gone. The order of the others is irrelevant. */
                free(h->before);
                h->before = NULL;
                h->next_at = confirm_at(h, now);
                return HOST_NAME_UNCHANGED;
        } else if (change_address(h, address) < 0)
                return take_failure(h, -ENOMEM, now);
        h->next_at = is_back ? usec_add(now, HOST_NAMES_REFRESH_USEC) : confirm_at(h, now);
        return HOST_NAME_RESOLVED;
}

/* Addresses selected under another ip-family are not returned to. */
static void unbind(HostName *h)
{
        h->unbound = false;
        free(h->before);
        h->before = NULL;
        if (h->state == HOST_NAME_SETTLED)
                h->state = HOST_NAME_ANSWERED;
}

static HostNameOutcome take_answer(HostName *h, const char *address, usec_t now)
{
        bool had_failed = h->error < 0, was_settled = h->state == HOST_NAME_SETTLED;

        h->error = 0;
        h->n_failures = 0;
        if (h->unbound)
                unbind(h);
        if (!streq_ptr(h->address, address))
                return take_other(h, address, now);
        host_names_settle(h);
        h->next_at = usec_add(now, HOST_NAMES_REFRESH_USEC);
        if (!was_settled)
                return HOST_NAME_CONFIRMED;
        return had_failed ? HOST_NAME_RECOVERED : HOST_NAME_UNCHANGED;
}

HostNameOutcome host_names_end(HostNames *n, uint64_t op_id, int error, const char *address,
                               usec_t now, const HostName **ret)
{
        const HostName probe = { .op_id = op_id };
        HostName *h = RB_FIND(HostNameOps, &n->ops, (HostName *) &probe);
        HostNameOutcome outcome;

        if (op_id == n->logged_op_id)
                n->logged_op_id = 0;
        *ret = h;
        if (!h)
                return HOST_NAME_UNCHANGED;
        RB_REMOVE(HostNameOps, &n->ops, h);
        h->op_id = 0;
        if (error >= 0 && (!address || !can_be_connected_to(address)))
                error = -EADDRNOTAVAIL;
        outcome = error < 0 ? take_failure(h, error, now) : take_answer(h, address, now);
        usec_t at = h->again ? now : h->next_at;
        h->again = false;
        h->next_at = USEC_INFINITY; /* not in any queue yet */
        set_next(n, h, at);
        return outcome;
}
