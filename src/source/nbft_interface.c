/* SPDX-License-Identifier: Apache-2.0 */

#include "source/nbft_interface.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/file_text.h"

#define ATTRIBUTE_SIZE_MAX 4096

static void closedirp(DIR **d)
{
        if (*d)
                (void) closedir(*d);
}

/* As text, without white space around it; "" if it cannot be read. The caller frees it. */
static char *read_text(const char *root, const char *folder, const char *name, const char *file)
{
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_free_ char *path = NULL, *copy = NULL;

        if (asprintf(&path, "%s/%s/%s%s", root, folder, name, file) < 0) {
                path = NULL;
                return NULL;
        }
        int r = file_text_read(path, ATTRIBUTE_SIZE_MAX, &text);
        if (r < 0)
                return r == -ENOMEM ? NULL : strdup("");
        copy = strndup(text.data ? text.data : "", text.n);
        return copy ? strdup(text_trim(copy)) : NULL;
}

/* The kernel tells it here alone: "eth0.20  VID: 20	 REORDER_HDR: 1 …". 0: of no VLAN. */
static int read_vlan(const char *root, const char *name)
{
        _cleanup_free_ char *text = read_text(root, "proc/net/vlan", name, "");
        unsigned vlan = 0;

        if (!text)
                return -ENOMEM;
        const char *id = strstr(text, "VID: ");
        return id && sscanf(id, "VID: %4u", &vlan) == 1 && vlan < 4096 ? (int) vlan : 0;
}

static int has_mac(const char *root, const char *name, const uint8_t mac[static 6])
{
        _cleanup_free_ char *text = read_text(root, "sys/class/net", name, "/address");
        char wanted[sizeof("00:00:00:00:00:00")];

        if (!text)
                return -ENOMEM;
        (void) snprintf(wanted, sizeof(wanted), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                        mac[2], mac[3], mac[4], mac[5]);
        return strcasecmp(text, wanted) == 0;
}

static int is_part_of_another(const char *root, const char *name)
{
        char *path;

        if (asprintf(&path, "%s/sys/class/net/%s/master", root, name) < 0)
                return -ENOMEM;
        bool there = access(path, F_OK) == 0;
        free(path);
        return there;
}

/* 1: it is the one. */
static int is_it(const char *root, const char *name, const uint8_t mac[static 6], uint16_t vlan)
{
        int r = has_mac(root, name, mac);
        if (r <= 0)
                return r;
        r = is_part_of_another(root, name);
        if (r != 0)
                return r < 0 ? r : 0;
        r = read_vlan(root, name);
        return r < 0 ? r : r == vlan;
}

int nbft_interface_find(const char *root, const uint8_t mac[static 6], uint16_t vlan,
                        char ret[static ADDRESS_SCOPE_SIZE])
{
        _cleanup_free_ char *folder = NULL;
        char found[ADDRESS_SCOPE_SIZE] = "";

        if (asprintf(&folder, "%s/sys/class/net", root) < 0) {
                folder = NULL;
                return -ENOMEM;
        }
        _cleanup_(closedirp) DIR *d = opendir(folder);
        for (const struct dirent *e; d && (e = readdir(d));) {
                if (e->d_name[0] == '.' || strlen(e->d_name) >= sizeof(found))
                        continue;
                int r = is_it(root, e->d_name, mac, vlan);
                if (r < 0)
                        return r;
                /* Should there be more, the same one always: the order of a folder is none. */
                if (r > 0 && (!*found || strcmp(e->d_name, found) < 0))
                        memcpy(found, e->d_name, strlen(e->d_name) + 1);
        }
        if (!*found)
                return -ENODEV;
        memcpy(ret, found, sizeof(found));
        return 0;
}
