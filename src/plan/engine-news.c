/* SPDX-License-Identifier: Apache-2.0 */

/* News of discovery controllers that somebody else has connected: their logs are none of ours to
 * read, and nvme-cli's udev rule, which would, is overridden. */

#include "plan/engine-internal.h"

void engine_begin_news(Engine *e, DeviceNode *n)
{
        if (e->policy->role != CONTROLLER_DISCOVERY || n->has_news)
                return;
        n->has_news = true;
        TAILQ_INSERT_TAIL(&e->news, n, news_entry);
}

void engine_end_news(Engine *e, DeviceNode *n)
{
        if (n->has_news)
                TAILQ_REMOVE(&e->news, n, news_entry);
        n->has_news = false;
}

/* Once it is known what it is, and whose. */
static bool is_known(const Engine *e, const DeviceNode *n)
{
        return n->read_op_id == 0 && !n->unread && !n->settling && !engine_connecting_may_use(e, n);
}

static bool is_held(const DeviceNode *n)
{
        const Row *u;

        LIST_FOREACH(u, &n->users, user_entry)
                if (row_is_wanted(u))
                        return true;
        return n->ours;
}

void engine_tell_news(Engine *e, usec_t now)
{
        DeviceNode *next;

        for (DeviceNode *n = TAILQ_FIRST(&e->news); n; n = next) {
                next = TAILQ_NEXT(n, news_entry);
                if (!is_known(e, n) || n->news_at > now)
                        continue;
                engine_end_news(e, n);
                if (!n->device || n->device->kind != CONTROLLER_DISCOVERY || is_held(n))
                        continue;
                engine_note_device(e, NOTE_FOREIGN_NEWS, n);
                n->news_at = usec_add(now, ENGINE_NEWS_PACE);
        }
}

usec_t engine_next_news(const Engine *e, usec_t now)
{
        const DeviceNode *n;
        usec_t at = USEC_INFINITY;

        TAILQ_FOREACH(n, &e->news, news_entry)
                if (n->news_at > now)
                        at = MIN(at, n->news_at);
        return at;
}
