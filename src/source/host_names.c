/* SPDX-License-Identifier: Apache-2.0 */

#include "source/host_names.h"

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
        if (h->next_at != USEC_INFINITY)
                RB_REMOVE(HostNameTimes, &n->times, h);
        h->next_at = at;
        if (at != USEC_INFINITY)
                RB_INSERT(HostNameTimes, &n->times, h);
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

static int compare_lines(const void *a, const void *b)
{
        const ControllerLine *x = *(const ControllerLine *const *) a;
        const ControllerLine *y = *(const ControllerLine *const *) b;
        int r = strcasecmp(x->traddr, y->traddr);

        return r != 0 ? r : (x > y) - (x < y);
}

/* Returns the names of the lines, unique and sorted, with only where and name set. */
static int collect_names(const ControllerLine *lines, size_t n_lines, HostNames *ret)
{
        _cleanup_free_ const ControllerLine **named = calloc(n_lines + 1, sizeof(*named));
        _cleanup_(host_names_done) HostNames n = { 0 };
        size_t n_named = 0;

        if (!named)
                return -ENOMEM;
        for (size_t i = 0; i < n_lines; i++)
                if (host_names_has_name(&lines[i]))
                        named[n_named++] = &lines[i];
        qsort(named, n_named, sizeof(*named), compare_lines);
        n.names = calloc(n_named + 1, sizeof(*n.names));
        if (!n.names)
                return -ENOMEM;
        for (size_t i = 0; i < n_named; i++) {
                if (i > 0 && strcasecmp(named[i - 1]->traddr, named[i]->traddr) == 0)
                        continue;
                HostName *h = &n.names[n.n_names++];
                int r = text_replace(&h->name, named[i]->traddr);
                if (r >= 0)
                        r = text_replace(&h->where, named[i]->where);
                if (r < 0)
                        return r;
        }
        *ret = n;
        n = (HostNames) { 0 };
        return 0;
}

/* Keeps the known state; a failure is reported again, because the line may be a different one. */
static void inherit(HostName *h, HostName *old)
{
        h->state = old->state;
        h->address = TAKE_PTR(old->address);
        h->before = TAKE_PTR(old->before);
        h->unbound = old->unbound;
        h->n_others = old->n_others;
        h->op_id = old->op_id;
        h->again = old->op_id != 0;
}

int host_names_set(HostNames *n, const ControllerLine *lines, size_t n_lines, usec_t now)
{
        HostNames fresh;
        int r = collect_names(lines, n_lines, &fresh);
        if (r < 0)
                return r;

        fresh.last_op_id = n->last_op_id;
        fresh.ip_families = n->ip_families;
        for (size_t i = 0; i < fresh.n_names; i++) {
                HostName *h = &fresh.names[i], *old = host_names_find_name(n, h->name);
                if (old)
                        inherit(h, old);
                h->next_at = USEC_INFINITY;
                if (h->op_id == 0)
                        set_next(&fresh, h, now);
                else
                        RB_INSERT(HostNameOps, &fresh.ops, h);
        }
        host_names_done(n);
        *n = fresh;
        return 0;
}

const HostName *host_names_begin(HostNames *n, usec_t now)
{
        HostName *due = RB_MIN(HostNameTimes, &n->times);

        if (!due || due->next_at > now)
                return NULL;
        set_next(n, due, USEC_INFINITY);
        due->op_id = ++n->last_op_id;
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
        const HostName *first = RB_MIN(HostNameTimes, (struct HostNameTimes *) &n->times);

        return first ? first->next_at : USEC_INFINITY;
}

static bool can_be_connected_to(const char *address)
{
        Address a = address_parse(TRANSPORT_TCP, address);

        return address_is_ip(&a) && !address_is_unspecified(&a);
}

static HostNameOutcome take_failure(HostName *h, int error, usec_t now)
{
        unsigned n_doublings = MIN(h->n_failures, 4U);
        bool is_news = h->error != error;

        h->error = error;
        h->n_failures++;
        h->next_at = usec_add(
                now, MIN(HOST_NAMES_RETRY_MIN_USEC << n_doublings, HOST_NAMES_RETRY_MAX_USEC));
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
