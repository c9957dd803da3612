/* SPDX-License-Identifier: Apache-2.0 */

/* stas-open-devices writes the list of devices that processes have open to standard output, a
 * socket, and exits. It has a privilege that stacd lacks, to inspect all processes, and reads no
 * input. The client is not listed: stacd holds a disk itself while it queries. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/open_devices.h"

int main(void)
{
        struct ucred peer = { 0 };
        socklen_t size = sizeof(peer);

        (void) getsockopt(STDOUT_FILENO, SOL_SOCKET, SO_PEERCRED, &peer, &size);
        int r = open_devices_write("/proc", peer.pid, stdout);
        if (r == 0)
                return EXIT_SUCCESS;
        (void) fprintf(stderr, "Cannot list the devices that processes have open: %s\n",
                       strerror(-r));
        return EXIT_FAILURE;
}
