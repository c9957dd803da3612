/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The text written to and read from /dev/nvme-fabrics (drivers/nvme/host/fabrics.c, opt_tokens). */

#include "model/secret.h"
#include "model/settings.h"
#include "model/tid.h"

typedef enum FabricsOption {        /* options that a kernel may lack */
        FABRICS_HOST_IFACE,         /* 5.14 */
        FABRICS_DISCOVERY,          /* 5.16 */
        FABRICS_DHCHAP_SECRET,      /* 6.0 */
        FABRICS_DHCHAP_CTRL_SECRET, /* 6.0 */
        FABRICS_TLS,
        FABRICS_KEYRING,
        FABRICS_TLS_KEY,
        _FABRICS_OPTION_MAX,
} FabricsOption;

/* Returns the name in the kernel's text, e.g. "host_iface". */
const char *fabrics_option_to_string(FabricsOption o);

/* Decodes the list read from /dev/nvme-fabrics (kernel >= 5.17) to 1 << FabricsOption. */
unsigned fabrics_options_decode_supported(const char *text);
/* The same from the release ("5.10.0-30-amd64"), for when the file cannot be read. */
unsigned fabrics_options_by_release(const char *release);

typedef struct ConnectRequest { /* all borrowed */
        const Tid *tid;
        ControllerKind kind;
        const char
                *interface; /* name of the interface, if the Tid has an alias of it; may be NULL */
        const char *host_id;
        Settings settings;
        const Secret *dhchap_secret, *dhchap_ctrl_secret;
} ConnectRequest;

/* Builds the option string. Options not supported by the kernel are omitted and reported in
 * *ret_left_out (1 << FabricsOption). A discovery controller with a unique NQN gets "discovery"
 * (TP8013). A link-local address keeps its "%scope" or gets one. Returns -EILSEQ if a value
 * contains a ',' or a control character, which would start another option, or if the Tid is
 * garbled; -E2BIG if the string is longer than the kernel accepts. The result contains secrets:
 * erase it with explicit_bzero() before free(). */
int fabrics_options_encode(const ConnectRequest *r, unsigned supported, char **ret,
                           unsigned *ret_left_out);

/* Decodes "instance=N,cntlid=M". Returns 0 or -EBADMSG. */
int fabrics_answer_decode(const char *text, int *ret_instance);
