/* SPDX-License-Identifier: Apache-2.0 */

#include "source/configuration_files.h"

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/text.h"
#include "codec/configuration.h"
#include "codec/excerpt.h"
#include "codec/host_uuid.h"
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

/* Resolves a value: itself, or the first word of the file it refers to. Returns -EINVAL if it can
 * be neither, -ENOENT if the file does not exist, -ENODATA if it is empty, or the error of reading
 * it, all with the reason in *ret_reason; or -ENOMEM. */
static int resolve_value(const char *value, char **ret, char **ret_reason)
{
        const char *path = text_after(value, FILE_URL);
        _cleanup_file_text_ FileText text = { 0 };

        if (!path) {
                *ret = strdup(value);
                return *ret ? 0 : -ENOMEM;
        }
        if (*path != '/') {
                if (asprintf(ret_reason, "the path after '%s' must begin with '/'", FILE_URL) < 0)
                        return -ENOMEM;
                return -EINVAL;
        }
        int r = file_text_read(path, VALUE_FILE_SIZE_MAX, &text);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                if (asprintf(ret_reason, "%s: %s", path, strerror(-r)) < 0)
                        return -ENOMEM;
                return r;
        }
        *ret = host_value_first_word(text.data, text.n);
        if (*ret)
                return 0;
        return asprintf(ret_reason, "%s: the file is empty", path) < 0 ? -ENOMEM : -ENODATA;
}

/* State of one load. */
typedef struct Load {
        const char *root; /* of /etc/nvme, and of the files that a host NQN is derived from */
        const char *path; /* sys.conf */
        HostIdentity *host;
        Diagnostics *d;
} Load;

/* systemd mounts a transient ID, valid until the next boot, over a file that it cannot write, and
 * writes to one that is, or may be, in memory itself: machine-id(5). */
static bool lasts_until_reboot(const Load *l, const char *machine_id)
{
        _cleanup_free_ char *run = NULL;
        struct stat a, b;
        struct statfs fs;

        if (asprintf(&run, "%s/run/machine-id", l->root) < 0 || statfs(machine_id, &fs) < 0)
                return true;
        if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ||
            fs.f_type == OVERLAYFS_SUPER_MAGIC)
                return true;
        return stat(run, &b) == 0 && stat(machine_id, &a) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
}

/* Returns the host NQN that stasadm would derive, from data that persists across boots. NULL: there
 * is no such data, or out of memory. */
static char *derive_nqn(const Load *l, const char **ret_from)
{
        for (size_t i = 0; i < N_HOST_UUID_SOURCES; i++) {
                const HostUuidSource *source = &host_uuid_sources[i];
                _cleanup_file_text_ FileText text = { 0 };
                _cleanup_free_ char *path = NULL, *word = NULL;
                char *nqn;
                UuidText uuid;

                if (asprintf(&path, "%s/%s", l->root, source->path) < 0)
                        return NULL;
                if (file_text_read(path, VALUE_FILE_SIZE_MAX, &text) < 0 ||
                    (source->convert == host_uuid_from_machine_id && lasts_until_reboot(l, path)))
                        continue;
                word = host_value_first_word(text.data, text.n);
                if (!word || source->convert(word, uuid) < 0)
                        continue;
                *ret_from = source->path;
                return asprintf(&nqn, "%s%s", HOST_NQN_UUID_PREFIX, uuid) < 0 ? NULL : nqn;
        }
        return NULL;
}

/* Same as nvme-cli and systemd; two of one host must not differ (model/host_id.h). */
static char *derive_id(const Load *l, const char **ret_from)
{
        const char *uuid = l->host->nqn ? host_id_in_nqn(l->host->nqn) : NULL;

        *ret_from = "host NQN";
        return uuid ? strdup(uuid) : NULL;
}

/* One of the two values that a host must have. */
typedef struct Mandatory {
        const char *key, *file;
        char *(*derive)(const Load *l, const char **ret_from);
} Mandatory;

static const Mandatory mandatory_nqn = { "nqn", "/etc/nvme/hostnqn", derive_nqn };
static const Mandatory mandatory_id = { "id", "/etc/nvme/hostid", derive_id };

/* The usual file does not exist yet: a first boot, or /etc is read-only. */
static char *derive(const Load *l, const Mandatory *m, const char *reason)
{
        const char *from;
        char *value = m->derive(l, &from);

        if (value)
                diagnostics_add(l->d, SEVERITY_WARNING, l->path, 0, m->key,
                                "%s; using %s, made from the %s%s", reason, value,
                                m == &mandatory_nqn ? "file /" : "", from);
        return value;
}

static int get_mandatory(const Load *l, const Mandatory *m, const char *given, char **ret)
{
        _cleanup_free_ char *usual = NULL, *value = NULL, *reason = NULL;

        if (asprintf(&usual, FILE_URL "%s%s", l->root, m->file) < 0)
                return -ENOMEM;
        if (text_is_empty(given))
                given = usual;
        int r = resolve_value(given, &value, &reason);
        if ((r == -ENOENT || r == -ENODATA) && streq(given, usual)) {
                value = derive(l, m, reason);
                r = value ? 0 : -ENODATA;
        }
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diagnostics_add(l->d, SEVERITY_ERROR, l->path, 0, m->key, "%s", reason);
                return r == -EINVAL ? r : -ENODATA;
        }
        *ret = TAKE_PTR(value);
        return 0;
}

static int load_nqn(const Load *l, const char *given)
{
        char shown[EXCERPT_SIZE];

        int r = get_mandatory(l, &mandatory_nqn, given, &l->host->nqn);
        if (r < 0 || host_nqn_check(l->host->nqn) == 0)
                return r;
        diagnostics_add(l->d, SEVERITY_ERROR, l->path, 0, "nqn",
                        "%s must be printable UTF-8, begin with 'nqn.' and have at most %d "
                        "bytes, no white space and no comma",
                        excerpt_of_value(l->host->nqn, shown), NQN_MAX);
        return -EINVAL;
}

static int load_id(const Load *l, const char *given)
{
        char shown[EXCERPT_SIZE];

        int r = get_mandatory(l, &mandatory_id, given, &l->host->id);
        if (r < 0 || host_id_is_valid(l->host->id))
                return r;
        diagnostics_add(l->d, SEVERITY_ERROR, l->path, 0, "id",
                        "%s is not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)",
                        excerpt_of_value(l->host->id, shown));
        return -EINVAL;
}

/* Other programs use the UUID in the NQN as the ID, and the kernel rejects one NQN with two IDs. */
static void warn_of_identity(const Load *l)
{
        static const char zero[] = HOST_NQN_UUID_PREFIX "00000000-0000-0000-0000-000000000000";
        const HostIdentity *h = l->host;
        const char *uuid = host_id_in_nqn(h->nqn);

        if (strcasecmp(h->nqn, zero) == 0)
                diagnostics_add(l->d, SEVERITY_WARNING, l->path, 0, "nqn",
                                "the UUID in %s is zero; other hosts may have the same", h->nqn);
        if (uuid && strcasecmp(uuid, h->id) != 0)
                diagnostics_add(
                        l->d, SEVERITY_WARNING, l->path, 0, "id",
                        "%s differs from the UUID in the host NQN, %s, which other "
                        "programs use; the kernel does not accept one host NQN with two host IDs",
                        h->id, uuid);
}

static void free_wipedp(char **p)
{
        if (*p)
                explicit_bzero(*p, strlen(*p));
        free(*p);
}

/* A missing key file means no key; one that cannot be used is an error, and is ignored. */
static int load_key(const Load *l, const char *given)
{
        _cleanup_(free_wipedp) char *value = NULL;
        _cleanup_free_ char *usual = NULL, *reason = NULL;

        if (given && !*given)
                return 0;
        if (asprintf(&usual, FILE_URL "%s/etc/nvme/hostkey", l->root) < 0)
                return -ENOMEM;
        int r = resolve_value(text_or(given, usual), &value, &reason);
        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT)
                return 0;
        if (r < 0) {
                diagnostics_add(l->d, SEVERITY_ERROR, l->path, 0, "key", "%s", reason);
                return 0;
        }
        if (!text_after(value, "DHHC-1:") || strchr(value, ',')) {
                diagnostics_add(l->d, SEVERITY_ERROR, l->path, 0, "key",
                                "is not of the form DHHC-1:NN:...:; ignored");
                return 0;
        }
        return secret_new(value, &l->host->key);
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

int host_identity_load(const char *root, const char *path, HostIdentity **ret, Diagnostics *d)
{
        _cleanup_(host_identity_freep) HostIdentity *host = calloc(1, sizeof(*host));
        _cleanup_(host_file_done) HostFile h = { 0 };

        if (!host)
                return -ENOMEM;
        HostTarget t = { .h = &h, .d = d };
        int r = drop_ins_read(path, 0, parse_host_file, &t, d);
        if (r < 0)
                return r;
        const Load l = { .root = root, .path = path, .host = host, .d = d };
        r = load_nqn(&l, h.nqn);
        if (r == -ENOMEM)
                return r;
        /* If both are missing, both are reported. */
        int r_id = load_id(&l, h.id);
        if (r < 0 || r_id < 0)
                return r == -EINVAL || r_id >= 0 ? r : r_id;
        warn_of_identity(&l);
        r = load_symname(path, h.symname, &host->symname, d);
        if (r < 0)
                return r;
        r = load_key(&l, h.key);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(host);
        return 0;
}
