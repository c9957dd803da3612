/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plan/row.h"

/* What a failed operation means to an administrator. Constants. */

/* error: negative errno of a write to /dev/nvme-fabrics
 * (drivers/nvme/host/{fabrics,tcp,rdma,fc,auth}.c). */
const char *meaning_of_connect_error(int error);
/* error: negative errno of a probe (exec/probe.h). */
const char *meaning_of_probe_error(int error);
/* error: negative errno of a write to delete_controller, or what forbade it. */
const char *meaning_of_disconnect_error(int error);
/* Of the last try that failed: a connected controller's can only have been a deletion. */
const char *meaning_of_last_error(const Row *row);
/* error: negative errno of Get Log Page. */
const char *meaning_of_log_error(int error);
/* error: negative errno of a command that carries no log. */
const char *meaning_of_admin_error(int error);
/* "invalid field in command": an NVMe status code with its type (NVM Express Base Specification
 * 2.x, Status Code Values). */
const char *meaning_of_status(int nvme_status);
const char *meaning_of_register_status(int nvme_status);
/* error: negative errno of OPERATION_RESOLVE, or of host_names_end(). */
const char *meaning_of_resolve_error(int error);
