/* SPDX-License-Identifier: Apache-2.0 */

/* Actual state: the kernel's controllers as they are read, and their removal. */

#include "base/text.h"
#include "plan/engine-internal.h"
#include "plan/match.h"

static int device_node_compare_instance(const DeviceNode *a, const DeviceNode *b)
{
        return a->instance < b->instance ? -1 : a->instance > b->instance;
}

static int device_node_compare_tid(const DeviceNode *a, const DeviceNode *b)
{
        int r = tid_compare(a->device->tid, b->device->tid);

        return r != 0 ? r : device_node_compare_instance(a, b);
}

static int restored_device_compare(const RestoredDevice *a, const RestoredDevice *b)
{
        return a->instance < b->instance ? -1 : a->instance > b->instance;
}

RB_GENERATE(InstanceTree, DeviceNode, by_instance, device_node_compare_instance)
RB_GENERATE(DeviceTree, DeviceNode, by_tid, device_node_compare_tid)
RB_GENERATE(RestoredTree, RestoredDevice, by_instance, restored_device_compare)

DeviceNode *engine_lookup_device(const Engine *e, int instance)
{
        DeviceNode probe = { .instance = instance };

        return RB_FIND(InstanceTree, (struct InstanceTree *) &e->instances, &probe);
}

int engine_get_device(Engine *e, int instance, DeviceNode **ret)
{
        DeviceNode *n = engine_lookup_device(e, instance);
        if (!n) {
                n = calloc(1, sizeof(*n));
                if (!n)
                        return -ENOMEM;
                n->instance = instance;
                n->early = !e->connects_over || !e->actual_known;
                LIST_INIT(&n->users);
                RB_INSERT(InstanceTree, &e->instances, n);
        }
        *ret = n;
        return 0;
}

/* A connection made by others, or removed by them after it was excluded, says nothing about the
 * target. */
static bool is_failure(const Row *row, usec_t now)
{
        const Attempts *a = &row->attempts;

        return a->made && row->wanted.is_wanted && row->wanted.unwanted_since <= a->since &&
               usec_add(a->since, ENGINE_STABLE_USEC) > now;
}

/* After a loss the row is connected again at once, unless our connection was short-lived. */
static void lose(Engine *e, Row *row, usec_t now)
{
        engine_mark_dirty(e, row);
        engine_note(e, NOTE_LOST, row, 0);
        attempts_lose(&row->attempts, is_failure(row, now), row_seed(row), now);
}

/* The uevent arrives before the completion, whoever removed the controller first. */
static void end_by_us(Engine *e, Row *row, usec_t now)
{
        engine_mark_dirty(e, row);
        engine_note_end(e, row, now);
}

static void detach_users(Engine *e, DeviceNode *n, usec_t now)
{
        Row *row;

        while ((row = LIST_FIRST(&n->users))) {
                if (row->op.operation == OPERATION_DISCONNECT)
                        end_by_us(e, row, now);
                else
                        lose(e, row, now);
                engine_detach(e, row);
                engine_match_controller(e, row, now); /* there may be another connection */
        }
}

static void unindex(Engine *e, DeviceNode *n)
{
        if (n->indexed)
                RB_REMOVE(DeviceTree, &e->devices, n);
        n->indexed = false;
}

static void settle_without(Engine *e, Row *row, usec_t now)
{
        lose(e, row, now);
        engine_match_controller(e, row, now);
}

void engine_begin_settling(Engine *e, DeviceNode *n, Row *row, uint64_t inode)
{
        n->settling = row;
        n->made_inode = inode;
        TAILQ_INSERT_TAIL(&e->settling, n, settling_entry);
}

static Row *take_settling(Engine *e, DeviceNode *n)
{
        Row *row = TAKE_PTR(n->settling);

        if (!row)
                return NULL;
        TAILQ_REMOVE(&e->settling, n, settling_entry);
        row_set_op(e, row, OPERATION_NONE, 0);
        return row;
}

void engine_lose_settling(Engine *e, DeviceNode *n, usec_t now)
{
        Row *row = take_settling(e, n);

        if (row)
                settle_without(e, row, now);
}

static void free_device_node(DeviceNode *n)
{
        (void) device_free(n->device);
        free(n);
}

static void forget_device(Engine *e, DeviceNode *n, usec_t now)
{
        unindex(e, n);
        detach_users(e, n, now);
        n->device = device_free(n->device);
        n->ours = n->inherited = n->let_go = false;
}

static void remove_device(Engine *e, DeviceNode *n, usec_t now)
{
        forget_device(e, n, now);
        engine_lose_settling(e, n, now);
        if (n->unread)
                TAILQ_REMOVE(&e->unread, n, unread_entry);
        engine_dequeue_rowless(e, n);
        engine_end_notice(e, n);
        RB_REMOVE(InstanceTree, &e->instances, n);
        free_device_node(n);
}

void engine_end_device(Engine *e, DeviceNode *n, usec_t now)
{
        if (n->read_op_id == 0 && !n->unread && !n->settling) {
                remove_device(e, n, now);
                return;
        }
        forget_device(e, n, now);
        n->read_again = n->read_op_id != 0;
}

int engine_forget_instance(Engine *e, int instance, usec_t now)
{
        DeviceNode *n = engine_lookup_device(e, instance);

        if (n)
                remove_device(e, n, now);
        if (e->scan.op_id == 0)
                return 0;
        /* The scan may still have seen the controller: an empty node that outlives the scan
         * overrides it. */
        int r = engine_get_device(e, instance, &n);
        if (r >= 0)
                n->touched = ++e->touched;
        return r;
}

int engine_request_read(Engine *e, DeviceNode *n)
{
        Action *a;

        if (n->unread)
                TAILQ_REMOVE(&e->unread, n, unread_entry);
        n->unread = false;
        if (n->read_op_id != 0) {
                n->read_again = true;
                return 0;
        }
        int r = engine_act(e, OPERATION_READ_DEVICE, &a);
        if (r < 0)
                return r;
        a->instance = n->instance;
        a->any_kind = n->settling; /* the controller is ours even if its kind is unexpected */
        n->read_op_id = a->op_id;
        return 0;
}

int engine_read_unread(Engine *e)
{
        DeviceNode *n;

        while ((n = TAILQ_FIRST(&e->unread))) {
                int r = engine_request_read(e, n);
                if (r < 0)
                        return r;
        }
        return 0;
}

void engine_distrust_reads(Engine *e)
{
        DeviceNode *n;

        RB_FOREACH(n, InstanceTree, &e->instances)
                n->read_again = n->read_op_id != 0;
}

int engine_owner_changed(Engine *e, int instance, usec_t now)
{
        engine_begin(e);
        if (instance < 0) {
                engine_request_scan(e);
                engine_distrust_reads(e);
                return 0;
        }
        DeviceNode *n = engine_lookup_device(e, instance);
        if (!n ||
            (!n->device && n->read_op_id == 0)) { /* not known, or covered by a pending read */
                if (e->scan.op_id != 0)
                        engine_request_scan(e); /* this one may have read the previous owner */
                return 0;
        }
        n->touched = ++e->touched;
        return engine_recover(e, engine_request_read(e, n), now);
}

static bool is_known_as_ours(const Engine *e, const Device *device)
{
        RestoredDevice probe = { .instance = device->instance };
        const RestoredDevice *d =
                RB_FIND(RestoredTree, (struct RestoredTree *) &e->restored, &probe);

        if (device->owner)
                return !device_owner_is_foreign(device->owner);
        return d && d->inode == device->inode;
}

/* At any first sight: inodes are not reused, so that a later device cannot be mistaken for it. */
static void take_restored(Engine *e, DeviceNode *n)
{
        RestoredDevice probe = { .instance = n->instance };
        RestoredDevice *d = RB_FIND(RestoredTree, &e->restored, &probe);
        if (!d)
                return;

        if (d->inode == n->device->inode)
                n->ours = true;
        RB_REMOVE(RestoredTree, &e->restored, d);
        free(d);
}

static bool is_made_by(const DeviceNode *n, const Row *row)
{
        if (n->made_inode != 0 && n->device->inode != 0)
                return n->made_inode == n->device->inode;
        return match_target(row->tid, row->kind, n->device);
}

/* Assigns the device to the row whose connect made it. Its name may have been reused before it was
 * read. */
static void settle(Engine *e, DeviceNode *n, usec_t now)
{
        Row *row = take_settling(e, n);
        if (!row)
                return;

        if (!is_made_by(n, row)) {
                settle_without(e, row, now);
                return;
        }
        n->ours = true;
        engine_attach(e, row, n, true, now);
        engine_note(e, NOTE_CONNECTED, row, 0);
}

static void tell_users(Engine *e, DeviceNode *n)
{
        Row *row;

        LIST_FOREACH(row, &n->users, user_entry) {
                engine_mark_dirty(e, row);
                engine_adopt(e, row);
        }
}

/* Takes over new attributes from a read or a scan. Takes ownership of device. */
static void learn_device(Engine *e, DeviceNode *n, Device *device, usec_t now)
{
        unindex(e, n);
        if (n->device && !device_is_same(n->device, device))
                forget_device(e, n, now); /* the name was reused and the removal missed */
        bool is_first = !n->device && !n->settling;
        bool was_live = n->device && n->device->state == DEVICE_LIVE;
        (void) device_free(n->device);
        n->device = device;
        settle(e, n, now);
        if (device->kind != e->policy->role && LIST_EMPTY(&n->users))
                return;
        take_restored(e, n);
        if (device->owner) /* from the registry; a killed daemon may not have saved it */
                n->ours = !n->let_go && !device_owner_is_foreign(device->owner);
        n->inherited = is_first ? n->ours : n->inherited;
        engine_follow_source(e, n, now);
        tell_users(e, n);

        bool is_remembered = !n->ours && n->early && !device->owner &&
                             remembered_match(&e->remembered, e->policy->role, device, &e->network);
        n->ours =
                n->ours || (is_remembered && device->no_keep_alive); /* else it would be passing */
        n->indexed = true;
        RB_INSERT(DeviceTree, &e->devices, n);
        engine_match_device(e, n, device->tid->subsysnqn, now);
        if (device->kind == CONTROLLER_DISCOVERY && !streq(device->tid->subsysnqn, NQN_DISCOVERY))
                engine_match_device(e, n, NQN_DISCOVERY, now);
        n->ours = n->ours || is_remembered;
        n->early = false;
        engine_want_row(e, n);
        if (device->state == DEVICE_LIVE && !was_live)
                engine_forgive_live(e, n);
}

/* PCIe, or a controller that is not connected yet: nothing to read, but not a failure. */
static bool is_nothing_to_read(int error)
{
        return error == -EOPNOTSUPP || error == -EBADMSG;
}

/* A controller never changes its kind: the name now refers to another one. */
static bool has_lost_its_name(const Engine *e, const DeviceNode *n, int error)
{
        return error == -EOPNOTSUPP && n->device && n->device->kind == e->policy->role;
}

static void read_failed(Engine *e, DeviceNode *n, int error, usec_t now)
{
        n->early = n->early && error != -EOPNOTSUPP; /* the name is another device's */
        if (error == -ENODEV || has_lost_its_name(e, n, error))
                (void) engine_recover(e, engine_forget_instance(e, n->instance, now), now);
        else if (!is_nothing_to_read(error) || n->settling)
                (void) engine_recover(e, error, now);
}

int engine_read_device_ended(Engine *e, Completion *end, usec_t now)
{
        DeviceNode *n = engine_lookup_device(e, end->instance);
        if (!n || n->read_op_id == 0 || n->read_op_id != end->op_id)
                return 0; /* of a controller that was removed meanwhile */
        n->read_op_id = 0;

        int r = 0;
        if (n->read_again) {
                n->read_again = false;
                r = engine_request_read(e, n);
        } else if (end->device) {
                learn_device(e, n, TAKE_PTR(end->device), now);
        } else {
                read_failed(e, n, end->error, now);
        }
        return engine_recover(e, r, now);
}

static int instance_compare(const void *a, const void *b)
{
        int x = (*(Device *const *) a)->instance, y = (*(Device *const *) b)->instance;

        return x < y ? -1 : x > y;
}

/* Removes devices that the scan did not find, unless there was an event for them since it began. */
static void remove_unseen(Engine *e, Device **devices, size_t n_devices, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = RB_MIN(InstanceTree, &e->instances); n; n = next) {
                Device probe = { .instance = n->instance };
                const Device *key = &probe;
                next = RB_NEXT(InstanceTree, &e->instances, n);
                if (n->touched > e->scan.touched)
                        continue;
                if (!bsearch(&key, devices, n_devices, sizeof(*devices), instance_compare))
                        remove_device(e, n, now);
        }
}

static int learn_scanned(Engine *e, Device *taken, usec_t now)
{
        _cleanup_(device_freep) Device *device = taken;
        DeviceNode *n;

        int r = engine_get_device(e, device->instance, &n);
        if (r < 0)
                return r;
        if (n->touched > e->scan.touched)
                return 0; /* it is read separately */
        learn_device(e, n, TAKE_PTR(device), now);
        return 0;
}

/* Removes nodes of controllers that were removed during the scan, or that are not read at all
 * (PCIe). */
static void remove_empty(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = RB_MIN(InstanceTree, &e->instances); n; n = next) {
                next = RB_NEXT(InstanceTree, &e->instances, n);
                if (!n->device && n->read_op_id == 0 && !n->unread && !n->settling)
                        remove_device(e, n, now);
        }
}

int engine_recover(Engine *e, int r, usec_t now)
{
        if (r >= 0)
                return r;
        e->scan.wanted = true;
        e->scan.at = usec_add(now, ENGINE_SCAN_RETRY_USEC);
        return r;
}

/* Our own first: if there are two connections, the one we made is adopted. */
static int learn_all(Engine *e, Device **devices, size_t n_devices, usec_t now)
{
        int r = 0;

        for (int pass = 0; pass < 2; pass++)
                for (size_t i = 0; i < n_devices; i++) {
                        if (!devices[i] || (pass == 0 && !is_known_as_ours(e, devices[i])))
                                continue;
                        int q = learn_scanned(e, TAKE_PTR(devices[i]), now);
                        r = q < 0 ? q : r;
                }
        return r;
}

static int take_scan(Engine *e, Device **devices, size_t n_devices, usec_t now)
{
        if (n_devices > 0)
                qsort(devices, n_devices, sizeof(*devices), instance_compare);
        remove_unseen(e, devices, n_devices, now);
        int r = learn_all(e, devices, n_devices, now);
        remove_empty(e, now);
        if (!e->actual_known) {
                e->actual_known = true;
                engine_mark_all_dirty(e);
        }
        return r;
}

void engine_request_scan(Engine *e)
{
        e->scan.wanted = true;
}

int engine_scan_ended(Engine *e, Completion *end, usec_t now)
{
        if (end->op_id == 0 || end->op_id != e->scan.op_id)
                return 0;
        e->scan.op_id = 0;
        if (end->error >= 0)
                return engine_recover(e, take_scan(e, end->devices, end->n_devices, now), now);
        (void) engine_recover(e, end->error, now); /* not an error of this call */
        return 0;
}

int engine_restore_device(Engine *e, int instance, uint64_t inode)
{
        engine_begin(e);
        RestoredDevice *d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;

        *d = (RestoredDevice) { .instance = instance, .inode = inode };
        RestoredDevice *present = RB_INSERT(RestoredTree, &e->restored, d);
        if (present) {
                present->inode = inode;
                free(d);
        }
        return 0;
}

void engine_free_devices(Engine *e)
{
        RestoredDevice *d;
        DeviceNode *n;

        while ((d = RB_MIN(RestoredTree, &e->restored))) {
                RB_REMOVE(RestoredTree, &e->restored, d);
                free(d);
        }
        while ((n = RB_MIN(InstanceTree, &e->instances))) {
                RB_REMOVE(InstanceTree, &e->instances, n);
                free_device_node(n);
        }
}

const DeviceNode *engine_next_device(const Engine *e, const DeviceNode *after)
{
        return after ? RB_NEXT(InstanceTree, (struct InstanceTree *) &e->instances,
                               (DeviceNode *) after)
                     : RB_MIN(InstanceTree, (struct InstanceTree *) &e->instances);
}

const DeviceNode *engine_find_device(const Engine *e, int instance)
{
        return engine_lookup_device(e, instance);
}
