/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/test-host.h"

static void put(const Host *h, int instance, const char *attribute, const char *text)
{
        char name[128];

        (void) snprintf(name, sizeof(name), "sys/ctl%i/%s", instance, attribute);
        root_put(&h->root, name, text);
}

void host_make(Host *h, const char *name, ControllerKind role)
{
        *h = (Host) { .root = root_new() };
        root_put(&h->root, "etc/nvme/hostnqn", HOST_NQN "\n");
        root_put(&h->root, "etc/nvme/hostid", HOST_ID "\n");
        root_put(&h->root, "dev/nvme-fabrics", "instance=-1,cntlid=-1,discovery,host_iface=%s\n");
        root_make_dir(&h->root, "run");
        root_make_dir(&h->root, "sys");
        root_make_dir(&h->root, "sys/class");
        root_make_dir(&h->root, "sys/class/nvme");
        h->paths = (DaemonPaths) {
                .root = h->root.path,
                .sys_conf = root_path(&h->root, "etc/sys.conf", h->sys_conf),
                .exclusions = root_path(&h->root, "etc/nvme/exclusions.conf", h->exclusions),
                .sysfs = root_path(&h->root, "sys", h->sysfs),
                .dev = root_path(&h->root, "dev", h->dev),
                .registry = root_path(&h->root, "run/registry", h->registry),
        };
        h->type = (DaemonType) {
                .name = name,
                .role = role,
                .conf_file = root_path(&h->root, "etc/daemon.conf", h->conf_file),
                .state_file = root_path(&h->root, "run/state.json", h->state_file),
                .paths = &h->paths,
        };
        host_configure(h, "");
}

void host_remove(Host *h)
{
        root_remove(&h->root);
}

void host_configure(const Host *h, const char *text)
{
        root_put(&h->root, "etc/daemon.conf", text);
}

uint64_t host_connect(const Host *h, int instance, const char *traddr, const char *trsvcid,
                      const char *nqn)
{
        bool is_discovery = strcmp(nqn, NQN_DISCOVERY) == 0;
        char text[256], target[32], name[32];

        (void) snprintf(text, sizeof(text), "traddr=%s,trsvcid=%s,src_addr=" HOST_ADDRESS "\n",
                        traddr, trsvcid);
        put(h, instance, "transport", "tcp\n");
        put(h, instance, "address", text);
        (void) snprintf(text, sizeof(text),
                        "NVME_TRADDR=%s\nNVME_TRSVCID=%s\nNVME_HOST_TRADDR=none\n", traddr,
                        trsvcid);
        put(h, instance, "uevent", text);
        put(h, instance, "subsysnqn", nqn);
        put(h, instance, "hostnqn", HOST_NQN "\n");
        put(h, instance, "hostid", HOST_ID "\n");
        put(h, instance, "cntlid", "1\n");
        put(h, instance, "cntrltype", is_discovery ? "discovery\n" : "io\n");
        put(h, instance, "dctype", is_discovery ? "ddc\n" : "none\n");
        put(h, instance, "state", "live\n");
        put(h, instance, "model", "test\n");
        put(h, instance, "serial", "1\n");
        if (!is_discovery)
                put(h, instance, "nvme0n1/dev", "259:0\n");
        (void) snprintf(target, sizeof(target), "../../ctl%i", instance);
        (void) snprintf(name, sizeof(name), "sys/class/nvme/nvme%i", instance);
        root_link(&h->root, target, name);
        (void) snprintf(name, sizeof(name), "sys/ctl%i", instance);
        return root_inode(&h->root, name);
}

void host_set_state(const Host *h, int instance, const char *state)
{
        put(h, instance, "state", state);
}

void host_disconnect(const Host *h, int instance)
{
        char name[32];

        (void) snprintf(name, sizeof(name), "sys/class/nvme/nvme%i", instance);
        root_drop(&h->root, name);
}
