/* SPDX-License-Identifier: Apache-2.0 */

#include "source/nbft_interface.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/dir.h"
#include "io/line.h"

#define LINE_SIZE 256

/* Reads a file of the interface, without surrounding whitespace; "" if it cannot be read. */
static const char *nbft_interface_read_text(const char *root, const char *folder, const char *name,
                                            const char *file, char buf[static LINE_SIZE])
{
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s/%s%s", root, folder, name, file);
        if (line_read(AT_FDCWD, path, buf, LINE_SIZE) < 0)
                *buf = '\0';
        return buf;
}

/* Exposed by the kernel only here: "eth0.20  VID: 20	 REORDER_HDR: 1 …". 0: not on a VLAN. */
static unsigned read_vlan(const char *root, const char *name)
{
        char line[LINE_SIZE];
        unsigned vlan = 0;

        const char *id =
                strstr(nbft_interface_read_text(root, "proc/net/vlan", name, "", line), "VID: ");
        return id && sscanf(id, "VID: %4u", &vlan) == 1 && vlan < 4096 ? vlan : 0;
}

static bool has_mac(const char *root, const char *name, const uint8_t mac[static 6])
{
        char line[LINE_SIZE], wanted[sizeof("00:00:00:00:00:00")];

        (void) snprintf(wanted, sizeof(wanted), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                        mac[2], mac[3], mac[4], mac[5]);
        return strcasecmp(nbft_interface_read_text(root, "sys/class/net", name, "/address", line),
                          wanted) == 0;
}

static bool is_part_of_another(const char *root, const char *name)
{
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/sys/class/net/%s/master", root, name);
        return access(path, F_OK) == 0;
}

static bool is_it(const char *root, const char *name, const uint8_t mac[static 6], uint16_t vlan)
{
        return has_mac(root, name, mac) && !is_part_of_another(root, name) &&
               read_vlan(root, name) == vlan;
}

int nbft_interface_find(const char *root, const uint8_t mac[static 6], uint16_t vlan,
                        char ret[static ADDRESS_SCOPE_SIZE])
{
        _cleanup_dir_ DIR *dir = NULL;
        char folder[PATH_MAX], found[ADDRESS_SCOPE_SIZE] = "";
        const char *name;

        (void) snprintf(folder, sizeof(folder), "%s/sys/class/net", root);
        if (dir_open(AT_FDCWD, folder, &dir) < 0)
                return -ENODEV;
        while (dir_next(dir, &name) > 0)
                /* If there are several, always the same one: directory order is arbitrary. */
                if (strlen(name) < sizeof(found) && is_it(root, name, mac, vlan) &&
                    (!*found || strcmp(name, found) < 0))
                        memcpy(found, name, strlen(name) + 1);
        if (!*found)
                return -ENODEV;
        memcpy(ret, found, sizeof(found));
        return 0;
}
