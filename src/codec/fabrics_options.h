/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The text that /dev/nvme-fabrics takes and gives (drivers/nvme/host/fabrics.c, opt_tokens). */

#include "model/secret.h"
#include "model/settings.h"
#include "model/tid.h"

typedef enum FabricsOption {        /* those a kernel may lack */
        FABRICS_HOST_IFACE,         /* 5.14 */
        FABRICS_DISCOVERY,          /* 5.16 */
        FABRICS_DHCHAP_SECRET,      /* 6.0 */
        FABRICS_DHCHAP_CTRL_SECRET, /* 6.0 */
        FABRICS_TLS,
        FABRICS_KEYRING,
        FABRICS_TLS_KEY,
        _FABRICS_OPTION_MAX,
} FabricsOption;

/* "host_iface": the option's name in the kernel's text. */
const char *fabrics_option_to_string(FabricsOption o);

/* What a read of /dev/nvme-fabrics lists (kernel >= 5.17), as 1 << FabricsOption. */
unsigned fabrics_options_decode_supported(const char *text);
/* The same from the release ("5.10.0-30-amd64") where the file cannot be read. */
unsigned fabrics_options_by_release(const char *release);

typedef struct ConnectRequest { /* all borrowed */
        const Tid *tid;
        ControllerKind kind;
        const char *host_id;
        Settings settings;
        const Secret *dhchap_secret, *dhchap_ctrl_secret;
} ConnectRequest;

/* Builds the option string; what the kernel does not support is left out and reported in
 * ret_left_out (1 << FabricsOption). A discovery controller with a unique NQN gets "discovery"
 * (TP8013). A link-local address keeps or gets its "%scope". -EINVAL: a value holds a ',' or a
 * control character, which would become an option of its own, or the Tid is garbled. The result
 * holds secrets: wipe it with explicit_bzero() before free(). */
int fabrics_options_encode(const ConnectRequest *r, unsigned supported, char **ret,
                           unsigned *ret_left_out);

/* "instance=N,cntlid=M". 0 or -EBADMSG. */
int fabrics_answer_decode(const char *text, int *ret_instance);
