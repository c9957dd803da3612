/* SPDX-License-Identifier: Apache-2.0 */

#include "source/exclusions_watch.h"

#include <stdio.h>
#include <sys/inotify.h>

#include "base/text.h"

/* Not IN_MODIFY: a file being written is read once the writer has closed it, so that a list written
 * in place is never seen empty. */
#define CHANGES                                                                                    \
        (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB |        \
         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct ExclusionsWatch {
        sd_event *event;
        ExclusionsHandler handler;
        void *userdata;
        char *parent, *folder, *drop_ins;
        const char *name;      /* of the directory, in parent */
        const char *file_name; /* in the directory; prefix of the drop-in directory's name */
        sd_event_source *in_parent, *in_folder, *in_drop_ins, *timer;
        usec_t call_by; /* 0: no change */
        usec_t call_at;
};

static int watch_folder(ExclusionsWatch *w, const char *path, sd_event_source **source);

/* Before anything is read: later changes then give an event. */
static int watch_again(ExclusionsWatch *w)
{
        w->in_folder = sd_event_source_unref(w->in_folder);
        w->in_drop_ins = sd_event_source_unref(w->in_drop_ins);
        int r = watch_folder(w, w->folder, &w->in_folder);
        int q = watch_folder(w, w->drop_ins, &w->in_drop_ins);
        return r < 0 ? r : q;
}

static int exclusions_watch_on_timer(sd_event_source *s, uint64_t usec, void *userdata)
{
        ExclusionsWatch *w = userdata;

        w->call_by = w->call_at = 0;
        int r = watch_again(w);
        w->handler(r, w->userdata);
        return 0;
}

static int exclusions_watch_set_timer(ExclusionsWatch *w, usec_t at)
{
        if (!w->timer)
                return sd_event_add_time(w->event, &w->timer, CLOCK_MONOTONIC, at,
                                         10 * USEC_PER_MSEC, exclusions_watch_on_timer, w);
        int r = sd_event_source_set_time(w->timer, at);
        return r < 0 ? r : sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static int schedule(ExclusionsWatch *w, usec_t quiet)
{
        uint64_t now;
        int r = sd_event_now(w->event, CLOCK_MONOTONIC, &now);
        if (r < 0)
                return r;

        if (w->call_by == 0)
                w->call_by = usec_add(now, EXCLUSIONS_LATEST_USEC);
        usec_t at = MIN(usec_add(now, quiet), w->call_by);
        if (at == w->call_at) /* setting it again would clear that it is due */
                return 0;
        w->call_at = at;
        r = exclusions_watch_set_timer(w, at);
        if (r < 0)
                w->call_by = w->call_at =
                        0; /* a call that will not happen must not remain pending */
        return r;
}

/* The directories may contain other files. */
static bool is_of_list(const ExclusionsWatch *w, const sd_event_source *s,
                       const struct inotify_event *e)
{
        if (e->mask & IN_Q_OVERFLOW)
                return true;
        if (s == w->in_parent)
                return e->len > 0 && streq(e->name, w->name);
        if (s == w->in_folder && e->len > 0) {
                const char *rest = text_after(e->name, w->file_name);
                return rest && (!*rest || streq(rest, ".d"));
        }
        return true;
}

static int exclusions_watch_on_change(sd_event_source *s, const struct inotify_event *e,
                                      void *userdata)
{
        ExclusionsWatch *w = userdata;

        return is_of_list(w, s, e) ? schedule(w, EXCLUSIONS_QUIET_USEC) : 0;
}

/* A missing directory is not watched: the one above reports when it is created. */
static int watch_folder(ExclusionsWatch *w, const char *path, sd_event_source **source)
{
        int r = sd_event_add_inotify(w->event, source, path, CHANGES, exclusions_watch_on_change,
                                     w);

        return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

static int split_path(ExclusionsWatch *w, const char *path)
{
        char *slash;

        if (asprintf(&w->drop_ins, "%s.d", path) < 0) {
                w->drop_ins = NULL;
                return -ENOMEM;
        }
        if (text_replace(&w->folder, path) < 0)
                return -ENOMEM;
        slash = strrchr(w->folder, '/');
        if (!slash || slash == w->folder)
                return -EINVAL;
        w->file_name = slash + 1;
        *slash = '\0';
        if (text_replace(&w->parent, w->folder) < 0)
                return -ENOMEM;
        slash = strrchr(w->parent, '/');
        if (!slash)
                return -EINVAL;
        w->name = w->folder + (slash - w->parent) + 1;
        slash[slash == w->parent ? 1 : 0] = '\0';
        return 0;
}

int exclusions_watch_new(sd_event *event, const char *path, ExclusionsHandler handler,
                         void *userdata, ExclusionsWatch **ret)
{
        _cleanup_(exclusions_watch_freep) ExclusionsWatch *w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;

        w->event = sd_event_ref(event);
        w->handler = handler;
        w->userdata = userdata;
        int r = split_path(w, path);
        if (r >= 0)
                r = sd_event_add_inotify(event, &w->in_parent, w->parent, CHANGES,
                                         exclusions_watch_on_change, w);
        if (r >= 0)
                r = schedule(w, 0);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

bool exclusions_watch_is_pending(const ExclusionsWatch *w)
{
        return w && w->call_by != 0;
}

ExclusionsWatch *exclusions_watch_free(ExclusionsWatch *w)
{
        if (!w)
                return NULL;
        (void) sd_event_source_unref(w->in_parent);
        (void) sd_event_source_unref(w->in_folder);
        (void) sd_event_source_unref(w->in_drop_ins);
        (void) sd_event_source_unref(w->timer);
        (void) sd_event_unref(w->event);
        free(w->parent);
        free(w->folder);
        free(w->drop_ins);
        free(w);
        return NULL;
}
