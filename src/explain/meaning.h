/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plan/row.h"

/* Meaning of failed operations for administrators. All functions return constants. */

/* error: negative errno of a write to /dev/nvme-fabrics
 * (drivers/nvme/host/{fabrics,tcp,rdma,fc,auth}.c). */
const char *meaning_of_connect_error(int error);
/* The same for a connect of the row: the discovery log may have told why it cannot succeed. */
const char *meaning_of_connect(const Row *row, int error);
/* error: negative errno of a probe (exec/probe.h). */
const char *meaning_of_probe_error(int error);
/* error: negative errno of a write to delete_controller, or of the check before it. */
const char *meaning_of_disconnect_error(int error);
/* The last failed operation; for a connected controller this is a deletion. */
const char *meaning_of_last_error(const Row *row);
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
