/* SPDX-License-Identifier: Apache-2.0 */

#include "explain/meaning.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "explain/explain.h"

typedef struct Meaning {
        int error;
        const char *text;
} Meaning;

static const char *lookup(const Meaning *table, size_t n, int error)
{
        for (size_t i = 0; i < n; i++)
                if (table[i].error == error)
                        return table[i].text;
        return NULL;
}

/* Also what this host lacks, whatever the operation. */
static const char *find_meaning(const Meaning *table, size_t n, int error)
{
        static const Meaning shortages[] = {
                { -EMFILE, "this daemon has no file descriptor left (LimitNOFILE=)" },
                { -ENFILE, "this host has no file descriptor left (fs.file-max)" },
                { -ENOMEM, "this host is out of memory" },
        };
        const char *text = lookup(table, n, error);

        text = text ? text : lookup(shortages, ELEMENTSOF(shortages), error);
        return text ? text : strerror(-error);
}

/* Other controllers being connected, their target knows this host and has something to share. */
static const char *meaning_beside_others(int error)
{
        static const Meaning table[] = {
                { -EIO, "the target rejected the connect: no queues left for another controller "
                        "(others at this address are live), subsystem not known, or this host NQN "
                        "not allowed; the kernel log names the status (journalctl -k)" },
                { -ENOMEM, "the target has no queues left for another controller (others at this "
                           "address are live), or this host is out of memory" },
        };

        return lookup(table, ELEMENTSOF(table), error);
}

static const char *connect_error(int error)
{
        static const Meaning table[] = {
                { -ECONNREFUSED,
                  "connection refused: nothing listens at this address and service" },
                { -ETIMEDOUT, "timed out: the address does not answer" },
                { -EHOSTUNREACH, "no route to the host, or it is down" },
                { -ENETUNREACH, "the network is unreachable: no route, or the interface is down" },
                { -ENETDOWN, "the network interface is down" },
                { -EADDRNOTAVAIL,
                  "this host cannot send from there: IPv6 is disabled, host-traddr is "
                  "not an address of this host, or no local port is free" },
                { -ENODEV,
                  "the network interface does not exist, or the transport's driver is missing" },
                { -ECONNRESET, "the target closed the connection" },
                { -EPROTO, "the service at this address does not speak NVMe/TCP" },
                { -ETIME, "the target did not answer a command" },
                { -EINTR, "the target did not answer a command, or the connection broke" },
                { -EALREADY, "already connected" },
                { -EINVAL,
                  "the kernel log names the cause (journalctl -k): an invalid option, a host NQN "
                  "with two host IDs, a controller ID that two gateways assigned, a unique NQN "
                  "that is not a discovery controller's, or a subsystem NQN or host that the "
                  "target rejects" },
                { -EILSEQ, "not passed to the kernel: a name or an address contains a comma or a "
                           "character that is not printable" },
                { -E2BIG, "not passed to the kernel: its options are longer than 4096 bytes" },
                { -EIO, "the target rejected the connect: subsystem not known, this host NQN not "
                        "allowed, or no queues left; the kernel log names the status (journalctl "
                        "-k)" },
                { -EACCES, "the target requires authentication, or this host's security policy "
                           "forbids access to /dev/nvme-fabrics" },
                { -EKEYREJECTED, "authentication failed: the key is wrong" },
                { -ENOKEY, "the target requires authentication, and this host has no secret for "
                           "it: set dhchap-secret, or write /etc/nvme/hostkey" },
                { -EXDEV, "the kernel cannot place an I/O queue because a CPU is offline: set "
                          "nr-io-queues to the number of CPUs online, or less" },
                { -ENOMEM, "this host is out of memory, or the target has no queues left" },
                { -EADDRINUSE, "this host has no local port left for the connection" },
                { -EAFNOSUPPORT, "this host does not support the address family: IPv6 is disabled, "
                                 "or host-traddr has another one than traddr" },
                { -EPROTONOSUPPORT, "this host does not support the transport protocol" },
                { -EHOSTDOWN, "the host is down: no answer to ARP or neighbor discovery" },
                { -ECONNABORTED, "this host aborted the connection" },
                { -ENOTCONN, "the connection was lost while it was set up" },
                { -EPIPE, "the target closed the connection while it was set up" },
                { -ESHUTDOWN, "the connection was shut down while it was set up" },
                { -EPERM, "this host's security policy (SELinux, AppArmor, firewall) forbids it" },
                { -EOPNOTSUPP, "not supported by this kernel or by the target" },
                { -EBUSY, "the target has no free controller, or the transport's kernel module "
                          "is being unloaded; the kernel log names the status (journalctl -k)" },
                { -ENOENT, "missing kernel module for the transport" },
                { -EWOULDBLOCK, "the target did not answer in time" },
        };

        return find_meaning(table, ELEMENTSOF(table), error);
}

/* What a portal may do with a host that does not begin a TLS handshake; NULL for other errors. */
static const char *meaning_without_tls(int error)
{
        static const int errors[] = {
                -ECONNRESET, -ECONNABORTED, -EPIPE, -ESHUTDOWN, -ENOTCONN, -EPROTO,
                -EINVAL,     -EIO,          -ETIME, -EINTR,     -EAGAIN,
        };

        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i] == error)
                        return "the discovery log requires a secure channel for it, and nvme-stas "
                               "does not support TLS";
        return NULL;
}

char *meaning_of_connect_error(const FailedConnect *f)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        const char *text = f->demands_tls ? meaning_without_tls(f->error) : NULL;

        if (!text && f->others_live)
                text = meaning_beside_others(f->error);

        if (stall_is(f->error, f->took)) {
                explain_append_time(&b, "the connect did not complete within ", 0, f->took);
                text_buffer_append(&b, ": ");
        }
        text_buffer_append(&b, text ? text : connect_error(f->error));
        return text_buffer_take(&b);
}

char *meaning_of_connect(const Engine *e, const Row *row, int error)
{
        return meaning_of_connect_error(&(FailedConnect) {
                .error = error,
                .took = error == row->attempts.last_error ? row->attempts.took : 0,
                .demands_tls = row_demands_tls(row),
                .others_live = engine_has_live_neighbour(e, row),
        });
}

const char *meaning_of_probe_error(int error)
{
        static const Meaning table[] = {
                { -ENOMEM, "this host is out of memory" },
                { -ENOBUFS, "this host is out of memory for its network" },
                { -ENOSPC, "this host watches too many descriptors (fs.epoll.max_user_watches)" },
                { -EACCES, "this host's security policy (SELinux, AppArmor, firewall) or a route "
                           "forbids it, or a router on the way to an IPv6 address does" },
        };

        const char *text = lookup(table, ELEMENTSOF(table), error);

        return text ? text : connect_error(error);
}

const char *meaning_of_disconnect_error(int error)
{
        static const Meaning table[] = {
                { -EAGAIN, "the kernel is still setting it up, or recovers it after an error" },
                { -EALREADY, "another program is disconnecting it" },
                { -ECANCELED, "the kernel took the request, and the controller is still there" },
                { -ESTALE, "its name belongs to another controller, or another program owns it "
                           "according to the registry" },
                { -EACCES, "the daemon may not write to sysfs" },
                { -EROFS, "sysfs is mounted read-only" },
        };

        return find_meaning(table, ELEMENTSOF(table), error);
}

const char *meaning_of_log_error(int error)
{
        static const Meaning table[] = {
                { -EAGAIN, "the connection is not live" },
                { -EBUSY, "the log changes faster than it can be read" },
                { -EINTR, "the connection was reset while it was read" },
                { -ENODEV, "the controller is gone" },
                { -ENOENT, "the controller is gone" },
                { -ENXIO, "the controller is gone" },
                { -EBADMSG, "the controller sent a malformed log" },
                { -ETIME, "the controller does not answer" },
                { -ETIMEDOUT, "the controller does not answer" },
        };

        return find_meaning(table, ELEMENTSOF(table), error);
}

const char *meaning_of_admin_error(int error)
{
        static const Meaning table[] = {
                { -EAGAIN, "the controller is not live" },
                { -EINTR, "the controller did not answer, or the connection was reset" },
                { -ENODEV, "the controller is gone" },
                { -ENOENT, "the controller is gone" },
                { -ENXIO, "the controller is gone" },
                { -ESTALE, "the controller is gone" },
                { -EINVAL, "the host NQN or host ID is not valid" },
        };

        return find_meaning(table, ELEMENTSOF(table), error);
}

const char *meaning_of_status(int nvme_status)
{
        static const Meaning table[] = {
                { 0x001, "invalid command opcode" },
                { 0x002, "invalid field in command" },
                { 0x004, "data transfer error" },
                { 0x006, "internal error of the controller" },
                { 0x007, "command aborted on request" },
                { 0x008, "command aborted: its queue was deleted" },
                { 0x00b, "invalid namespace or format" },
                { 0x00c, "command sequence error" },
                { 0x015, "operation denied" },
                { 0x018, "host identifier in an inconsistent format" },
                { 0x019, "keep-alive timer expired" },
                { 0x01a, "invalid keep-alive timeout" },
                { 0x021, "command interrupted, may be retried" },
                { 0x022, "transient transport error" },
                { 0x024, "admin command not possible yet: media not ready" },
                { 0x105, "too many asynchronous event requests" },
                { 0x109, "invalid log page" },
                { 0x180, "connect: incompatible format" },
                { 0x181, "connect: controller busy" },
                { 0x182, "connect: invalid parameters" },
                { 0x183, "connect: restart discovery" },
                { 0x184, "connect: this host is not allowed" },
                { 0x190, "discovery must be restarted: the log has changed" },
                { 0x191, "authentication required" },
                { 0x300, "internal path error" },
                { 0x301, "path: asymmetric access persistent loss" },
                { 0x302, "path: asymmetric access inaccessible" },
                { 0x303, "path: asymmetric access transition" },
                { 0x360, "controller pathing error" },
                { 0x370, "host pathing error" },
                { 0x371, "command aborted by this host" },
        };

        const char *text = lookup(table, ELEMENTSOF(table), nvme_status);

        return text ? text : "unknown status";
}

const char *meaning_of_register_status(int nvme_status)
{
        static const Meaning table[] = {
                /* NVMe Base 2.x, 4.2.3 */
                { 0x001, "the controller does not accept registrations" },
                { 0x002, "the controller rejects a field as invalid" },
                { 0x12f, "the controller does not know this host" },
                { 0x132, "the controller has no room for another host" },
                { 0x133, "registrations are disabled at the controller" },
        };

        const char *text = lookup(table, ELEMENTSOF(table), nvme_status);

        return text ? text : "the controller refused the command";
}

const char *meaning_of_resolve_error(int error)
{
        static const Meaning table[] = {
                { -ENOENT, "no such name" },
                { -EAGAIN, "no name server answered" },
                { -EAFNOSUPPORT, "it has no address of a family that ip-family allows" },
                { -EADDRNOTAVAIL, "its address cannot be connected to" },
        };

        return find_meaning(table, ELEMENTSOF(table), error);
}
