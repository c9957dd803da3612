/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/registry_watch.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "base/text.h"
#include "io/dir.h"

#define OF_FOLDERS                                                                                 \
        (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF |     \
         IN_ONLYDIR)
/* Not IN_CREATE: a file is read once its writer has closed it. */
#define OF_ATTRIBUTES                                                                              \
        (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | IN_DONT_FOLLOW)

typedef struct WatchedEntry {
        RegistryWatch *watch;
        sd_event_source *source; /* NULL: none */
} WatchedEntry;

struct RegistryWatch {
        sd_event *event;
        RegistryHandler handler;
        void *userdata;
        char *parent, *folder, *root;
        const char *folder_name, *root_name; /* in parent, in the directory */
        sd_event_source *in_parent, *in_folder, *in_root;
        WatchedEntry entries[REGISTRY_INSTANCES_MAX]; /* by instance */
};

static int on_attribute(sd_event_source *s, const struct inotify_event *e, void *userdata);

/* A directory that does not exist (any more) is not watched. */
static int registry_watch_add_source(RegistryWatch *w, const char *path, uint32_t mask,
                                     sd_event_inotify_handler_t handler, void *userdata,
                                     sd_event_source **ret)
{
        int r = sd_event_add_inotify(w->event, ret, path, mask, handler, userdata);

        return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

static int watch_entry(RegistryWatch *w, int instance)
{
        char path[PATH_MAX];
        if (instance >= REGISTRY_INSTANCES_MAX)
                return 0;

        WatchedEntry *entry = &w->entries[instance];
        entry->watch = w;
        entry->source = sd_event_source_unref(entry->source);
        int n = snprintf(path, sizeof(path), "%s/nvme%d", w->root, instance);
        if (n < 0 || (size_t) n >= sizeof(path))
                return -ENAMETOOLONG;
        return registry_watch_add_source(w, path, OF_ATTRIBUTES, on_attribute, entry,
                                         &entry->source);
}

static void forget_entries(RegistryWatch *w)
{
        for (size_t i = 0; i < REGISTRY_INSTANCES_MAX; i++)
                w->entries[i].source = sd_event_source_unref(w->entries[i].source);
}

static int parse_instance(const char *name)
{
        const char *number = text_after(name, "nvme");
        int instance;

        return number && text_to_int(number, 0, INT_MAX, &instance) >= 0 ? instance : -1;
}

static int watch_entries(RegistryWatch *w)
{
        _cleanup_dir_ DIR *dir = NULL;
        const char *name;
        int r = 0;

        if (dir_open(AT_FDCWD, w->root, &dir) < 0)
                return 0;
        while (dir_next(dir, &name) > 0) {
                int instance = parse_instance(name);
                int q = instance >= 0 ? watch_entry(w, instance) : 0;
                r = q < 0 ? q : r;
        }
        return r;
}

static int on_folder(sd_event_source *s, const struct inotify_event *e, void *userdata);

static int watch_all(RegistryWatch *w)
{
        forget_entries(w);
        w->in_root = sd_event_source_unref(w->in_root);
        w->in_folder = sd_event_source_unref(w->in_folder);
        int r = registry_watch_add_source(w, w->folder, OF_FOLDERS, on_folder, w, &w->in_folder);
        if (r >= 0)
                r = registry_watch_add_source(w, w->root, OF_FOLDERS, on_folder, w, &w->in_root);
        return r < 0 ? r : watch_entries(w);
}

static int watch_all_again(RegistryWatch *w)
{
        w->handler(-1, watch_all(w), w->userdata);
        return 0;
}

static int on_attribute(sd_event_source *s, const struct inotify_event *e, void *userdata)
{
        WatchedEntry *entry = userdata;
        RegistryWatch *w = entry->watch;

        if (e->mask & IN_Q_OVERFLOW)
                return watch_all_again(w);
        if (e->len > 0)
                w->handler((int) (entry - w->entries), 0, w->userdata);
        return 0;
}

/* After renames, the directory is checked to determine which one has this name now. */
static int entry_changed(RegistryWatch *w, const char *name)
{
        int instance = parse_instance(name);
        if (instance < 0)
                return 0;

        w->handler(instance, watch_entry(w, instance), w->userdata);
        return 0;
}

static int on_folder(sd_event_source *s, const struct inotify_event *e, void *userdata)
{
        RegistryWatch *w = userdata;
        bool is_registry = s == w->in_root;
        const char *awaited = s == w->in_parent ? w->folder_name : w->root_name;

        if (e->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF))
                return watch_all_again(w);
        if (e->len == 0)
                return 0;
        if (is_registry)
                return entry_changed(w, e->name);
        return streq(e->name, awaited) ? watch_all_again(w) : 0;
}

/* Splits a path into its directory and its name. */
static int split(const char *path, char **ret_folder, const char **ret_name)
{
        const char *slash = strrchr(path, '/');
        if (!slash || slash == path)
                return -EINVAL;

        *ret_folder = strndup(path, (size_t) (slash - path));
        *ret_name = slash + 1;
        return *ret_folder ? 0 : -ENOMEM;
}

int registry_watch_new(sd_event *event, const char *root, RegistryHandler handler, void *userdata,
                       RegistryWatch **ret)
{
        _cleanup_(registry_watch_freep) RegistryWatch *w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;

        w->event = sd_event_ref(event);
        w->handler = handler;
        w->userdata = userdata;
        int r = text_replace(&w->root, root);
        if (r >= 0)
                r = split(w->root, &w->folder, &w->root_name);
        if (r >= 0)
                r = split(w->folder, &w->parent, &w->folder_name);
        if (r >= 0)
                r = sd_event_add_inotify(event, &w->in_parent, w->parent, OF_FOLDERS, on_folder, w);
        if (r >= 0)
                r = watch_all(w);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

RegistryWatch *registry_watch_free(RegistryWatch *w)
{
        if (!w)
                return NULL;
        forget_entries(w);
        (void) sd_event_source_unref(w->in_parent);
        (void) sd_event_source_unref(w->in_folder);
        (void) sd_event_source_unref(w->in_root);
        (void) sd_event_unref(w->event);
        free(w->parent);
        free(w->folder);
        free(w->root);
        free(w);
        return NULL;
}
