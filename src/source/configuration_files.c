/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/configuration.h"
#include "codec/excerpt.h"
#include "source/file_text.h"

#define FILE_SIZE_MAX ((size_t) 16 * 1024 * 1024)
#define VALUE_FILE_SIZE_MAX ((size_t) 64 * 1024)
#define FILE_URL "file://"

/* One file's text; 0 or -ENOMEM. */
typedef int (*TextHandler)(const char *path, const FileText *text, void *userdata);

static int load_file(const char *path, bool is_drop_in, TextHandler handler, void *userdata,
                     Diagnostics *d)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, FILE_SIZE_MAX, &text);

        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT) {
                /* A drop-in that goes while the folder is read is no mistake of anybody's. */
                if (is_drop_in)
                        diagnostics_add(d, SEVERITY_WARNING, path, 0, NULL,
                                        "leads to no file, is ignored");
                return 0;
        }
        if (r < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, NULL, "cannot be read: %s",
                                strerror(-r));
                return 0;
        }
        return handler(path, &text, userdata);
}

static int is_drop_in_name(const struct dirent *e)
{
        size_t n = strlen(e->d_name), n_suffix = strlen(".conf");

        return e->d_name[0] != '.' && n > n_suffix && streq(e->d_name + n - n_suffix, ".conf");
}

/* By bytes, not by the locale's rules: the order decides who wins. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_drop_ins(const char *path, TextHandler handler, void *userdata, Diagnostics *d)
{
        _cleanup_free_ char *folder = NULL;
        struct dirent **names;
        int r = 0;

        if (asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        int n = scandir(folder, &names, is_drop_in_name, compare_names);
        if (n < 0) {
                if (errno == ENOMEM)
                        return -ENOMEM;
                if (errno != ENOENT && errno != ENOTDIR)
                        diagnostics_add(d, SEVERITY_ERROR, folder, 0, NULL, "cannot be read: %s",
                                        strerror(errno));
                return 0;
        }
        for (int i = 0; i < n; i++) {
                char *file = NULL;

                if (r >= 0 && asprintf(&file, "%s/%s", folder, names[i]->d_name) < 0) {
                        file = NULL;
                        r = -ENOMEM;
                }
                if (r >= 0)
                        r = load_file(file, true, handler, userdata, d);
                free(file);
                free(names[i]);
        }
        free(names);
        return r;
}

static int load_with_drop_ins(const char *path, TextHandler handler, void *userdata, Diagnostics *d)
{
        int r = load_file(path, false, handler, userdata, d);

        return r < 0 ? r : load_drop_ins(path, handler, userdata, d);
}

typedef struct Target {
        ControllerKind role;
        Configuration *c;
        HostFile *h;
        Diagnostics *d;
} Target;

static int parse_daemon_file(const char *path, const FileText *text, void *userdata)
{
        const Target *t = userdata;

        return configuration_parse(path, text->data, text->n, t->role, t->c, t->d);
}

int configuration_load(const char *path, ControllerKind role, Configuration **ret, Diagnostics *d)
{
        _cleanup_(configuration_freep) Configuration *c = NULL;
        int r = configuration_new(role, &c);

        if (r < 0)
                return r;
        Target t = { .role = role, .c = c, .d = d };
        r = load_with_drop_ins(path, parse_daemon_file, &t, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

static int parse_host_file(const char *path, const FileText *text, void *userdata)
{
        const Target *t = userdata;

        return host_file_parse(path, text->data, text->n, t->h, t->d);
}

/* The word that a value stands for: itself, or the first one of the file it names. -EINVAL: none,
 * with *ret_reason telling why; -ENOENT: the file does not exist, likewise; -ENOMEM. */
static int resolve_value(const char *value, char **ret, char **ret_reason)
{
        const char *path = text_after(value, FILE_URL);
        _cleanup_file_text_ FileText text = { 0 };

        if (!path) {
                *ret = strdup(value);
                return *ret ? 0 : -ENOMEM;
        }
        if (*path != '/') {
                if (asprintf(ret_reason, "the path behind '%s' must begin with '/'", FILE_URL) < 0)
                        return -ENOMEM;
                return -EINVAL;
        }
        int r = file_text_read(path, VALUE_FILE_SIZE_MAX, &text);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                if (asprintf(ret_reason, "%s: %s", path, strerror(-r)) < 0)
                        return -ENOMEM;
                return r == -ENOENT ? r : -EINVAL;
        }
        *ret = host_value_first_word(text.data, text.n);
        if (*ret)
                return 0;
        return asprintf(ret_reason, "%s: the file is empty", path) < 0 ? -ENOMEM : -EINVAL;
}

static bool is_host_id(const char *s)
{
        bool all_zero = true;

        if (strlen(s) != strlen("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
                return false;
        for (size_t i = 0; s[i]; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                bool hex = (s[i] >= '0' && s[i] <= '9') ||
                           ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f');

                if (dash ? s[i] != '-' : !hex)
                        return false;
                all_zero = all_zero && (dash || s[i] == '0');
        }
        return !all_zero;
}

/* A mandatory value. 0, -EINVAL with an error in d, -ENOMEM. */
static int load_mandatory(const char *path, const char *key, const char *given,
                          const char *fallback, char **ret, Diagnostics *d)
{
        _cleanup_free_ char *value = NULL, *reason = NULL;
        char shown[EXCERPT_SIZE];

        int r = resolve_value(text_is_empty(given) ? fallback : given, &value, &reason);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, key, "%s", reason);
                return -EINVAL;
        }
        if (streq(key, "nqn") && host_nqn_check(value) < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, key,
                                "%s must begin with 'nqn.' and have at most %d bytes, no white "
                                "space and no comma",
                                excerpt_of_value(value, shown), NQN_MAX);
                return -EINVAL;
        }
        if (streq(key, "id") && !is_host_id(value)) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, key,
                                "%s is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)",
                                excerpt_of_value(value, shown));
                return -EINVAL;
        }
        *ret = TAKE_PTR(value);
        return 0;
}

static void free_wipedp(char **p)
{
        if (*p)
                explicit_bzero(*p, strlen(*p));
        free(*p);
}

/* A key that does not exist is none; one that cannot be used is an error, and is not used. */
static int load_key(const char *path, const char *given, Secret **ret, Diagnostics *d)
{
        _cleanup_(free_wipedp) char *value = NULL;
        _cleanup_free_ char *reason = NULL;

        if (given && !*given)
                return 0;
        int r = resolve_value(text_or(given, FILE_URL "/etc/nvme/hostkey"), &value, &reason);
        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT)
                return 0;
        if (r < 0) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, "key", "%s", reason);
                return 0;
        }
        if (!text_after(value, "DHHC-1:") || strchr(value, ',')) {
                diagnostics_add(d, SEVERITY_ERROR, path, 0, "key",
                                "is not of the form DHHC-1:NN:...:, is ignored");
                return 0;
        }
        return secret_new(value, ret);
}

static int load_symname(const char *path, const char *given, char **ret, Diagnostics *d)
{
        _cleanup_free_ char *value = NULL, *reason = NULL;

        if (text_is_empty(given))
                return 0;
        int r = resolve_value(given, &value, &reason);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diagnostics_add(d, SEVERITY_WARNING, path, 0, "symname", "%s", reason);
                return 0;
        }
        *ret = TAKE_PTR(value);
        return 0;
}

int host_identity_load(const char *path, HostIdentity **ret, Diagnostics *d)
{
        _cleanup_(host_identity_freep) HostIdentity *host = calloc(1, sizeof(*host));
        _cleanup_(host_file_done) HostFile h = { 0 };

        if (!host)
                return -ENOMEM;
        Target t = { .h = &h, .d = d };
        int r = load_with_drop_ins(path, parse_host_file, &t, d);
        if (r < 0)
                return r;
        r = load_mandatory(path, "nqn", h.nqn, FILE_URL "/etc/nvme/hostnqn", &host->nqn, d);
        if (r == -ENOMEM)
                return r;
        /* Who has neither is told of both. */
        int r_id = load_mandatory(path, "id", h.id, FILE_URL "/etc/nvme/hostid", &host->id, d);
        if (r < 0 || r_id < 0)
                return r < 0 ? r : r_id;
        r = load_symname(path, h.symname, &host->symname, d);
        if (r < 0)
                return r;
        r = load_key(path, h.key, &host->key, d);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(host);
        return 0;
}

static int add_controller(SourceSet *set, const ControllerLine *l, Tid *tid)
{
        SourceEntry *e = source_set_add(set, tid, l->where);
        if (!e)
                return -ENOMEM;

        e->settings = l->settings;
        int r = secret_dup(l->dhchap_secret, &e->dhchap_secret);
        return r < 0 ? r : secret_dup(l->dhchap_ctrl_secret, &e->dhchap_ctrl_secret);
}

int configuration_to_source_set(const Configuration *c, const HostIdentity *host, SourceSet **ret)
{
        _cleanup_(source_set_freep) SourceSet *set = NULL;
        int r = source_set_new("config", SOURCE_CONFIGURED, SOURCE_COMPLETE, &set);
        if (r < 0)
                return r;

        for (size_t i = 0; i < c->n_controllers; i++) {
                const ControllerLine *l = &c->controllers[i];
                _cleanup_tid_ Tid *tid = NULL;
                const TidFields fields = {
                        .transport = l->transport,
                        .traddr = l->traddr,
                        .trsvcid = l->trsvcid,
                        .subsysnqn = l->subsysnqn,
                        .host_traddr = l->host_traddr,
                        .host_iface = c->policy.ignore_iface ? NULL : l->host_iface,
                        .host_nqn = text_or(l->host_nqn, host->nqn),
                };

                r = tid_new(&fields, c->policy.role, &tid);
                if (r == -ENOMEM)
                        return r;
                bool is_name =
                        r >= 0 && tid->address.family == ADDRESS_NAME &&
                        (tid->transport == TRANSPORT_TCP || tid->transport == TRANSPORT_RDMA);
                /* What is not resolved, or not understood, is not gone. */
                if (r < 0 || is_name) {
                        set->state = SOURCE_PARTIAL;
                        continue;
                }
                r = add_controller(set, l, TAKE_PTR(tid));
                if (r < 0)
                        return r;
        }
        source_set_seal(set);
        *ret = TAKE_PTR(set);
        return 0;
}
