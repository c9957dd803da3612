/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plan/engine.h"

/* Meaning of failed operations for administrators. All functions but the first two return
 * constants.
 */

typedef struct FailedConnect {
        int error;        /* negative errno of a write to /dev/nvme-fabrics
                             (drivers/nvme/host/{fabrics,tcp,rdma,fc,auth}.c) */
        usec_t took;      /* 0 if unknown */
        bool demands_tls; /* according to the discovery log */
        bool others_live; /* other controllers are connected through the same portal */
} FailedConnect;

/* Returns NULL if out of memory; else the caller frees it. */
char *meaning_of_connect_error(const FailedConnect *f);
/* The same for a connect of the row. */
char *meaning_of_connect(const Engine *e, const Row *row, int error);
/* error: negative errno of a probe (exec/probe.h). */
const char *meaning_of_probe_error(int error);
/* error: negative errno of a write to delete_controller, or of the check before it. */
const char *meaning_of_disconnect_error(int error);
/* error: negative errno of Get Log Page. */
const char *meaning_of_log_error(int error);
/* error: negative errno of a command that carries no log. */
const char *meaning_of_admin_error(int error);
/* NVMe status code with its type (NVM Express Base Specification 2.x, Status Code Values), for
 * example "invalid field in command". */
const char *meaning_of_status(int nvme_status);
const char *meaning_of_register_status(int nvme_status);
/* error: negative errno of OPERATION_RESOLVE, or of host_names_end(). */
const char *meaning_of_resolve_error(int error);
