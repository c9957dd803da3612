/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/configuration.h"
#include "codec/excerpt.h"
#include "model/host_id.h"
#include "source/drop_ins.h"

#define VALUE_FILE_SIZE_MAX ((size_t) 64 * 1024)
#define FILE_URL "file://"

typedef struct HostTarget {
        HostFile *h;
        Diagnostics *d;
} HostTarget;

static int parse_host_file(const char *path, const FileText *text, void *userdata)
{
        const HostTarget *t = userdata;

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
        if (streq(key, "id") && !host_id_is_valid(value)) {
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
        HostTarget t = { .h = &h, .d = d };
        int r = drop_ins_read(path, parse_host_file, &t, d);
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
